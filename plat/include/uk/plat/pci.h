/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The PCI bus of a machine that the image has to itself. For lib/drv/pci-native.
 *
 * Rules
 * - Providers: plat/kvm and plat/xen/hvm (`<PLAT>_PROVIDES-y += pci`). On Xen PV
 *   another domain owns the bus: lib/xen/pcifront.
 * - A function that does not exist reads as all ones.
 */
#ifndef UK_PLAT_PCI_H
#define UK_PLAT_PCI_H

#include <stdbool.h>
#include <stdint.h>

/** Bus, device, function as configuration cycles have them. */
#define UK_PLAT_PCI_ADDR(bus, devfn) ((uint16_t)((bus) << 8 | (devfn)))

/** Read or write 4 bytes of configuration space; @reg < 4096, a multiple of 4.
 *  From 256 on there may be no way to reach them: all ones, nothing written. */
uint32_t uk_plat_pci_read(uint16_t addr, unsigned int reg);
void uk_plat_pci_write(uint16_t addr, unsigned int reg, uint32_t value);

/** A range of addresses. */
struct uk_plat_pci_space {
	uint64_t base, end;
};

/**
 * Where no firmware has given addresses to devices: those that are free for it,
 * in memory below 4 GiB and among ports. @return false: firmware has.
 */
bool uk_plat_pci_spaces(struct uk_plat_pci_space *memory, struct uk_plat_pci_space *ports);

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

/**
 * Have the interrupts that the function at @addr raises by its line; for good.
 * @pin: 1 to 4, INTA to INTD.
 * @handler: as above. The device is to be silent when it returns, or it is called
 *	again. It is called as well for other devices on the same line.
 * @return 0; -ENOSPC: all are taken; -ENODEV: the line leads nowhere.
 */
int uk_plat_pci_intx(uint16_t addr, unsigned int pin, void (*handler)(void *arg), void *arg);

#endif /* UK_PLAT_PCI_H */
