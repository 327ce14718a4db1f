/* SPDX-License-Identifier: BSD-3-Clause */
/* Cutting, waiting, time and resets, with a device that keeps what it is given. */
#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/blkdev_queue.h>
#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

#define N_CMDS 4
#define MAX_SEGS 8
#define TIMEOUT_NS (20 * UK_NSEC_PER_MSEC)

static struct started {
	struct uk_blk_cmd *cmd;
	struct uk_blk_seg segs[MAX_SEGS];
	unsigned int n_segs;
} started[64];
static unsigned int n_started, n_kicks, n_stuck;
static int start_err;
static struct uk_blk_queue q;
static struct uk_blkdev dev;
static struct uk_blk blk;
static char memory[16 * UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);

static int on_start(struct uk_blk_queue *queue uk_unused, struct uk_blk_cmd *cmd,
		    const struct uk_blk_seg *segs, unsigned int n_segs)
{
	struct started *s = &started[n_started];

	if (start_err)
		return start_err;
	s->cmd = cmd;
	s->n_segs = n_segs;
	memcpy(s->segs, segs, n_segs * sizeof(*segs));
	n_started++;
	return 0;
}

static void on_kick(struct uk_blk_queue *queue uk_unused)
{
	n_kicks++;
}

static void on_stuck(struct uk_blk_queue *queue uk_unused)
{
	n_stuck++;
}

static const struct uk_blk_queue_ops ops = { on_start, on_kick, on_stuck };

static void fresh(uint32_t sector_bytes, bool is_paged)
{
	uk_timer_stop(&q.timer);
	uk_blkdev_init(&dev, NULL);
	dev.info.sector_bytes = sector_bytes;
	dev.info.can_flush = dev.info.can_discard = true;
	blk = (struct uk_blk) { .dev = &dev };
	uk_list_add_tail(&dev.users, &blk.users);
	UK_EXPECT_EQ(uk_blk_queue_init(&q, &ops, N_CMDS, MAX_SEGS), 0);
	q.max_bytes = 4 * UK_PAGE_SIZE;
	q.is_paged = is_paged;
	q.timeout_ns = TIMEOUT_NS;
	q.max_expired = 2;
	n_started = n_kicks = n_stuck = 0;
	start_err = 0;
}

static void stop(void)
{
	uk_blk_queue_free(&q);
}

static int n_done, last_err;

static void on_done(struct uk_blk_req *req uk_unused, int err)
{
	n_done++;
	last_err = err;
}

static void submit(struct uk_blk_req *req, enum uk_blk_op op, const struct uk_blk_sg *sg,
		   unsigned int n_sg)
{
	*req = (struct uk_blk_req) {
		.op = op, .sector = 80, .sg = sg, .n_sg = n_sg, .done = on_done,
		.n_sectors = op == UK_BLK_DISCARD ? 1000 : 0,
	};
	uk_list_init(&req->node);
	n_done = 0;
	last_err = 1;
	req->blk = &blk;
	uk_blk_queue_submit(&q, &dev, req);
}

static void finish(unsigned int i, int err)
{
	uk_blk_queue_done(&q, started[i].cmd, err);
	uk_blk_queue_run(&q);
}

/* Every byte of @sg in order, in commands of at most @max bytes and whole sectors,
 * one sector after the other */
static void expect_covered(const struct uk_blk_sg *sg, uint32_t max)
{
	uint64_t sector = 80;
	uint32_t at = 0;

	for (unsigned int i = 0; i < n_started; i++) {
		uint32_t bytes = 0;

		UK_EXPECT_EQ(started[i].cmd->sector, sector);
		UK_EXPECT(started[i].n_segs <= MAX_SEGS);
		for (unsigned int j = 0; j < started[i].n_segs; j++) {
			struct uk_blk_seg *seg = &started[i].segs[j];

			UK_EXPECT((char *)seg->va == (char *)sg->va + at);
			UK_EXPECT((uintptr_t)seg->va / UK_PAGE_SIZE ==
				  ((uintptr_t)seg->va + seg->len_bytes - 1) / UK_PAGE_SIZE);
			bytes += seg->len_bytes;
			at += seg->len_bytes;
			if (at == sg->len_bytes) {
				at = 0;
				sg++;
			}
		}
		UK_EXPECT_EQ(bytes, started[i].cmd->n_sectors * UK_BLK_SECTOR);
		UK_EXPECT(bytes <= max && !(bytes % dev.info.sector_bytes));
		sector += started[i].cmd->n_sectors;
	}
	UK_EXPECT_EQ(at, 0);
}

