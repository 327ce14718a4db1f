/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef VIRTIO_PRIV_H
#define VIRTIO_PRIV_H

#include <uk/virtio.h>

/**
 * Tell the device of queue @index: where its three parts are.
 * @bell: set to what uk_virtq_kick() writes to.
 * @return its size, a power of two up to UK_VIRTQ_SIZE; 0: it has no such queue.
 */
uint16_t virtio_queue_setup(struct uk_virtio *v, uint16_t index, uint64_t desc, uint64_t avail,
			    uint64_t used, volatile uint16_t **bell);

#endif /* VIRTIO_PRIV_H */
