/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices that complete requests later. Data goes one of three ways:
 *
 * - Hardware reads and writes the frontend's own pages, which are mapped for the
 *   request (map.c); but for small requests, which are cheaper to copy than two
 *   changes of page tables and IOMMU are.
 * - A driver that copies anyway is given the frontend's pages where they are mapped
 *   for good (persist.c).
 * - The rest stops on the way in a page of ours: copied in before a write starts, and
 *   out when a read has completed.
 *
 * All of a turn is copied, mapped or unmapped together. What the disk has no room
 * for (pool.c) stays in its ring.
 *
 * Requests were checked by blkback_decode(). A grant that turns out bad fails its
 * request alone. The frontend may change pages while the device has them: nobody
 * looks into them.
 */
#include "queue_priv.h"

#include <errno.h>

#include <uk/alloc.h>
#include <uk/print.h>
#include <uk/wait.h>

/* Hardware gets copies of requests up to this size (apps/blkback/README.md) */
#define SMALL_BYTES UK_PAGE_SIZE
/* More than any but a discard has */
#define PART_SECTORS (1u << 23)

static struct blkback_req req;		/* the one that is looked at */

/* ---- Where data lies ---- */

/* Behind what is there already, so that a small request is in one piece */
static void copy_piece(struct blkback_io *io, unsigned int i, size_t *room)
{
	struct blkback_piece *p = &io->pieces[i];

	p->way = BLKBACK_COPY;
	if (p->len_bytes <= *room) {
		struct uk_blk_sg *last = &io->sg[io->n_sg - 1];

		p->va = (char *)last->va + last->len_bytes;
		last->len_bytes += p->len_bytes;
	} else {
		p->va = blkback_pool_take_page(io->ring->vbd->pool);
		io->sg[io->n_sg++] = (struct uk_blk_sg) { p->va, p->len_bytes };
		*room = UK_PAGE_SIZE;
	}
	*room -= p->len_bytes;
	io->ring->n_copied++;
}

static bool use_persistent(struct blkback_io *io, struct blkback_piece *p)
{
	struct blkback_ring *ring = io->ring;
	char *page = ring->persist ?
		blkback_persist_find(ring->persist, ring->vbd->dev->remote, p->ref) : NULL;

	if (!page)
		return false;
	p->way = BLKBACK_PERSISTENT;
	p->va = page + p->offset;
	io->sg[io->n_sg++] = (struct uk_blk_sg) { p->va, p->len_bytes };
	ring->n_persistent++;
	return true;
}

static bool is_to_map(const struct blkback_vbd *vbd)
{
	return vbd->limits.is_dma && (req.n_sectors * UK_BLK_SECTOR > SMALL_BYTES ||
				      !vbd->pool->n_free);
}

static void place(struct blkback_io *io)
{
	bool is_mapped = is_to_map(io->ring->vbd);
	size_t room = 0;

	for (unsigned int i = 0; i < io->n_pieces; i++) {
		struct blkback_piece *p = &io->pieces[i];

		*p = (struct blkback_piece) {
			.ref = req.segs[i].gref, .offset = req.segs[i].offset,
			.len_bytes = req.segs[i].len_bytes,
		};
		if (is_mapped) {
			io->sg[io->n_sg++].len_bytes = p->len_bytes;
			io->ring->n_mapped++;
			blkback_map(io, i);
		} else if (use_persistent(io, p)) {
			room = 0;
		} else {
			copy_piece(io, i, &room);
		}
	}
}

static void copy_data(struct blkback_io *io, bool is_in)
{
	domid_t remote = io->ring->vbd->dev->remote;

	for (unsigned int i = 0; i < io->n_pieces; i++) {
		const struct blkback_piece *p = &io->pieces[i];

		if (p->way == BLKBACK_COPY && is_in)
			blkback_copy_in(p->va, remote, p->ref, p->offset, p->len_bytes,
					&io->status);
		else if (p->way == BLKBACK_COPY)
			blkback_copy_out(p->va, remote, p->ref, p->offset, p->len_bytes,
					 &io->status);
	}
}

/* ---- Out to the device ---- */

static void flush_again(struct blkback_io *io)
{
	io->req.op = UK_BLK_FLUSH;
	io->req.sector = 0;
	io->req.n_sg = 0;
	uk_blk_submit(&io->ring->vbd->blk, &io->req);
}

