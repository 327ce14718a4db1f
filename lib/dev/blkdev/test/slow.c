/* SPDX-License-Identifier: BSD-3-Clause */
/* Discards that a device takes long over, and those who wait for it meanwhile. */
#include <errno.h>

#include <uk/arch/page.h>
#include <uk/blkdev_queue.h>
#include <uk/plat/time.h>
#include <uk/test.h>

#define N_CMDS 4
#define MAX_SECTORS 400

static struct uk_blk_cmd *started[64];
static unsigned int n_started;
static struct uk_blk_queue q;
static struct uk_blkdev dev;
static struct uk_blk blk;
static char memory[512];
static const struct uk_blk_sg sg = { memory, sizeof(memory) };

static int on_start(struct uk_blk_queue *queue uk_unused, struct uk_blk_cmd *cmd,
		    const struct uk_blk_seg *segs uk_unused, unsigned int n_segs uk_unused)
{
	started[n_started++] = cmd;
	return 0;
}

static void on_kick(struct uk_blk_queue *queue uk_unused)
{
}

static const struct uk_blk_queue_ops ops = { on_start, on_kick, on_kick };

static void start(void)
{
	uk_blkdev_init(&dev, NULL);
	dev.info.can_discard = dev.info.can_zero = true;
	blk = (struct uk_blk) { .dev = &dev };
	uk_list_add_tail(&dev.users, &blk.users);
	UK_EXPECT_EQ(uk_blk_queue_init(&q, &ops, N_CMDS, 2), 0);
	q.max_bytes = UK_PAGE_SIZE;
	q.max_discard_sectors = q.max_zero_sectors = MAX_SECTORS;
	q.timeout_ns = 60 * UK_NSEC_PER_SEC;
	q.max_expired = 2;
	n_started = 0;
}

static int n_done, last_err;

static void on_done(struct uk_blk_req *req uk_unused, int err)
{
	n_done++;
	last_err = err;
}

static void submit(struct uk_blk_req *req, enum uk_blk_op op, uint64_t sector, uint64_t n_sectors)
{
	*req = (struct uk_blk_req) {
		.op = op, .sector = sector, .n_sectors = n_sectors, .done = on_done, .blk = &blk,
		.sg = &sg, .n_sg = op == UK_BLK_READ,
	};
	uk_list_init(&req->node);
	uk_blk_queue_submit(&q, &dev, req);
}

static void finish(unsigned int i, int err)
{
	uk_blk_queue_done(&q, started[i], err);
	uk_blk_queue_run(&q);
}

static void expect_started(unsigned int i, enum uk_blk_op op, uint64_t sector, uint64_t n_sectors)
{
	UK_EXPECT_EQ(n_started, i + 1);
	UK_EXPECT_EQ(started[i]->req->op, op);
	UK_EXPECT_EQ(started[i]->sector, sector);
	UK_EXPECT_EQ(started[i]->n_sectors, n_sectors);
}

UK_TEST(blkdev_slow, test_large_discard_leaves_the_device_to_others)
{
	struct uk_blk_req discard, zero, read;

	start();
	n_done = 0;
	submit(&discard, UK_BLK_DISCARD, 80, 2 * MAX_SECTORS + 200);
	expect_started(0, UK_BLK_DISCARD, 80, MAX_SECTORS);
	submit(&zero, UK_BLK_ZERO, 5000, 8);
	UK_EXPECT_EQ(n_started, 1);
	submit(&read, UK_BLK_READ, 7, 0);
	expect_started(1, UK_BLK_READ, 7, 1);
	finish(1, 0);
	UK_EXPECT_EQ(n_done, 1);
	/* In turns with the other of its kind */
	finish(0, 0);
	expect_started(2, UK_BLK_DISCARD, 80 + MAX_SECTORS, MAX_SECTORS);
	finish(2, 0);
	expect_started(3, UK_BLK_ZERO, 5000, 8);
	finish(3, 0);
	UK_EXPECT_EQ(n_done, 2);
	expect_started(4, UK_BLK_DISCARD, 80 + 2 * MAX_SECTORS, 200);
	finish(4, 0);
	UK_EXPECT_EQ(n_done, 3);
	UK_EXPECT_EQ(last_err, 0);
	UK_EXPECT_EQ(n_started, 5);
	uk_blk_queue_free(&q);
}

/* Whatever becomes of one, the next has its turn. */
UK_TEST(blkdev_slow, test_failed_one_is_followed_by_the_next)
{
	struct uk_blk_req first, second;

	start();
	n_done = 0;
	submit(&first, UK_BLK_DISCARD, 0, 3 * MAX_SECTORS);
	submit(&second, UK_BLK_DISCARD, 9000, 8);
	finish(0, -EIO);
	UK_EXPECT_EQ(n_done, 1);
	UK_EXPECT_EQ(last_err, -EIO);
	expect_started(1, UK_BLK_DISCARD, 9000, 8);
	/* Also one that is started again */
	uk_blk_queue_stop(&q);
	uk_blk_queue_again(&q);
	expect_started(2, UK_BLK_DISCARD, 9000, 8);
	finish(2, 0);
	UK_EXPECT_EQ(n_done, 2);
	submit(&first, UK_BLK_DISCARD, 1, 1);
	expect_started(3, UK_BLK_DISCARD, 1, 1);
	finish(3, 0);
	uk_blk_queue_free(&q);
}
