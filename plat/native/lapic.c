/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The local APIC: a one-shot timer, and what interrupts are sent to, by devices
 * themselves or by the I/O APIC. Made ready when first used. Specification: Intel
 * SDM volume 3, "APIC"; 82093AA.
 *
 * The timer is taken to run at 1 GHz, as it does in QEMU and KVM. Were it
 * slower, sleeps would take longer; faster, they would be made of several.
 */
#include "lapic.h"

#include <uk/util.h>

#include "native.h"
#include "x86.h"

#define CPUID_1_EDX_APIC 0x200
#define CPUID_1_ECX_X2APIC 0x200000

#define APIC_BASE_X2 0x400
#define APIC_BASE_ENABLED 0x800
#define APIC_BASE_MASK 0x000ffffffffff000

#define APIC_ID 0x020
#define APIC_EOI 0x0b0
#define APIC_SVR 0x0f0
#define APIC_IN_SERVICE 0x110	/* of VEC_IRQ and the 31 after it */
#define APIC_LVT_TIMER 0x320
#define APIC_INITIAL 0x380
#define APIC_CURRENT 0x390
#define APIC_DIVIDE 0x3e0

#define SVR_ENABLED 0x100
#define DIVIDE_BY_1 0x0b

/* In x2APIC mode, register r is MSR 0x800 + r / 16 */
#define MSR_X2APIC 0x800

/* QEMU's microvm has two */
static const uint64_t ioapic_addrs[] = { 0xfec00000, 0xfec10000 };
#define IOAPIC_SELECT 0
#define IOAPIC_WINDOW 4		/* in words */
#define IOAPIC_VERSION 1
#define IOAPIC_ENTRY(gsi) (0x10 + 2 * (gsi))
#define IOAPIC_LEVEL 0x8000

#define MSI_ADDR 0xfee00000

#define PIC_MASTER_MASK 0x21
#define PIC_SLAVE_MASK 0xa1

static enum { UNKNOWN, ABSENT, XAPIC, X2APIC } mode;
static volatile uint32_t *regs;

static void write(unsigned int reg, uint32_t v)
{
	if (mode == X2APIC)
		x86_wrmsr(MSR_X2APIC + reg / 16, v);
	else
		regs[reg / 4] = v;
}

static uint32_t read(unsigned int reg)
{
	if (mode == X2APIC)
		return (uint32_t)x86_rdmsr(MSR_X2APIC + reg / 16);
	return regs[reg / 4];
}

static void eoi(void)
{
	write(APIC_EOI, 0);
}

static void find(void)
{
	uint64_t base;

	mode = ABSENT;
	if (!(x86_cpuid(1).edx & CPUID_1_EDX_APIC))
		return;
	base = x86_rdmsr(MSR_APIC_BASE);
	if (!(base & APIC_BASE_ENABLED))
		return;
	/* Registers that need no instruction to be decoded by a hypervisor */
	if (x86_cpuid(1).ecx & CPUID_1_ECX_X2APIC) {
		x86_wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2);
		mode = X2APIC;
		return;
	}
	regs = native_map_io(base & APIC_BASE_MASK);
	if (regs)
		mode = XAPIC;
}

static bool init(void)
{
	if (mode != UNKNOWN)
		return mode != ABSENT;
	/* Whatever the firmware left enabled must not reach us */
	x86_out8(PIC_MASTER_MASK, 0xff);
	x86_out8(PIC_SLAVE_MASK, 0xff);
	find();
	if (mode == ABSENT)
		return false;
	native_irq_set_eoi(eoi);
	/* Taken, and not acknowledged, by an image that was here before */
	for (unsigned int i = 0; i < N_IRQS && read(APIC_IN_SERVICE); i++)
		eoi();
	write(APIC_SVR, SVR_ENABLED | (VEC_IRQ + IRQ_SPURIOUS));
	write(APIC_DIVIDE, DIVIDE_BY_1);
	write(APIC_LVT_TIMER, VEC_IRQ + IRQ_TIMER);
	return true;
}

bool lapic_arm(uint64_t ns)
{
	if (!init())
		return false;
	write(APIC_INITIAL, ns < UINT32_MAX ? (uint32_t)ns : UINT32_MAX);
	return true;
}

uint32_t lapic_left_ns(void)
{
	return read(APIC_CURRENT);
}

static uint32_t own_id(void)
{
	uint32_t id = read(APIC_ID);

	return mode == XAPIC ? id >> 24 : id;
}

bool lapic_message(unsigned int irq, uint64_t *addr, uint32_t *data)
{
	if (!init())
		return false;
	/* Fixed delivery, physical destination, edge */
	*addr = MSI_ADDR | own_id() << 12;
	*data = VEC_IRQ + irq;
	return true;
}

/* @return how many pins it has; 0: it is not there. */
static unsigned int pins_of(volatile uint32_t *io)
{
	uint32_t version;

	if (!io)
		return 0;
	io[IOAPIC_SELECT] = IOAPIC_VERSION;
	version = io[IOAPIC_WINDOW];
	return version == UINT32_MAX || !version ? 0 : (version >> 16 & 0xff) + 1;
}

unsigned int ioapic_pins(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(ioapic_addrs); i++)
		n += pins_of(native_map_io(ioapic_addrs[i]));
	return n;
}

bool ioapic_enable(unsigned int pin, unsigned int irq, bool is_level)
{
	volatile uint32_t *io = native_map_io(ioapic_addrs[0]);
	unsigned int n = pins_of(io);

	if (pin >= n) {
		pin -= n;
		io = native_map_io(ioapic_addrs[1]);
		n = pins_of(io);
	}
	if (pin >= n || !init())
		return false;
	io[IOAPIC_SELECT] = IOAPIC_ENTRY(pin) + 1;
	io[IOAPIC_WINDOW] = own_id() << 24;
	/* Fixed delivery, physical destination, active high, unmasked */
	io[IOAPIC_SELECT] = IOAPIC_ENTRY(pin);
	io[IOAPIC_WINDOW] = (VEC_IRQ + irq) | (is_level ? IOAPIC_LEVEL : 0);
	if (is_level)
		native_irq_set_level(irq);
	return true;
}
