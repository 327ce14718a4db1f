/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices of which a PV domain has the registers (iomem=) and the line (irqs=), and
 * no configuration space: the administrator says what it would say, in the
 * parameter pci.iomem. Whatever else is asked for is 0, and what is written is lost;
 * dom0 has to enable the device. What is not this domain's Xen refuses: the registers
 * when they are mapped, the line when it is bound. What the device reads and writes
 * nobody checks: apps/netback/README.md says when this is acceptable.
 */
#include <errno.h>
#include <string.h>

#include <uk/boot.h>
#include <uk/param.h>
#include <uk/print.h>

#include "pcifront_priv.h"

#define MAX_DEVICES 8
#define N_WORDS 4

static char *given;
UK_PARAM(pci_iomem, "pci.iomem", UK_PARAM_STR, &given,
	 "devices of iomem= and irqs=: VENDOR:DEVICE,ADDRESS,BYTES,IRQ[/...]");

struct device {
	uint32_t id;			/* as UK_PCI_ID has it */
	uint64_t pa, len_bytes;
	uint32_t irq;
};

static struct device devices[MAX_DEVICES];

/* They have a bus to themselves, of a segment that no host has. */
#define SEGMENT 0xffff

static const struct device *device_of(const struct uk_pci_dev *dev)
{
	return &devices[dev->devfn >> 3];
}

static uint32_t word_at(const struct device *d, unsigned int reg)
{
	switch (reg) {
	case UK_PCI_ID:
		return d->id;
	case UK_PCI_COMMAND:
		return UK_PCI_COMMAND_MEMORY | UK_PCI_COMMAND_MASTER;
	case UK_PCI_INTERRUPT_LINE:
		return 1 << 8 | (d->irq & 0xff);
	default:
		return 0;
	}
}

static int iomem_read(const struct uk_pci_dev *dev, unsigned int reg, unsigned int bytes,
		      uint32_t *value)
{
	uint32_t word = word_at(device_of(dev), reg & ~3u);

	*value = word >> (reg % 4 * 8) & UINT32_MAX >> (32 - 8 * bytes);
	return 0;
}

static int iomem_write(const struct uk_pci_dev *dev uk_unused, unsigned int reg uk_unused,
		       unsigned int bytes uk_unused, uint32_t value uk_unused)
{
	return 0;
}

static int iomem_prepare(struct uk_pci_dev *dev)
{
	dev->bars[0].pa = device_of(dev)->pa;
	dev->bars[0].len_bytes = (size_t)device_of(dev)->len_bytes;
	return 0;
}

static int iomem_irq(struct uk_pci_dev *dev, enum uk_pci_irq_kind kind, unsigned int at uk_unused,
		     void (*handler)(void *arg), void *arg)
{
	if (kind != UK_PCI_IRQ_INTX)
		return -ENODEV;
	return pcifront_irq_bind(device_of(dev)->irq, handler, arg);
}

static const struct uk_pci_host host = {
	.read = iomem_read,
	.write = iomem_write,
	.prepare = iomem_prepare,
	.irq = iomem_irq,
};

/* ---- The parameter ---- */

static bool parse_id(const char *text, uint32_t *id)
{
	unsigned int vendor, device;

	if (!pcifront_parse_hex(&text, 0xffff, ':', &vendor) ||
	    !pcifront_parse_hex(&text, 0xffff, '\0', &device))
		return false;
	*id = vendor | device << 16;
	return true;
}

/* @text is cut into words. */
static bool parse_device(char *text, struct device *d)
{
	char *words[N_WORDS + 1];
	uint64_t irq;
	unsigned int n = 0;

	while (text && n <= N_WORDS)
		words[n++] = strsep(&text, ",");
	if (n != N_WORDS || !parse_id(words[0], &d->id) || uk_parse_u64(words[1], &d->pa) ||
	    uk_parse_size(words[2], &d->len_bytes) || uk_parse_u64(words[3], &irq))
		return false;
	d->irq = (uint32_t)irq;
	return d->len_bytes && d->len_bytes <= UINT32_MAX && irq <= 0xff;
}

static int iomem_init(void)
{
	for (unsigned int i = 0; given && i < MAX_DEVICES; i++) {
		char *text = strsep(&given, "/");

		if (!parse_device(text, &devices[i]))
			uk_pr_err("pci: pci.iomem: device %u: VENDOR:DEVICE,ADDRESS,BYTES,IRQ, as in "
				  "8086:10d3,0xfeb80000,128K,11\n", i);
		else
			uk_pci_add(&host, SEGMENT, 0, (uint8_t)(i << 3));
	}
	return 0;
}

UK_INIT_DEV(iomem_init);