/*
 * Linux takes BLKIF_RSP_ERROR of a flush for "not supported": it tells nobody, and never
 * flushes again. So the status is one that it takes for an error, and from now on
 * each write is flushed before it is answered. What was answered after the failed
 * flush had begun is covered by a second one. @return whether @io goes on.
 */
static bool is_to_flush(struct blkback_io *io, int err)
{
	struct blkback_vbd *vbd = io->ring->vbd;

	if (io->op == BLKIF_OP_WRITE)
		return !err && vbd->is_through && io->req.op == UK_BLK_WRITE;
	if (io->op != BLKIF_OP_FLUSH_DISKCACHE || !err || io->status != BLKIF_RSP_OKAY)
		return false;
	io->status = BLKBACK_RSP_NOT_FLUSHED;
	if (!vbd->is_through)
		uk_pr_err("blkback: %s: a flush has failed: from now on each write is flushed\n",
			  vbd->dev->be);
	blkback_set_through(vbd);
	return true;
}

/* A disk may take long over a discard: it gets a part at a time, so that a frontend can go in
 * between. */
static void next_part(struct blkback_io *io)
{
	io->req.sector = io->sector;
	io->req.n_sectors = UK_MIN(io->n_left, (uint64_t)PART_SECTORS);
	io->sector += io->req.n_sectors;
	io->n_left -= io->req.n_sectors;
}

static void on_done(struct uk_blk_req *blk_req, int err)
{
	struct blkback_io *io = UK_CONTAINER_OF(blk_req, struct blkback_io, req);
	struct blkback_queue *q = io->ring->queue;

	if (uk_unlikely(err || io->ring->vbd->is_through) && is_to_flush(io, err)) {
		flush_again(io);
		return;
	}
	if (!err && io->n_left && !io->ring->vbd->is_quiet) {
		next_part(io);
		uk_blk_submit(&io->ring->vbd->blk, &io->req);
		return;
	}
	if (io->n_left)
		io->status = BLKIF_RSP_ERROR;
	/* The frontend goes on without discards; not so without flushes */
	if (err == -EOPNOTSUPP && io->op == BLKIF_OP_DISCARD)
		io->status = BLKIF_RSP_EOPNOTSUPP;
	else if (err && io->status == BLKIF_RSP_OKAY)
		io->status = BLKIF_RSP_ERROR;
	uk_list_add_tail(&q->completed, &io->node);
	if (!--q->n_in_flight) {
		uk_wait_wake_all(&q->drained);
		if (io->ring->vbd->is_awaited)
			uk_xenbus_wake(io->ring->vbd->dev);
	}
	uk_xen_work_ready(&io->ring->work);
}

static enum uk_blk_op op_of_req(void)
{
	switch (req.op) {
	case BLKIF_OP_READ:
		return UK_BLK_READ;
	case BLKIF_OP_WRITE:
		return UK_BLK_WRITE;
	case BLKIF_OP_DISCARD:
		return req.is_secure ? UK_BLK_ZERO : UK_BLK_DISCARD;
	default:
		return UK_BLK_FLUSH;
	}
}

static void prepare(struct blkback_io *io)
{
	io->id = req.id;
	io->op = req.op;
	io->status = BLKIF_RSP_OKAY;
	blkback_pool_claim(io->ring->vbd->pool, io, req.n_segs);
	place(io);
	io->req = (struct uk_blk_req) {
		.op = op_of_req(), .sg = io->sg, .n_sg = io->n_sg, .done = on_done,
	};
	io->sector = req.sector;
	io->n_left = req.n_sectors;
	next_part(io);
	if (io->op == BLKIF_OP_WRITE)
		copy_data(io, true);
	else if (io->op == BLKIF_OP_FLUSH_DISKCACHE && blkback_is_unflushed(io->ring, io->slot))
		io->status = BLKBACK_RSP_NOT_FLUSHED;
}

/* Take one request: into @taken when it is good, else answer it. @return false: there
 * is no room for it. */
