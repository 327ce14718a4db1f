/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Power off without ACPI tables, by the chip that ACPI would name: with little
 * memory (1 MiB) SeaBIOS makes no tables. Specification: Intel 82371AB (PIIX4)
 * and ICH9 datasheets, power management.
 */
#include <uk/plat/pci.h>
#include <uk/util.h>

#include "kvm.h"
#include "x86.h"

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

void chipset_poweroff(void)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(chips); i++) {
		uint16_t addr = UK_PLAT_PCI_ADDR(0, chips[i].devfn);
		uint8_t enable = chips[i].enable_reg;
		uint16_t base;

		if (uk_plat_pci_read(addr, 0) != chips[i].id)
			continue;
		base = uk_plat_pci_read(addr, PM_BASE) & PM_BASE_MASK;
		if (!base) {
			base = PM_BASE_DEFAULT;
			uk_plat_pci_write(addr, PM_BASE, base);
		}
		uk_plat_pci_write(addr, enable,
				  uk_plat_pci_read(addr, enable) | chips[i].enable_bit);
		x86_out16(base + PM1_CNT, PM1_SLP_EN);
	}
}
