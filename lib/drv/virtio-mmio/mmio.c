/* SPDX-License-Identifier: BSD-3-Clause */
/* Virtio over MMIO, version 2. Specification: VIRTIO 1.1, 4.2. */
#include <errno.h>

#include <uk/alloc.h>
#include <uk/boot.h>
#include <uk/param.h>
#include <uk/plat/dma.h>
#include <uk/plat/mmio.h>
#include <uk/print.h>
#include <uk/util.h>
#include <uk/virtio_bus.h>

enum {
	REG_MAGIC = 0x000,
	REG_VERSION = 0x004,
	REG_NUMBER = 0x008,
	REG_OFFERED = 0x010,
	REG_OFFERED_SELECT = 0x014,
	REG_TAKEN = 0x020,
	REG_TAKEN_SELECT = 0x024,
	REG_QUEUE_SELECT = 0x030,
	REG_QUEUE_MAX = 0x034,
	REG_QUEUE_SIZE = 0x038,
	REG_QUEUE_READY = 0x044,
	REG_NOTIFY = 0x050,
	REG_IRQ_STATUS = 0x060,
	REG_IRQ_ACK = 0x064,
	REG_STATUS = 0x070,
	REG_QUEUE_DESC = 0x080,
	REG_QUEUE_AVAIL = 0x090,
	REG_QUEUE_USED = 0x0a0,
	REG_GENERATION = 0x0fc,
	REG_DEVICE = 0x100,
};

#define MAGIC 0x74726976	/* "virt" */
#define VERSION 2

/* The platform reads them all, off the command line; here so that they are known */
static const char *devices;
UK_PARAM(virtio_mmio_device, "virtio_mmio.device", UK_PARAM_STR, &devices,
	 "SIZE@ADDRESS:INTERRUPT of a virtio device; may be given many times");

struct on_mmio {
	struct uk_plat_mmio place;
	volatile uint32_t *regs;
	char name[20];
	void (*handler)(void *arg);
	void *arg;
};

static struct on_mmio *on(const struct uk_virtio *v)
{
	return v->on_bus;
}

static uint32_t read(const struct uk_virtio *v, unsigned int reg)
{
	return on(v)->regs[reg / 4];
}

static void write(const struct uk_virtio *v, unsigned int reg, uint32_t value)
{
	on(v)->regs[reg / 4] = value;
}

static void write64(const struct uk_virtio *v, unsigned int reg, uint64_t value)
{
	write(v, reg, (uint32_t)value);
	write(v, reg + 4, (uint32_t)(value >> 32));
}

/* ---- struct uk_virtio_bus ---- */

static uint8_t status(struct uk_virtio *v)
{
	return (uint8_t)read(v, REG_STATUS);
}

static void set_status(struct uk_virtio *v, uint8_t value)
{
	write(v, REG_STATUS, value);
}

static uint32_t offered(struct uk_virtio *v, uint32_t half)
{
	write(v, REG_OFFERED_SELECT, half);
	return read(v, REG_OFFERED);
}

static void take(struct uk_virtio *v, uint32_t half, uint32_t features)
{
	write(v, REG_TAKEN_SELECT, half);
	write(v, REG_TAKEN, features);
}

static uint32_t generation(struct uk_virtio *v)
{
	return read(v, REG_GENERATION);
}

/* Before anybody looks for work: what comes later interrupts again. */
static void on_irq(void *arg)
{
	struct uk_virtio *v = arg;

	write(v, REG_IRQ_ACK, read(v, REG_IRQ_STATUS));
	on(v)->handler(on(v)->arg);
}

static int irq(struct uk_virtio *v, void (*handler)(void *arg), void *arg)
{
	on(v)->handler = handler;
	on(v)->arg = arg;
	return uk_plat_mmio_irq(&on(v)->place, on_irq, v);
}

static uint16_t queue(struct uk_virtio *v, uint16_t index, uint64_t desc, uint64_t avail,
		      uint64_t used, volatile void **bell)
{
	uint32_t size;

	write(v, REG_QUEUE_SELECT, index);
	size = read(v, REG_QUEUE_MAX);
	if (!size || size & (size - 1) || read(v, REG_QUEUE_READY))
		return 0;
	size = UK_MIN(size, (uint32_t)UK_VIRTQ_SIZE);
	write(v, REG_QUEUE_SIZE, size);
	write64(v, REG_QUEUE_DESC, desc);
	write64(v, REG_QUEUE_AVAIL, avail);
	write64(v, REG_QUEUE_USED, used);
	write(v, REG_QUEUE_READY, 1);
	*bell = on(v)->regs + REG_NOTIFY / 4;
	return (uint16_t)size;
}

static void ring(volatile void *bell, uint16_t index)
{
	*(volatile uint32_t *)bell = index;
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
};

/* ---- Devices ---- */

static void found(const struct uk_plat_mmio *place, volatile uint32_t *regs,
		  struct uk_virtio_driver *drv)
{
	struct {
		struct uk_virtio v;
		struct on_mmio on;
	} *dev = uk_calloc(1, sizeof(*dev));
	int err = -ENOMEM;

	if (dev) {
		dev->on.place = *place;
		dev->on.regs = regs;
		uk_snprintf(dev->on.name, sizeof(dev->on.name), "%llx",
			    (unsigned long long)place->addr);
		dev->v = (struct uk_virtio) {
			.name = dev->on.name, .bus = &bus, .on_bus = &dev->on,
			.device = (volatile uint8_t *)regs + REG_DEVICE,
			.device_bytes = place->len_bytes - REG_DEVICE,
		};
		err = uk_virtio_found(&dev->v, drv);
	}
	if (err)
		uk_pr_err("virtio-mmio: %llx: %s does not take it (%s)\n",
			  (unsigned long long)place->addr, drv->name, uk_errname(err));
}

static void look_at(const struct uk_plat_mmio *place)
{
	volatile uint32_t *regs = place->len_bytes <= REG_DEVICE ? NULL
				  : uk_plat_map_io(place->addr, place->len_bytes);
	struct uk_virtio_driver *drv;

	/* Number 0: nothing is plugged in there */
	if (!regs || regs[REG_MAGIC / 4] != MAGIC || !regs[REG_NUMBER / 4])
		return;
	drv = uk_virtio_driver_of((uint16_t)regs[REG_NUMBER / 4]);
	if (!drv)
		return;
	if (regs[REG_VERSION / 4] != VERSION) {
		uk_pr_err("virtio-mmio: %llx: the device speaks what was before 1.0; for QEMU, say "
			  "-global virtio-mmio.force-legacy=false\n",
			  (unsigned long long)place->addr);
		return;
	}
	uk_pr_debug("virtio-mmio: %llx, interrupt %u: %s\n", (unsigned long long)place->addr,
		    place->line, drv->name);
	found(place, regs, drv);
}

static int mmio_init(void)
{
	struct uk_plat_mmio place;

	for (unsigned int i = 0; uk_plat_mmio_place(i, &place); i++)
		look_at(&place);
	return 0;
}

UK_INIT_DEV(mmio_init);
