/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A ring's turn: at most one ring's worth of requests, in the thread of all back
 * ends (<uk/xen/work.h>).
 *
 * A ring whose producer makes no sense ends its device and nothing else
 * (uk_xen_ring_pending()). Events that bring no requests are bounded by its
 * port.
 */
#include "blkback_priv.h"

#include <uk/xen/evtchn.h>

void blkback_respond(struct blkback_vbd *vbd, uint8_t slot, uint64_t id, uint8_t op,
		     int16_t status)
{
	union {
		struct blkback_wire_rsp rsp;
		uint32_t words[BLKBACK_RSP_WORDS];
	} u = { .rsp = { .id = id, .operation = op, .status = status } };

	vbd->n_requests++;
	if (status != BLKIF_RSP_OKAY)
		vbd->n_refused++;
	if (IS_ENABLED(CONFIG_LIBRESTART))
		uk_xen_ledger_answer(&vbd->kept->ledger, slot, vbd->ring.rsp_prod);
	uk_xen_ring_put(&vbd->ring, u.words, BLKBACK_RSP_WORDS);
}

/* @return how many requests of @n were taken. */
static unsigned int take(struct blkback_vbd *vbd, unsigned int n)
{
	if (!n || vbd->is_quiet)
		return 0;
	if (vbd->queue)
		return blkback_queue_take(vbd, n);
	blkback_serve_memory(vbd, n);
	return n;
}

static void give_up(struct blkback_vbd *vbd)
{
	vbd->is_open = false;
	uk_xenbus_fail(vbd->dev, "the frontend's ring index makes no sense");
}

static void take_turn(struct uk_xen_work *w)
{
	struct blkback_vbd *vbd = UK_CONTAINER_OF(w, struct blkback_vbd, work);
	unsigned int n_finished, n_taken;
	int n;

	if (!vbd->is_open)
		return;
	n_finished = vbd->queue ? blkback_queue_finish(vbd) : 0;
	n = uk_xen_ring_pending(&vbd->ring);
	if (n < 0) {
		give_up(vbd);
		return;
	}
	n_taken = take(vbd, (unsigned int)n);
	uk_xen_port_judge(&vbd->port, n_taken || n_finished);
	if (uk_xen_ring_push(&vbd->ring))
		uk_evtchn_notify(vbd->port.port);
	/* What was left waits for a completion, or for ever */
	if (n_taken < (unsigned int)n)
		return;
	n = uk_xen_ring_final_check(&vbd->ring);
	if (n > 0)
		uk_xen_work_ready(&vbd->work);
	else if (n < 0)
		give_up(vbd);
}

int blkback_worker_attach(struct blkback_vbd *vbd, evtchn_port_t remote_port)
{
	int err;

	uk_xen_work_init(&vbd->work, take_turn);
	vbd->is_quiet = false;
	err = uk_blk_is_memory(&vbd->blk) ? 0 : blkback_queue_open(vbd);
	if (err)
		return err;
	err = blkback_resume_open(vbd, remote_port);
	if (err)
		goto out_queue;
	err = uk_xen_port_open(&vbd->port, vbd->dev->remote, remote_port, &vbd->work);
	if (err)
		goto out_kept;
	vbd->is_open = true;
	/* An event of before may be lost */
	if (vbd->dev->may_resume)
		uk_evtchn_notify(vbd->port.port);
	return 0;

out_kept:
	blkback_resume_close(vbd);
out_queue:
	blkback_queue_close(vbd);
	return err;
}

void blkback_worker_quiesce(struct blkback_vbd *vbd)
{
	vbd->is_quiet = true;
}

/* A turn does not block, so the thread is not in the middle of one. */
void blkback_worker_detach(struct blkback_vbd *vbd)
{
	vbd->is_open = false;
	blkback_queue_close(vbd);
	uk_xen_port_close(&vbd->port);
	uk_xen_work_cancel(&vbd->work);
	blkback_resume_close(vbd);
}
