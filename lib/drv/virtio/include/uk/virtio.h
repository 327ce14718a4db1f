/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Virtio devices and their queues, as drivers of such devices see them, whatever
 * they are found on. Specification: Virtual I/O Device (VIRTIO) 1.1: 2.6 (split
 * virtqueues), 3.1 (initialisation), 4.1 (PCI), 4.2 (MMIO). Devices of before 1.0
 * are not known.
 *
 * Rules
 * - A driver registers from an init function of level BUS; it is probed for each
 *   device of its kind, which stays.
 * - One thread at a time. Nothing here blocks, except that uk_virtio_open() and
 *   uk_virtio_end() may wait for a reset.
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

#include <uk/list.h>
#include <uk/pci.h>
#include <uk/restart.h>

/** Entries of a queue: its descriptors fill a page. */
#define UK_VIRTQ_SIZE 256

/** Features that concern no kind of device in particular. */
#define UK_VIRTIO_F_VERSION_1		(1ULL << 32)
#define UK_VIRTIO_F_ACCESS_PLATFORM	(1ULL << 33)

struct uk_virtio_bus;

struct uk_virtio {
	const char *name;		/* for people: "0000:03:00.0", "feb00000" */
	uint64_t features;		/* agreed */
	volatile uint8_t *device;	/* configuration of its kind */
	size_t device_bytes;

	/* virtio's and the bus's */
	const struct uk_virtio_bus *bus;
	void *on_bus;			/* the bus's own */
	struct uk_restart_stop at_restart;
};

struct uk_virtio_driver {
	const char *name;
	uint16_t number;		/* of the kind of device: 5 */
	/* @v stays. @return 0; -errno: logged, the device is reset and left alone; memory
	 * that it was told of stays, too. */
	int (*probe)(struct uk_virtio *v);

	/* virtio only */
	struct uk_list node;
	struct uk_pci_id ids[3];
	struct uk_pci_driver pci;
};

void uk_virtio_register(struct uk_virtio_driver *drv);

struct uk_virtq_desc;

struct uk_virtq {
	struct uk_virtio *virtio;
	struct uk_virtq_desc *desc;
	volatile uint16_t *avail, *used;
	uint16_t index;			/* of the queue */
	volatile void *bell;		/* to notify the device */
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
int uk_virtio_open(struct uk_virtio *v, uint64_t wanted);

/** The first @len_bytes of the configuration of its kind, as they were at one moment; zeros
 *  behind its end. @return 0; -EAGAIN: it changes all the time. */
int uk_virtio_config(struct uk_virtio *v, void *to, size_t len_bytes);

/** Set up queue @index. @return 0; -ENODEV: the device has none; -ENOMEM. */
int uk_virtq_open(struct uk_virtq *q, struct uk_virtio *v, uint16_t index);

/** After the device was reset, by uk_virtio_open() once more: empty again, what
 *  was in it is forgotten. @return 0 or -ENODEV. */
int uk_virtq_reset(struct uk_virtq *q);

/** One interrupt for all queues and for the configuration: @handler in event
 *  context; it may come again before the device is served. Before the queues are
 *  opened. @return 0; -ENODEV: there is none; or what the bus says. */
int uk_virtio_irq(struct uk_virtio *v, void (*handler)(void *arg), void *arg);

/** All is set up: the device may work. */
void uk_virtio_start(struct uk_virtio *v);

/** The device is to touch nothing any more. */
void uk_virtio_fail(struct uk_virtio *v);

/** ... and it is waited for, and loses the bus. Blocks. @return 0: it touches no memory any
 *  more; -errno: it may. */
int uk_virtio_end(struct uk_virtio *v);

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