static bool take_one(struct blkback_ring *ring, struct uk_list *taken)
{
	struct blkback_io *io = blkback_pool_take(ring->vbd);
	const uint32_t *raw;
	int16_t status;

	if (!io) {
		blkback_share_wait(ring);
		return false;
	}
	blkback_share_go_on(ring);
	io->ring = ring;
	raw = blkback_take(ring, &io->slot);
	status = blkback_decode(ring, raw, &req);
	if (status != BLKIF_RSP_OKAY) {
		blkback_respond(ring, io->slot, req.id, req.op, status);
		blkback_pool_give(ring->vbd->pool, io);
		return true;
	}
	prepare(io);
	uk_list_add_tail(taken, &io->node);
	return true;
}

/* What has a bad grant never reaches the device. A flush does, whatever will be said
 * of it. */
static void start(struct blkback_io *io)
{
	struct blkback_queue *q = io->ring->queue;

	if (io->status != BLKIF_RSP_OKAY && io->status != BLKBACK_RSP_NOT_FLUSHED) {
		uk_list_add_tail(&q->completed, &io->node);
		return;
	}
	q->n_in_flight++;
	uk_blk_submit(&io->ring->vbd->blk, &io->req);
}

static unsigned int take_batch(struct blkback_ring *ring, unsigned int n)
{
	struct uk_list taken = UK_LIST_INIT(taken), *node;
	unsigned int i = 0;

	while (i < n && take_one(ring, &taken))
		i++;
	blkback_copy_flush();
	blkback_map_flush();
	while ((node = uk_list_pop(&taken)))
		start(UK_LIST_ENTRY(node, struct blkback_io, node));
	return i;
}

/* What is answered at once, because its grants are bad, makes room: nothing else
 * would have another look at what is left. */
unsigned int blkback_queue_take(struct blkback_ring *ring, unsigned int n)
{
	unsigned int n_taken = 0, n_batch;

	blkback_share_wait(ring);
	if (!blkback_share_is_next(ring))
		return 0;
	do {
		n_batch = take_batch(ring, n - n_taken);
		n_taken += n_batch;
		blkback_queue_finish(ring);
	} while (n_batch);
	if (n_taken)
		blkback_share_wake(ring);
	return n_taken;
}

/* ---- Back from it ---- */

/* Unmapped before the frontend hears of it: then the page is its own again. */
unsigned int blkback_queue_finish(struct blkback_ring *ring)
{
	struct blkback_queue *q = ring->queue;
	struct blkback_io *io;
	struct uk_list *node;
	unsigned int n = 0;

	UK_LIST_FOREACH(io, &q->completed, node) {
		if (io->status == BLKIF_RSP_OKAY && io->op == BLKIF_OP_READ)
			copy_data(io, false);
		blkback_unmap(io);
	}
	blkback_copy_flush();
	blkback_unmap_flush();
	while ((node = uk_list_pop(&q->completed))) {
		io = UK_LIST_ENTRY(node, struct blkback_io, node);
		blkback_respond(ring, io->slot, io->id, io->op, io->status);
		blkback_pool_give(ring->vbd->pool, io);
		n++;
	}
	if (n)
		blkback_share_wake(ring);
	return n;
}

/* ---- Start and end ---- */

bool blkback_queue_is_idle(const struct blkback_ring *ring)
{
	return !ring->queue->n_in_flight;
}

int blkback_queue_open(struct blkback_ring *ring)
{
	struct blkback_queue *q = uk_calloc(1, sizeof(*q));

	if (!q)
		return -ENOMEM;
	if (blkback_pool_open(ring->vbd)) {
		uk_free(q);
		return -ENOMEM;
	}
	uk_list_init(&q->completed);
	uk_wait_init(&q->drained);
	ring->queue = q;
	return 0;
}

void blkback_queue_close(struct blkback_ring *ring)
{
	struct blkback_queue *q = ring->queue;
	struct uk_list *node;
	struct blkback_io *io;

	if (!q)
		return;
	uk_wait_event(&q->drained, !q->n_in_flight);
	while ((node = uk_list_pop(&q->completed))) {
		io = UK_LIST_ENTRY(node, struct blkback_io, node);
		blkback_unmap(io);
		blkback_unmap_flush();
		blkback_pool_give(ring->vbd->pool, io);
	}
	ring->queue = NULL;
	blkback_pool_close(ring->vbd);
	uk_free(q);
}
