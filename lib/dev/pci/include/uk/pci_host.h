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
	/* The image stops: from now on read() and write() need no threads, no locks and
	 * no heap; they wait busily for twice UK_RESTART_STOP_NS at most. NULL: they are
	 * always like that. */
	void (*poll)(void);
	/* A driver is about to have the device: see that base addresses are set.
	 * May be NULL. @return 0 or -errno (logged). */
	int (*prepare)(struct uk_pci_dev *dev);
	/* Set up MSI-X entry 0, MSI, or the line. @at: the capability's register;
	 * for the line its pin, 1 to 4. */
	int (*irq)(struct uk_pci_dev *dev, enum uk_pci_irq_kind kind, unsigned int at,
		   void (*handler)(void *arg), void *arg);
};

/** Base address @bar as it is. */
struct uk_pci_bar {
	uint64_t value;			/* without the flags */
	uint64_t size_bytes;		/* 0: there is none */
	bool is_io, is_64;		/* 64: @bar + 1 is its upper half */
};

/** Look at @bar; the device does not answer meanwhile. */
struct uk_pci_bar uk_pci_bar_look(const struct uk_pci_dev *dev, unsigned int bar);

/** Set @bar, which looks like @as, to @value; the device is not to answer. */
void uk_pci_bar_set(struct uk_pci_dev *dev, unsigned int bar, const struct uk_pci_bar *as,
		    uint64_t value);

/** A function is there: find out what it is and who drives it. No function
 *  there: nothing happens. @return whether there is one. */
bool uk_pci_add(const struct uk_pci_host *host, uint16_t segment, uint8_t bus, uint8_t devfn);

#endif /* UK_PCI_HOST_H */
