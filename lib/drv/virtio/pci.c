/* SPDX-License-Identifier: BSD-3-Clause */
/* Virtio over PCI: where the device's structures are, and how they are used. */
#include <errno.h>

#include <uk/alloc.h>
#include <uk/print.h>
#include <uk/util.h>

#include "virtio_priv.h"

#define VENDOR 0x1af4
/* Of a device of that virtio number; and of the first ones, whose devices may also
 * speak what was before 1.0 */
#define DEVICE(number) (0x1040 + (number))
#define OLD_DEVICE(number) (0x0fff + (number))
#define LAST_OLD_NUMBER 2
#define SUBSYSTEM_DEVICE (UK_PCI_SUBSYSTEM + 2)

/* The capability */
#define CAP_KIND 3
#define CAP_BAR 4
#define CAP_OFFSET 8
#define CAP_LENGTH 12
#define CAP_NOTIFY_MULTIPLIER 16
#define KIND_COMMON 1
#define KIND_NOTIFY 2
#define KIND_ISR 3
#define KIND_DEVICE 4

/* Common configuration */
enum {
	COMMON_OFFERED_SELECT = 0,
	COMMON_OFFERED = 4,
	COMMON_TAKEN_SELECT = 8,
	COMMON_TAKEN = 12,
	COMMON_MSIX_CONFIG = 16,
	COMMON_STATUS = 20,
	COMMON_GENERATION = 21,
	COMMON_QUEUE_SELECT = 22,
	COMMON_QUEUE_SIZE = 24,
	COMMON_QUEUE_MSIX = 26,
	COMMON_QUEUE_ENABLE = 28,
	COMMON_QUEUE_NOTIFY_OFF = 30,
	COMMON_QUEUE_DESC = 32,
	COMMON_QUEUE_AVAIL = 40,
	COMMON_QUEUE_USED = 48,
	COMMON_BYTES = 56,
};

struct on_pci {
	struct uk_pci_dev *pci;
	volatile uint8_t *common, *notify;
	size_t notify_bytes;
	uint32_t notify_multiplier;
	volatile uint8_t *isr;		/* NULL: not needed */
	bool is_msix;
	void (*handler)(void *arg);
	void *arg;
};

static struct on_pci *on(const struct uk_virtio *v)
{
	return v->on_bus;
}

static uint16_t read16(const struct on_pci *p, unsigned int reg)
{
	return *(volatile uint16_t *)(p->common + reg);
}

static void write16(const struct on_pci *p, unsigned int reg, uint16_t value)
{
	*(volatile uint16_t *)(p->common + reg) = value;
}

static void write32(const struct on_pci *p, unsigned int reg, uint32_t value)
{
	*(volatile uint32_t *)(p->common + reg) = value;
}

static void write64(const struct on_pci *p, unsigned int reg, uint64_t value)
{
	write32(p, reg, (uint32_t)value);
	write32(p, reg + 4, (uint32_t)(value >> 32));
}

/* ---- Structures ---- */

/* Map the structure of @kind, of @least bytes. @return NULL: there is none. */
static volatile uint8_t *find(const struct on_pci *p, uint8_t kind, size_t least, size_t *bytes,
			      unsigned int *at)
{
	unsigned int cap = 0;

	while ((cap = uk_pci_find_cap(p->pci, UK_PCI_CAP_VENDOR, cap))) {
		uint32_t offset, length;
		volatile uint8_t *regs;
		size_t len;

		if (uk_pci_read(p->pci, cap + CAP_KIND, 1) != kind)
			continue;
		offset = uk_pci_read(p->pci, cap + CAP_OFFSET, 4);
		length = uk_pci_read(p->pci, cap + CAP_LENGTH, 4);
		regs = uk_pci_map_bar(p->pci, uk_pci_read(p->pci, cap + CAP_BAR, 1), &len);
		if (!regs || length < least || offset > len || length > len - offset)
			continue;
		*bytes = length;
		*at = cap;
		return regs + offset;
	}
	return NULL;
}

static int find_all(struct uk_virtio *v)
{
	struct on_pci *p = on(v);
	size_t common_bytes;
	unsigned int cap;

	p->common = find(p, KIND_COMMON, COMMON_BYTES, &common_bytes, &cap);
	v->device = find(p, KIND_DEVICE, 1, &v->device_bytes, &cap);
	p->notify = find(p, KIND_NOTIFY, 2, &p->notify_bytes, &cap);
	if (!p->common || !v->device || !p->notify)
		return -ENODEV;
	p->notify_multiplier = uk_pci_read(p->pci, cap + CAP_NOTIFY_MULTIPLIER, 4);
	return 0;
}

/* ---- struct uk_virtio_bus ---- */

static uint8_t status(struct uk_virtio *v)
{
	return on(v)->common[COMMON_STATUS];
}

static void set_status(struct uk_virtio *v, uint8_t value)
{
	on(v)->common[COMMON_STATUS] = value;
}