UK_TEST(blkdev_queue, test_large_request_is_cut_by_bytes)
{
	struct uk_blk_sg sg = { memory + 512, 15 * UK_PAGE_SIZE };
	struct uk_blk_req req;

	fresh(512, false);
	submit(&req, UK_BLK_READ, &sg, 1);
	UK_EXPECT_EQ(n_started, 4);
	UK_EXPECT_EQ(n_kicks, 1);
	expect_covered(&sg, 4 * UK_PAGE_SIZE);
	for (unsigned int i = 0; i < 4; i++) {
		UK_EXPECT_EQ(n_done, 0);
		finish(3 - i, 0);
	}
	UK_EXPECT_EQ(n_done, 1);
	UK_EXPECT_EQ(last_err, 0);
	UK_EXPECT_EQ(n_started, 4);
	stop();
}

UK_TEST(blkdev_queue, test_many_pieces_are_cut_by_number)
{
	struct uk_blk_sg sg[20];
	struct uk_blk_req req;

	fresh(512, false);
	for (unsigned int i = 0; i < 20; i++)
		sg[i] = (struct uk_blk_sg) { memory + i * 1024, 512 };
	submit(&req, UK_BLK_WRITE, sg, 20);
	UK_EXPECT_EQ(n_started, 3);
	expect_covered(sg, 4 * UK_PAGE_SIZE);
	stop();
}

UK_TEST(blkdev_queue, test_pages_are_whole_where_the_device_wants_it)
{
	/* A tail, two pages, a head; then a piece that begins in a page */
	struct uk_blk_sg sg[] = {
		{ memory + 3 * UK_PAGE_SIZE - 1024, 1024 + 2 * UK_PAGE_SIZE + 512 },
		{ memory + 8 * UK_PAGE_SIZE + 512, 512 }, { memory + 9 * UK_PAGE_SIZE, 512 },
	};
	struct uk_blk_req req;

	fresh(512, true);
	submit(&req, UK_BLK_READ, sg, 3);
	UK_EXPECT_EQ(n_started, 3);
	UK_EXPECT_EQ(started[0].n_segs, 4);
	expect_covered(sg, 4 * UK_PAGE_SIZE);
	stop();
}

/* Pieces of half a sector: the cut is never inside of one */
UK_TEST(blkdev_queue, test_cut_is_between_sectors_of_the_device)
{
	struct uk_blk_sg sg = { memory + 1536, 10 * UK_PAGE_SIZE };
	struct uk_blk_req req;

	fresh(4096, false);
	submit(&req, UK_BLK_WRITE, &sg, 1);
	expect_covered(&sg, 4 * UK_PAGE_SIZE);
	UK_EXPECT_EQ(n_started, 3);
	stop();
	fresh(4096, true);
	q.max_bytes = 16 * UK_PAGE_SIZE;
	submit(&req, UK_BLK_WRITE, &sg, 1);
	/* 8 pieces are 7 sectors and a half */
	UK_EXPECT_EQ(started[0].cmd->n_sectors, 7 * 8);
	expect_covered(&sg, 16 * UK_PAGE_SIZE);
	stop();
}

