/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What was written to a disk's cache, and may be lost there. A flush that fails may have
 * taken with it what others have written, and a later one does not know of that: so each
 * user who has not flushed since is told, by a flush of his that fails. So is each flush
 * of his that came before he was told: each was to make it durable.
 */
#include "blkdev_priv.h"

#include <errno.h>

#include <uk/util.h>

bool uk_blkdev_lost(struct uk_blkdev *dev)
{
	bool is_any = false;
	struct uk_blk *blk;

	UK_LIST_FOREACH(blk, &dev->users, users) {
		if (blk->n_flushed == blk->n_written)
			continue;
		blk->n_flushed = blk->n_written;
		blk->n_lost++;
		is_any = true;
	}
	return is_any;
}

void blkdev_note_written(const struct uk_blk_req *req)
{
	if (req->dev->info.can_flush && (req->op == UK_BLK_WRITE || req->op == UK_BLK_ZERO))
		req->blk->n_written++;
}

void blkdev_begin_flush(struct uk_blk_req *req)
{
	req->n_written = req->blk->n_written;
	req->n_told = req->blk->n_told;
}

int blkdev_judge_flush(struct uk_blk_req *req, int err)
{
	struct uk_blk *blk = req->blk;

	if (err && err != -EOPNOTSUPP)
		uk_blkdev_lost(blk->dev);
	if (req->n_told != blk->n_lost) {
		blk->n_told = blk->n_lost;
		return err ? err : -EIO;
	}
	if (!err)
		blk->n_flushed = UK_MAX(blk->n_flushed, req->n_written);
	return err;
}
