/* SPDX-License-Identifier: BSD-3-Clause */
/* Functions of PCI devices: who drives them, and what all drivers need. */
#include <uk/pci_host.h>

#include <errno.h>

#include <uk/alloc.h>
#include <uk/assert.h>
#include <uk/plat/dma.h>
#include <uk/print.h>
#include <uk/util.h>

#define STATUS_HAS_CAPABILITIES 0x10
#define HEADER_KIND_MASK 0x7f
#define FIRST_CAPABILITY 0x40
/* As many as fit: an endless list ends */
#define MAX_CAPABILITIES 48
/* Of 2 bytes, where no device answers */
#define ALL_ONES 0xffff

#define BAR_IS_IO 0x1
#define BAR_KIND_MASK 0x6
#define BAR_KIND_64 0x4
#define BAR_FLAGS 0xfull
#define BAR_IO_FLAGS 0x3ull

static struct uk_list drivers = UK_LIST_INIT(drivers);

void uk_pci_register(struct uk_pci_driver *drv)
{
	uk_list_add_tail(&drivers, &drv->node);
}

uint32_t uk_pci_read(const struct uk_pci_dev *dev, unsigned int reg, unsigned int bytes)
{
	uint32_t value;

	if (dev->host->read(dev, reg, bytes, &value))
		return UINT32_MAX >> (32 - 8 * bytes);
	return value;
}

void uk_pci_write(const struct uk_pci_dev *dev, unsigned int reg, unsigned int bytes,
		  uint32_t value)
{
	int err = dev->host->write(dev, reg, bytes, value);

	if (err)
		uk_pr_warn("pci: %s: register 0x%x cannot be written (%d)\n", dev->name, reg, err);
}

unsigned int uk_pci_find_cap(const struct uk_pci_dev *dev, uint8_t id, unsigned int after)
{
	unsigned int reg = UK_PCI_CAPABILITIES;
	bool is_behind = !after;

	if (!(uk_pci_read(dev, UK_PCI_STATUS, 2) & STATUS_HAS_CAPABILITIES))
		return 0;
	reg = uk_pci_read(dev, reg, 1) & ~3u;
	for (unsigned int i = 0; i < MAX_CAPABILITIES && reg >= FIRST_CAPABILITY; i++) {
		uint32_t head = uk_pci_read(dev, reg, 2);

		if (is_behind && (head & 0xff) == id)
			return reg;
		is_behind |= reg == after;
		reg = head >> 8 & ~3u;
	}
	return 0;
}

/* ---- Base addresses ---- */

static uint64_t read_bar(const struct uk_pci_dev *dev, unsigned int reg, bool is_64)
{
	uint64_t value = uk_pci_read(dev, reg, 4);

	if (is_64)
		value |= (uint64_t)uk_pci_read(dev, reg + 4, 4) << 32;
	return value;
}

static void write_bar(const struct uk_pci_dev *dev, unsigned int reg, bool is_64, uint64_t value)
{
	uk_pci_write(dev, reg, 4, (uint32_t)value);
	if (is_64)
		uk_pci_write(dev, reg + 4, 4, (uint32_t)(value >> 32));
}

/* The bits that stay 0 say the size. */
struct uk_pci_bar uk_pci_bar_look(const struct uk_pci_dev *dev, unsigned int bar)
{
	unsigned int reg = UK_PCI_BAR0 + 4 * bar;
	uint32_t low = uk_pci_read(dev, reg, 4), command;
	uint64_t value, mask, flags = low & BAR_IS_IO ? BAR_IO_FLAGS : BAR_FLAGS;
	struct uk_pci_bar b = { .is_io = low & BAR_IS_IO };

	b.is_64 = !b.is_io && (low & BAR_KIND_MASK) == BAR_KIND_64;
	if (bar + b.is_64 >= UK_PCI_N_BARS)
		return b;
	command = uk_pci_read(dev, UK_PCI_COMMAND, 2);
	value = read_bar(dev, reg, b.is_64);
	uk_pci_write(dev, UK_PCI_COMMAND, 2,
		     command & ~(uint32_t)(UK_PCI_COMMAND_MEMORY | UK_PCI_COMMAND_IO));
	write_bar(dev, reg, b.is_64, UINT64_MAX);
	mask = read_bar(dev, reg, b.is_64) & ~flags;
	write_bar(dev, reg, b.is_64, value);
	uk_pci_write(dev, UK_PCI_COMMAND, 2, command);
	b.value = value & ~flags;
	/* The lowest bit that can be set */
	b.size_bytes = mask & -mask;
	return b;
}

void uk_pci_bar_set(struct uk_pci_dev *dev, unsigned int bar, const struct uk_pci_bar *as,
		    uint64_t value)
{
	write_bar(dev, UK_PCI_BAR0 + 4 * bar, as->is_64, value);
	if (as->is_io)
		return;
	dev->bars[bar].pa = value;
	dev->bars[bar].len_bytes = as->size_bytes;
}

