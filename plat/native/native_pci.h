/* SPDX-License-Identifier: BSD-3-Clause */
/* Of native_pci.c, for the platforms' own (<uk/plat/pci.h>). */
#ifndef NATIVE_PCI_H
#define NATIVE_PCI_H

#include <stdint.h>

/* By ports. Registers from 256 on are not reached: all ones. */
uint32_t native_pci_read(uint16_t addr, unsigned int reg);
void native_pci_write(uint16_t addr, unsigned int reg, uint32_t value);

/** Have the level at @pin of the I/O APIC, which others may have, too.
 *  @return as uk_plat_pci_intx(). */
int native_pin(uint32_t pin, void (*handler)(void *arg), void *arg);

#endif /* NATIVE_PCI_H */
