/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the loader left lies in memory that is the heap's later: what was read
 * from it is kept.
 */
#include <uk/plat/restart.h>

#include <stdint.h>

#include <uk/restart.h>

#include "../restart.h"
#include "hvm_priv.h"
#include "native.h"

void hvm_again(const void *info) uk_noreturn;

static struct native_boot boot uk_kept;

void hvm_boot_keep(void)
{
	boot = native_boot;
}

void hvm_boot_again(void)
{
	native_boot = boot;
	native_boot_set_cmdline((uintptr_t)boot.cmdline);
}

void uk_plat_restart(void)
{
	xen_restart_mark();
	hvm_again(NULL);
}
