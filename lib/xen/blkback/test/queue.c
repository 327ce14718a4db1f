/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices that complete later: a driver "slow:" whose requests a test lets go
 * one by one, in the order it likes, or with an error.
 */
#include <errno.h>
#include <string.h>

#include "frontend.h"

#include <uk/blkdev_driver.h>
#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

#define DISK_BYTES (64 * 1024)

static char disk[DISK_BYTES];
static struct uk_blkdev slow;
static struct uk_list pending = UK_LIST_INIT(pending);
static bool is_held;
static unsigned int n_pending, n_flushes;

static void complete(struct uk_list *node, int err)
{
	struct uk_blk_req *req = UK_LIST_ENTRY(node, struct uk_blk_req, node);
	char *at = disk + req->sector * UK_BLK_SECTOR;

	uk_list_del(node);
	n_pending--;
	for (unsigned int i = 0; i < req->n_sg && !err; i++) {
		if (req->op == UK_BLK_WRITE)
			memcpy(at, req->sg[i].va, req->sg[i].len_bytes);
		else
			memcpy(req->sg[i].va, at, req->sg[i].len_bytes);
		at += req->sg[i].len_bytes;
	}
	n_flushes += req->op == UK_BLK_FLUSH;
	req->done(req, err);
}

static void slow_submit(struct uk_blkdev *dev uk_unused, struct uk_blk_req *req)
{
	uk_list_add_tail(&pending, &req->node);
	n_pending++;
	if (!is_held)
		complete(&req->node, 0);
}

static void slow_close(struct uk_blkdev *dev uk_unused)
{
}

static const struct uk_blkdev_ops slow_ops = { .submit = slow_submit, .close = slow_close };

static int slow_open(const char *options uk_unused, bool is_readonly uk_unused,
		     struct uk_blkdev **dev, char *why uk_unused)
{
	*dev = &slow;
	return 0;
}

static struct uk_blkdev_driver driver = { .prefix = "slow", .open = slow_open };
static struct frontend fe;

static bool start(void)
{
	static bool is_registered;

	if (!is_registered) {
		uk_blkdev_register(&driver);
		uk_blkdev_init(&slow, &slow_ops);
		slow.info.sectors = DISK_BYTES / UK_BLK_SECTOR;
	}
	is_registered = true;
	is_held = false;
	n_flushes = 0;
	fe.is_32bit = false;
	return fe_connect(&fe, 3, 51712, "slow:");
}

static void stop(void)
{
	fe_detach(&fe);
	fe_free(&fe);
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
}

/* Until the device holds @n requests. */
static bool wait_pending(unsigned int n)
{
	for (int i = 0; i < 1000 && n_pending != n; i++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	return UK_EXPECT_EQ(n_pending, n);
}

UK_TEST(blkback_queue, test_written_data_reads_back)
{
	static char copy[11 * UK_PAGE_SIZE];

	if (!start())
		return;
	for (unsigned int i = 0; i < sizeof(copy); i++)
		fe.data[i] = copy[i] = (char)(i * 3 + i / 1000);
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_WRITE, 3, 11), BLKIF_RSP_OKAY);
	memset(fe.data, 0, sizeof(copy));
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_READ, 3, 11), BLKIF_RSP_OKAY);
	UK_EXPECT(!memcmp(fe.data, copy, sizeof(copy)));
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_FLUSH_DISKCACHE, 0, 0), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(n_flushes, 1);
	stop();
}

UK_TEST(blkback_queue, test_full_ring_waits_for_the_device)
{
	if (!start())
		return;
	is_held = true;
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		fe_put(&fe, BLKIF_OP_READ, 0, 1, i);
	fe_push(&fe);
	wait_pending(CONFIG_LIBBLKBACK_QUEUE_DEPTH);
	for (unsigned int i = 0; i < FE_RING_SIZE; i++) {
		while (!n_pending)
			uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
		complete(pending.next, 0);
	}
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	stop();
}

UK_TEST(blkback_queue, test_completion_out_of_order_and_with_error)
{
	uint64_t id;

	if (!start())
		return;
	is_held = true;
	for (unsigned int i = 0; i < 3; i++)
		fe_put(&fe, BLKIF_OP_READ, 0, 1, 10 + i);
	fe_push(&fe);
	if (!wait_pending(3))
		return;
	complete(pending.prev, 0);
	UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(id, 12);
	complete(pending.next, -EIO);
	UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_ERROR);
	UK_EXPECT_EQ(id, 10);
	complete(pending.next, 0);
	UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_OKAY);
	stop();
}

UK_TEST(blkback_queue, test_bad_grant_of_a_write_never_reaches_the_device)
{
	struct blkback_wire_req64 *req;

	if (!start())
		return;
	is_held = true;
	req = fe_put(&fe, BLKIF_OP_WRITE, 0, 2, 1);
	req->seg[1].gref = 4000;
	fe_push(&fe);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_ERROR);
	UK_EXPECT_EQ(n_pending, 0);
	stop();
}

/* They take no place in the queue that others would have to give back. */
UK_TEST(blkback_queue, test_full_ring_of_bad_grants_is_answered)
{
	if (!start())
		return;
	is_held = true;
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		fe_put(&fe, BLKIF_OP_WRITE, 0, 1, i)->seg[0].gref = 4000;
	fe_push(&fe);
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_ERROR);
	stop();
}

UK_TEST(blkback_queue, test_bad_grant_of_a_read_is_an_error)
{
	struct blkback_wire_req64 *req;

	if (!start())
		return;
	req = fe_put(&fe, BLKIF_OP_READ, 0, 2, 1);
	req->seg[1].gref = 4000;
	fe_push(&fe);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_ERROR);
	stop();
}

/* XSA-155: the slot is rewritten while its request is on the device. What was found
 * good is what is used, to the end. */
UK_TEST(blkback_queue, test_request_rewritten_after_it_was_taken_changes_nothing)
{
	struct blkback_wire_req64 *req;
	uint64_t id;

	if (!start())
		return;
	is_held = true;
	strcpy(disk + 7 * UK_BLK_SECTOR, "as it was");
	req = fe_put(&fe, BLKIF_OP_READ, 7, 1, 10);
	fe_push(&fe);
	if (!wait_pending(1))
		return;
	memset(req, 0xff, sizeof(*req));
	complete(pending.next, 0);
	UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(id, 10);
	UK_EXPECT_STR(fe.data, "as it was");
	stop();
}

/* The frontend dies with requests on the device: its pages are given back only
 * when the device has let go of them. */
UK_TEST(blkback_queue, test_dead_frontend_is_torn_down_after_the_device)
{
	if (!start())
		return;
	is_held = true;
	fe_put(&fe, BLKIF_OP_WRITE, 0, 4, 1);
	fe_push(&fe);
	if (!wait_pending(1))
		return;
	uk_xensim_xs_rm(fe.sim.fe);
	uk_thread_sleep_ns(20 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	complete(pending.next, 0);
	UK_EXPECT(fe_wait(&fe, "state", NULL));
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
	fe_free(&fe);
}

/* Broken index with requests in flight: disconnected once they are back. */
UK_TEST(blkback_queue, test_ring_index_jump_in_flight_disconnects)
{
	if (!start())
		return;
	is_held = true;
	fe_put(&fe, BLKIF_OP_READ, 0, 1, 1);
	fe_push(&fe);
	if (!wait_pending(1))
		return;
	fe.req_prod += FE_RING_SIZE;	/* all but one of them unanswered */
	fe_push(&fe);
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	complete(pending.next, 0);
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	stop();
}
