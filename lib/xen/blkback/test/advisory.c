/* SPDX-License-Identifier: BSD-3-Clause */
/* Attacks of Xen's advisories that need more than a bad request
 * (doc/backend-security.md). */
#include <string.h>

#include "common.h"

#include <uk/alloc.h>
#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

/* XSA-216: a response is twelve bytes; the one that is no field is 0, and behind them
 * there is what the frontend had there. */
UK_TEST(blkback, test_response_shows_nothing_but_its_fields)
{
	uint8_t *slot;

	for (int is_32bit = 0; is_32bit < 2; is_32bit++) {
		fe = (struct frontend) { .is_32bit = is_32bit };
		if (!fe_connect(&fe, FE_DOM, 51712, "ram:size=1M"))
			return;
		fe_put(&fe, BLKIF_OP_READ, 0, 1, 0x1122334455667788);
		slot = fe_slot(&fe, 0);
		memset(slot + 104, 0xa5, 4);
		fe_push(&fe);
		UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
		UK_EXPECT_EQ(slot[8], BLKIF_OP_READ);
		UK_EXPECT_EQ(slot[9], 0);
		for (int i = 104; i < 108; i++)
			UK_EXPECT_EQ(slot[i], 0xa5);
		stop();
	}
}

/* XSA-349: changes of a watched node are hints. While they wait they take no memory,
 * and so many of them cost as little as some. */
UK_TEST(blkback, test_flood_of_state_changes_is_bounded)
{
	struct uk_heap_stats before, after;
	unsigned long requests;

	if (!start())
		return;
	uk_thread_sleep_ns(10 * UK_NSEC_PER_MSEC);
	uk_heap_stats(&before);
	requests = uk_xensim_xs_requests();
	for (unsigned int i = 0; i < 400; i++)
		fe_set_state(&fe, i % 2 ? "4" : "x");
	uk_thread_sleep_ns(50 * UK_NSEC_PER_MSEC);
	uk_heap_stats(&after);
	UK_EXPECT_EQ(before.n_allocs, after.n_allocs);
	UK_EXPECT(uk_xensim_xs_requests() - requests < 100);
	expect_alive(&fe);
	stop();
}

/* XSA-350: a frontend that is gone before it was served, and there again, again and
 * again, has one ring and one port in the end. */
UK_TEST(blkback, test_flapping_leaves_one_ring)
{
	unsigned int ports;

	if (!start())
		return;
	ports = uk_xensim_ports();
	for (unsigned int i = 0; i < 50; i++) {
		fe_set_state(&fe, "6");
		if (i % 3)
			uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
		fe_set_state(&fe, "1");
		if (i % 2)
			uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
		fe_set_state(&fe, "3");
	}
	fe_set_state(&fe, "6");
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	fe_set_state(&fe, "1");
	UK_EXPECT(fe_wait(&fe, "state", "2"));
	fe_initialise(&fe);
	UK_EXPECT(fe_wait(&fe, "state", "4"));
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	UK_EXPECT_EQ(uk_xensim_ports(), ports);
	expect_alive(&fe);
	stop();
}
