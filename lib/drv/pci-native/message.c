/* SPDX-License-Identifier: BSD-3-Clause */
/* Interrupts: as messages, or by the line. Specification: PCI Local Bus 3.0, section
 * 6.8. */
#include <errno.h>

#include <uk/plat/dma.h>
#include <uk/plat/pci.h>

#include "native_priv.h"

/* In both capabilities */
#define CONTROL 2

#define MSI_ENABLE 0x0001u
#define MSI_MULTIPLE 0x0070u
#define MSI_IS_64 0x0080u
#define MSI_ADDR 4
#define MSI_DATA_32 8
#define MSI_DATA_64 12

#define MSIX_ENABLE 0x8000u
#define MSIX_MASK_ALL 0x4000u
#define MSIX_TABLE 4
#define MSIX_BAR 0x7u
#define MSIX_ENTRY_BYTES 16

struct msix_entry {
	uint32_t addr_low, addr_high, data, control;
};

static int set_msi(struct uk_pci_dev *dev, unsigned int cap, const struct uk_plat_msi *msi)
{
	uint32_t control = uk_pci_read(dev, cap + CONTROL, 2);

	if (!(control & MSI_IS_64) && msi->addr > UINT32_MAX)
		return -ENODEV;
	uk_pci_write(dev, cap + MSI_ADDR, 4, (uint32_t)msi->addr);
	if (control & MSI_IS_64)
		uk_pci_write(dev, cap + MSI_ADDR + 4, 4, (uint32_t)(msi->addr >> 32));
	uk_pci_write(dev, cap + (control & MSI_IS_64 ? MSI_DATA_64 : MSI_DATA_32), 2, msi->data);
	uk_pci_write(dev, cap + CONTROL, 2, (control & ~MSI_MULTIPLE) | MSI_ENABLE);
	return 0;
}

static int set_msix(struct uk_pci_dev *dev, unsigned int cap, const struct uk_plat_msi *msi)
{
	uint32_t table = uk_pci_read(dev, cap + MSIX_TABLE, 4);
	uint32_t control = uk_pci_read(dev, cap + CONTROL, 2);
	size_t len, offset = table & ~MSIX_BAR;
	volatile char *regs = uk_pci_map_bar(dev, table & MSIX_BAR, &len);
	volatile struct msix_entry *entry;

	if (!regs || len < MSIX_ENTRY_BYTES || offset > len - MSIX_ENTRY_BYTES)
		return -ENODEV;
	uk_pci_write(dev, cap + CONTROL, 2, control | MSIX_ENABLE | MSIX_MASK_ALL);
	entry = (volatile struct msix_entry *)(regs + offset);
	entry->addr_low = (uint32_t)msi->addr;
	entry->addr_high = (uint32_t)(msi->addr >> 32);
	entry->data = msi->data;
	entry->control = 0;
	uk_pci_write(dev, cap + CONTROL, 2, (control & ~MSIX_MASK_ALL) | MSIX_ENABLE);
	return 0;
}

int pci_native_irq(struct uk_pci_dev *dev, enum uk_pci_irq_kind kind, unsigned int at,
		   void (*handler)(void *arg), void *arg)
{
	struct uk_plat_msi msi;
	int err;

	if (kind == UK_PCI_IRQ_INTX)
		return uk_plat_pci_intx(UK_PLAT_PCI_ADDR(dev->bus, dev->devfn), at, handler, arg);
	err = uk_plat_msi_alloc(handler, arg, &msi);
	if (err)
		return err;
	return kind == UK_PCI_IRQ_MSIX ? set_msix(dev, at, &msi) : set_msi(dev, at, &msi);
}
