/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices that are memory: data goes straight between the frontend's pages and
 * the device's, with a memcpy where the page is mapped for good (persist.c),
 * else in a grant copy; one hypercall then moves a whole batch, of many
 * requests. Responses are in the order of the requests.
 *
 * Requests were checked by blkback_decode(). Grants are checked by Xen: each
 * copy has a status of its own, and a bad one fails its request alone.
 */
#include "blkback_priv.h"

#include <string.h>

/* A discard does so much in a turn: no more work than a ring full of data is */
#define DISCARD_SECTORS (2u * 1024 * 1024 / UK_BLK_SECTOR)

/* There is one worker, so there is one batch; it is empty between turns. */
static struct {
	uint64_t id;
	uint8_t slot, op;
	int16_t status;
} reqs[BLKBACK_RING_SIZE];	/* of a turn */
static unsigned int n_reqs;

static struct blkback_req req;	/* the one that is looked at */

static void finish_batch(struct blkback_ring *ring)
{
	blkback_copy_flush();
	for (unsigned int i = 0; i < n_reqs; i++)
		blkback_respond(ring, reqs[i].slot, reqs[i].id, reqs[i].op, reqs[i].status);
	n_reqs = 0;
}

/* ---- Data ---- */

/* @len bytes at @offset of the page: now or with the batch. */
static void move(struct blkback_ring *ring, grant_ref_t ref, uint16_t offset, char *disk,
		 uint16_t len, int16_t *status)
{
	domid_t remote = ring->vbd->dev->remote;
	bool is_write = req.op == BLKIF_OP_WRITE;
	char *page = ring->persist ? blkback_persist_find(ring->persist, remote, ref) : NULL;

	if (page && is_write)
		memcpy(disk, page + offset, len);
	else if (page)
		memcpy(page + offset, disk, len);
	else if (is_write)
		blkback_copy_in(disk, remote, ref, offset, len, status);
	else
		blkback_copy_out(disk, remote, ref, offset, len, status);
	if (page)
		ring->n_persistent++;
	else
		ring->n_copied++;
}

static void move_seg(struct blkback_ring *ring, const struct blkback_seg *seg, uint64_t offset,
		     int16_t *status)
{
	uint16_t len;

	for (uint16_t done = 0; done < seg->len_bytes; done += len) {
		size_t room;
		void *disk = uk_blk_window(&ring->vbd->blk, offset + done,
					   req.op == BLKIF_OP_WRITE, &room);

		if (!disk) {
			*status = BLKIF_RSP_ERROR;
			return;
		}
		len = (uint16_t)UK_MIN(room, (size_t)(seg->len_bytes - done));
		move(ring, seg->gref, seg->offset + done, disk, len, status);
	}
}

static void move_data(struct blkback_ring *ring, int16_t *status)
{
	uint64_t offset = req.sector * UK_BLK_SECTOR;

	for (unsigned int i = 0; i < req.n_segs && *status == BLKIF_RSP_OKAY; i++) {
		move_seg(ring, &req.segs[i], offset, status);
		offset += req.segs[i].len_bytes;
	}
}

/* ---- Discards, a part in each turn ---- */

static void discard_done(struct uk_blk_req *blk_req, int err)
{
	blk_req->err = err;
}

static unsigned int discard_part(struct blkback_ring *ring)
{
	struct blkback_discard *d = &ring->discard;
	struct uk_blk_req part = {
		.op = d->is_secure ? UK_BLK_ZERO : UK_BLK_DISCARD, .sector = d->sector,
		.n_sectors = UK_MIN(d->n_sectors, (uint64_t)DISCARD_SECTORS),
		.done = discard_done,
	};

	d->sector += part.n_sectors;
	d->n_sectors -= part.n_sectors;
	uk_blk_submit(&ring->vbd->blk, &part);
	if (part.err)
		d->n_sectors = 0;
	if (d->n_sectors) {
		uk_xen_work_ready(&ring->work);
		return 0;
	}
	blkback_respond(ring, d->slot, d->id, BLKIF_OP_DISCARD,
			part.err ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY);
	return 1;
}

unsigned int blkback_memory_continue(struct blkback_ring *ring)
{
	return ring->discard.n_sectors ? discard_part(ring) : 0;
}

static void start_discard(struct blkback_ring *ring, uint8_t slot)
{
	finish_batch(ring);
	ring->discard = (struct blkback_discard) {
		.id = req.id, .slot = slot, .sector = req.sector, .n_sectors = req.n_sectors,
		.is_secure = req.is_secure,
	};
	discard_part(ring);
}

/* ---- Requests ---- */

static void serve_one(struct blkback_ring *ring)
{
	uint8_t slot;
	const uint32_t *raw = blkback_take(ring, &slot);
	int16_t status = blkback_decode(ring, raw, &req);

	if (status == BLKIF_RSP_OKAY && req.op == BLKIF_OP_DISCARD) {
		start_discard(ring, slot);
		return;
	}
	reqs[n_reqs].id = req.id;
	reqs[n_reqs].op = req.op;
	reqs[n_reqs].slot = slot;
	reqs[n_reqs].status = status;
	move_data(ring, &reqs[n_reqs++].status);
}

unsigned int blkback_serve_memory(struct blkback_ring *ring, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n && !ring->discard.n_sectors; i++)
		serve_one(ring);
	finish_batch(ring);
	return i;
}
