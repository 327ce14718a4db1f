/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What machines with a PCI bus have in common: configuration mechanism #1, and
 * interrupts, as messages to the local APIC or on a pin of the I/O APIC.
 * Specification: PCI Local Bus 3.0, section 3.2.2.3; Intel SDM volume 3, "Message
 * Signalled Interrupts".
 */
#include <uk/plat/pci.h>

#include <errno.h>

#include <uk/arch/page.h>
#include <uk/plat/dma.h>
#include <uk/util.h>

#include "lapic.h"
#include "native.h"
#include "native_pci.h"
#include "x86.h"

#define PCI_ADDRESS 0xcf8
#define PCI_DATA 0xcfc
#define PCI_ENABLE 0x80000000
#define PCI_REGS_END 256

#define NO_PIN UINT32_MAX

/* Who is behind an interrupt. Devices may share a pin. */
static struct {
	void (*handler)(void *arg);
	void *arg;
	unsigned int irq;
	uint32_t pin;
} sources[2 * N_IRQ_DEVICE];
static unsigned int n_sources, n_irqs;

/* An access may have to wait for a process in another domain: each counts */
static void pci_select(uint16_t addr, unsigned int reg)
{
	static uint32_t selected;
	uint32_t wanted = PCI_ENABLE | (uint32_t)addr << 8 | reg;

	if (wanted == selected)
		return;
	x86_out32(PCI_ADDRESS, wanted);
	selected = wanted;
}

uint32_t native_pci_read(uint16_t addr, unsigned int reg)
{
	if (reg >= PCI_REGS_END)
		return UINT32_MAX;
	pci_select(addr, reg);
	return x86_in32(PCI_DATA);
}

void native_pci_write(uint16_t addr, unsigned int reg, uint32_t value)
{
	if (reg >= PCI_REGS_END)
		return;
	pci_select(addr, reg);
	x86_out32(PCI_DATA, value);
}

static void on_interrupt(unsigned int irq)
{
	for (unsigned int i = 0; i < n_sources; i++)
		if (sources[i].irq == irq)
			sources[i].handler(sources[i].arg);
}

static void add(void (*handler)(void *arg), void *arg, unsigned int irq, uint32_t pin)
{
	sources[n_sources].handler = handler;
	sources[n_sources].arg = arg;
	sources[n_sources].irq = irq;
	sources[n_sources].pin = pin;
	n_sources++;
	native_irq_set(irq, on_interrupt);
}

static bool is_room(void)
{
	return n_sources < UK_ARRAY_SIZE(sources) && n_irqs < N_IRQ_DEVICE;
}

int uk_plat_msi_alloc(void (*handler)(void *arg), void *arg, struct uk_plat_msi *msi)
{
	unsigned int irq = IRQ_DEVICE + n_irqs;

	if (!is_room())
		return -ENOSPC;
	if (!lapic_message(irq, &msi->addr, &msi->data))
		return -ENODEV;
	n_irqs++;
	add(handler, arg, irq, NO_PIN);
	return 0;
}

int native_pin(uint32_t pin, void (*handler)(void *arg), void *arg)
{
	unsigned int irq = IRQ_DEVICE + n_irqs;

	if (!is_room())
		return -ENOSPC;
	for (unsigned int i = 0; i < n_sources; i++) {
		if (sources[i].pin == pin) {
			add(handler, arg, sources[i].irq, pin);
			return 0;
		}
	}
	/* Before the pin can interrupt */
	add(handler, arg, irq, pin);
	if (!ioapic_enable(pin, irq, true)) {
		n_sources--;
		return -ENODEV;
	}
	n_irqs++;
	return 0;
}

uint64_t uk_plat_dma_addr(const void *va)
{
	return (uintptr_t)va;
}

volatile void *uk_plat_map_io(uint64_t pa, size_t len_bytes)
{
	for (uint64_t at = UK_ALIGN_DOWN(pa, UK_PAGE_SIZE); at < pa + len_bytes; at += UK_PAGE_SIZE)
		if (!native_map_io(at))
			return NULL;
	return (volatile void *)pa;
}
