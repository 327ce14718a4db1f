/* SPDX-License-Identifier: BSD-3-Clause */
/* For platforms that cannot restart: those that can have a function of their own. */
#include <uk/plat/restart.h>

#include <uk/print.h>
#include <uk/util.h>

uk_weak void uk_plat_restart(void)
{
	uk_console_printf("restart: this platform cannot\n");
}
