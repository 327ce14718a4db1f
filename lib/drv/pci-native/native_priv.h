/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PCI_NATIVE_PRIV_H
#define PCI_NATIVE_PRIV_H

#include <uk/pci_host.h>

/* ---- message.c: uk_pci_host.irq ---- */
int pci_native_irq(struct uk_pci_dev *dev, bool is_msix, unsigned int cap,
		   void (*handler)(void *arg), void *arg);

#endif /* PCI_NATIVE_PRIV_H */
