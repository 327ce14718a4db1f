/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Power off without ACPI tables, by the chip that ACPI would name: with little
 * memory (1 MiB) SeaBIOS makes no tables. Specification: Intel 82371AB (PIIX4)
 * and ICH9 datasheets, power management.
 */
#include <uk/util.h>

#include "kvm.h"
#include "x86.h"

#define PCI_ADDRESS 0xcf8
#define PCI_DATA 0xcfc
#define PCI_ENABLE 0x80000000
#define PCI_DEVFN(device, function) ((device) << 3 | (function))

#define PM_BASE 0x40
#define PM_BASE_MASK 0xff80
/* Where firmware puts it, should it not have come so far */
#define PM_BASE_DEFAULT 0x600
#define PM1_CNT 4
#define PM1_SLP_EN 0x2000	/* with sleep type 0, which is S5 there */

static const struct {
	uint32_t id;
	uint8_t devfn;
	uint8_t enable_reg, enable_bit;
} chips[] = {
	{ 0x71138086, PCI_DEVFN(1, 3), 0x80, 0x01 },	/* PIIX4: machine pc */
	{ 0x29188086, PCI_DEVFN(31, 0), 0x44, 0x80 },	/* ICH9: machine q35 */
};

static void pci_select(uint8_t devfn, uint8_t reg)
{
	x86_out32(PCI_ADDRESS, PCI_ENABLE | (uint32_t)devfn << 8 | reg);
}

static uint32_t pci_read(uint8_t devfn, uint8_t reg)
{
	pci_select(devfn, reg);
	return x86_in32(PCI_DATA);
}

static void pci_write(uint8_t devfn, uint8_t reg, uint32_t v)
{
	pci_select(devfn, reg);
	x86_out32(PCI_DATA, v);
}

void chipset_poweroff(void)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(chips); i++) {
		uint8_t devfn = chips[i].devfn, enable = chips[i].enable_reg;
		uint16_t base;

		if (pci_read(devfn, 0) != chips[i].id)
			continue;
		base = pci_read(devfn, PM_BASE) & PM_BASE_MASK;
		if (!base) {
			base = PM_BASE_DEFAULT;
			pci_write(devfn, PM_BASE, base);
		}
		pci_write(devfn, enable, pci_read(devfn, enable) | chips[i].enable_bit);
		x86_out16(base + PM1_CNT, PM1_SLP_EN);
	}
}
