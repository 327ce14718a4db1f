/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The PCI bus of a machine that the image has to itself. For lib/drv/pci-native.
 *
 * Rules
 * - Provider: plat/kvm (`KVM_PROVIDES-y += pci`). On Xen PV another domain owns
 *   the bus: lib/xen/pcifront.
 * - A function that does not exist reads as all ones.
 */
#ifndef UK_PLAT_PCI_H
#define UK_PLAT_PCI_H

#include <stdint.h>

/** Bus, device, function as configuration cycles have them. */
#define UK_PLAT_PCI_ADDR(bus, devfn) ((uint16_t)((bus) << 8 | (devfn)))

/** Read or write 4 bytes of configuration space; @reg < 256, a multiple of 4. */
uint32_t uk_plat_pci_read(uint16_t addr, unsigned int reg);
void uk_plat_pci_write(uint16_t addr, unsigned int reg, uint32_t value);

/** What a device writes, and where, to interrupt. */
struct uk_plat_msi {
	uint64_t addr;
	uint32_t data;
};

/**
 * A message for one source of interrupts; for good.
 * @handler: called in event context (<uk/plat/event.h>).
 * @return 0; -ENOSPC: all are taken; -ENODEV: there is no interrupt controller.
 */
int uk_plat_msi_alloc(void (*handler)(void *arg), void *arg, struct uk_plat_msi *msi);

#endif /* UK_PLAT_PCI_H */
