/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bus of a type="hvm" domain: an i440FX that the device model emulates, with
 * the devices passed through on it. This image stands in the place of the firmware
 * that would have given them addresses and routed their interrupts.
 *
 * Free are the addresses that a toolstack leaves to devices (xen/hvm/e820.h: RAM
 * below 4 GiB ends at 0xf0000000 at most), up to 0xfc000000, where firmware and
 * Xen have things of their own: I/O APIC, local APIC, pages shared with daemons.
 * What the toolstack's map has in there, memory that a host's firmware has
 * reserved for a device, is left alone.
 *
 * A message to the local APIC, or a level at the I/O APIC, both of them Xen's, is
 * what the device model and Xen turn interrupts into. That needs nothing but what
 * a PC has; interrupts as event channels are an option of domains since Xen 4.19.
 */
#include <uk/plat/pci.h>

#include <stddef.h>

#include <xen/hvm/e820.h>

#include <uk/util.h>

#include "hvm_priv.h"
#include "native_pci.h"

#define MEMORY_END 0xfc000000
/* The device model's own ports are below */
#define PORTS_BASE 0xc000
#define PORTS_END 0x10000

/* Xen's I/O APIC: the lines of all slots' pins, spread over those beyond ISA */
#define ISA_PINS 16
#define PCI_PINS 32

uint32_t uk_plat_pci_read(uint16_t addr, unsigned int reg)
{
	return native_pci_read(addr, reg);
}

void uk_plat_pci_write(uint16_t addr, unsigned int reg, uint32_t value)
{
	native_pci_write(addr, reg, value);
}

/* Leave of @s what is before, or else behind, [@base, @end): the larger */
static void cut(struct uk_plat_pci_space *s, uint64_t base, uint64_t end)
{
	if (end <= s->base || base >= s->end)
		return;
	if (base > s->base && base - s->base >= s->end - UK_MIN(end, s->end))
		s->end = base;
	else
		s->base = UK_MIN(end, s->end);
}

bool uk_plat_pci_spaces(struct uk_plat_pci_space *memory, struct uk_plat_pci_space *ports)
{
	struct e820_entry map[E820_MAX];
	unsigned int n = hvm_memory_map(map);

	*memory = (struct uk_plat_pci_space) { HVM_BELOW_4G_MMIO_START, MEMORY_END };
	*ports = (struct uk_plat_pci_space) { PORTS_BASE, PORTS_END };
	for (unsigned int i = 0; i < n; i++)
		cut(memory, map[i].addr, map[i].addr + map[i].size);
	return true;
}

int uk_plat_pci_intx(uint16_t addr, unsigned int pin, void (*handler)(void *arg), void *arg)
{
	unsigned int slot = addr >> 3 & 0x1f;

	return native_pin(ISA_PINS + (4 * slot + slot / 8 + pin - 1) % PCI_PINS, handler, arg);
}
