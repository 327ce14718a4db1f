/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PCI_NATIVE_PRIV_H
#define PCI_NATIVE_PRIV_H

#include <uk/pci_host.h>

/* ---- message.c: uk_pci_host.irq ---- */
int pci_native_irq(struct uk_pci_dev *dev, enum uk_pci_irq_kind kind, unsigned int at,
		   void (*handler)(void *arg), void *arg);

/* ---- assign.c: uk_pci_host.prepare ---- */
int pci_native_assign(struct uk_pci_dev *dev);

#endif /* PCI_NATIVE_PRIV_H */
