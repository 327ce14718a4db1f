/* SPDX-License-Identifier: BSD-3-Clause */
#include "slow.h"

#include <string.h>

#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

struct slow slow;

static void move(const struct uk_blk_req *req)
{
	char *at = slow.bytes + req->sector * UK_BLK_SECTOR;

	for (unsigned int i = 0; i < req->n_sg; i++) {
		if (req->op == UK_BLK_WRITE)
			memcpy(at, req->sg[i].va, req->sg[i].len_bytes);
		else
			memcpy(req->sg[i].va, at, req->sg[i].len_bytes);
		at += req->sg[i].len_bytes;
	}
}

void slow_complete(struct uk_blk_req *req, int err)
{
	uk_list_del(&req->node);
	slow.n_pending--;
	if (!err)
		move(req);
	slow.n_flushes += req->op == UK_BLK_FLUSH;
	req->done(req, err);
}

static void slow_submit(struct uk_blkdev *dev uk_unused, struct uk_blk_req *req)
{
	uk_list_add_tail(&slow.pending, &req->node);
	slow.n_pending++;
	if (!slow.is_held)
		slow_complete(req, 0);
}

static int slow_open(const char *options uk_unused, bool is_readonly uk_unused,
		     struct uk_blkdev **dev, char *why uk_unused)
{
	*dev = &slow.dev;
	return 0;
}

void slow_reset(void)
{
	static const struct uk_blkdev_ops ops = { .submit = slow_submit };
	static struct uk_blkdev_driver driver = { .prefix = "slow", .open = slow_open };
	static bool is_registered;

	if (!is_registered)
		uk_blkdev_register(&driver);
	is_registered = true;
	memset(&slow, 0, sizeof(slow));
	uk_list_init(&slow.pending);
	uk_blkdev_init(&slow.dev, &ops);
	slow.dev.info.sectors = SLOW_BYTES / UK_BLK_SECTOR;
	fe.is_32bit = fe.is_persistent = false;
	fe.order = fe.n_rings = 0;
}

bool slow_connect(void)
{
	return fe_connect(&fe, FE_DOM, 51712, "slow:");
}

bool slow_start(void)
{
	slow_reset();
	return slow_connect();
}

struct uk_blk_req *slow_req(unsigned int i)
{
	struct uk_list *node = slow.pending.next;

	while (i--)
		node = node->next;
	return UK_LIST_ENTRY(node, struct uk_blk_req, node);
}

void slow_complete_all(void)
{
	slow.is_held = false;
	while (slow.n_pending)
		slow_complete(slow_req(0), 0);
}

bool slow_wait(unsigned int n)
{
	for (int i = 0; i < 1000 && slow.n_pending != n; i++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	return UK_EXPECT_EQ(slow.n_pending, n);
}
