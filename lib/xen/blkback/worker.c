/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One thread serves all rings in turn: each turn at most one ring's worth of
 * requests, so that a busy frontend delays the others by that much and no more.
 * Alone with one frontend the thread never switches: it sleeps where the event
 * arrives.
 *
 * A ring whose producer makes no sense ends its device and nothing else
 * (uk_xen_ring_pending()). A frontend may also send events that bring no
 * requests; after MAX_IDLE in a row its port stays masked for a while, which
 * bounds what it can cost.
 */
#include "blkback_priv.h"

#include <errno.h>

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>
#include <uk/wait.h>

#define MAX_IDLE 16
#define QUIET_NS (2 * UK_NSEC_PER_MSEC)

static struct uk_list ready = UK_LIST_INIT(ready);
static struct uk_wait_queue work = UK_WAIT_QUEUE_INIT(work);

void blkback_make_ready(struct blkback_vbd *vbd)
{
	if (uk_list_is_linked(&vbd->ready))
		return;
	uk_list_add_tail(&ready, &vbd->ready);
	uk_wait_wake_one(&work);
}

static void on_event(evtchn_port_t port uk_unused, void *arg)
{
	blkback_make_ready(arg);
}

static void on_quiet_end(struct uk_timer *t)
{
	struct blkback_vbd *vbd = UK_CONTAINER_OF(t, struct blkback_vbd, quiet);

	uk_evtchn_unmask(vbd->port);
	blkback_make_ready(vbd);
}

static void note_idle(struct blkback_vbd *vbd)
{
	if (++vbd->n_idle <= MAX_IDLE || uk_timer_is_armed(&vbd->quiet))
		return;
	uk_evtchn_mask(vbd->port);
	uk_timer_start(&vbd->quiet, uk_plat_mono_ns() + QUIET_NS);
}

void blkback_respond(struct blkback_vbd *vbd, uint64_t id, uint8_t op, int16_t status)
{
	union {
		struct blkback_wire_rsp rsp;
		uint32_t words[BLKBACK_RSP_WORDS];
	} u = { .rsp = { .id = id, .operation = op, .status = status } };

	vbd->n_requests++;
	if (status != BLKIF_RSP_OKAY)
		vbd->n_refused++;
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

static void take_turn(struct blkback_vbd *vbd)
{
	unsigned int n_finished = vbd->queue ? blkback_queue_finish(vbd) : 0;
	int n = uk_xen_ring_pending(&vbd->ring);
	unsigned int n_taken;

	if (n < 0) {
		give_up(vbd);
		return;
	}
	n_taken = take(vbd, (unsigned int)n);
	if (n_taken || n_finished)
		vbd->n_idle = 0;
	else
		note_idle(vbd);
	if (uk_xen_ring_push(&vbd->ring))
		uk_evtchn_notify(vbd->port);
	/* What was left waits for a completion, or for ever */
	if (n_taken < (unsigned int)n)
		return;
	n = uk_xen_ring_final_check(&vbd->ring);
	if (n > 0)
		blkback_make_ready(vbd);
	else if (n < 0)
		give_up(vbd);
}

static void worker(void *arg uk_unused)
{
	for (;;) {
		struct blkback_vbd *vbd;

		uk_wait_event(&work, !uk_list_is_empty(&ready));
		vbd = UK_LIST_ENTRY(uk_list_pop(&ready), struct blkback_vbd, ready);
		if (vbd->is_open)
			take_turn(vbd);
		/* Others may run, and events of other rings arrive */
		if (!uk_list_is_empty(&ready))
			uk_thread_yield();
	}
}

int blkback_worker_init(void)
{
	return uk_thread_create("blkback", worker, NULL, 0) ? 0 : -ENOMEM;
}

int blkback_worker_attach(struct blkback_vbd *vbd, evtchn_port_t remote_port)
{
	int err;

	uk_timer_init(&vbd->quiet, on_quiet_end);
	uk_list_init(&vbd->ready);
	vbd->n_idle = 0;
	vbd->is_quiet = false;
	err = uk_blk_is_memory(&vbd->blk) ? 0 : blkback_queue_open(vbd);
	if (err)
		return err;
	err = uk_evtchn_bind_interdomain(vbd->dev->remote, remote_port, on_event, vbd,
					 &vbd->port);
	if (err) {
		blkback_queue_close(vbd);
		return err;
	}
	vbd->is_open = true;
	uk_evtchn_unmask(vbd->port);
	/* Requests may have come before there was a port */
	blkback_make_ready(vbd);
	return 0;
}

void blkback_worker_quiesce(struct blkback_vbd *vbd)
{
	vbd->is_quiet = true;
}

/* A turn does not block, so the worker is not in the middle of one. */
void blkback_worker_detach(struct blkback_vbd *vbd)
{
	vbd->is_open = false;
	blkback_queue_close(vbd);
	uk_timer_stop(&vbd->quiet);
	uk_evtchn_close(vbd->port);
	uk_list_del(&vbd->ready);
}
