/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/plat/shutdown.h>

#include "linuxu_priv.h"

#include <uk/linuxu/sys.h>

#define SIGABRT 6
#define STATUS_ABORTED (128 + SIGABRT)

#ifndef CONFIG_PLAT_LINUXU_HOSTED
void linuxu_exit(int status)
{
	for (;;)
		uk_linuxu_call3(UK_LINUXU_NR_EXIT_GROUP, status, 0, 0);
}
#endif

/* As abort(3) ends: a shell and a test see a crash, and a core is left where
 * the user wants one. */
static void raise_abort(void)
{
	long pid = uk_linuxu_call3(UK_LINUXU_NR_GETPID, 0, 0, 0);

	uk_linuxu_call3(UK_LINUXU_NR_KILL, pid, SIGABRT, 0);
}

void uk_plat_shutdown(enum uk_shutdown why, int status)
{
	if (why == UK_SHUTDOWN_CRASH) {
		raise_abort();
		status = STATUS_ABORTED;
	}
	if (why == UK_SHUTDOWN_REBOOT)
		status = 0;
	linuxu_exit(!status && linuxu_console_has_failed() ? EXIT_OUTPUT_LOST : status);
}
