/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A ring's turn: a bounded number of requests, in the thread of all back ends
 * (<uk/xen/work.h>). Each ring has turns of its own.
 *
 * A ring whose producer makes no sense ends its device and nothing else
 * (uk_xen_ring_pending()). Events that bring no requests are bounded by its
 * port.
 */
#include "blkback_priv.h"

#include <uk/xen/evtchn.h>

void blkback_respond(struct blkback_ring *ring, uint8_t slot, uint64_t id, uint8_t op,
		     int16_t status)
{
	union {
		struct blkback_wire_rsp rsp;
		uint32_t words[BLKBACK_RSP_WORDS];
	} u = { .rsp = { .id = id, .operation = op, .status = status } };

	ring->n_requests++;
	if (status != BLKIF_RSP_OKAY)
		ring->n_refused++;
	if (IS_ENABLED(CONFIG_LIBRESTART))
		uk_xen_ledger_answer(ring->ledger, slot, ring->sring.rsp_prod);
	uk_xen_ring_put(&ring->sring, u.words, BLKBACK_RSP_WORDS);
}

/* @return how many requests of @n were taken. */
static unsigned int take(struct blkback_ring *ring, unsigned int n)
{
	if (!n || ring->vbd->is_quiet)
		return 0;
	if (ring->queue)
		return blkback_queue_take(ring, n);
	return blkback_serve_memory(ring, n);
}

/* One ring that makes no sense ends the device: xenbus will disconnect it. */
static void give_up(struct blkback_ring *ring)
{
	ring->is_open = false;
	uk_xenbus_fail(ring->vbd->dev, "the frontend's ring index makes no sense");
}

static void take_turn(struct uk_xen_work *w)
{
	struct blkback_ring *ring = UK_CONTAINER_OF(w, struct blkback_ring, work);
	unsigned int n_finished, n_taken, n_now;
	int n;

	if (!ring->is_open)
		return;
	n_finished = ring->queue ? blkback_queue_finish(ring) : blkback_memory_continue(ring);
	n = uk_xen_ring_pending(&ring->sring);
	if (n < 0) {
		give_up(ring);
		return;
	}
	n_now = UK_MIN((unsigned int)n, (unsigned int)BLKBACK_RING_SIZE);
	n_taken = take(ring, n_now);
	uk_xen_port_judge(&ring->port, n_taken || n_finished);
	if (uk_xen_ring_push(&ring->sring))
		uk_evtchn_notify(ring->port.port);
	/* What was left waits for a completion, or for ever */
	if (n_taken < n_now)
		return;
	n = uk_xen_ring_final_check(&ring->sring);
	if (n > 0)
		uk_xen_work_ready(&ring->work);
	else if (n < 0)
		give_up(ring);
}

int blkback_worker_attach(struct blkback_ring *ring, evtchn_port_t remote_port)
{
	int err;

	uk_xen_work_init(&ring->work, take_turn);
	err = uk_blk_is_memory(&ring->vbd->blk) ? 0 : blkback_queue_open(ring);
	return err ? err : blkback_resume_open(ring, remote_port);
}

int blkback_worker_start(struct blkback_ring *ring, evtchn_port_t remote_port)
{
	struct uk_xenbus_dev *dev = ring->vbd->dev;
	int err = uk_xen_port_open(&ring->port, dev->remote, remote_port, &ring->work);

	if (err)
		return err;
	ring->is_bound = true;
	ring->is_open = true;
	/* An event of before may be lost */
	if (dev->may_resume)
		uk_evtchn_notify(ring->port.port);
	return 0;
}

/* A turn does not block, so the thread is not in the middle of one. */
void blkback_worker_detach(struct blkback_ring *ring)
{
	if (!ring->work.turn)
		return;
	ring->is_open = false;
	blkback_queue_close(ring);
	if (ring->is_bound)
		uk_xen_port_close(&ring->port);
	uk_xen_work_cancel(&ring->work);
	blkback_resume_close(ring);
}
