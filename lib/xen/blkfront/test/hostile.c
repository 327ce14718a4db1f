/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A back end that lies. Each lie costs the disk its connection, and nobody else
 * anything: requests wait, everything is given back, and it connects again.
 */
#include "common.h"

#include <errno.h>
#include <string.h>

#include <uk/plat/event.h>
#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

#include "../blkfront_priv.h"

/* The front end closes; the back end does too, and they meet again. */
static void expect_closed(struct async *waits)
{
	if (!UK_EXPECT(uk_backsim_wait(&be.sim, "state", "5")))
		return;
	if (waits)
		UK_EXPECT(!waits->is_done);
	be_close();
	UK_EXPECT(uk_backsim_is_nothing_granted());
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
	if (!be_connect())
		return;
	be.is_silent = false;
	if (waits)
		UK_EXPECT_EQ(wait_done(waits), 0);
	expect_alive();
	stop();
}

UK_TEST(blkfront, test_index_beyond_the_requests)
{
	struct async a;
	struct be_req req;

	if (!start())
		return;
	be.is_silent = true;
	submit(&a, UK_BLK_READ, 0, buf, 512);
	be_take(&req);
	/* There is nothing wrong with the answer but that there is another one */
	be_answer(req.id, req.op, 0);
	be_answer(req.id, req.op, 0);
	be_push();
	expect_closed(&a);
}

UK_TEST(blkfront, test_index_that_goes_back)
{
	if (!start())
		return;
	expect_alive();
	be.ring->rsp_prod = be.prod - 1;
	uk_xensim_port_kick(be.port);
	expect_closed(NULL);
}

static void answer_with(uint64_t change)
{
	struct async a, b;
	struct be_req req;

	if (!start())
		return;
	be.is_silent = true;
	submit(&a, UK_BLK_READ, 0, buf, 512);
	submit(&b, UK_BLK_READ, 1, buf + UK_PAGE_SIZE, 512);
	be_take(&req);
	be_answer(req.id ^ change, req.op, 0);
	be_push();
	expect_closed(&a);
	UK_EXPECT_EQ(b.err, 0);
}

UK_TEST(blkfront, test_answer_of_an_id_that_does_not_exist)
{
	answer_with(1ull << 7);
	answer_with(1ull << 32);
	answer_with(1ull << 63);
}

UK_TEST(blkfront, test_answer_of_an_id_that_is_not_under_way)
{
	answer_with(16 * 4);
}

UK_TEST(blkfront, test_answer_of_a_piece_that_there_is_not)
{
	answer_with(1);
	answer_with(3);
}

UK_TEST(blkfront, test_answer_twice)
{
	struct async a, b;
	struct be_req req;

	if (!start())
		return;
	be.is_silent = true;
	submit(&a, UK_BLK_READ, 0, buf, 512);
	submit(&b, UK_BLK_READ, 0, buf + UK_PAGE_SIZE, 512);
	be_take(&req);
	be_answer(req.id, req.op, 0);
	be_answer(req.id, req.op, 0);
	be_push();
	UK_EXPECT_EQ(wait_done(&a), 0);
	expect_closed(&b);
}

/* One of the pieces of a large request, for the others as well */
UK_TEST(blkfront, test_answer_of_a_piece_twice)
{
	struct async a;
	struct be_req req;

	if (!start())
		return;
	be.is_silent = true;
	submit(&a, UK_BLK_READ, 0, buf, 32 * UK_PAGE_SIZE);
	be_take(&req);
	for (unsigned int i = 0; i < 3; i++)
		be_answer(req.id, req.op, 0);
	be_push();
	expect_closed(&a);
}

/* What is asked between the lie and the end of the connection waits. */
UK_TEST(blkfront, test_back_end_that_lies_gets_no_more_requests)
{
	struct async a, b;
	struct be_req req;

	if (!start())
		return;
	be.is_silent = true;
	submit(&a, UK_BLK_READ, 0, buf, 512);
	be_take(&req);
	be_answer(req.id ^ 1, req.op, 0);
	be_push();
	/* It is seen, and no thread has its turn */
	uk_plat_poll();
	submit(&b, UK_BLK_READ, 8, buf + UK_PAGE_SIZE, 512);
	UK_EXPECT_EQ(be_waiting(), 0);
	expect_closed(&a);
	UK_EXPECT(b.is_done && !b.err);
}

/* Pages that it keeps are waited for, and the disk goes on without them. */
UK_TEST(blkfront, test_pages_that_the_back_end_keeps)
{
	grant_ref_t kept;
	struct be_req req;
	struct async a;

	if (!start())
		return;
	be.is_silent = true;
	submit(&a, UK_BLK_READ, 0, buf, 512);
	be_take(&req);
	kept = req.segs[0].gref;
	uk_xensim_granted_hold(kept, true);
	be_close();
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
	UK_EXPECT_EQ(uk_xensim_granted_n(), 1);
	UK_EXPECT(be_connect());
	be.is_silent = false;
	UK_EXPECT_EQ(wait_done(&a), 0);
	/* It writes there when nobody expects it any more */
	memset(uk_xensim_granted(UK_BACKSIM_DOM, kept, true), 'z', UK_PAGE_SIZE);
	expect_alive();
	uk_xensim_granted_hold(kept, false);
	stop();
}