UK_TEST(blkdev_queue, test_full_device_makes_requests_wait_in_order)
{
	struct uk_blk_sg sg = { memory, 512 };
	struct uk_blk_req reqs[7];

	fresh(512, true);
	for (unsigned int i = 0; i < 7; i++)
		submit(&reqs[i], UK_BLK_READ, &sg, 1);
	UK_EXPECT_EQ(n_started, N_CMDS);
	for (unsigned int i = 0; i < 7; i++) {
		UK_EXPECT(started[i].cmd->req == &reqs[i]);
		UK_EXPECT(uk_blk_queue_find(&q, uk_blk_queue_index(&q, started[i].cmd)) ==
			  started[i].cmd);
		finish(i, 0);
	}
	UK_EXPECT_EQ(n_done, 7);
	UK_EXPECT(!uk_blk_queue_find(&q, uk_blk_queue_index(&q, started[0].cmd)));
	UK_EXPECT(!uk_blk_queue_find(&q, N_CMDS));
	UK_EXPECT(!uk_blk_queue_find(&q, UINT32_MAX));
	stop();
}

UK_TEST(blkdev_queue, test_no_room_in_the_device_starts_it_again_later)
{
	struct uk_blk_sg sg = { memory, 3 * 512 };
	struct uk_blk_req req;

	fresh(512, true);
	start_err = -EAGAIN;
	submit(&req, UK_BLK_READ, &sg, 1);
	UK_EXPECT_EQ(n_kicks, 0);
	for (unsigned int i = 0; i < N_CMDS; i++)
		UK_EXPECT(!uk_blk_queue_find(&q, i));
	start_err = 0;
	uk_blk_queue_run(&q);
	UK_EXPECT_EQ(n_started, 1);
	UK_EXPECT_EQ(started[0].n_segs, 1);
	expect_covered(&sg, 4 * UK_PAGE_SIZE);
	finish(0, 0);
	UK_EXPECT_EQ(n_done, 1);
	start_err = -EINVAL;
	submit(&req, UK_BLK_READ, &sg, 1);
	UK_EXPECT_EQ(last_err, -EINVAL);
	stop();
}

UK_TEST(blkdev_queue, test_error_of_a_part_ends_the_request)
{
	struct uk_blk_sg sg = { memory, 16 * UK_PAGE_SIZE };
	struct uk_blk_req req;

	fresh(512, true);
	q.max_bytes = UK_PAGE_SIZE;
	submit(&req, UK_BLK_READ, &sg, 1);
	UK_EXPECT_EQ(n_started, N_CMDS);
	finish(1, -EIO);
	/* Nothing more is begun, and what is under way comes back first */
	UK_EXPECT_EQ(n_started, N_CMDS);
	finish(0, 0);
	finish(3, -ENODEV);
	UK_EXPECT_EQ(n_done, 0);
	finish(2, 0);
	UK_EXPECT_EQ(n_done, 1);
	UK_EXPECT_EQ(last_err, -EIO);
	stop();
}

UK_TEST(blkdev_queue, test_operations_without_data)
{
	struct uk_blk_req req;

	fresh(512, true);
	submit(&req, UK_BLK_FLUSH, NULL, 0);
	UK_EXPECT_EQ(n_started, 1);
	UK_EXPECT_EQ(started[0].cmd->n_sectors, 0);
	finish(0, 0);
	UK_EXPECT_EQ(last_err, 0);
	dev.info.can_flush = false;
	submit(&req, UK_BLK_FLUSH, NULL, 0);
	UK_EXPECT_EQ(last_err, 0);
	UK_EXPECT_EQ(n_started, 1);
	submit(&req, UK_BLK_ZERO, NULL, 0);
	UK_EXPECT_EQ(last_err, -EOPNOTSUPP);
	stop();
}

/* What the device does not answer starts again after a reset, the other with it;
 * at last it fails alone. */
