/* SPDX-License-Identifier: BSD-3-Clause */
/* How requests are cut into commands that a device can take. */
#include <uk/arch/page.h>
#include <uk/assert.h>
#include <uk/util.h>

#include "blkdev_priv.h"

/* What is left of piece @i from @offset on, up to the page's end */
static struct uk_blk_seg seg_at(const struct uk_blk_req *req, unsigned int i, uint32_t offset)
{
	char *va = (char *)req->sg[i].va + offset;
	uint32_t room = (uint32_t)(UK_PAGE_SIZE - (uintptr_t)va % UK_PAGE_SIZE);

	return (struct uk_blk_seg) { va, UK_MIN(room, req->sg[i].len_bytes - offset) };
}

/* May @next follow what ends with @last, when the device wants whole pages? */
static bool is_page_seam(const struct uk_blk_seg *last, const struct uk_blk_seg *next)
{
	uintptr_t end = (uintptr_t)last->va + last->len_bytes;

	return !(end % UK_PAGE_SIZE) && !((uintptr_t)next->va % UK_PAGE_SIZE);
}

/* Take bytes from the end until whole sectors of the device are left. */
static uint32_t trim(struct uk_blk_queue *q, unsigned int *n, uint32_t total, uint32_t unit)
{
	uint32_t excess = total % unit;

	total -= excess;
	while (excess) {
		struct uk_blk_seg *last = &q->segs[*n - 1];

		if (last->len_bytes > excess) {
			last->len_bytes -= excess;
			break;
		}
		excess -= last->len_bytes;
		(*n)--;
	}
	return total;
}

uint32_t blkdev_collect(struct uk_blk_queue *q, const struct uk_blk_req *req, unsigned int i,
			uint32_t offset, uint32_t limit, unsigned int *n)
{
	uint32_t total = 0;

	for (*n = 0; i < req->n_sg && *n < q->max_segs && total < limit; (*n)++) {
		struct uk_blk_seg seg = seg_at(req, i, offset);

		if (*n && q->is_paged && !is_page_seam(&q->segs[*n - 1], &seg))
			break;
		seg.len_bytes = UK_MIN(seg.len_bytes, limit - total);
		q->segs[*n] = seg;
		total += seg.len_bytes;
		offset += seg.len_bytes;
		if (offset == req->sg[i].len_bytes) {
			offset = 0;
			i++;
		}
	}
	return trim(q, n, total, req->dev->info.sector_bytes);
}

/* The request's next command begins @bytes later. */
static void advance(struct uk_blk_req *req, uint32_t bytes)
{
	while (bytes) {
		uint32_t left = req->sg[req->next_sg].len_bytes - req->next_offset;
		uint32_t step = UK_MIN(left, bytes);

		bytes -= step;
		req->next_offset += step;
		if (step == left) {
			req->next_sg++;
			req->next_offset = 0;
		}
	}
}

bool blkdev_has_data(const struct uk_blk_req *req)
{
	return req->op == UK_BLK_READ || req->op == UK_BLK_WRITE;
}

bool blkdev_cut(struct uk_blk_queue *q, struct uk_blk_req *req, struct uk_blk_cmd *cmd,
		unsigned int *n_segs)
{
	uint64_t limit = req->op == UK_BLK_ZERO ? q->max_zero_sectors : q->max_discard_sectors;
	uint32_t bytes;

	cmd->req = req;
	cmd->n_expired = 0;
	cmd->sector = req->sector + req->n_cut;
	cmd->first_sg = req->next_sg;
	cmd->first_offset = req->next_offset;
	req->n_parts++;
	*n_segs = 0;
	if (blkdev_has_data(req)) {
		bytes = blkdev_collect(q, req, req->next_sg, req->next_offset, q->max_bytes, n_segs);
		uk_bug_on(!bytes);
		advance(req, bytes);
		cmd->n_sectors = bytes / UK_BLK_SECTOR;
		req->n_cut += cmd->n_sectors;
		return req->next_sg == req->n_sg;
	}
	cmd->n_sectors = req->op == UK_BLK_FLUSH ? 0 : UK_MIN(limit, req->n_sectors - req->n_cut);
	req->n_cut += cmd->n_sectors;
	return req->op == UK_BLK_FLUSH || req->n_cut == req->n_sectors;
}
