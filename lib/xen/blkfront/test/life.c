/* SPDX-License-Identifier: BSD-3-Clause */
/* Coming and going: of the disk, of its back end, and of what is under way. */
#include "common.h"

#include <errno.h>
#include <string.h>

#include <uk/plat/time.h>
#include <uk/restart.h>
#include <uk/test.h>
#include <uk/thread.h>

#include "../blkfront_priv.h"

UK_TEST(blkfront, test_connects_again_when_the_back_end_closes)
{
	struct async waits;

	if (!start())
		return;
	for (unsigned int i = 0; i < 5; i++) {
		lose_some();
		be_close();
		submit(&waits, UK_BLK_WRITE, 0, buf, 512);
		UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
		UK_EXPECT(!waits.is_done);
		if (!be_connect())
			return;
		expect_found();
		UK_EXPECT_EQ(wait_done(&waits), 0);
	}
	stop();
}

/* Commands that were made for large requests do not depend on them. */
UK_TEST(blkfront, test_connects_again_to_a_back_end_that_can_less)
{
	be_new();
	be.indirect = "64";
	be.discard = "1";
	if (!start_with(XVDA, "xvda"))
		return;
	lose_some();
	be_close();
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
	be.indirect = be.discard = NULL;
	if (!be_connect())
		return;
	expect_found();
	UK_EXPECT_EQ(be.max_segs, 11);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_DISCARD, 0, 8, NULL), -EOPNOTSUPP);
	stop();
}

UK_TEST(blkfront, test_disk_that_is_taken_away)
{
	struct async later;

	if (!start())
		return;
	lose_some();
	be_detach();
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(lost); i++)
		UK_EXPECT_EQ(wait_done(&lost[i]), -ENODEV);
	submit(&later, UK_BLK_READ, 0, buf, 512);
	UK_EXPECT_EQ(later.err, -ENODEV);
	uk_blk_close(&blk);
	expect_gone();
}

/* Who has the old one open does not get the new one, which has its name. */
UK_TEST(blkfront, test_disk_in_the_place_of_one_that_is_in_use)
{
	struct uk_frontsim_use first;
	struct uk_blk old;

	if (!start())
		return;
	first = before;
	be_detach();
	while (!uk_blk_do(&blk, UK_BLK_FLUSH, 0, 0, NULL))
		uk_thread_yield();
	old = blk;
	uk_list_init(&old.users);
	uk_list_add(&blk.users, &old.users);
	uk_list_del(&blk.users);
	blk = (struct uk_blk) { 0 };
	be_new();
	if (!start_with(XVDA, "xvda"))
		return;
	expect_alive();
	UK_EXPECT_EQ(uk_blk_do(&old, UK_BLK_READ, 0, 1, buf), -ENODEV);
	uk_blk_close(&old);
	expect_alive();
	uk_blk_close(&blk);
	be_detach();
	before = first;
	expect_gone();
}

UK_TEST(blkfront, test_attaches_and_detaches_leave_nothing)
{
	for (unsigned int i = 0; i < 30; i++) {
		if (!start())
			return;
		expect_alive();
		stop();
	}
}

/* ---- Back ends that die ---- */

/* Its domain is destroyed; the toolstack attaches the disk to another one. */
UK_TEST(blkfront, test_requests_wait_for_another_back_end)
{
	if (!start())
		return;
	lose_some();
	be_die();
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "6"));
	UK_EXPECT(uk_backsim_is_nothing_granted());
	UK_EXPECT(!lost[0].is_done);
	uk_xensim_xs_rm(be.sim.fe);
	uk_thread_sleep_ns(30 * UK_NSEC_PER_MSEC);
	/* Not for another disk */
	be_attach(XVDA + 16);
	UK_EXPECT(be_connect());
	UK_EXPECT(wait_disk("xvdb"));
	UK_EXPECT(!lost[0].is_done && blk.dev->info.sectors == DISK_SECTORS);
	be_detach();
	be_attach(XVDA);
	if (!be_connect())
		return;
	expect_found();
	stop();
}

UK_TEST(blkfront, test_requests_do_not_wait_for_ever)
{
	uint64_t old = blkfront_grace_ms, begin = uk_plat_mono_ns();

	if (!start())
		return;
	blkfront_grace_ms = 100;
	lose_some();
	be_die();
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "6"));
	uk_xensim_xs_rm(be.sim.fe);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(lost); i++)
		UK_EXPECT_EQ(wait_done(&lost[i]), -ENODEV);
	UK_EXPECT(uk_plat_mono_ns() - begin >= 100 * UK_NSEC_PER_MSEC);
	uk_blk_close(&blk);
	expect_gone();
	blkfront_grace_ms = old;
}

/* As of a detach by force: it is the toolstack that takes it away. */
UK_TEST(blkfront, test_disk_without_users_does_not_wait)
{
	if (!start())
		return;
	uk_blk_close(&blk);
	be_die();
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "6"));
	uk_xensim_xs_rm(be.sim.fe);
	expect_gone();
}

