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

/* A segment is at most a page, and touches at most two of the device's */
#define MAX_OPS_PER_REQ (2 * BLKIF_MAX_SEGMENTS_PER_REQUEST)
#define MAX_OPS 128

/* There is one worker, so there is one batch; it is empty between turns. */
static struct {
	struct gnttab_copy ops[MAX_OPS];
	unsigned int n_ops;
	struct {
		uint64_t id;
		uint8_t slot, op;
		int16_t status;
		uint16_t first_op, end_op;
	} reqs[BLKBACK_RING_SIZE];
	unsigned int n_reqs;
} batch;

static bool has_bad_op(unsigned int first, unsigned int end)
{
	for (unsigned int i = first; i < end; i++)
		if (batch.ops[i].status != GNTST_okay)
			return true;
	return false;
}

static void finish_batch(struct blkback_ring *ring)
{
	int err = batch.n_ops ? uk_gnttab_copy(batch.ops, batch.n_ops) : 0;

	for (unsigned int i = 0; i < batch.n_reqs; i++) {
		int16_t status = batch.reqs[i].status;

		if (err && has_bad_op(batch.reqs[i].first_op, batch.reqs[i].end_op))
			status = BLKIF_RSP_ERROR;
		blkback_respond(ring, batch.reqs[i].slot, batch.reqs[i].id, batch.reqs[i].op,
				status);
	}
	batch.n_ops = 0;
	batch.n_reqs = 0;
}

/* The next @len bytes of segment @i from @done on: now or with the batch. */
static void move(struct blkback_ring *ring, const struct blkback_req *req, unsigned int i,
		 uint16_t done, char *disk, uint16_t len)
{
	grant_ref_t ref = req->segs[i].gref;
	uint16_t in_page = req->segs[i].offset + done;
	domid_t remote = ring->vbd->dev->remote;
	bool is_write = req->op == BLKIF_OP_WRITE;
	char *page = ring->persist ? blkback_persist_find(ring->persist, remote, ref) : NULL;

	if (page && is_write)
		memcpy(disk, page + in_page, len);
	else if (page)
		memcpy(page + in_page, disk, len);
	else if (is_write)
		uk_gnttab_copy_in(&batch.ops[batch.n_ops++], disk, remote, ref, in_page, len);
	else
		uk_gnttab_copy_out(&batch.ops[batch.n_ops++], disk, remote, ref, in_page, len);
}

static int16_t add_seg(struct blkback_ring *ring, const struct blkback_req *req, unsigned int i,
		       uint64_t offset)
{
	uint16_t len, total = req->segs[i].len_bytes;

	for (uint16_t done = 0; done < total; done += len) {
		size_t room;
		void *disk = uk_blk_window(&ring->vbd->blk, offset + done,
					   req->op == BLKIF_OP_WRITE, &room);

		if (!disk)
			return BLKIF_RSP_ERROR;
		len = (uint16_t)UK_MIN(room, (size_t)(total - done));
		move(ring, req, i, done, disk, len);
	}
	return BLKIF_RSP_OKAY;
}

static int16_t add_copies(struct blkback_ring *ring, const struct blkback_req *req)
{
	uint64_t offset = req->sector * UK_BLK_SECTOR;
	unsigned int before = batch.n_ops;
	int16_t status;

	for (unsigned int i = 0; i < req->n_segs; i++) {
		status = add_seg(ring, req, i, offset);
		if (status != BLKIF_RSP_OKAY) {
			batch.n_ops = before;
			return status;
		}
		offset += req->segs[i].len_bytes;
	}
	return BLKIF_RSP_OKAY;
}

static void add_request(struct blkback_ring *ring)
{
	unsigned int n = batch.n_reqs++;
	const uint32_t *raw = blkback_take(ring, &batch.reqs[n].slot);
	struct blkback_req req;
	int16_t status;

	status = blkback_decode(raw, ring->vbd->abi, &ring->vbd->blk, &req);
	batch.reqs[n].first_op = (uint16_t)batch.n_ops;
	if (status == BLKIF_RSP_OKAY)
		status = add_copies(ring, &req);
	batch.reqs[n].end_op = (uint16_t)batch.n_ops;
	batch.reqs[n].id = req.id;
	batch.reqs[n].op = req.op;
	batch.reqs[n].status = status;
}

void blkback_serve_memory(struct blkback_ring *ring, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (batch.n_ops + MAX_OPS_PER_REQ > MAX_OPS || batch.n_reqs == BLKBACK_RING_SIZE)
			finish_batch(ring);
		add_request(ring);
	}
	finish_batch(ring);
}
