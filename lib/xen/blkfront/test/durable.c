/* SPDX-License-Identifier: BSD-3-Clause */
/* What a back end has answered and not flushed, when it dies. */
#include "common.h"

#include <errno.h>
#include <string.h>

#include <uk/test.h>
#include <uk/thread.h>

/* Its domain is destroyed, with what was in its memory; the disk is attached to
 * another one. @return whether that one serves it. */
static bool change_back_end(void)
{
	be_die();
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "6"));
	uk_xensim_xs_rm(be.sim.fe);
	uk_thread_sleep_ns(30 * UK_NSEC_PER_MSEC);
	memset(be_disk, 0, sizeof(be_disk));
	be_attach(XVDA);
	return be_connect();
}

static int write_page(void)
{
	return uk_blk_do(&blk, UK_BLK_WRITE, 1000, 8, buf);
}

static int flush(void)
{
	return uk_blk_do(&blk, UK_BLK_FLUSH, 0, 0, NULL);
}

UK_TEST(blkfront_durable, test_flush_after_another_back_end_without_the_data_is_an_error)
{
	if (!start())
		return;
	fill(7, UK_PAGE_SIZE);
	UK_EXPECT_EQ(write_page(), 0);
	if (!change_back_end())
		return;
	UK_EXPECT_EQ(flush(), -EIO);
	/* Said once */
	UK_EXPECT_EQ(flush(), 0);
	UK_EXPECT_EQ(write_page(), 0);
	UK_EXPECT_EQ(flush(), 0);
	if (!change_back_end())
		return;
	UK_EXPECT_EQ(flush(), 0);
	expect_alive();
	stop();
}

/* Each of them was to make it durable: the ones under way, and the ones that wait. */
UK_TEST(blkfront_durable, test_each_flush_that_came_before_it_was_said_is_an_error)
{
	struct async under_way[2], waits, later;

	if (!start())
		return;
	UK_EXPECT_EQ(write_page(), 0);
	be.is_silent = true;
	submit(&under_way[0], UK_BLK_FLUSH, 0, NULL, 0);
	submit(&under_way[1], UK_BLK_FLUSH, 0, NULL, 0);
	be_die();
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "6"));
	submit(&waits, UK_BLK_FLUSH, 0, NULL, 0);
	uk_xensim_xs_rm(be.sim.fe);
	uk_thread_sleep_ns(30 * UK_NSEC_PER_MSEC);
	UK_EXPECT(!under_way[0].is_done && !under_way[1].is_done && !waits.is_done);
	be_attach(XVDA);
	be.is_silent = false;
	if (!be_connect())
		return;
	UK_EXPECT_EQ(wait_done(&under_way[0]), -EIO);
	UK_EXPECT_EQ(wait_done(&under_way[1]), -EIO);
	UK_EXPECT_EQ(wait_done(&waits), -EIO);
	submit(&later, UK_BLK_FLUSH, 0, NULL, 0);
	UK_EXPECT_EQ(wait_done(&later), 0);
	stop();
}

/* A flush covers what was answered when it began. */
UK_TEST(blkfront_durable, test_write_beside_a_flush_is_not_covered_by_it)
{
	struct be_req first, second;
	struct async f, w;

	if (!start())
		return;
	be.is_silent = true;
	submit(&f, UK_BLK_FLUSH, 0, NULL, 0);
	submit(&w, UK_BLK_WRITE, 1000, buf, 512);
	if (!be_take(&first) || !be_take(&second))
		return;
	be_answer(second.id, second.op, BLKIF_RSP_OKAY);
	be_push();
	UK_EXPECT_EQ(wait_done(&w), 0);
	be_answer(first.id, first.op, BLKIF_RSP_OKAY);
	be_push();
	UK_EXPECT_EQ(wait_done(&f), 0);
	be.is_silent = false;
	if (!change_back_end())
		return;
	UK_EXPECT_EQ(flush(), -EIO);
	stop();
}

/* There is nothing to be said where nothing was lost: the back end had closed, or what
 * was not answered was done again. */
UK_TEST(blkfront_durable, test_what_is_done_again_is_not_lost)
{
	struct async w;

	if (!start())
		return;
	UK_EXPECT_EQ(write_page(), 0);
	be_close();
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
	if (!be_connect())
		return;
	UK_EXPECT_EQ(flush(), 0);
	be.is_silent = true;
	submit(&w, UK_BLK_WRITE, 1000, buf, 512);
	be.is_silent = false;
	if (!change_back_end())
		return;
	UK_EXPECT_EQ(wait_done(&w), 0);
	UK_EXPECT_EQ(flush(), 0);
	stop();
}

UK_TEST(blkfront_durable, test_loss_is_said_though_the_next_back_end_needs_no_flush)
{
	if (!start())
		return;
	UK_EXPECT_EQ(write_page(), 0);
	be.flush = NULL;
	if (!change_back_end())
		return;
	while (blk.dev->info.can_flush)
		uk_thread_yield();
	UK_EXPECT_EQ(flush(), -EIO);
	UK_EXPECT_EQ(flush(), 0);
	UK_EXPECT_EQ(be.n_flushes, 0);
	stop();
}

/* As with a disk of dom0's that has no cache. */
UK_TEST(blkfront_durable, test_what_needs_no_flush_is_not_lost)
{
	be_new();
	be.flush = NULL;
	if (!start_with(XVDA, "xvda"))
		return;
	UK_EXPECT_EQ(write_page(), 0);
	if (!change_back_end())
		return;
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_READ, 0, 1, buf), 0);
	UK_EXPECT_EQ(flush(), 0);
	stop();
}

/* Its user would never flush it. */
UK_TEST(blkfront_durable, test_disk_in_use_that_has_to_be_flushed_now_is_refused)
{
	be_new();
	be.flush = NULL;
	if (!start_with(XVDA, "xvda"))
		return;
	be_close();
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
	be.flush = "1";
	if (!be_connect())
		return;
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "5"));
	UK_EXPECT(!blk.dev->info.can_flush);
	be_close();
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
	be.flush = NULL;
	if (!be_connect())
		return;
	expect_alive();
	stop();
}
