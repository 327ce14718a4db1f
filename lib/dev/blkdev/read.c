/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads of tables, on behalf of a thread that others wait for: of a disk that does not
 * answer they are left alone after a moment. Such a read has its own hold on the disk and
 * its own memory, and is cleared away by whoever reads next. Until then nothing more is
 * asked of that disk: drivers end what a disk never answers.
 */
#include "blkdev_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/pages.h>
#include <uk/plat/time.h>
#include <uk/wait.h>

#define PATIENCE_NS UK_NSEC_PER_SEC

struct read {
	struct uk_blk_req req;
	struct uk_blk_sg sg;
	struct uk_blk disk;
	struct uk_wait_queue answered;
	bool is_done;
	int err;
	struct uk_list node;		/* among those that were left alone */
};

static struct uk_list late = UK_LIST_INIT(late);

static void end(struct read *r)
{
	uk_list_del(&r->node);
	uk_blk_close(&r->disk);
	uk_pages_free(r->sg.va, 0);
	uk_free(r);
}

/* @return whether @dev has one yet. */
static bool is_late(const struct uk_blkdev *dev)
{
	struct read *r, *next;
	bool is = false;

	UK_LIST_FOREACH_SAFE(r, next, &late, node) {
		if (r->is_done)
			end(r);
		else
			is |= r->disk.dev == dev;
	}
	return is;
}

static void on_done(struct uk_blk_req *req, int err)
{
	struct read *r = UK_CONTAINER_OF(req, struct read, req);

	r->err = err;
	r->is_done = true;
	uk_wait_wake_one(&r->answered);
}

static struct read *begin(struct uk_blkdev *dev, uint64_t sector, uint64_t n_sectors)
{
	struct read *r = uk_calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->sg.va = uk_pages_alloc(0);
	if (!r->sg.va) {
		uk_free(r);
		return NULL;
	}
	r->sg.len_bytes = (uint32_t)(n_sectors * UK_BLK_SECTOR);
	r->req = (struct uk_blk_req) {
		.op = UK_BLK_READ, .sector = sector, .n_sectors = n_sectors, .sg = &r->sg,
		.n_sg = 1, .done = on_done,
	};
	uk_list_init(&r->req.node);
	uk_list_init(&r->node);
	uk_wait_init(&r->answered);
	blkdev_hold(&r->disk, dev);
	uk_blk_submit(&r->disk, &r->req);
	return r;
}

int blkdev_read(struct uk_blkdev *dev, uint64_t sector, uint64_t n_sectors, void *page)
{
	uint64_t until_ns = uk_plat_mono_ns() + PATIENCE_NS;
	struct read *r;
	int err;

	if (is_late(dev))
		return -EINPROGRESS;
	r = begin(dev, sector, n_sectors);
	if (!r)
		return -ENOMEM;
	if (uk_wait_event_until(&r->answered, r->is_done, until_ns)) {
		uk_list_add_tail(&late, &r->node);
		return -EINPROGRESS;
	}
	err = r->err;
	if (!err)
		memcpy(page, r->sg.va, r->sg.len_bytes);
	end(r);
	return err;
}
