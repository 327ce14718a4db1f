/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices that complete requests later. Data stops on the way in pages of ours:
 * it is copied in before a write starts, and out when a read has completed, one
 * grant copy for all requests of a turn. A disk has a fixed number of requests
 * with their pages, so that a frontend that keeps all of them busy waits for
 * itself and takes nothing from the others; what does not fit stays in its ring.
 *
 * Requests were checked by blkback_decode(). A grant that turns out bad fails
 * its request alone.
 */
#include "blkback_priv.h"

#include <errno.h>

#include <uk/alloc.h>
#include <uk/pages.h>
#include <uk/wait.h>

#define DEPTH CONFIG_LIBBLKBACK_QUEUE_DEPTH
#define MAX_SEGS BLKIF_MAX_SEGMENTS_PER_REQUEST

struct io {
	struct uk_blk_req req;
	struct blkback_ring *ring;
	struct uk_list node;		/* idle or completed */
	struct blkback_req wire;
	struct uk_blk_sg sg[MAX_SEGS];
	char *pages;			/* MAX_SEGS of them: a page for a segment */
	int err;
	unsigned int first_op, end_op;
};

struct blkback_queue {
	struct uk_list idle, completed;
	unsigned int n_in_flight;
	struct uk_wait_queue drained;
	char *pages;
	struct io ios[DEPTH];
};

/* There is one worker, so there is one batch; it is empty between turns. */
static struct gnttab_copy ops[DEPTH * MAX_SEGS];
static unsigned int n_ops;

/* ---- Copies ---- */

static void add_copies(struct io *io, bool is_in)
{
	domid_t remote = io->ring->vbd->dev->remote;

	io->first_op = n_ops;
	for (unsigned int i = 0; i < io->wire.n_segs; i++) {
		void *va = io->sg[i].va;
		grant_ref_t ref = io->wire.segs[i].gref;
		uint16_t offset = io->wire.segs[i].offset, len = io->wire.segs[i].len_bytes;

		if (is_in)
			uk_gnttab_copy_in(&ops[n_ops++], va, remote, ref, offset, len);
		else
			uk_gnttab_copy_out(&ops[n_ops++], va, remote, ref, offset, len);
	}
	io->end_op = n_ops;
}

static void do_copies(void)
{
	if (n_ops)
		uk_gnttab_copy(ops, n_ops);
	n_ops = 0;
}

static bool has_bad_op(const struct io *io)
{
	for (unsigned int i = io->first_op; i < io->end_op; i++)
		if (ops[i].status != GNTST_okay)
			return true;
	return false;
}

static void answer(struct io *io)
{
	bool is_bad = io->err || has_bad_op(io);

	blkback_respond(io->ring, io->wire.slot, io->wire.id, io->wire.op,
			is_bad ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY);
	uk_list_add_tail(&io->ring->queue->idle, &io->node);
}

/* ---- Out to the device ---- */

static void on_done(struct uk_blk_req *req, int err)
{
	struct io *io = UK_CONTAINER_OF(req, struct io, req);
	struct blkback_queue *q = io->ring->queue;

	io->err = err;
	uk_list_add_tail(&q->completed, &io->node);
	if (!--q->n_in_flight)
		uk_wait_wake_all(&q->drained);
	uk_xen_work_ready(&io->ring->work);
}

static void prepare(struct io *io)
{
	io->req = (struct uk_blk_req) {
		.op = io->wire.op == BLKIF_OP_READ ? UK_BLK_READ
		      : io->wire.op == BLKIF_OP_WRITE ? UK_BLK_WRITE : UK_BLK_FLUSH,
		.sector = io->wire.sector, .sg = io->sg, .n_sg = io->wire.n_segs,
		.done = on_done,
	};
	for (unsigned int i = 0; i < io->wire.n_segs; i++) {
		io->sg[i].va = io->pages + i * UK_PAGE_SIZE;
		io->sg[i].len_bytes = io->wire.segs[i].len_bytes;
	}
	io->err = 0;
	io->first_op = io->end_op = 0;
	if (io->wire.op == BLKIF_OP_WRITE)
		add_copies(io, true);
}

/* Take one request: into @taken when it is good, else answer it. */
static void take_one(struct blkback_ring *ring, struct uk_list *taken)
{
	struct io *io = UK_LIST_ENTRY(ring->queue->idle.next, struct io, node);
	const uint32_t *raw = blkback_take(ring, &io->wire.slot);
	int16_t status;

	status = blkback_decode(raw, ring->vbd->abi, &ring->vbd->blk, &io->wire);
	if (status != BLKIF_RSP_OKAY) {
		blkback_respond(ring, io->wire.slot, io->wire.id, io->wire.op, status);
		return;
	}
	uk_list_del(&io->node);
	prepare(io);
	uk_list_add_tail(taken, &io->node);
}

static unsigned int take_batch(struct blkback_ring *ring, unsigned int n)
{
	struct uk_list taken = UK_LIST_INIT(taken), *node;
	unsigned int i;

	for (i = 0; i < n && !uk_list_is_empty(&ring->queue->idle); i++)
		take_one(ring, &taken);
	do_copies();
	while ((node = uk_list_pop(&taken))) {
		struct io *io = UK_LIST_ENTRY(node, struct io, node);

		if (has_bad_op(io)) {
			answer(io);
			continue;
		}
		ring->queue->n_in_flight++;
		uk_blk_submit(&ring->vbd->blk, &io->req);
	}
	return i;
}

/* What is answered at once, because its grants are bad, makes room: nothing else
 * would have another look at what is left. */
unsigned int blkback_queue_take(struct blkback_ring *ring, unsigned int n)
{
	unsigned int n_taken = 0, n_batch;

	do {
		n_batch = take_batch(ring, n - n_taken);
		n_taken += n_batch;
	} while (n_batch);
	return n_taken;
}

/* ---- Back from it ---- */

unsigned int blkback_queue_finish(struct blkback_ring *ring)
{
	struct blkback_queue *q = ring->queue;
	struct uk_list *node;
	unsigned int n = 0;
	struct io *io;

	UK_LIST_FOREACH(io, &q->completed, node) {
		io->first_op = io->end_op = 0;
		if (!io->err && io->wire.op == BLKIF_OP_READ)
			add_copies(io, false);
	}
	do_copies();
	while ((node = uk_list_pop(&q->completed))) {
		answer(UK_LIST_ENTRY(node, struct io, node));
		n++;
	}
	return n;
}

/* ---- Start and end ---- */

int blkback_queue_open(struct blkback_ring *ring)
{
	struct blkback_queue *q = uk_calloc(1, sizeof(*q));

	if (!q)
		return -ENOMEM;
	q->pages = uk_pages_alloc_n(DEPTH * MAX_SEGS);
	if (!q->pages) {
		uk_free(q);
		return -ENOMEM;
	}
	uk_list_init(&q->idle);
	uk_list_init(&q->completed);
	uk_wait_init(&q->drained);
	for (unsigned int i = 0; i < DEPTH; i++) {
		q->ios[i].ring = ring;
		q->ios[i].pages = q->pages + i * MAX_SEGS * UK_PAGE_SIZE;
		uk_list_add_tail(&q->idle, &q->ios[i].node);
	}
	ring->queue = q;
	return 0;
}

void blkback_queue_close(struct blkback_ring *ring)
{
	struct blkback_queue *q = ring->queue;

	if (!q)
		return;
	uk_wait_event(&q->drained, !q->n_in_flight);
	ring->queue = NULL;
	uk_pages_free_n(q->pages, DEPTH * MAX_SEGS);
	uk_free(q);
}
