/* SPDX-License-Identifier: BSD-3-Clause */
/* The end of the program is the end of the image. */
#include <stdlib.h>

#include <uk/assert.h>
#include <uk/boot.h>
#include <uk/plat/shutdown.h>

/* start.c has registered what musl wants to do at the end */
void exit(int status)
{
	uk_exit(status);
}

void _Exit(int status)
{
	uk_plat_shutdown(UK_SHUTDOWN_POWEROFF, status);
}

void abort(void)
{
	uk_bug("abort()");
}

/* Of atexit.c and stdio, when they are in the image */
static void nothing(void)
{
}

extern __typeof__(nothing) __funcs_on_exit __attribute__((weak, alias("nothing")));
extern __typeof__(nothing) __stdio_exit __attribute__((weak, alias("nothing")));
