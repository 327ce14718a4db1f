/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Virtio devices on PCI and their queues, as drivers of such devices see them.
 * Specification: Virtual I/O Device (VIRTIO) 1.1: 2.6 (split virtqueues), 3.1
 * (initialisation), 4.1 (PCI). Devices of before 1.0 are not known.
 *
 * Rules
 * - One thread at a time. Nothing here blocks, except that uk_virtio_open() may
 *   wait for a reset.
 * - A buffer belongs to the device from uk_virtq_add() until uk_virtq_get()
 *   returns its cookie.
 * - The device is trusted with memory, as hardware is; indices and lengths it
 *   writes are checked, and a queue whose device errs is broken for good.
 */
#ifndef UK_VIRTIO_H
#define UK_VIRTIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uk/pci.h>

#define UK_VIRTIO_VENDOR 0x1af4
/** Of a device of that virtio number. */
#define UK_VIRTIO_PCI_DEVICE(number) (0x1040 + (number))

/** Entries of a queue: its descriptors fill a page. */
#define UK_VIRTQ_SIZE 256

/** Features that concern no kind of device in particular. */
#define UK_VIRTIO_F_VERSION_1		(1ULL << 32)
#define UK_VIRTIO_F_ACCESS_PLATFORM	(1ULL << 33)

struct uk_virtio {
	struct uk_pci_dev *pci;
	volatile uint8_t *common, *notify, *device;
	volatile uint8_t *isr;		/* NULL: not needed */
	size_t notify_bytes, device_bytes;
	uint32_t notify_multiplier;
	uint64_t features;		/* agreed */
	bool is_msix;
	void (*handler)(void *arg);
	void *arg;
};

struct uk_virtq_desc;

struct uk_virtq {
	struct uk_virtio *virtio;
	struct uk_virtq_desc *desc;
	volatile uint16_t *avail, *used;
	volatile uint16_t *bell;	/* to notify the device */
	uint16_t index;			/* of the queue */
	uint16_t size;
	uint16_t n_free, first_free;
	uint16_t avail_next, used_next;
	bool is_broken;
	void *cookies[UK_VIRTQ_SIZE];	/* at a chain's first; NULL: it is not one */
};

/** A piece of a buffer; it does not cross a page. */
struct uk_virtq_seg {
	uint64_t addr;			/* uk_plat_dma_addr() */
	uint32_t len_bytes;
};

/**
 * Reset the device and agree on features: those of @wanted that it offers.
 * @return 0; -ENODEV: no such device, or one of before 1.0; -EPROTO: it does not
 *	agree.
 */
int uk_virtio_open(struct uk_virtio *v, struct uk_pci_dev *pci, uint64_t wanted);

/** Set up queue @index. @return 0; -ENODEV: the device has none; -ENOMEM. */
int uk_virtq_open(struct uk_virtq *q, struct uk_virtio *v, uint16_t index);

/** One interrupt for all queues and for the configuration: @handler as for
 *  uk_pci_irq(). Before the queues are opened. @return as uk_pci_irq(). */
int uk_virtio_irq(struct uk_virtio *v, void (*handler)(void *arg), void *arg);

/** All is set up: the device may work. */
void uk_virtio_start(struct uk_virtio *v);

/** Something failed: the device is to touch nothing any more. */
void uk_virtio_fail(struct uk_virtio *v);

/**
 * Give the device a buffer: @n_out pieces that it reads, then @n_in that it
 * writes. It hears of it with uk_virtq_kick().
 * @cookie: not NULL. @return 0; -ENOSPC: that many descriptors are not free.
 */
int uk_virtq_add(struct uk_virtq *q, const struct uk_virtq_seg *segs, unsigned int n_out,
		 unsigned int n_in, void *cookie);
void uk_virtq_kick(struct uk_virtq *q);

/** A buffer the device is done with: its cookie, and in @len_bytes what the
 *  device has written. @return NULL: none. */
void *uk_virtq_get(struct uk_virtq *q, uint32_t *len_bytes);

/** Whether the device shall interrupt when it is done with a buffer.
 *  @return whether there is one already. */
bool uk_virtq_set_irq(struct uk_virtq *q, bool is_on);

#endif /* UK_VIRTIO_H */