UK_TEST(blkfront, test_connection_of_an_earlier_life_is_closed_first)
{
	uint64_t begin;

	be_new();
	be_attach(XVDA);
	uk_xensim_xs_rm(be.sim.fe);
	uk_backsim_set_state(&be.sim, "4");
	uk_backsim_write_fe(&be.sim, "state", "4");
	uk_backsim_write_fe(&be.sim, "backend-id", "5");
	uk_backsim_write_fe(&be.sim, "backend", "%s", be.sim.be);
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "5"));
	uk_backsim_set_state(&be.sim, "5");
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "6"));
	begin = uk_plat_mono_ns();
	uk_backsim_set_state(&be.sim, "6");
	/* And asked back at once */
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
	UK_EXPECT(uk_plat_mono_ns() - begin <
		  CONFIG_LIBXENBUSFRONT_RETRY_MS * UK_NSEC_PER_MSEC);
	UK_EXPECT(be_connect());
	UK_EXPECT(wait_disk("xvda"));
	/* Not so when it closes later */
	be_close();
	begin = uk_plat_mono_ns();
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
	UK_EXPECT(uk_plat_mono_ns() - begin >
		  CONFIG_LIBXENBUSFRONT_RETRY_MS * UK_NSEC_PER_MSEC / 2);
	UK_EXPECT(be_connect());
	stop();
}

/* The ring stays mapped over a restart, and its page is not used for anything else. */
UK_TEST(blkfront, test_page_that_outlives_a_restart)
{
	static const struct uk_xenfront_driver drv = { .kind = "test" };
	struct uk_xenfront_dev dev = { .drv = &drv, .id = 3, .remote = UK_BACKSIM_DOM };
	struct uk_xenfront_page first, second, third;

	if (!IS_ENABLED(CONFIG_LIBRESTART)) {
		uk_test_skip("no LIBRESTART");
		return;
	}
	UK_EXPECT_EQ(uk_xenfront_page_open(&dev, "ring", &first), 0);
	memset(first.va, 1, UK_PAGE_SIZE);
	uk_keep_simulate_restart();
	UK_EXPECT_EQ(uk_xenfront_page_open(&dev, "ring", &second), 0);
	UK_EXPECT(second.va == first.va);
	UK_EXPECT(!*(char *)second.va);
	/* The old grant is taken back */
	UK_EXPECT_EQ(uk_xensim_granted_n(), 1);
	/* But for that of a back end that does not let go */
	UK_EXPECT(uk_backsim_map(second.ref));
	uk_keep_simulate_restart();
	memset(second.va, 1, UK_PAGE_SIZE);
	UK_EXPECT_EQ(uk_xenfront_page_open(&dev, "ring", &third), 0);
	UK_EXPECT(third.va != second.va);
	UK_EXPECT_EQ(*(char *)second.va, 1);
	UK_EXPECT(uk_xenfront_page_close(&third));
	UK_EXPECT(!uk_xenfront_page_close(&second));
	uk_backsim_unmap(&(grant_ref_t) { second.ref });
	UK_EXPECT(uk_xenfront_page_close(&second));
	UK_EXPECT(uk_xenfront_page_close(&second));
	UK_EXPECT_EQ(uk_xensim_granted_n(), 0);
}

/* ---- Time ---- */

UK_TEST(blkfront, test_back_end_that_does_not_answer)
{
	uint64_t old = blkfront_timeout_ms;
	struct be_req req;
	struct async a;

	blkfront_timeout_ms = 30;
	if (!start())
		return;
	be.is_silent = true;
	submit(&a, UK_BLK_READ, 0, buf, 512);
	for (unsigned int i = 0; i < 3; i++) {
		UK_EXPECT(be_take(&req));
		UK_EXPECT(uk_backsim_wait(&be.sim, "state", "5"));
		UK_EXPECT(!a.is_done);
		be_close();
		UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
		if (!be_connect())
			return;
	}
	UK_EXPECT_EQ(wait_done(&a), -ETIMEDOUT);
	be.is_silent = false;
	expect_alive();
	stop();
	blkfront_timeout_ms = old;
}

UK_TEST(blkfront, test_event_that_is_lost)
{
	uint64_t old = blkfront_timeout_ms;
	struct be_req req;
	struct async a;

	blkfront_timeout_ms = 30;
	if (!start())
		return;
	be.is_silent = true;
	submit(&a, UK_BLK_READ, 0, buf, 512);
	be_take(&req);
	be_answer(req.id, req.op, 0);
	be.ring->rsp_prod = be.prod;
	UK_EXPECT_EQ(wait_done(&a), 0);
	be.is_silent = false;
	expect_alive();
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "4"));
	stop();
	blkfront_timeout_ms = old;
}