UK_TEST(blkdev_queue, test_expired_command_is_tried_again_and_then_fails)
{
	struct uk_blk_sg sg = { memory, 512 };
	struct uk_blk_req late, young;

	fresh(512, true);
	submit(&late, UK_BLK_READ, &sg, 1);
	uk_thread_sleep_ns(TIMEOUT_NS / 2);
	submit(&young, UK_BLK_READ, &sg, 1);
	while (!n_stuck)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC / 8);
	uk_blk_queue_stop(&q);
	uk_blk_queue_run(&q);
	uk_blk_queue_again(&q);
	UK_EXPECT_EQ(n_started, 4);
	UK_EXPECT(started[2].cmd->req == &late && started[3].cmd->req == &young);
	UK_EXPECT_EQ(started[2].n_segs, 1);
	finish(3, 0);
	UK_EXPECT_EQ(n_done, 1);
	n_stuck = 0;
	uk_thread_sleep_ns(TIMEOUT_NS);
	while (!n_stuck)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC / 8);
	uk_blk_queue_again(&q);
	UK_EXPECT_EQ(n_done, 2);
	UK_EXPECT_EQ(last_err, -ETIMEDOUT);
	UK_EXPECT_EQ(n_started, 4);
	stop();
}

UK_TEST(blkdev_queue, test_dead_device_fails_all_and_whatever_comes)
{
	struct uk_blk_sg sg = { memory, 512 };
	struct uk_blk_req reqs[N_CMDS + 2];

	fresh(512, true);
	for (unsigned int i = 0; i < N_CMDS + 2; i++)
		submit(&reqs[i], UK_BLK_WRITE, &sg, 1);
	uk_blk_queue_kill(&q, -ENODEV);
	UK_EXPECT_EQ(n_done, N_CMDS + 2);
	UK_EXPECT_EQ(last_err, -ENODEV);
	UK_EXPECT_EQ(n_started, N_CMDS);
	submit(&reqs[0], UK_BLK_READ, &sg, 1);
	UK_EXPECT_EQ(last_err, -ENODEV);
	stop();
}

/* What the device may yet write to is not done; the rest is. */
UK_TEST(blkdev_queue, test_abandoned_device_keeps_what_it_has)
{
	struct uk_blk_sg sg = { memory, 512 };
	struct uk_blk_req reqs[N_CMDS + 2], next;

	fresh(512, true);
	for (unsigned int i = 0; i < N_CMDS + 2; i++)
		submit(&reqs[i], UK_BLK_WRITE, &sg, 1);
	uk_blk_queue_stop(&q);
	uk_blk_queue_abandon(&q, -EIO);
	UK_EXPECT_EQ(n_done, 2);
	UK_EXPECT_EQ(last_err, -EIO);
	submit(&next, UK_BLK_READ, &sg, 1);
	UK_EXPECT_EQ(last_err, -EIO);
	UK_EXPECT_EQ(n_started, N_CMDS);
	/* It was helped after all */
	n_done = 0;
	uk_blk_queue_again(&q);
	UK_EXPECT_EQ(n_started, 2 * N_CMDS);
	for (unsigned int i = N_CMDS; i < 2 * N_CMDS; i++)
		finish(i, 0);
	UK_EXPECT_EQ(n_done, N_CMDS);
	stop();
}

/* Whether the command that has expired is among those done, or another one */
UK_TEST(blkdev_queue, test_late_is_who_has_run_out_of_time)
{
	struct uk_blk_sg sg = { memory, 512 };
	struct uk_blk_req old, young;
	uint64_t deadline_ns;

	fresh(512, true);
	UK_EXPECT(!uk_blk_queue_is_late(&q));
	submit(&old, UK_BLK_READ, &sg, 1);
	uk_thread_sleep_ns(TIMEOUT_NS / 2);
	submit(&young, UK_BLK_READ, &sg, 1);
	UK_EXPECT(!uk_blk_queue_is_late(&q));
	while (!n_stuck)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC / 8);
	UK_EXPECT(uk_blk_queue_is_late(&q));
	deadline_ns = started[1].cmd->deadline_ns;
	finish(0, 0);
	if (uk_plat_mono_ns() < deadline_ns) {
		UK_EXPECT(!uk_blk_queue_is_late(&q));
		UK_EXPECT_EQ(q.timer.deadline_ns, deadline_ns);
	}
	finish(1, 0);
	UK_EXPECT(!uk_blk_queue_is_late(&q));
	stop();
}
