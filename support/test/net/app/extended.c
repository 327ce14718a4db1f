/* SPDX-License-Identifier: BSD-3-Clause */
/* A driver of virtio's entropy source that only looks at its configuration, beyond
 * what ports reach. */
#include <uk/boot.h>
#include <uk/pci.h>
#include <uk/print.h>

#define CAP_ATS 15

/* Of the list of kind, version, next. @return its register; 0: none, or it cannot be
 * reached. */
static unsigned int find_extended(const struct uk_pci_dev *dev, uint16_t id)
{
	unsigned int reg = UK_PCI_EXTENDED;

	while (reg >= UK_PCI_EXTENDED) {
		uint32_t head = uk_pci_read(dev, reg, 4);

		if (!head || head == UINT32_MAX)
			return 0;
		if ((head & 0xffff) == id)
			return reg;
		reg = head >> 20 & ~3u;
	}
	return 0;
}

static int look(struct uk_pci_dev *dev)
{
	unsigned int at = find_extended(dev, CAP_ATS);

	if (at)
		uk_console_printf("extended capability %u: 0x%x\n", CAP_ATS, at);
	else
		uk_console_printf("extended capability %u: none\n", CAP_ATS);
	return 0;
}

static const struct uk_pci_id ids[] = {
	{ .vendor = 0x1af4, .device = 0x1044 },
	{ .vendor = 0 },
};

static struct uk_pci_driver driver = { .name = "look", .ids = ids, .probe = look };

static int look_init(void)
{
	uk_pci_register(&driver);
	return 0;
}

UK_INIT_BUS(look_init);
