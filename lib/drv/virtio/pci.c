/* SPDX-License-Identifier: BSD-3-Clause */
/* Virtio over PCI: where the device's structures are, and its start. */
#include <errno.h>

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>
#include <uk/util.h>

#include "virtio_priv.h"

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

#define STATUS_ACKNOWLEDGE 1
#define STATUS_DRIVER 2
#define STATUS_DRIVER_OK 4
#define STATUS_FEATURES_OK 8

#define RESET_MS 100

static uint8_t read8(const struct uk_virtio *v, unsigned int reg)
{
	return v->common[reg];
}

static void write8(struct uk_virtio *v, unsigned int reg, uint8_t value)
{
	v->common[reg] = value;
}

static uint16_t read16(const struct uk_virtio *v, unsigned int reg)
{
	return *(volatile uint16_t *)(v->common + reg);
}

static void write16(struct uk_virtio *v, unsigned int reg, uint16_t value)
{
	*(volatile uint16_t *)(v->common + reg) = value;
}

static void write32(struct uk_virtio *v, unsigned int reg, uint32_t value)
{
	*(volatile uint32_t *)(v->common + reg) = value;
}

static void write64(struct uk_virtio *v, unsigned int reg, uint64_t value)
{
	write32(v, reg, (uint32_t)value);
	write32(v, reg + 4, (uint32_t)(value >> 32));
}

/* ---- Structures ---- */

/* Map the structure of @kind, of @least bytes. @return NULL: there is none. */
static volatile uint8_t *find(struct uk_virtio *v, uint8_t kind, size_t least, size_t *bytes,
			      unsigned int *at)
{
	unsigned int cap = 0;

	while ((cap = uk_pci_find_cap(v->pci, UK_PCI_CAP_VENDOR, cap))) {
		uint32_t offset, length;
		volatile uint8_t *regs;
		size_t len;

		if (uk_pci_read(v->pci, cap + CAP_KIND, 1) != kind)
			continue;
		offset = uk_pci_read(v->pci, cap + CAP_OFFSET, 4);
		length = uk_pci_read(v->pci, cap + CAP_LENGTH, 4);
		regs = uk_pci_map_bar(v->pci, uk_pci_read(v->pci, cap + CAP_BAR, 1), &len);
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
	size_t common_bytes;
	unsigned int cap;

	v->common = find(v, KIND_COMMON, COMMON_BYTES, &common_bytes, &cap);
	v->device = find(v, KIND_DEVICE, 1, &v->device_bytes, &cap);
	v->notify = find(v, KIND_NOTIFY, 2, &v->notify_bytes, &cap);
	if (!v->common || !v->device || !v->notify)
		return -ENODEV;
	v->notify_multiplier = uk_pci_read(v->pci, cap + CAP_NOTIFY_MULTIPLIER, 4);
	return 0;
}

/* ---- Start ---- */

static int reset(struct uk_virtio *v)
{
	write8(v, COMMON_STATUS, 0);
	for (unsigned int ms = 0; read8(v, COMMON_STATUS); ms++) {
		if (ms == RESET_MS)
			return -ENODEV;
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	}
	return 0;
}

static uint64_t offered(struct uk_virtio *v)
{
	uint64_t features = 0;

	for (uint32_t half = 0; half < 2; half++) {
		write32(v, COMMON_OFFERED_SELECT, half);
		features |= (uint64_t)*(volatile uint32_t *)(v->common + COMMON_OFFERED) << 32 * half;
	}
	return features;
}

static int agree(struct uk_virtio *v, uint64_t wanted)
{
	v->features = offered(v) & (wanted | UK_VIRTIO_F_VERSION_1 | UK_VIRTIO_F_ACCESS_PLATFORM);
	if (!(v->features & UK_VIRTIO_F_VERSION_1))
		return -ENODEV;
	for (uint32_t half = 0; half < 2; half++) {
		write32(v, COMMON_TAKEN_SELECT, half);
		write32(v, COMMON_TAKEN, (uint32_t)(v->features >> 32 * half));
	}
	write8(v, COMMON_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
	return read8(v, COMMON_STATUS) & STATUS_FEATURES_OK ? 0 : -EPROTO;
}

int uk_virtio_open(struct uk_virtio *v, struct uk_pci_dev *pci, uint64_t wanted)
{
	int err;

	*v = (struct uk_virtio) { .pci = pci };
	uk_pci_enable(pci);
	err = find_all(v);
	if (!err)
		err = reset(v);
	if (err)
		return err;
	write8(v, COMMON_STATUS, STATUS_ACKNOWLEDGE);
	write8(v, COMMON_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
	return agree(v, wanted);
}

/* Reading the status makes the line silent. */
static void on_interrupt(void *arg)
{
	struct uk_virtio *v = arg;

	if (v->isr)
		(void)*v->isr;
	v->handler(v->arg);
}

int uk_virtio_irq(struct uk_virtio *v, void (*handler)(void *arg), void *arg)
{
	enum uk_pci_irq_kind kind;
	unsigned int cap;
	size_t bytes;
	int err;

	v->handler = handler;
	v->arg = arg;
	v->isr = find(v, KIND_ISR, 1, &bytes, &cap);
	err = v->isr ? uk_pci_irq(v->pci, on_interrupt, v, &kind) : -ENODEV;
	if (err)
		return err;
	v->is_msix = kind == UK_PCI_IRQ_MSIX;
	if (v->is_msix) {
		v->isr = NULL;
		write16(v, COMMON_MSIX_CONFIG, 0);
	}
	return 0;
}

uint16_t virtio_queue_setup(struct uk_virtio *v, uint16_t index, uint64_t desc, uint64_t avail,
			    uint64_t used, volatile uint16_t **bell)
{
	uint64_t at;
	uint16_t size;

	write16(v, COMMON_QUEUE_SELECT, index);
	size = read16(v, COMMON_QUEUE_SIZE);
	at = (uint64_t)read16(v, COMMON_QUEUE_NOTIFY_OFF) * v->notify_multiplier;
	if (!size || size & (size - 1) || at > v->notify_bytes - 2)
		return 0;
	size = UK_MIN(size, (uint16_t)UK_VIRTQ_SIZE);
	write16(v, COMMON_QUEUE_SIZE, size);
	if (v->is_msix)
		write16(v, COMMON_QUEUE_MSIX, 0);
	write64(v, COMMON_QUEUE_DESC, desc);
	write64(v, COMMON_QUEUE_AVAIL, avail);
	write64(v, COMMON_QUEUE_USED, used);
	write16(v, COMMON_QUEUE_ENABLE, 1);
	*bell = (volatile uint16_t *)(v->notify + at);
	return size;
}

void uk_virtio_start(struct uk_virtio *v)
{
	write8(v, COMMON_STATUS, read8(v, COMMON_STATUS) | STATUS_DRIVER_OK);
}

void uk_virtio_fail(struct uk_virtio *v)
{
	write8(v, COMMON_STATUS, 0);
}
