/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What virtio devices are found on, as its driver sees it.
 *
 * Rules
 * - Thread context. Registers are the device's, which is trusted with memory.
 */
#ifndef UK_VIRTIO_BUS_H
#define UK_VIRTIO_BUS_H

#include <uk/virtio.h>

struct uk_virtio_bus {
	uint8_t (*status)(struct uk_virtio *v);
	void (*set_status)(struct uk_virtio *v, uint8_t status);
	/* Features: 32 of them, half 0 or 1 */
	uint32_t (*offered)(struct uk_virtio *v, uint32_t half);
	void (*take)(struct uk_virtio *v, uint32_t half, uint32_t features);
	/* Of the configuration of its kind: another one when that has changed */
	uint32_t (*generation)(struct uk_virtio *v);
	int (*irq)(struct uk_virtio *v, void (*handler)(void *arg), void *arg);
	/*
	 * Tell the device of queue @index: where its three parts are.
	 * @bell: set to what ring() is told.
	 * @return its size, a power of two up to UK_VIRTQ_SIZE; 0: it has no such queue.
	 */
	uint16_t (*queue)(struct uk_virtio *v, uint16_t index, uint64_t desc, uint64_t avail,
			  uint64_t used, volatile void **bell);
	void (*ring)(volatile void *bell, uint16_t index);
	/* Take the bus from the device. @is_stop: in a function of uk_restart_at_stop(). NULL:
	 * there is none. @return 0 or -errno. */
	int (*disable)(struct uk_virtio *v, bool is_stop);
};

/** The driver of devices of kind @number. @return NULL: there is none. */
struct uk_virtio_driver *uk_virtio_driver_of(uint16_t number);

/** A device was found: @v has its bus, its name and its configuration, and stays.
 *  @return what the driver's probe() does. */
int uk_virtio_found(struct uk_virtio *v, struct uk_virtio_driver *drv);

#endif /* UK_VIRTIO_BUS_H */
