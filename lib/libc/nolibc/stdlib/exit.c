/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <unistd.h>

#include <uk/assert.h>
#include <uk/boot.h>
#include <uk/plat/shutdown.h>

static void call(void *fn)
{
	((void (*)(void))fn)();
}

int atexit(void (*fn)(void))
{
	return uk_atexit(call, (void *)fn) < 0 ? -1 : 0;
}

void exit(int status)
{
	uk_exit(status);
}

void _Exit(int status)
{
	uk_plat_shutdown(UK_SHUTDOWN_POWEROFF, status);
}

void _exit(int status)
{
	_Exit(status);
}

void abort(void)
{
	uk_bug("abort()");
}

char *getenv(const char *name)
{
	(void)name;
	return NULL;
}
