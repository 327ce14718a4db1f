/* SPDX-License-Identifier: BSD-3-Clause */
/* One request, and waiting for it. */
#include <uk/blkdev.h>

#include <uk/util.h>
#include <uk/wait.h>

struct wait {
	struct uk_blk_req req;
	struct uk_wait_queue wq;
	bool is_done;
	int err;
};

static void on_done(struct uk_blk_req *req, int err)
{
	struct wait *w = UK_CONTAINER_OF(req, struct wait, req);

	w->err = err;
	w->is_done = true;
	uk_wait_wake_one(&w->wq);
}

int uk_blk_do(struct uk_blk *blk, enum uk_blk_op op, uint64_t sector, uint64_t n_sectors,
	      void *buf)
{
	struct uk_blk_sg sg = { buf, (uint32_t)(n_sectors * UK_BLK_SECTOR) };
	struct wait w = {
		.req = {
			.op = op, .sector = sector, .n_sectors = n_sectors, .sg = &sg,
			.n_sg = buf ? 1 : 0, .done = on_done,
		},
	};

	uk_wait_init(&w.wq);
	uk_blk_submit(blk, &w.req);
	uk_wait_event(&w.wq, w.is_done);
	return w.err;
}
