/* SPDX-License-Identifier: BSD-3-Clause */
/* A flush that fails is an error also for frontends that flush no more after it. */
#include <errno.h>

#include "restart.h"

#include <uk/test.h>
#include <uk/thread.h>

static enum uk_blk_op op_of_first(void)
{
	return UK_LIST_ENTRY(pending.next, struct uk_blk_req, node)->op;
}

/* The disk gets @op, and answers with @err. */
static void serve(enum uk_blk_op op, int err)
{
	wait_pending(1);
	if (n_pending && UK_EXPECT_EQ(op_of_first(), op))
		complete(pending.next, err);
}

static bool start_with_failed_flush(void)
{
	if (!start_on("held:"))
		return false;
	is_held = true;
	fe_put(&fe, BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 1);
	fe_push(&fe);
	serve(UK_BLK_FLUSH, -EIO);
	serve(UK_BLK_FLUSH, 0);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKBACK_RSP_NOT_FLUSHED);
	return true;
}

static void write_page(int err_of_flush, int status)
{
	unsigned int answered = fe.ring->rsp_prod;

	put_write(0, 2);
	fe_push(&fe);
	serve(UK_BLK_WRITE, 0);
	wait_pending(1);
	UK_EXPECT_EQ(fe.ring->rsp_prod, answered);
	serve(UK_BLK_FLUSH, err_of_flush);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), status);
}

/* A status that Linux takes for "not supported" would be the end of its flushes and
 * no error. */
UK_TEST(blkback_through, test_failed_flush_has_a_status_of_its_own)
{
	if (!start_with_failed_flush())
		return;
	UK_EXPECT(BLKBACK_RSP_NOT_FLUSHED != BLKIF_RSP_OKAY &&
		  BLKBACK_RSP_NOT_FLUSHED != BLKIF_RSP_ERROR &&
		  BLKBACK_RSP_NOT_FLUSHED != BLKIF_RSP_EOPNOTSUPP);
	is_held = false;
	stop();
}

UK_TEST(blkback_through, test_writes_after_it_are_flushed_before_they_are_answered)
{
	if (!start_with_failed_flush())
		return;
	write_page(0, BLKIF_RSP_OKAY);
	write_page(-EIO, BLKIF_RSP_ERROR);
	fe_put(&fe, BLKIF_OP_READ, 0, 1, 3);
	fe_push(&fe);
	serve(UK_BLK_READ, 0);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	put_write(0, 4);
	fe_push(&fe);
	serve(UK_BLK_WRITE, -EIO);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_ERROR);
	is_held = false;
	stop();
}

UK_TEST(blkback_through, test_twice_failed_flush_is_answered_once)
{
	if (!start_with_failed_flush())
		return;
	fe_put(&fe, BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 5);
	fe_push(&fe);
	serve(UK_BLK_FLUSH, -EIO);
	serve(UK_BLK_FLUSH, -EIO);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKBACK_RSP_NOT_FLUSHED);
	is_held = false;
	expect_alive(&fe);
	stop();
}

UK_TEST(blkback_through, test_it_lasts_over_a_restart_and_no_longer_than_the_connection)
{
	if (!start_with_failed_flush())
		return;
	leave();
	come_back();
	expect_resumed();
	write_page(0, BLKIF_RSP_OKAY);
	fe_set_state(&fe, "6");
	fe_set_state(&fe, "1");
	UK_EXPECT(fe_wait(&fe, "state", "2"));
	fe_initialise(&fe);
	UK_EXPECT(fe_wait(&fe, "state", "4"));
	put_write(0, 6);
	fe_push(&fe);
	serve(UK_BLK_WRITE, 0);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	is_held = false;
	stop();
}

/* ---- Over a restart ---- */

static void restart(unsigned int n_again)
{
	leave();
	come_back();
	expect_resumed();
	wait_pending(n_again);
}

static void put_flush(uint64_t id)
{
	fe_put(&fe, BLKIF_OP_FLUSH_DISKCACHE, 0, 0, id);
	fe_push(&fe);
}

/* The disk has let go of what it could not write: it has no reason to fail again. */
UK_TEST(blkback_through, test_failed_flush_is_no_success_after_a_restart)
{
	if (!start_on("held:"))
		return;
	is_held = true;
	put_flush(1);
	serve(UK_BLK_FLUSH, -EIO);
	wait_pending(1);		/* the second one is under way */
	restart(1);
	serve(UK_BLK_FLUSH, 0);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKBACK_RSP_NOT_FLUSHED);
	put_flush(2);
	serve(UK_BLK_FLUSH, 0);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	is_held = false;
	stop();
}

/* It was to make the same writes durable; done again, it comes after the failure. The
 * restarts may be several. */
UK_TEST(blkback_through, test_flush_of_before_the_failed_one_is_no_success_after_restarts)
{
	if (!start_on("held:"))
		return;
	is_held = true;
	put_flush(1);
	put_flush(2);
	wait_pending(2);
	complete(pending.prev, -EIO);
	put_write(0, 3);
	fe_push(&fe);
	wait_pending(3);
	restart(3);
	restart(3);
	complete(pending.next, 0);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKBACK_RSP_NOT_FLUSHED);
	complete(pending.next, 0);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKBACK_RSP_NOT_FLUSHED);
	serve(UK_BLK_WRITE, 0);
	serve(UK_BLK_FLUSH, 0);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	is_held = false;
	stop();
}

UK_TEST(blkback_through, test_flush_of_after_the_failed_one_has_its_own_answer)
{
	if (!start_with_failed_flush())
		return;
	put_flush(2);
	wait_pending(1);
	restart(1);
	serve(UK_BLK_FLUSH, 0);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	is_held = false;
	stop();
}

/* A life that ended before it had taken again all that it had found. */
UK_TEST(blkback_through, test_flush_that_was_not_taken_again_is_no_success)
{
	if (!start_with_failed_flush())
		return;
	leave();
	fe_put(&fe, BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 2);
	fe_put(&fe, BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 3);
	fe.ring->req_prod = fe.req_prod;
	leave_ring();
	left_kept()->n_unflushed = 1;
	come_back();
	expect_resumed();
	wait_pending(2);
	complete(pending.next, 0);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKBACK_RSP_NOT_FLUSHED);
	complete(pending.next, 0);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	is_held = false;
	stop();
}