static void map_bar(struct uk_pci_dev *dev, unsigned int bar)
{
	struct uk_pci_bar b;

	if (!dev->bars[bar].pa) {
		b = uk_pci_bar_look(dev, bar);
		if (b.is_io || !b.size_bytes)
			return;
		dev->bars[bar].pa = b.value;
		dev->bars[bar].len_bytes = b.size_bytes;
	}
	if (dev->bars[bar].pa)
		dev->bars[bar].va = uk_plat_map_io(dev->bars[bar].pa, dev->bars[bar].len_bytes);
	if (!dev->bars[bar].va)
		uk_pr_err("pci: %s: registers %u cannot be mapped (0x%llx, %zu bytes)\n",
			  dev->name, bar, (unsigned long long)dev->bars[bar].pa,
			  dev->bars[bar].len_bytes);
}

volatile void *uk_pci_map_bar(struct uk_pci_dev *dev, unsigned int bar, size_t *len_bytes)
{
	if (bar >= UK_PCI_N_BARS)
		return NULL;
	if (!dev->bars[bar].va)
		map_bar(dev, bar);
	if (len_bytes)
		*len_bytes = dev->bars[bar].len_bytes;
	return dev->bars[bar].va;
}

void uk_pci_enable(const struct uk_pci_dev *dev)
{
	uk_pci_write(dev, UK_PCI_COMMAND, 2,
		     uk_pci_read(dev, UK_PCI_COMMAND, 2) | UK_PCI_COMMAND_MEMORY |
			     UK_PCI_COMMAND_MASTER | UK_PCI_COMMAND_NO_INTX);
}

/* What is read back says that it was written, and comes behind all that the device has
 * sent to memory before. */
int uk_pci_disable(const struct uk_pci_dev *dev)
{
	uint32_t command;
	int err = dev->host->read(dev, UK_PCI_COMMAND, 2, &command);

	if (!err && command != ALL_ONES)
		err = dev->host->write(dev, UK_PCI_COMMAND, 2,
				       command & ~(uint32_t)UK_PCI_COMMAND_MASTER);
	if (!err)
		err = dev->host->read(dev, UK_PCI_COMMAND, 2, &command);
	if (err)
		return err;
	return command != ALL_ONES && command & UK_PCI_COMMAND_MASTER ? -EIO : 0;
}

int uk_pci_disable_at_stop(const struct uk_pci_dev *dev)
{
	if (dev->host->poll)
		dev->host->poll();
	return uk_pci_disable(dev);
}

/* ---- Devices and drivers ---- */

static bool is_match(const struct uk_pci_id *id, const struct uk_pci_dev *dev)
{
	return (id->vendor == UK_PCI_ANY || id->vendor == dev->vendor) &&
	       (id->device == UK_PCI_ANY || id->device == dev->device) &&
	       (!id->class_code || id->class_code == dev->class_code);
}

static struct uk_pci_driver *find_driver(const struct uk_pci_dev *dev)
{
	struct uk_pci_driver *drv;

	UK_LIST_FOREACH(drv, &drivers, node)
		for (const struct uk_pci_id *id = drv->ids; id->vendor; id++)
			if (is_match(id, dev))
				return drv;
	return NULL;
}

static void probe(struct uk_pci_dev *dev)
{
	struct uk_pci_driver *drv = find_driver(dev);
	int err;

	uk_pr_debug("pci: %s: %04x:%04x, class %06x%s%s\n", dev->name, dev->vendor, dev->device,
		    dev->class_code, drv ? ", " : "", drv ? drv->name : "");
	if (!drv)
		return;
	err = dev->host->prepare ? dev->host->prepare(dev) : 0;
	if (!err)
		err = drv->probe(dev);
	if (err)
		uk_pr_err("pci: %s: %s does not take it (%d)\n", dev->name, drv->name, err);
}

bool uk_pci_add(const struct uk_pci_host *host, uint16_t segment, uint8_t bus, uint8_t devfn)
{
	struct uk_pci_dev tmp = {
		.host = host, .segment = segment, .bus = bus, .devfn = devfn,
	}, *dev;
	uint32_t id = uk_pci_read(&tmp, UK_PCI_ID, 4);

	if (!(id & 0xffff) || (id & 0xffff) == 0xffff)
		return false;
	dev = uk_malloc(sizeof(*dev));
	if (!dev) {
		uk_pr_err("pci: no memory for a device\n");
		return true;
	}
	*dev = tmp;
	dev->vendor = (uint16_t)id;
	dev->device = (uint16_t)(id >> 16);
	dev->class_code = uk_pci_read(dev, UK_PCI_CLASS, 4) >> 8;
	uk_snprintf(dev->name, sizeof(dev->name), "%04x:%02x:%02x.%u", segment, bus, devfn >> 3,
		    devfn & 7u);
	/* Bridges are the host's business */
	if (!(uk_pci_read(dev, UK_PCI_HEADER, 1) & HEADER_KIND_MASK))
		probe(dev);
	return true;
}
