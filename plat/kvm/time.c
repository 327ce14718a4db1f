/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Clocks, in this order of preference: KVM's; the time stamp counter with the
 * frequency that CPUID tells; the time stamp counter measured against the PC's
 * interval timer, or where there is none against the local APIC's timer. A
 * measurement takes 1 ms, which the CPU sleeps through, and is good to about
 * 0.2 %: both ends are read to a microsecond or two.
 */
#include <uk/plat/time.h>

#include <uk/plat/boot.h>
#include <uk/util.h>

#include "kvm.h"
#include "native.h"
#include "x86.h"

#define CPUID_TSC 0x15
#define CPUID_FREQUENCY 0x16
#define CPUID_HYPERVISOR 0x40000000
#define CPUID_TIMING 0x40000010
#define CPUID_1_ECX_HYPERVISOR 0x80000000

#define PIT_CHANNEL_0 0x40
#define PIT_COMMAND 0x43
#define PIT_0_COUNT_DOWN 0x30	/* channel 0, two bytes, mode 0, binary */
#define PIT_0_READ_BACK 0xc2	/* latch status and count of channel 0 */
#define PIT_STATUS_OUT 0x80	/* the count went through 0 */
#define PIT_STATUS_NULL 0x40	/* the count is not loaded yet */
#define PIT_START 0xffffU
#define PIT_HZ 1193182

#define MEASURE_NS 1000000U
#define N_SAMPLES 3
#define MAX_ATTEMPTS 10

static bool has_pvclock;
static uint64_t tsc_mul;
static uint64_t wall_base_ns;

static uint64_t tsc_hz_by_cpuid(void)
{
	uint32_t max = x86_cpuid(0).eax;
	struct x86_cpuid r;

	if ((x86_cpuid(1).ecx & CPUID_1_ECX_HYPERVISOR) &&
	    x86_cpuid(CPUID_HYPERVISOR).eax >= CPUID_TIMING) {
		r = x86_cpuid(CPUID_TIMING);
		if (r.eax)
			return r.eax * 1000ULL;
	}
	if (max < CPUID_TSC)
		return 0;
	r = x86_cpuid(CPUID_TSC);
	if (!r.eax || !r.ebx)
		return 0;
	if (r.ecx)
		return (uint64_t)r.ecx * r.ebx / r.eax;
	/* Crystal not told: the counter runs at the base frequency */
	return max < CPUID_FREQUENCY ? 0 : (x86_cpuid(CPUID_FREQUENCY).eax & 0xffff) * 1000000ULL;
}

struct sample {
	uint64_t tsc;
	unsigned int count;
	uint8_t status;
};

/* Both clocks at one moment: the tightest of a few readings. */
static void sample(struct sample *s)
{
	uint64_t best = UINT64_MAX;

	for (unsigned int i = 0; i < N_SAMPLES; i++) {
		uint64_t before = x86_rdtsc(), after;
		unsigned int count;
		uint8_t status;

		x86_out8(PIT_COMMAND, PIT_0_READ_BACK);
		after = x86_rdtsc();
		status = x86_in8(PIT_CHANNEL_0);
		count = x86_in8(PIT_CHANNEL_0);
		count |= (unsigned int)x86_in8(PIT_CHANNEL_0) << 8;
		if (after - before >= best)
			continue;
		best = after - before;
		*s = (struct sample){ before + best / 2, count, status };
	}
}

static uint64_t tsc_hz_by_pit(void)
{
	struct sample a, b;

	for (unsigned int i = 0; i < MAX_ATTEMPTS; i++) {
		x86_out8(PIT_COMMAND, PIT_0_COUNT_DOWN);
		x86_out8(PIT_CHANNEL_0, PIT_START & 0xff);
		x86_out8(PIT_CHANNEL_0, PIT_START >> 8);
		sample(&a);
		if ((a.status & PIT_STATUS_NULL) || !lapic_arm(MEASURE_NS))
			break;	/* nothing counts, nothing wakes us */
		native_irq_sleep();
		sample(&b);
		/* Not when the host let us sleep until the count wrapped */
		if (!(b.status & PIT_STATUS_OUT) && b.count < a.count)
			return (b.tsc - a.tsc) * PIT_HZ / (a.count - b.count);
	}
	return 0;
}

static uint64_t tsc_hz_by_lapic(void)
{
	uint64_t tsc = x86_rdtsc();
	uint32_t left;

	if (!lapic_arm(UINT32_MAX))
		return 0;
	do
		left = lapic_left_ns();
	while (UINT32_MAX - left < MEASURE_NS);
	return (x86_rdtsc() - tsc) * UK_NSEC_PER_SEC / (UINT32_MAX - left);
}

void time_init(void)
{
	uint64_t hz;

	has_pvclock = pvclock_init();
	if (has_pvclock)
		return;
	hz = tsc_hz_by_cpuid();
	if (!hz)
		hz = tsc_hz_by_pit();
	if (!hz)
		hz = tsc_hz_by_lapic();
	/* Nothing to measure against: any speed is better than none */
	if (!hz)
		hz = UK_NSEC_PER_SEC;
	tsc_mul = (UK_NSEC_PER_SEC << 32) / hz;
}

static uint64_t ns_at(uint64_t tsc)
{
	return has_pvclock ? pvclock_ns(tsc) : tsc_scale(tsc, tsc_mul, 0);
}

uint64_t uk_plat_mono_ns(void)
{
	return ns_at(x86_rdtsc());
}

uint64_t uk_plat_entry_ns(void)
{
	return ns_at(native_entry_tsc);
}

uint64_t uk_plat_wall_ns(void)
{
	uint64_t mono_ns = uk_plat_mono_ns();

	if (!wall_base_ns && has_pvclock)
		wall_base_ns = pvclock_wall_base_ns();
	else if (!wall_base_ns)
		wall_base_ns = UK_MAX(rtc_read_ns(), mono_ns + 1) - mono_ns;
	return wall_base_ns + mono_ns;
}
