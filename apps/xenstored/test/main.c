/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs the tests of this folder; an argument selects, as for apps/unittest. */
#include <stdlib.h>

#include <uk/pages.h>
#include <uk/print.h>
#include <uk/test.h>

/* Exit statuses above belong to the shell's signals */
#define MAX_STATUS 100
/* The daemon, its stack and reserves, and rings with something in them */
#define LEAST_PAGES ((4U << 20) / 4096)

int main(int argc, char *argv[])
{
	struct uk_pages_stats st;
	int failures;

	uk_pages_stats(&st);
	if (st.total_pages < LEAST_PAGES) {
		uk_console_printf("Bail out! too little memory for the daemon: --memory 4M at least\n");
		return 1;
	}
	failures = uk_test_run(argc > 1 ? argv[1] : NULL);
	uk_console_printf("# %d failed\n", failures);
	/* The daemon never ends: its exit handlers are in no order that works */
	_Exit(UK_MIN(failures, MAX_STATUS));
}
