/* SPDX-License-Identifier: BSD-3-Clause */
/* What does not fit after a restart ends its device alone. */
#include <string.h>

#include "restart.h"

#include <uk/blkdev_driver.h>
#include <uk/test.h>
#include <uk/thread.h>

/* fe with two requests that are held, and another disk; fe in the test's hands. */
static bool start_both(void)
{
	if (!start_on("held:") ||
	    !fe_connect(&other, OTHER_DOM, 51712, "ram:size=1M"))
		return false;
	is_held = true;
	put_write(0, 50);
	put_write(1, 51);
	fe_push(&fe);
	wait_pending(2);
	leave();
	is_held = false;
	return true;
}

static void stop_both(void)
{
	fe_detach(&fe);
	fe_free(&fe);
	fe.order = fe.n_rings = 0;
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	fe_detach(&other);
	fe_free(&other);
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
}

static void expect_given_up(const char *error)
{
	come_back();
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	UK_EXPECT(!uk_xensim_port_is_bound(fe.port));
	UK_EXPECT(uk_frontsim_has_error(&fe.sim, error));
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	UK_EXPECT(!is_anything_kept());
	expect_alive(&other);
}

static void spoil_nothing_kept(void)
{
	left[0].has_kept = false;
}

static void spoil_req_prod(void)
{
	left_ring()->req_prod += FE_RING_SIZE;
}

static void spoil_req_prod_back(void)
{
	left_ring()->req_prod = 1;
}

static void spoil_rsp_prod(void)
{
	left_ring()->rsp_prod += 3;
}

static void spoil_ref(void)
{
	left_kept()->refs[0]++;
}

static void spoil_port(void)
{
	left_kept()->remote_port++;
}

static void spoil_abi(void)
{
	left_kept()->abi = BLKBACK_ABI_32;
}

static void spoil_n_pages(void)
{
	left_kept()->n_pages = 2;
}

static void spoil_n_rings(void)
{
	left_kept()->n_rings = 2;
}

static void spoil_n_unflushed(void)
{
	left_kept()->n_unflushed = FE_RING_SIZE + 1;
}

static void spoil_taken(void)
{
	left_ledger()->req_cons += 5;
}

static void spoil_map(void)
{
	left_ledger()->map[40] = 255;
}

UK_TEST(blkback_resume, test_what_does_not_fit_ends_its_device_alone)
{
	static void (*const spoilers[])(void) = {
		spoil_nothing_kept, spoil_req_prod, spoil_req_prod_back, spoil_rsp_prod, spoil_ref,
		spoil_port, spoil_abi, spoil_n_pages, spoil_n_rings, spoil_n_unflushed,
		spoil_taken, spoil_map,
	};

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(spoilers); i++) {
		if (!start_both())
			return;
		spoilers[i]();
		expect_given_up("cannot be resumed");
		stop_both();
	}
}

/* Its target was rewritten, which is refused as long as the disk is open. */
UK_TEST(blkback_resume, test_another_disk_ends_the_device)
{
	if (!start_both())
		return;
	strlcpy(left_kept()->disk, "nvme0p1", sizeof(left_kept()->disk));
	expect_given_up("another disk than before");
	UK_EXPECT_EQ(disk[0], 0);
	stop_both();
}

/* A kept request is checked as one of the ring's. */
UK_TEST(blkback_resume, test_damaged_request_is_an_error)
{
	unsigned int slot;

	if (!start_both())
		return;
	slot = left_ledger()->map[0];
	memset(left_kept()->reqs[slot].raw, 255, sizeof(left_kept()->reqs[slot].raw));
	come_back();
	expect_resumed();
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_EOPNOTSUPP);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	expect_alive(&fe);
	stop_both();
}

/* After start_both() */
static void expect_lost(const char *error)
{
	come_back();
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	UK_EXPECT(uk_frontsim_has_error(&fe.sim, error));
	UK_EXPECT(fe_wait(&fe, "state", NULL));
	UK_EXPECT(!is_anything_kept());
	expect_alive(&other);
	fe_free(&fe);
	fe_detach(&other);
	fe_free(&other);
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
}

UK_TEST(blkback_resume, test_disk_that_is_another_is_not_resumed)
{
	if (!start_both())
		return;
	held.info.is_new = true;
	expect_lost("ended with the restart");
}

UK_TEST(blkback_resume, test_disk_that_has_shrunk_is_not_resumed)
{
	if (!start_both())
		return;
	held.info.sectors--;
	expect_lost("the disk has 511 sectors, and had 512 before the restart");
}

UK_TEST(blkback_resume, test_disk_with_other_sectors_is_not_resumed)
{
	if (!start_both())
		return;
	held.info.sector_bytes = 4096;
	expect_lost("the disk has sectors of 4096 bytes, and had 512 before the restart");
}

UK_TEST(blkback_resume, test_random_damage_ends_at_most_its_device)
{
	uint32_t state = 3;

	for (int i = 0; i < 30; i++) {
		if (!start_both())
			return;
		for (unsigned int n = uk_frontsim_random(&state) % 6 + 1; n; n--) {
			uint32_t r = uk_frontsim_random(&state);

			left[0].bytes[r % left_bytes()] = (char)(r >> 24);
			if (r & 1 << 20)
				left[0].ring[(r >> 12) % 80] = (char)r;
		}
		come_back();
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
		UK_EXPECT(uk_frontsim_be_state(&fe.sim) == 4 || uk_frontsim_be_state(&fe.sim) == 6);
		expect_alive(&other);
		stop_both();
	}
}

/* ---- Several rings ---- */

/* What makes no sense in one of them ends the device, before a request of any other
 * is done again. */
static void spoil_nothing_kept_of_last(void)
{
	left[3].has_kept = false;
}

static void spoil_page_of_last(void)
{
	left[3].kept.refs[1]++;
}

static void spoil_map_of_last(void)
{
	fe_use(&fe, 3);
	left_ledger()->map[5] = 6;
}

UK_TEST(blkback_resume, test_one_bad_ring_of_four_resumes_none)
{
	static void (*const spoilers[])(void) = {
		spoil_nothing_kept_of_last, spoil_page_of_last, spoil_map_of_last,
	};

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(spoilers); i++) {
		fe.order = 1;
		fe.n_rings = 4;
		if (!start_both())
			return;
		spoilers[i]();
		expect_given_up("ring 3 cannot be resumed");
		UK_EXPECT_EQ(disk[99], 0);
		stop_both();
	}
}

/* The frontend says now that it has two: what was kept of the others is no use to
 * anybody. */
UK_TEST(blkback_resume, test_other_number_of_rings_is_not_resumed)
{
	fe.n_rings = 4;
	if (!start_both())
		return;
	uk_frontsim_write_fe(&fe.sim, "multi-queue-num-queues", "2");
	expect_given_up("ring 0 cannot be resumed");
	stop_both();
}
