/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A PCI bus that the image has to itself. Firmware has numbered the buses; where
 * there is none, there is one.
 */
#include <uk/boot.h>
#include <uk/plat/pci.h>

#include "native_priv.h"

#define N_SLOTS 32
#define N_FUNCTIONS 8
#define HEADER_IS_MULTI 0x80
#define HEADER_BRIDGE 0x01
#define BRIDGE_BUSES 0x18

static uint16_t addr_of(const struct uk_pci_dev *dev)
{
	return UK_PLAT_PCI_ADDR(dev->bus, dev->devfn);
}

static uint32_t mask_of(unsigned int bytes)
{
	return UINT32_MAX >> (32 - 8 * bytes);
}

static int native_read(const struct uk_pci_dev *dev, unsigned int reg, unsigned int bytes,
		       uint32_t *value)
{
	*value = uk_plat_pci_read(addr_of(dev), reg & ~3u) >> (reg % 4 * 8) & mask_of(bytes);
	return 0;
}

static int native_write(const struct uk_pci_dev *dev, unsigned int reg, unsigned int bytes,
			uint32_t value)
{
	unsigned int shift = reg % 4 * 8;
	uint32_t mask = mask_of(bytes) << shift;
	uint32_t old = mask == UINT32_MAX ? 0 : uk_plat_pci_read(addr_of(dev), reg & ~3u);

	/* Beside the command are status bits that a 1 clears */
	if ((reg & ~3u) == UK_PCI_COMMAND)
		old &= 0xffff;
	uk_plat_pci_write(addr_of(dev), reg & ~3u, (old & ~mask) | (value << shift & mask));
	return 0;
}

static const struct uk_pci_host host = {
	.read = native_read,
	.write = native_write,
	.prepare = pci_native_assign,
	.irq = pci_native_irq,
};

static void scan(unsigned int bus, unsigned int end);

/* The buses behind a bridge have higher numbers than its own and than those of
 * the bridges before: whatever registers say, the search ends. */
static void scan_behind(uint16_t addr, unsigned int bus, unsigned int end)
{
	uint32_t buses = uk_plat_pci_read(addr, BRIDGE_BUSES);
	unsigned int secondary = buses >> 8 & 0xff, last = buses >> 16 & 0xff;

	if (secondary > bus && last >= secondary && last < end)
		scan(secondary, last + 1);
}

static void scan(unsigned int bus, unsigned int end)
{
	for (unsigned int slot = 0; slot < N_SLOTS; slot++) {
		unsigned int n = 1;

		for (unsigned int fn = 0; fn < n; fn++) {
			uint8_t devfn = (uint8_t)(slot << 3 | fn);
			uint16_t addr = UK_PLAT_PCI_ADDR(bus, devfn);
			uint32_t header;

			if (!uk_pci_add(&host, 0, (uint8_t)bus, devfn))
				continue;
			header = uk_plat_pci_read(addr, UK_PCI_HEADER & ~3u) >> 16;
			if (header & HEADER_IS_MULTI)
				n = N_FUNCTIONS;
			if ((header & ~HEADER_IS_MULTI & 0xff) == HEADER_BRIDGE)
				scan_behind(addr, bus, end);
		}
	}
}

static int native_init(void)
{
	/* Without its bridge there is no bus, and nobody waits for 32 answers */
	if (uk_plat_pci_read(0, UK_PCI_ID) != UINT32_MAX)
		scan(0, 256);
	return 0;
}

UK_INIT_DEV(native_init);
