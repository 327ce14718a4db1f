/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Starting again: everything that is initialised becomes as it was when the
 * domain was built, and xenpv_setup() finds out what is not.
 */
#include <uk/plat/restart.h>

#include <string.h>

#include <uk/plat/sections.h>
#include <uk/util.h>

#include "../restart.h"
#include "../xen_priv.h"
#include "layout.h"
#include "pv_priv.h"

void xenpv_setup(const struct start_info *si, uint64_t entry_tsc) uk_noreturn;
static void uk_noreturn start(void) __attribute__((used, no_stack_protector));

/* On the boot stack: those of threads are memory that will be used anew, and the
 * one for traps is cleared here. */
static void start(void)
{
	uint32_t lo, hi;

	__asm__ __volatile__("rdtsc" : "=a"(lo), "=d"(hi));
	memcpy(uk_rodata_end, uk_pristine, (size_t)(uk_bss_start - uk_rodata_end));
	memset(uk_kept_end, 0, (size_t)(uk_pristine - uk_kept_end));
	xenpv_setup(xenpv_start_info, (uint64_t)hi << 32 | lo);
}

void uk_plat_restart(void)
{
	struct shared_info *shared = (struct shared_info *)XENPV_SHARED_INFO;

	shared->vcpu_info[0].evtchn_upcall_mask = 1;
	xen_restart_mark();
	__asm__ __volatile__("movl %0, %%esp\n\t"
			     "xorl %%ebp, %%ebp\n\t"
			     "call %P1\n\t"
			     "ud2"
			     :: "i"(XENPV_STACK_TOP), "i"(start) : "memory");
	__builtin_unreachable();
}
