/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests. What the device writes besides data is one byte, the status. */
#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/plat/dma.h>

#include "blk_priv.h"

#define SLOT_PAGES (N_COMMANDS * sizeof(struct blk_slot) / UK_PAGE_SIZE)

static struct uk_virtq_seg seg_of(void *va, size_t len)
{
	return (struct uk_virtq_seg) { uk_plat_dma_addr(va), (uint32_t)len };
}

static int io_start(struct uk_blk_queue *q, struct uk_blk_cmd *cmd, const struct uk_blk_seg *segs,
		    unsigned int n_segs)
{
	static const uint32_t types[] = {
		[UK_BLK_READ] = TYPE_IN, [UK_BLK_WRITE] = TYPE_OUT, [UK_BLK_FLUSH] = TYPE_FLUSH,
		[UK_BLK_DISCARD] = TYPE_DISCARD, [UK_BLK_ZERO] = TYPE_WRITE_ZEROES,
	};
	struct vblk *b = UK_CONTAINER_OF(q, struct vblk, queue);
	struct blk_slot *slot = &b->slots[uk_blk_queue_index(q, cmd)];
	struct uk_virtq_seg vs[MAX_SEGS + 2];
	unsigned int n = 0, n_in;

	slot->type = types[cmd->req->op];
	slot->sector = n_segs ? cmd->sector : 0;
	slot->status = STATUS_NONE;
	vs[n++] = seg_of(slot, offsetof(struct blk_slot, range));
	if (slot->type == TYPE_DISCARD || slot->type == TYPE_WRITE_ZEROES) {
		slot->range.sector = cmd->sector;
		slot->range.n_sectors = (uint32_t)cmd->n_sectors;
		vs[n++] = seg_of(&slot->range, sizeof(slot->range));
	}
	for (unsigned int i = 0; i < n_segs; i++)
		vs[n++] = seg_of(segs[i].va, segs[i].len_bytes);
	vs[n++] = seg_of(&slot->status, 1);
	n_in = 1 + (slot->type == TYPE_IN ? n_segs : 0);
	return uk_virtq_add(&b->vq, vs, n - n_in, n_in, cmd) ? -EAGAIN : 0;
}

static void io_kick(struct uk_blk_queue *q)
{
	uk_virtq_kick(&UK_CONTAINER_OF(q, struct vblk, queue)->vq);
}

static void io_stuck(struct uk_blk_queue *q)
{
	struct vblk *b = UK_CONTAINER_OF(q, struct vblk, queue);

	b->is_stuck = true;
	uk_wait_wake_one(&b->work);
}

static const struct uk_blk_queue_ops ops = {
	.start = io_start, .kick = io_kick, .stuck = io_stuck,
};

static int error_of(uint8_t status)
{
	switch (status) {
	case STATUS_OK:
		return 0;
	case STATUS_UNSUPP:
		return -EOPNOTSUPP;
	default:
		return -EIO;
	}
}

bool vblk_io_poll(struct vblk *b)
{
	struct uk_blk_cmd *cmd;
	bool is_any = false;
	uint32_t len;

	while ((cmd = uk_virtq_get(&b->vq, &len))) {
		const struct blk_slot *slot = &b->slots[uk_blk_queue_index(&b->queue, cmd)];

		is_any = true;
		uk_blk_queue_done(&b->queue, cmd, error_of(slot->status));
	}
	if (is_any)
		uk_blk_queue_run(&b->queue);
	return is_any;
}

int vblk_io_init(struct vblk *b)
{
	b->slots = uk_pages_alloc_n(SLOT_PAGES);
	if (!b->slots)
		return -ENOMEM;
	/* What is reserved, and flags */
	memset(b->slots, 0, SLOT_PAGES * UK_PAGE_SIZE);
	return uk_blk_queue_init(&b->queue, &ops, N_COMMANDS, MAX_SEGS);
}
