/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The PCI bus as firmware leaves it: in memory (ECAM) where ACPI says so, which
 * alone reaches the registers from 256 on, else behind ports.
 */
#include <uk/plat/pci.h>

#include <errno.h>
#include <stddef.h>

#include <uk/plat/dma.h>
#include <uk/util.h>

#include "kvm.h"
#include "native_pci.h"

#define ECAM_FUNCTION_BYTES 0x1000
#define INTERRUPT_LINE 0x3c
/* SeaBIOS leads the lines to these, as for a system without I/O APIC */
#define ISA_PINS 16

/* Registers of the function at @addr; NULL: they are behind ports. */
static volatile uint32_t *ecam(uint16_t addr)
{
	static bool is_known;
	static uint64_t base;
	static unsigned int last_bus;

	if (!is_known) {
		is_known = true;
		base = acpi_ecam(&last_bus);
	}
	if (!base || addr >> 8 > last_bus)
		return NULL;
	return uk_plat_map_io(base + (uint64_t)addr * ECAM_FUNCTION_BYTES, ECAM_FUNCTION_BYTES);
}

uint32_t uk_plat_pci_read(uint16_t addr, unsigned int reg)
{
	volatile uint32_t *regs = ecam(addr);

	return regs ? regs[reg / 4] : native_pci_read(addr, reg);
}

void uk_plat_pci_write(uint16_t addr, unsigned int reg, uint32_t value)
{
	volatile uint32_t *regs = ecam(addr);

	if (regs)
		regs[reg / 4] = value;
	else
		native_pci_write(addr, reg, value);
}

bool uk_plat_pci_spaces(struct uk_plat_pci_space *memory uk_unused,
			struct uk_plat_pci_space *ports uk_unused)
{
	return false;
}

int uk_plat_pci_intx(uint16_t addr, unsigned int pin uk_unused, void (*handler)(void *arg),
		     void *arg)
{
	unsigned int line = uk_plat_pci_read(addr, INTERRUPT_LINE) & 0xff;

	if (!line || line >= ISA_PINS)
		return -ENODEV;
	return native_pin(line, handler, arg);
}
