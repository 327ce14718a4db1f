/* SPDX-License-Identifier: BSD-3-Clause */
/* Lives, and the way from one to the next. */
#include <uk/restart.h>

#include <uk/list.h>
#include <uk/plat/restart.h>
#include <uk/plat/shutdown.h>
#include <uk/print.h>

#include "restart_priv.h"

uint32_t restart_life = 1;

static struct uk_list stops = UK_LIST_INIT(stops);

unsigned int uk_restart_count(void)
{
	return restart_life - 1;
}

void uk_restart_at_stop(struct uk_restart_stop *stop)
{
	uk_list_add(&stops, &stop->node);
}

void uk_restart(const char *why)
{
	uk_console_printf("restart: %s\n", why);
	uk_plat_restart();
	uk_plat_shutdown(UK_SHUTDOWN_CRASH, 1);
}
