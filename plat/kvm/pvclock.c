/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock that KVM offers. Specification: Linux's
 * Documentation/virt/kvm/x86/{cpuid,msr}.rst.
 */
#include "kvm.h"

#include <string.h>

#include <uk/arch/barrier.h>
#include <uk/util.h>

#include "x86.h"

#define CPUID_HYPERVISOR 0x40000000
/* A VMM that speaks Hyper-V as well moves KVM's leaves up */
#define CPUID_HYPERVISOR_LAST 0x40010000
#define CPUID_HYPERVISOR_STEP 0x100
#define CPUID_1_ECX_HYPERVISOR 0x80000000
#define KVM_FEATURE_CLOCKSOURCE2 0x8

#define MSR_WALL_CLOCK 0x4b564d00
#define MSR_SYSTEM_TIME 0x4b564d01
#define SYSTEM_TIME_ENABLED 1

struct system_time {
	uint32_t version;	/* odd while it changes */
	uint32_t pad_0;
	uint64_t tsc;
	uint64_t ns;		/* at @tsc */
	uint32_t mul;
	int8_t shift;
	uint8_t flags;
	uint8_t pad_1[2];
};

struct wall_clock {
	uint32_t version;
	uint32_t s;
	uint32_t ns;
};

_Static_assert(sizeof(struct system_time) == 32, "ABI");

static struct system_time system_time uk_aligned(32);
static struct wall_clock wall uk_aligned(16);

static bool has_clock(void)
{
	uint32_t leaf;

	if (!(x86_cpuid(1).ecx & CPUID_1_ECX_HYPERVISOR))
		return false;
	for (leaf = CPUID_HYPERVISOR; leaf < CPUID_HYPERVISOR_LAST;
	     leaf += CPUID_HYPERVISOR_STEP) {
		struct x86_cpuid r = x86_cpuid(leaf);

		if (!memcmp(&r.ebx, "KVMKVMKVM\0\0", 12))
			return x86_cpuid(leaf + 1).eax & KVM_FEATURE_CLOCKSOURCE2;
		if (r.eax < leaf)
			break;
	}
	return false;
}

bool pvclock_init(void)
{
	if (!has_clock())
		return false;
	x86_wrmsr(MSR_SYSTEM_TIME, (uintptr_t)&system_time | SYSTEM_TIME_ENABLED);
	return true;
}

uint64_t pvclock_ns(uint64_t tsc)
{
	const volatile struct system_time *t = &system_time;
	uint32_t version;
	uint64_t ns;

	do {
		version = t->version & ~1U;
		uk_arch_rmb();
		/* The time stamp may be younger than @tsc */
		if (tsc >= t->tsc)
			ns = t->ns + tsc_scale(tsc - t->tsc, t->mul, t->shift);
		else
			ns = t->ns - tsc_scale(t->tsc - tsc, t->mul, t->shift);
		uk_arch_rmb();
	} while (version != t->version);
	return ns;
}

uint64_t pvclock_wall_base_ns(void)
{
	const volatile struct wall_clock *w = &wall;
	uint32_t version;
	uint64_t ns;

	x86_wrmsr(MSR_WALL_CLOCK, (uintptr_t)&wall);
	do {
		version = w->version & ~1U;
		uk_arch_rmb();
		ns = w->s * UK_NSEC_PER_SEC + w->ns;
		uk_arch_rmb();
	} while (version != w->version);
	return ns;
}
