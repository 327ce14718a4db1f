/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses for devices, where no firmware has given any. Each base address gets
 * the next free one that its size divides, and pages of its own: what is behind
 * may be mapped from another machine, or into one.
 * Specification: PCI Local Bus 3.0, section 6.2.5.
 */
#include <errno.h>

#include <uk/arch/page.h>
#include <uk/plat/pci.h>
#include <uk/print.h>
#include <uk/util.h>

#include "native_priv.h"

static struct uk_plat_pci_space memory, ports;

static int assign(struct uk_pci_dev *dev, unsigned int bar, const struct uk_pci_bar *as)
{
	struct uk_plat_pci_space *space = as->is_io ? &ports : &memory;
	uint64_t step = as->is_io ? as->size_bytes : UK_MAX(as->size_bytes, (uint64_t)UK_PAGE_SIZE);
	uint64_t at = UK_ALIGN_UP(space->base, step);

	if (at < space->base || at > space->end || step > space->end - at) {
		uk_pr_err("pci: %s: no room for registers %u: %llu bytes in 0x%llx-0x%llx\n",
			  dev->name, bar, (unsigned long long)as->size_bytes,
			  (unsigned long long)space->base, (unsigned long long)space->end);
		return -ENOSPC;
	}
	uk_pci_bar_set(dev, bar, as, at);
	space->base = at + step;
	uk_pr_debug("pci: %s: registers %u: %llu bytes at 0x%llx\n", dev->name, bar,
		    (unsigned long long)as->size_bytes, (unsigned long long)at);
	return 0;
}

int pci_native_assign(struct uk_pci_dev *dev)
{
	static bool is_known, is_ours;
	uint32_t command;
	int err = 0;

	if (!is_known) {
		is_known = true;
		is_ours = uk_plat_pci_spaces(&memory, &ports);
	}
	if (!is_ours)
		return 0;
	command = uk_pci_read(dev, UK_PCI_COMMAND, 2);
	uk_pci_write(dev, UK_PCI_COMMAND, 2,
		     command & ~(uint32_t)(UK_PCI_COMMAND_MEMORY | UK_PCI_COMMAND_IO));
	for (unsigned int bar = 0; !err && bar < UK_PCI_N_BARS; bar++) {
		struct uk_pci_bar as = uk_pci_bar_look(dev, bar);

		if (as.size_bytes)
			err = assign(dev, bar, &as);
		bar += as.is_64;
	}
	return err;
}
