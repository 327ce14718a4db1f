/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads, writes and what else a disk does. The number of a command is that of the
 * queue's; what the controller says to be done is looked up there and need not
 * exist.
 */
#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/plat/dma.h>
#include <uk/print.h>

#include "nvme_priv.h"

#define LIST_BYTES (MAX_SEGS * sizeof(uint64_t))
#define LIST_PAGES (N_COMMANDS * LIST_BYTES / UK_PAGE_SIZE + 1)

_Static_assert(UK_PAGE_SIZE % LIST_BYTES == 0, "no list crosses a page");
_Static_assert(N_COMMANDS * sizeof(struct nvme_range) <= UK_PAGE_SIZE, "one page");

static struct nvme_ns *ns_of(const struct uk_blk_cmd *cmd)
{
	return UK_CONTAINER_OF(cmd->req->dev, struct nvme_ns, dev);
}

/* Two pages are in the command, more are in its list. */
static void set_memory(struct nvme *n, struct nvme_cmd *c, const struct uk_blk_seg *segs,
		       unsigned int n_segs)
{
	uint64_t *list = n->lists + (size_t)c->id * MAX_SEGS;

	c->prp1 = uk_plat_dma_addr(segs[0].va);
	if (n_segs == 2)
		c->prp2 = uk_plat_dma_addr(segs[1].va);
	if (n_segs <= 2)
		return;
	for (unsigned int i = 1; i < n_segs; i++)
		list[i - 1] = uk_plat_dma_addr(segs[i].va);
	c->prp2 = uk_plat_dma_addr(list);
}

static void set_blocks(struct nvme_cmd *c, uint64_t block, uint64_t n_blocks)
{
	c->dw10 = (uint32_t)block;
	c->dw11 = (uint32_t)(block >> 32);
	c->dw12 = (uint32_t)(n_blocks - 1);
}

static void set_range(struct nvme *n, struct nvme_cmd *c, uint64_t block, uint64_t n_blocks)
{
	struct nvme_range *range = &n->ranges[c->id];

	*range = (struct nvme_range) { .block = block, .n_blocks = (uint32_t)n_blocks };
	c->prp1 = uk_plat_dma_addr(range);
	c->dw11 = DATASET_DEALLOCATE;
}

static int io_start(struct uk_blk_queue *q, struct uk_blk_cmd *cmd, const struct uk_blk_seg *segs,
		    unsigned int n_segs)
{
	static const uint8_t opcodes[] = {
		[UK_BLK_READ] = CMD_READ, [UK_BLK_WRITE] = CMD_WRITE, [UK_BLK_FLUSH] = CMD_FLUSH,
		[UK_BLK_DISCARD] = CMD_DATASET, [UK_BLK_ZERO] = CMD_WRITE_ZEROES,
	};
	struct nvme *n = UK_CONTAINER_OF(q, struct nvme, queue);
	struct nvme_ns *ns = ns_of(cmd);
	unsigned int shift = ns->block_shift - UK_BLK_SECTOR_SHIFT;
	uint64_t block = cmd->sector >> shift, n_blocks = cmd->n_sectors >> shift;
	struct nvme_cmd c = {
		.opcode = opcodes[cmd->req->op], .id = (uint16_t)uk_blk_queue_index(q, cmd),
		.nsid = ns->id,
	};

	if (n_segs)
		set_memory(n, &c, segs, n_segs);
	if (c.opcode == CMD_DATASET)
		set_range(n, &c, block, n_blocks);
	else if (c.opcode != CMD_FLUSH)
		set_blocks(&c, block, n_blocks);
	nvme_put(&n->io, &c);
	return 0;
}

static void io_kick(struct uk_blk_queue *q)
{
	nvme_ring(&UK_CONTAINER_OF(q, struct nvme, queue)->io);
}

static void io_stuck(struct uk_blk_queue *q)
{
	struct nvme *n = UK_CONTAINER_OF(q, struct nvme, queue);

	n->is_stuck = true;
	uk_wait_wake_one(&n->trouble);
}

static const struct uk_blk_queue_ops ops = {
	.start = io_start, .kick = io_kick, .stuck = io_stuck,
};

bool nvme_io_poll(struct nvme *n)
{
	struct nvme_completion answer;
	struct uk_blk_cmd *cmd;
	bool is_any = false;

	while (nvme_has_answer(&n->io)) {
		nvme_take(&n->io, &answer);
		is_any = true;
		cmd = uk_blk_queue_find(&n->queue, answer.id);
		if (cmd)
			uk_blk_queue_done(&n->queue, cmd, nvme_error(answer.status));
		else
			uk_pr_err("nvme: %s: it answers what nobody has asked\n", n->name);
	}
	if (is_any) {
		*n->io.cq_bell = n->io.cq_head;
		uk_blk_queue_run(&n->queue);
	}
	return is_any;
}

int nvme_io_init(struct nvme *n)
{
	int err = uk_blk_queue_init(&n->queue, &ops, N_COMMANDS, MAX_SEGS);

	if (err)
		return err;
	n->lists = uk_pages_alloc_n(LIST_PAGES);
	n->ranges = uk_pages_alloc(0);
	n->queue.is_paged = true;
	return n->lists && n->ranges ? 0 : -ENOMEM;
}
