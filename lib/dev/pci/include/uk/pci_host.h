/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A way to reach PCI devices, as lib/dev/pci uses it.
 *
 * Rules
 * - A host finds its devices at init level DEV and gives each to
 *   uk_pci_add(), which probes it.
 */
#ifndef UK_PCI_HOST_H
#define UK_PCI_HOST_H

#include <uk/pci.h>

struct uk_pci_host {
	/* As uk_pci_read(); @return 0 or -errno. */
	int (*read)(const struct uk_pci_dev *dev, unsigned int reg, unsigned int bytes,
		    uint32_t *value);
	int (*write)(const struct uk_pci_dev *dev, unsigned int reg, unsigned int bytes,
		     uint32_t value);
	/* Set up MSI-X entry 0, or MSI: @cap is that capability's register. */
	int (*irq)(struct uk_pci_dev *dev, bool is_msix, unsigned int cap,
		   void (*handler)(void *arg), void *arg);
};

/** A function is there: find out what it is and who drives it. No function
 *  there: nothing happens. @return whether there is one. */
bool uk_pci_add(const struct uk_pci_host *host, uint16_t segment, uint8_t bus, uint8_t devfn);

#endif /* UK_PCI_HOST_H */
