/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * In the place of hosted_main.c: libFuzzer's main() calls these. The image is
 * started once and gets each input as a coroutine; what it keeps in between is
 * its own affair. The words after -ignore_remaining_args=1 are its arguments.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hosted.h"

/* An image that ends has not worked off its input: libFuzzer is to keep that. */
static void expect_wait(int status)
{
	if (status == UK_LINUXU_WAITS)
		return;
	fprintf(stderr, "the image ended with status %d\n", status);
	abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char *args[64];
	int n = 0, i = 1;

	args[n++] = (*argv)[0];
	while (i < *argc && strcmp((*argv)[i++], "-ignore_remaining_args=1"))
		;
	while (i < *argc && n < 63)
		args[n++] = (*argv)[i++];
	expect_wait(uk_linuxu_run(n, args));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	expect_wait(uk_linuxu_input(bytes, len));
	return 0;
}
