/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Xen's clock: Xen publishes the system time at some moment, the TSC at that
 * moment and the TSC's rate. A version that is odd, or has changed, says that
 * it was just about to. Specification: xen/xen.h, struct vcpu_time_info.
 */
#include <uk/plat/time.h>

#include <uk/arch/barrier.h>
#include <uk/plat/boot.h>
#include <uk/util.h>

#include "xen_priv.h"

static uint64_t entry_ns;

static uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ __volatile__("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

static uint64_t scale(uint64_t ticks, const volatile struct vcpu_time_info *t)
{
	int shift = t->tsc_shift;

	ticks = shift < 0 ? ticks >> -shift : ticks << shift;
	return (unsigned __int128)ticks * t->tsc_to_system_mul >> 32;
}

/* The time when the TSC was @ticks_ago less than it is */
static uint64_t time_ns(uint64_t ticks_ago)
{
	const volatile struct vcpu_time_info *t = &xen_vcpu_info()->time;
	uint32_t version;
	uint64_t ns;

	do {
		version = t->version & ~1U;
		uk_arch_rmb();
		ns = t->system_time + scale(rdtsc() - t->tsc_timestamp, t) - scale(ticks_ago, t);
		uk_arch_rmb();
	} while (t->version != version);
	return ns;
}

void xen_time_set_entry(uint64_t tsc)
{
	entry_ns = time_ns(rdtsc() - tsc);
}

uint64_t uk_plat_entry_ns(void)
{
	return entry_ns;
}

uint64_t uk_plat_mono_ns(void)
{
	return time_ns(0);
}

uint64_t uk_plat_wall_ns(void)
{
	const volatile struct shared_info *si = xen_shared_info;
	uint32_t version;
	uint64_t ns;

	do {
		version = si->wc_version & ~1U;
		uk_arch_rmb();
		ns = ((uint64_t)si->xen_wc_sec_hi << 32 | si->wc_sec) * UK_NSEC_PER_SEC + si->wc_nsec;
		uk_arch_rmb();
	} while (si->wc_version != version);
	return ns + uk_plat_mono_ns();
}
