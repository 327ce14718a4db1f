/* SPDX-License-Identifier: BSD-3-Clause */
/* How registers are read and written. */
#include "ahci_priv.h"

uint32_t ahci_read(volatile uint8_t *regs, unsigned int reg)
{
	return *(volatile uint32_t *)(regs + reg);
}

void ahci_write(volatile uint8_t *regs, unsigned int reg, uint32_t value)
{
	*(volatile uint32_t *)(regs + reg) = value;
}
