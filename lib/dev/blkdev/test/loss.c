/* SPDX-License-Identifier: BSD-3-Clause */
/* What was written to a disk's cache, and is lost there: who is told. The disk "moody0"
 * has two partitions, and fails flushes when a test says so. */
#include "disk.h"

#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/blkdev_queue.h>
#include <uk/test.h>

#define N_CMDS 8

static struct uk_blkdev moody;
static struct uk_blk_queue q;
static struct uk_blk_cmd *started[N_CMDS];
static unsigned int n_started;
static int flush_err;
static bool is_held;

static int on_start(struct uk_blk_queue *queue uk_unused, struct uk_blk_cmd *cmd,
		    const struct uk_blk_seg *segs, unsigned int n_segs)
{
	char *at = disk_bytes + cmd->sector * UK_BLK_SECTOR;

	for (unsigned int i = 0; i < n_segs; at += segs[i++].len_bytes)
		memcpy(cmd->req->op == UK_BLK_READ ? segs[i].va : at,
		       cmd->req->op == UK_BLK_READ ? at : segs[i].va, segs[i].len_bytes);
	started[n_started++] = cmd;
	return 0;
}

/* The oldest one */
static void finish(int err)
{
	struct uk_blk_cmd *cmd = started[0];

	memmove(started, started + 1, --n_started * sizeof(started[0]));
	uk_blk_queue_done(&q, cmd, err);
}

static void on_kick(struct uk_blk_queue *queue uk_unused)
{
	while (n_started && !is_held)
		finish(started[0]->req->op == UK_BLK_FLUSH ? flush_err : 0);
}

static void on_stuck(struct uk_blk_queue *queue uk_unused)
{
}

static void submit(struct uk_blkdev *dev, struct uk_blk_req *req)
{
	uk_blk_queue_submit(&q, dev, req);
}

static struct uk_blk a, b;

/* Each is to have a partition of it. */
static void start(void)
{
	static const struct uk_blk_queue_ops queue_ops = { on_start, on_kick, on_stuck };
	static const struct uk_blkdev_ops ops = { .submit = submit };

	gpt_new(512);
	gpt_set(1, 8, 15, "a");
	gpt_set(2, 16, 47, "b");
	gpt_write();
	uk_blkdev_init(&moody, &ops);
	strlcpy(moody.name, "moody0", sizeof(moody.name));
	moody.info.sectors = DISK_BYTES / UK_BLK_SECTOR;
	moody.info.can_flush = true;
	UK_EXPECT_EQ(uk_blk_queue_init(&q, &queue_ops, N_CMDS, 2), 0);
	q.max_bytes = UK_PAGE_SIZE;
	q.timeout_ns = UINT64_MAX / 4;
	uk_blkdev_add(&moody);
	n_started = 0;
	flush_err = 0;
	is_held = false;
	UK_EXPECT_EQ(uk_blk_open(&a, "moody0p1", disk_why), 0);
	UK_EXPECT_EQ(uk_blk_open(&b, "moody0p2", disk_why), 0);
}

static void stop(void)
{
	uk_blk_close(&a);
	uk_blk_close(&b);
	uk_blkdev_remove(&moody);
	uk_blk_queue_free(&q);
}

static int write(struct uk_blk *blk)
{
	static char buf[512];

	return uk_blk_do(blk, UK_BLK_WRITE, 1, 1, buf);
}

static int flush(struct uk_blk *blk)
{
	return uk_blk_do(blk, UK_BLK_FLUSH, 0, 0, NULL);
}

/* A failed flush of one guest's has emptied the cache of another one's data. */
UK_TEST(blkdev_loss, test_failed_flush_fails_that_of_whoever_has_written)
{
	start();
	UK_EXPECT_EQ(write(&a), 0);
	UK_EXPECT_EQ(write(&b), 0);
	flush_err = -EIO;
	UK_EXPECT_EQ(flush(&a), -EIO);
	flush_err = 0;
	UK_EXPECT_EQ(flush(&b), -EIO);
	/* Said once to each */
	UK_EXPECT_EQ(flush(&a), 0);
	UK_EXPECT_EQ(flush(&b), 0);
	stop();
}

UK_TEST(blkdev_loss, test_who_has_flushed_has_lost_nothing)
{
	start();
	UK_EXPECT_EQ(write(&b), 0);
	UK_EXPECT_EQ(flush(&b), 0);
	UK_EXPECT_EQ(write(&a), 0);
	flush_err = -EIO;
	UK_EXPECT_EQ(flush(&a), -EIO);
	flush_err = 0;
	UK_EXPECT_EQ(flush(&b), 0);
	UK_EXPECT_EQ(write(&b), 0);
	UK_EXPECT_EQ(flush(&b), 0);
	stop();
}

static int errs[2];

static void on_first(struct uk_blk_req *req uk_unused, int err)
{
	errs[0] = err;
}

static void on_second(struct uk_blk_req *req uk_unused, int err)
{
	errs[1] = err;
}

/* Two of one guest's: each of them was to make it durable. */
UK_TEST(blkdev_loss, test_flush_under_way_when_another_fails_is_an_error)
{
	struct uk_blk_req first = { .op = UK_BLK_FLUSH, .done = on_first };
	struct uk_blk_req second = { .op = UK_BLK_FLUSH, .done = on_second };

	start();
	uk_list_init(&first.node);
	uk_list_init(&second.node);
	UK_EXPECT_EQ(write(&a), 0);
	is_held = true;
	uk_blk_submit(&a, &first);
	uk_blk_submit(&a, &second);
	finish(-EIO);
	finish(0);
	UK_EXPECT_EQ(errs[0], -EIO);
	UK_EXPECT_EQ(errs[1], -EIO);
	is_held = false;
	UK_EXPECT_EQ(flush(&a), 0);
	stop();
}

/* A write that a part of was answered is not done yet, and lost that part. */
UK_TEST(blkdev_loss, test_answered_part_of_a_write_counts)
{
	static char buf[2 * UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);
	struct uk_blk_sg sg = { buf, sizeof(buf) };
	struct uk_blk_req req = { .op = UK_BLK_WRITE, .sg = &sg, .n_sg = 1, .done = on_first };

	start();
	uk_list_init(&req.node);
	is_held = true;
	uk_blk_submit(&b, &req);
	UK_EXPECT_EQ(n_started, 2);
	finish(0);
	UK_EXPECT(uk_blkdev_lost(&moody));
	finish(0);
	UK_EXPECT_EQ(errs[0], 0);
	is_held = false;
	UK_EXPECT_EQ(flush(&b), -EIO);
	UK_EXPECT_EQ(flush(&b), 0);
	stop();
}

/* A command that it does not know has done nothing. */
UK_TEST(blkdev_loss, test_flush_that_is_not_known_loses_nothing)
{
	start();
	UK_EXPECT_EQ(write(&a), 0);
	UK_EXPECT_EQ(write(&b), 0);
	flush_err = -EOPNOTSUPP;
	UK_EXPECT_EQ(flush(&a), -EOPNOTSUPP);
	flush_err = 0;
	UK_EXPECT_EQ(flush(&b), 0);
	stop();
}
