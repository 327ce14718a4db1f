/* SPDX-License-Identifier: BSD-3-Clause */
/* A disk that does not answer: its frontend waits for it when it goes, and nobody
 * else does. */
#include <errno.h>
#include <string.h>

#include "restart.h"

#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

/* fe, with a request in each of rings 1 and 3 that the disk has. */
static bool start_stuck(void)
{
	fe.n_rings = 4;
	if (!start_on("held:"))
		return false;
	is_held = true;
	for (unsigned int i = 1; i < 4; i += 2) {
		fe_use(&fe, i);
		put_write(i, i);
		fe_push(&fe);
	}
	wait_pending(2);
	return true;
}

/* Another device comes, works and goes. */
static void expect_others_alive(void)
{
	if (!fe_connect(&other, OTHER_DOM, 51712, "ram:size=1M"))
		return;
	expect_alive(&other);
	fe_detach(&other);
	fe_free(&other);
}

/* Not before the last request is done is anything taken back. */
static void let_go(void)
{
	UK_EXPECT_EQ(uk_xensim_mappings(), 4);
	complete(pending.prev, 0);
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(uk_xensim_mappings(), 4);
	complete(pending.next, -EIO);
}

static void finish(void)
{
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
	is_held = false;
	fe_free(&fe);
	fe.n_rings = 0;
}

UK_TEST(blkback_stuck, test_detach_waits_for_the_disk_and_others_do_not)
{
	if (!start_stuck())
		return;
	uk_frontsim_detach_begin(&fe.sim);
	fe_set_state(&fe, "6");
	expect_others_alive();
	UK_EXPECT_EQ(uk_frontsim_be_state(&fe.sim), 5);
	let_go();
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	UK_EXPECT(fe_wait(&fe, "state", NULL));
	finish();
}

UK_TEST(blkback_stuck, test_dead_frontend_is_torn_down_after_the_disk)
{
	if (!start_stuck())
		return;
	uk_xensim_xs_rm(fe.sim.fe);
	expect_others_alive();
	let_go();
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	UK_EXPECT(fe_wait(&fe, "state", NULL));
	finish();
}

/* What it sends then is not taken any more, and nobody is answered. */
UK_TEST(blkback_stuck, test_nothing_is_taken_while_a_device_waits)
{
	if (!start_stuck())
		return;
	fe_set_state(&fe, "6");
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	fe_use(&fe, 0);
	put_write(5, 5);
	fe_push(&fe);
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(n_pending, 2);
	let_go();
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	UK_EXPECT_EQ(fe.ring->rsp_prod, 0);
	uk_frontsim_detach(&fe.sim);
	finish();
}

UK_TEST(blkback_stuck, test_broken_ring_waits_for_the_disk_of_all_rings)
{
	if (!start_stuck())
		return;
	fe_use(&fe, 0);
	fe.req_prod += FE_RING_SIZE + 1;
	fe_push(&fe);
	expect_others_alive();
	let_go();
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	UK_EXPECT(uk_frontsim_has_error(&fe.sim, "ring index"));
	uk_frontsim_detach(&fe.sim);
	finish();
}