static uint32_t offered(struct uk_virtio *v, uint32_t half)
{
	write32(on(v), COMMON_OFFERED_SELECT, half);
	return *(volatile uint32_t *)(on(v)->common + COMMON_OFFERED);
}

static void take(struct uk_virtio *v, uint32_t half, uint32_t features)
{
	write32(on(v), COMMON_TAKEN_SELECT, half);
	write32(on(v), COMMON_TAKEN, features);
}

static uint32_t generation(struct uk_virtio *v)
{
	return on(v)->common[COMMON_GENERATION];
}

/* Reading the status makes the line silent. */
static void on_interrupt(void *arg)
{
	struct on_pci *p = arg;

	if (p->isr)
		(void)*p->isr;
	p->handler(p->arg);
}

static int irq(struct uk_virtio *v, void (*handler)(void *arg), void *arg)
{
	struct on_pci *p = on(v);
	enum uk_pci_irq_kind kind;
	unsigned int cap;
	size_t bytes;
	int err;

	p->handler = handler;
	p->arg = arg;
	p->isr = find(p, KIND_ISR, 1, &bytes, &cap);
	err = p->isr ? uk_pci_irq(p->pci, on_interrupt, p, &kind) : -ENODEV;
	if (err)
		return err;
	p->is_msix = kind == UK_PCI_IRQ_MSIX;
	if (p->is_msix) {
		p->isr = NULL;
		write16(p, COMMON_MSIX_CONFIG, 0);
	}
	return 0;
}

static uint16_t queue(struct uk_virtio *v, uint16_t index, uint64_t desc, uint64_t avail,
		      uint64_t used, volatile void **bell)
{
	struct on_pci *p = on(v);
	uint64_t at;
	uint16_t size;

	write16(p, COMMON_QUEUE_SELECT, index);
	size = read16(p, COMMON_QUEUE_SIZE);
	at = (uint64_t)read16(p, COMMON_QUEUE_NOTIFY_OFF) * p->notify_multiplier;
	if (!size || size & (size - 1) || at > p->notify_bytes - 2)
		return 0;
	size = UK_MIN(size, (uint16_t)UK_VIRTQ_SIZE);
	write16(p, COMMON_QUEUE_SIZE, size);
	if (p->is_msix) {
		write16(p, COMMON_QUEUE_MSIX, 0);
		/* A reset has taken it away */
		write16(p, COMMON_MSIX_CONFIG, 0);
	}
	write64(p, COMMON_QUEUE_DESC, desc);
	write64(p, COMMON_QUEUE_AVAIL, avail);
	write64(p, COMMON_QUEUE_USED, used);
	write16(p, COMMON_QUEUE_ENABLE, 1);
	*bell = p->notify + at;
	return size;
}

static void ring(volatile void *bell, uint16_t index)
{
	*(volatile uint16_t *)bell = index;
}

static int disable(struct uk_virtio *v, bool is_stop)
{
	return is_stop ? uk_pci_disable_at_stop(on(v)->pci) : uk_pci_disable(on(v)->pci);
}

static const struct uk_virtio_bus bus = {
	.status = status,
	.set_status = set_status,
	.offered = offered,
	.take = take,
	.generation = generation,
	.irq = irq,
	.queue = queue,
	.ring = ring,
	.disable = disable,
};

/* ---- Devices ---- */

static uint16_t number_of(const struct uk_pci_dev *pci)
{
	if (pci->device >= DEVICE(0))
		return pci->device - DEVICE(0);
	return (uint16_t)uk_pci_read(pci, SUBSYSTEM_DEVICE, 2);
}

static int probe(struct uk_pci_dev *pci)
{
	struct uk_virtio_driver *drv = uk_virtio_driver_of(number_of(pci));
	struct {
		struct uk_virtio v;
		struct on_pci on;
	} *dev = drv ? uk_calloc(1, sizeof(*dev)) : NULL;
	int err;

	if (!dev)
		return drv ? -ENOMEM : -ENODEV;
	dev->v = (struct uk_virtio) { .name = pci->name, .bus = &bus, .on_bus = &dev->on };
	dev->on.pci = pci;
	uk_pci_enable(pci);
	err = find_all(&dev->v);
	if (err) {
		uk_free(dev);
		return err;
	}
	return uk_virtio_found(&dev->v, drv);
}

void virtio_pci_register(struct uk_virtio_driver *drv)
{
	drv->ids[0] = (struct uk_pci_id) { VENDOR, DEVICE(drv->number), 0 };
	if (drv->number <= LAST_OLD_NUMBER)
		drv->ids[1] = (struct uk_pci_id) { VENDOR, OLD_DEVICE(drv->number), 0 };
	drv->pci = (struct uk_pci_driver) { .name = drv->name, .ids = drv->ids, .probe = probe };
	uk_pci_register(&drv->pci);
}
