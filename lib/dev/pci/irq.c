/* SPDX-License-Identifier: BSD-3-Clause */
/* Which of its ways to interrupt a device is to use. */
#include <uk/pci_host.h>

#include <errno.h>
#include <string.h>

#include <uk/param.h>
#include <uk/print.h>
#include <uk/util.h>

#define N_PINS 4

static const char *wanted = "auto";
UK_PARAM(pci_interrupts, "pci.interrupts", UK_PARAM_STR, &wanted,
	 "how PCI devices interrupt: msix, msi, intx; auto: the first of these that works");

/* In the order of preference */
static const struct {
	const char *param, *name;
} kinds[] = {
	[UK_PCI_IRQ_MSIX] = { "msix", "MSI-X" },
	[UK_PCI_IRQ_MSI] = { "msi", "MSI" },
	[UK_PCI_IRQ_INTX] = { "intx", "INTx" },
};

/* What uk_pci_host.irq() takes as @at; 0: the device does not have @kind. */
static unsigned int find(const struct uk_pci_dev *dev, enum uk_pci_irq_kind kind)
{
	unsigned int pin;

	if (kind == UK_PCI_IRQ_MSIX)
		return uk_pci_find_cap(dev, UK_PCI_CAP_MSIX, 0);
	if (kind == UK_PCI_IRQ_MSI)
		return uk_pci_find_cap(dev, UK_PCI_CAP_MSI, 0);
	pin = uk_pci_read(dev, UK_PCI_INTERRUPT_PIN, 1);
	return pin <= N_PINS ? pin : 0;
}

static void set_line(const struct uk_pci_dev *dev, bool is_on)
{
	uint32_t command = uk_pci_read(dev, UK_PCI_COMMAND, 2);

	command &= ~(uint32_t)UK_PCI_COMMAND_NO_INTX;
	uk_pci_write(dev, UK_PCI_COMMAND, 2, command | (is_on ? 0 : UK_PCI_COMMAND_NO_INTX));
}

static int try(struct uk_pci_dev *dev, enum uk_pci_irq_kind kind, void (*handler)(void *arg),
	       void *arg)
{
	unsigned int at = find(dev, kind);
	int err = at ? dev->host->irq(dev, kind, at, handler, arg) : -ENODEV;

	if (!err)
		set_line(dev, kind == UK_PCI_IRQ_INTX);
	return err;
}

/* @only: the kind's name; NULL: any. @return the first error that says something */
static int try_each(struct uk_pci_dev *dev, const char *only, void (*handler)(void *arg), void *arg,
		    enum uk_pci_irq_kind *kind)
{
	int ret = -ENODEV;

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(kinds); i++) {
		int err;

		if (only && strcmp(only, kinds[i].param))
			continue;
		*kind = i;
		err = try(dev, i, handler, arg);
		if (!err)
			return 0;
		if (ret == -ENODEV)
			ret = err;
	}
	return ret;
}

int uk_pci_irq(struct uk_pci_dev *dev, void (*handler)(void *arg), void *arg,
	       enum uk_pci_irq_kind *kind)
{
	bool is_auto = !strcmp(wanted, "auto");
	enum uk_pci_irq_kind got;
	int err = try_each(dev, is_auto ? NULL : wanted, handler, arg, &got);

	if (err && !is_auto) {
		uk_pr_warn("pci: %s: pci.interrupts=%s cannot be had (%d); known are msix, msi, "
			   "intx, auto. Taking what there is\n", dev->name, wanted, err);
		err = try_each(dev, NULL, handler, arg, &got);
	}
	if (err)
		return err;
	uk_pr_info("pci: %s: interrupts by %s\n", dev->name, kinds[got].name);
	if (kind)
		*kind = got;
	return 0;
}
