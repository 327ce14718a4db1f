/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Functions of PCI devices, as their drivers see them. Specification: PCI Local
 * Bus 3.0, PCI Express Base (capabilities, MSI, MSI-X).
 *
 * Rules
 * - A driver registers from an init function of level BUS or earlier; probe() is
 *   called at level DEV, in thread context, once for each function that it
 *   names, and may block.
 * - A device stays for as long as the image runs.
 * - Hardware is trusted as far as it can write to memory (without an IOMMU,
 *   everywhere). What it says is checked all the same: it breaks.
 */
#ifndef UK_PCI_H
#define UK_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uk/list.h>

#define UK_PCI_N_BARS 6
#define UK_PCI_NAME_BYTES 16

/** Registers of the configuration header. */
enum {
	UK_PCI_ID = 0x00,
	UK_PCI_COMMAND = 0x04,
	UK_PCI_STATUS = 0x06,
	UK_PCI_CLASS = 0x08,
	UK_PCI_HEADER = 0x0e,
	UK_PCI_BAR0 = 0x10,
	UK_PCI_SUBSYSTEM = 0x2c,
	UK_PCI_CAPABILITIES = 0x34,
	UK_PCI_INTERRUPT_LINE = 0x3c,
	UK_PCI_INTERRUPT_PIN = 0x3d,
	/* Of PCI Express; not everywhere to be reached */
	UK_PCI_EXTENDED = 0x100,
	UK_PCI_REGS_END = 0x1000,
};

enum {
	UK_PCI_COMMAND_IO = 1 << 0,
	UK_PCI_COMMAND_MEMORY = 1 << 1,
	UK_PCI_COMMAND_MASTER = 1 << 2,
	UK_PCI_COMMAND_NO_INTX = 1 << 10,
};

/** Kinds of capabilities. */
enum {
	UK_PCI_CAP_MSI = 0x05,
	UK_PCI_CAP_VENDOR = 0x09,
	UK_PCI_CAP_MSIX = 0x11,
};

struct uk_pci_host;

struct uk_pci_dev {
	const struct uk_pci_host *host;
	uint16_t segment;
	uint8_t bus, devfn;
	uint16_t vendor, device;
	uint32_t class_code;		/* class, subclass, interface: 24 bits */
	char name[UK_PCI_NAME_BYTES];	/* "0000:03:00.0" */

	/* pci only: what is known already, and mapped */
	struct {
		uint64_t pa;
		size_t len_bytes;
		volatile void *va;
	} bars[UK_PCI_N_BARS];
};

struct uk_pci_id {
	uint16_t vendor, device;	/* UK_PCI_ANY: whoever made it */
	uint32_t class_code;		/* 0: any */
};

#define UK_PCI_ANY 0xffff

struct uk_pci_driver {
	const char *name;
	const struct uk_pci_id *ids;	/* ends with vendor 0 */
	/* @return 0; -errno: logged, the device is left alone. */
	int (*probe)(struct uk_pci_dev *dev);
	struct uk_list node;		/* pci only */
};

void uk_pci_register(struct uk_pci_driver *drv);

/** @bytes: 1, 2 or 4; @reg a multiple of it, < UK_PCI_REGS_END. A register that
 *  cannot be read is all ones. */
uint32_t uk_pci_read(const struct uk_pci_dev *dev, unsigned int reg, unsigned int bytes);
void uk_pci_write(const struct uk_pci_dev *dev, unsigned int reg, unsigned int bytes,
		  uint32_t value);

/** The first capability of kind @id behind @after (0: of all).
 *  @return its register; 0: none. */
unsigned int uk_pci_find_cap(const struct uk_pci_dev *dev, uint8_t id, unsigned int after);

/**
 * Map the registers behind base address @bar; a second time there is nothing to do.
 * @len_bytes: set to their number; may be NULL.
 * @return NULL: no such memory, or it cannot be mapped (logged).
 */
volatile void *uk_pci_map_bar(struct uk_pci_dev *dev, unsigned int bar, size_t *len_bytes);

/** Let the device answer in memory space and be master of the bus. */
void uk_pci_enable(const struct uk_pci_dev *dev);

/**
 * Take the bus from the device: it reads and writes no memory any more, until
 * uk_pci_enable(). May block.
 * @return 0, also when the device is gone; -EIO: it is master still (no configuration
 *	space: pci.iomem); or what the host says.
 */
int uk_pci_disable(const struct uk_pci_dev *dev);

/** The same in a function of uk_restart_at_stop(), whatever the state of the image is.
 *  Where another domain has to answer it is waited for busily, for seconds at most. */
int uk_pci_disable_at_stop(const struct uk_pci_dev *dev);

/** How a device interrupts. */
enum uk_pci_irq_kind {
	UK_PCI_IRQ_MSIX,	/* all causes are to be sent to entry 0 */
	UK_PCI_IRQ_MSI,
	UK_PCI_IRQ_INTX,	/* by its line */
};

/**
 * One interrupt for all that @dev has to say: the first of the kinds above that
 * it and its host have, or what the parameter pci.interrupts asks for. The device
 * is enabled.
 * @handler: in event context. It may come again before the device is served, and
 *	when the device has nothing to say. When it returns, a device that
 *	interrupts by its line must be silent, until it has been served.
 * @kind: set; may be NULL.
 * @return 0; -ENODEV: the device has none; or what the host says.
 */
int uk_pci_irq(struct uk_pci_dev *dev, void (*handler)(void *arg), void *arg,
	       enum uk_pci_irq_kind *kind);

#endif /* UK_PCI_H */
