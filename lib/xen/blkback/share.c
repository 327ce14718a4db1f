/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whose turn it is when the rings of a disk have more requests than it has room for
 * (pool.c). A ring that is always full would take each bit of room as it comes: so the one
 * that has waited longest goes first. Who goes behind others waits, too; each that takes
 * something, or gives it back, wakes those.
 */
#include "queue_priv.h"

void blkback_share_wait(struct blkback_ring *ring)
{
	static uint64_t n_waits;

	if (!ring->queue->waits_since)
		ring->queue->waits_since = ++n_waits;
}

void blkback_share_go_on(struct blkback_ring *ring)
{
	ring->queue->waits_since = 0;
}

bool blkback_share_is_next(const struct blkback_ring *ring)
{
	const struct blkback_vbd *vbd = ring->vbd;

	for (unsigned int i = 0; i < vbd->n_rings; i++) {
		const struct blkback_queue *other = vbd->rings[i].queue;

		if (other && other->waits_since && other->waits_since < ring->queue->waits_since)
			return false;
	}
	return true;
}

void blkback_share_wake(const struct blkback_ring *ring)
{
	struct blkback_vbd *vbd = ring->vbd;

	for (unsigned int i = 0; i < vbd->n_rings; i++) {
		struct blkback_ring *other = &vbd->rings[i];

		if (other != ring && other->queue && other->queue->waits_since)
			uk_xen_work_ready(&other->work);
	}
}
