/* SPDX-License-Identifier: BSD-3-Clause */
/* Clocks that the end of all work drives (PLAT_LINUXU_VIRTUAL_TIME): see
 * uk_plat_wait(). The first time is the same in each run. */
#include <uk/plat/time.h>

#include "linuxu_priv.h"

#include <uk/util.h>

/* 1 January 2030, and an hour after the machine was started */
#define FIRST_WALL_NS (1893456000 * UK_NSEC_PER_SEC)
#define FIRST_MONO_NS (3600 * UK_NSEC_PER_SEC)

static uint64_t now_ns = FIRST_MONO_NS;

void linuxu_time_set(uint64_t ns)
{
	now_ns = UK_MAX(now_ns, ns);
}

uint64_t uk_plat_mono_ns(void)
{
	return now_ns;
}

uint64_t uk_plat_wall_ns(void)
{
	return FIRST_WALL_NS - FIRST_MONO_NS + now_ns;
}
