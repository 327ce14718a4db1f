/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs the tests of this folder; an argument selects, as for apps/unittest. */
#include <stdlib.h>

#include <uk/print.h>
#include <uk/test.h>

/* Exit statuses above belong to the shell's signals */
#define MAX_STATUS 100

int main(int argc, char *argv[])
{
	int failures = uk_test_run(argc > 1 ? argv[1] : NULL);

	uk_console_printf("# %d failed\n", failures);
	/* The daemon never ends: its exit handlers are in no order that works */
	_Exit(UK_MIN(failures, MAX_STATUS));
}
