/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include <errno.h>
#include <string.h>

void perror(const char *what)
{
	int err = errno;

	if (what && *what)
		fprintf(stderr, "%s: ", what);
	fprintf(stderr, "%s\n", strerror(err));
}
