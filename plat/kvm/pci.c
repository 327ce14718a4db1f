/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The PCI bus, by configuration mechanism #1, and interrupts as messages to the
 * local APIC. Specification: PCI Local Bus 3.0, section 3.2.2.3; Intel SDM volume
 * 3, "Message Signalled Interrupts".
 */
#include <uk/plat/pci.h>

#include <errno.h>

#include <uk/arch/page.h>
#include <uk/plat/dma.h>
#include <uk/util.h>

#include "kvm.h"
#include "native.h"
#include "x86.h"

#define PCI_ADDRESS 0xcf8
#define PCI_DATA 0xcfc
#define PCI_ENABLE 0x80000000

static struct {
	void (*handler)(void *arg);
	void *arg;
} sources[N_MSI];
static unsigned int n_sources;

static void pci_select(uint16_t addr, unsigned int reg)
{
	x86_out32(PCI_ADDRESS, PCI_ENABLE | (uint32_t)addr << 8 | reg);
}

uint32_t uk_plat_pci_read(uint16_t addr, unsigned int reg)
{
	pci_select(addr, reg);
	return x86_in32(PCI_DATA);
}

void uk_plat_pci_write(uint16_t addr, unsigned int reg, uint32_t value)
{
	pci_select(addr, reg);
	x86_out32(PCI_DATA, value);
}

static void on_message(unsigned int irq)
{
	sources[irq - IRQ_MSI].handler(sources[irq - IRQ_MSI].arg);
}

int uk_plat_msi_alloc(void (*handler)(void *arg), void *arg, struct uk_plat_msi *msi)
{
	unsigned int irq = IRQ_MSI + n_sources;

	if (n_sources == N_MSI)
		return -ENOSPC;
	if (!lapic_message(irq, &msi->addr, &msi->data))
		return -ENODEV;
	sources[n_sources].handler = handler;
	sources[n_sources].arg = arg;
	n_sources++;
	native_irq_set(irq, on_message);
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
