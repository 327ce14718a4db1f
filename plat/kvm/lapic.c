/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The local APIC as a one-shot timer, the I/O APIC for the serial port. Made
 * ready when first used. Specification: Intel SDM volume 3, "APIC"; 82093AA.
 *
 * The timer is taken to run at 1 GHz, as it does in QEMU and KVM. Were it
 * slower, sleeps would take longer; faster, they would be made of several.
 */
#include "kvm.h"
#include "native.h"
#include "x86.h"

#define CPUID_1_EDX_APIC 0x200

#define APIC_BASE_X2 0x400
#define APIC_BASE_ENABLED 0x800
#define APIC_BASE_MASK 0x000ffffffffff000

#define APIC_ID 0x020
#define APIC_EOI 0x0b0
#define APIC_SVR 0x0f0
#define APIC_LVT_TIMER 0x320
#define APIC_INITIAL 0x380
#define APIC_CURRENT 0x390
#define APIC_DIVIDE 0x3e0

#define SVR_ENABLED 0x100
#define DIVIDE_BY_1 0x0b

/* In x2APIC mode, register r is MSR 0x800 + r / 16 */
#define MSR_X2APIC 0x800

#define IOAPIC_ADDR 0xfec00000
#define IOAPIC_SELECT 0
#define IOAPIC_WINDOW 4		/* in words */
#define IOAPIC_ENTRY(gsi) (0x10 + 2 * (gsi))

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
	if (base & APIC_BASE_X2) {
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

void ioapic_enable(unsigned int isa, unsigned int irq)
{
	volatile uint32_t *io = native_map_io(IOAPIC_ADDR);

	if (!init() || !io)
		return;
	io[IOAPIC_SELECT] = IOAPIC_ENTRY(isa) + 1;
	io[IOAPIC_WINDOW] = own_id() << 24;
	/* Fixed delivery, physical destination, edge, active high, unmasked */
	io[IOAPIC_SELECT] = IOAPIC_ENTRY(isa);
	io[IOAPIC_WINDOW] = VEC_IRQ + irq;
}