/* A ring that it keeps */
UK_TEST(blkfront, test_ring_that_the_back_end_keeps)
{
	struct uk_xen_ring_wire *ring;
	grant_ref_t kept;

	if (!start())
		return;
	ring = be.ring;
	kept = be.ring_ref;
	be_close();
	uk_xensim_granted_hold(kept, true);
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
	UK_EXPECT(be_connect());
	ring->rsp_prod = 77;
	expect_alive();
	uk_xensim_granted_hold(kept, false);
	stop();
}

UK_TEST(blkfront, test_nodes_that_make_no_sense)
{
	static const struct { const char *sectors, *size; } bad[] = {
		{ NULL, NULL }, { "-1", NULL }, { "18446744073709551616", NULL },
		{ "9223372036854775808", NULL }, { " 8", NULL }, { "", NULL },
		{ "100", "0" }, { "100", "256" }, { "100", "1000" }, { "100", "8192" },
		{ "100", "4294967296512" },
	};

	if (!start())
		return;
	stop();
	be_attach(XVDA);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(bad); i++) {
		be.sectors = bad[i].sectors;
		be.sector_size = bad[i].size;
		if (!be_connect())
			return;
		/* A size that is no number is none */
		if (i == UK_ARRAY_SIZE(bad) - 1)
			break;
		UK_EXPECT(uk_backsim_wait(&be.sim, "state", "5"));
		UK_EXPECT(!blk.dev);
		be_close();
		UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
	}
	UK_EXPECT(wait_disk("xvda"));
	UK_EXPECT_EQ(uk_blk_open(&blk, "xvda", why), 0);
	UK_EXPECT_EQ(blk.dev->info.sector_bytes, 512);
	uk_blk_close(&blk);
	be_detach();
	expect_gone();
}

/* Each costs a look, and no thread its turn. */
UK_TEST(blkfront, test_storm_of_events_costs_little)
{
	if (!start())
		return;
	for (unsigned int i = 0; i < 1000; i++) {
		uk_xensim_port_kick(be.port);
		uk_plat_poll();
	}
	expect_alive();
	stop();
}

/* Answers before it says that it is connected, and after it has closed */
UK_TEST(blkfront, test_answers_at_the_wrong_time)
{
	struct async a;
	struct be_req req;

	if (!start())
		return;
	stop();
	be_attach(XVDA);
	if (!be_map())
		return;
	be_answer(0, 0, 0);
	be_push();
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "4"));
	be.ring->rsp_prod = be.prod = 0;
	uk_backsim_set_state(&be.sim, "4");
	if (!wait_disk("xvda") || uk_blk_open(&blk, "xvda", why))
		return;
	be.is_silent = true;
	submit(&a, UK_BLK_READ, 0, buf, 512);
	be_take(&req);
	uk_backsim_set_state(&be.sim, "5");
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "6"));
	be_answer(req.id, req.op, 0);
	be_push();
	uk_thread_sleep_ns(2 * UK_NSEC_PER_MSEC);
	UK_EXPECT(!a.is_done);
	be_let_go();
	uk_backsim_set_state(&be.sim, "6");
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
	UK_EXPECT(be_connect());
	be.is_silent = false;
	UK_EXPECT_EQ(wait_done(&a), 0);
	uk_blk_close(&blk);
	be_detach();
	expect_gone();
}

/* ---- Anything ---- */

static struct async many[24];

static bool are_all_done(void)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(many); i++)
		if (!many[i].is_done)
			return false;
	return true;
}

static void random_turn(uint32_t *seed)
{
	static const int16_t statuses[] = { 0, 0, 0, 0, -1, -2, 1, 77 };
	struct be_req req = { 0 };

	for (unsigned int n = 1 + uk_frontsim_random(seed) % 6; n && be_waiting(); n--) {
		uint32_t dice = uk_frontsim_random(seed);

		be_take(&req);
		if (dice % 64 == 0)
			req.id = uk_frontsim_random(seed) % 160;
		/* Not over what it has not read yet */
		if (dice % 64 == 1 && be.prod + 1 != be.cons)
			be_answer(req.id, req.op, 0);
		if (dice % 64 != 2 && be.prod != be.cons)
			be_answer(req.id, req.op, statuses[(dice >> 8) % 8]);
	}
	if (!be.ring)
		return;
	if (uk_frontsim_random(seed) % 128 == 0)
		be.prod += uk_frontsim_random(seed);
	be_push();
	uk_xensim_port_kick(be.port);
}

/* Whatever it answers, each request ends once. */
UK_TEST(blkfront, test_random_answers_break_nothing)
{
	uint32_t seed = 4711;

	for (unsigned int round = 0; round < 30; round++) {
		be_new();
		be.indirect = round % 2 ? "32" : NULL;
		if (!start_with(XVDA, "xvda"))
			return;
		be.is_silent = true;
		for (unsigned int i = 0; i < UK_ARRAY_SIZE(many); i++)
			submit(&many[i], uk_frontsim_random(&seed) % 2 ? UK_BLK_WRITE : UK_BLK_READ,
			       i * 8, buf + i * UK_PAGE_SIZE,
			       (1 + uk_frontsim_random(&seed) % 40) * UK_PAGE_SIZE);
		for (unsigned int i = 0; i < 40 && !are_all_done(); i++) {
			random_turn(&seed);
			uk_thread_yield();
		}
		/* One that it has not answered, or not rightly, is waited for in vain */
		be_detach();
		for (unsigned int i = 0; i < UK_ARRAY_SIZE(many); i++)
			UK_EXPECT(wait_done(&many[i]) <= 0);
		if (blk.dev)
			uk_blk_close(&blk);
		expect_gone();
	}
}
