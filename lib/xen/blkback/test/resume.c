/* SPDX-License-Identifier: BSD-3-Clause */
/* Over a restart each request is answered once, reads and writes are right, and no
 * state changes. */
#include <string.h>

#include "restart.h"

#include <uk/blkdev_driver.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

/* Ten for the device: its nodes and watch, both ends' states, disk and access, what the
 * frontend has written for all rings and for each of four; more than twice as many with the
 * directories of all kinds of devices in the image, and what those writes set off */
#define MAX_ROUNDS 26

static void restart(void)
{
	leave();
	come_back();
	expect_resumed();
}

/* ---- What was under way ---- */

UK_TEST(blkback_resume, test_taken_requests_are_done_again_in_order)
{
	static const uint64_t ids[] = { 10, 11, 13, 14 };
	unsigned int kicks;
	uint64_t id;

	if (!start_on("held:"))
		return;
	is_held = true;
	fill(fe.data, 1);
	for (unsigned int i = 0; i < 4; i++)
		put_write(i, 10 + i);
	fe_put(&fe, BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 14);
	fe_push(&fe);
	wait_pending(5);
	complete(pending.next->next->next, 0);
	UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(id, 12);
	leave();
	kicks = uk_xensim_port_kicks(fe.port);
	come_back();
	expect_resumed();
	UK_EXPECT(uk_xensim_port_kicks(fe.port) > kicks);
	wait_pending(4);
	UK_EXPECT(sector_of(0) == 0 && sector_of(1) == SECTORS_PER_PAGE &&
		  sector_of(2) == 3 * SECTORS_PER_PAGE);
	UK_EXPECT_EQ(UK_LIST_ENTRY(pending.prev, struct uk_blk_req, node)->op, UK_BLK_FLUSH);
	while (n_pending)
		complete(pending.prev, 0);
	expect_answers(ids, UK_ARRAY_SIZE(ids));
	for (unsigned int i = 0; i < 4; i++)
		UK_EXPECT(!memcmp(disk + i * UK_PAGE_SIZE, fe.data, UK_PAGE_SIZE));
	is_held = false;
	expect_alive(&fe);
	stop();
}

/* It ended in a turn: answers were put, out of order, and the frontend was not
 * told. */
UK_TEST(blkback_resume, test_answers_that_were_not_pushed_are_given_again)
{
	static const uint64_t ids[] = { 20, 21, 22, 23 };

	if (!start_on("held:"))
		return;
	is_held = true;
	for (unsigned int i = 0; i < 4; i++)
		put_write(i, 20 + i);
	fe_push(&fe);
	wait_pending(4);
	complete(pending.prev, 0);
	complete(pending.next->next, 0);
	uk_thread_sleep_ns(2 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(fe.ring->rsp_prod, 2);
	leave();
	left_ring()->rsp_prod = 0;
	is_held = false;
	come_back();
	expect_resumed();
	expect_answers(ids, UK_ARRAY_SIZE(ids));
	stop();
}

UK_TEST(blkback_resume, test_batch_on_a_disk_of_memory_is_done_again)
{
	static const uint64_t ids[] = { 30, 31, 32 };

	for (int abi = 0; abi < 2; abi++) {
		fe.is_32bit = abi;
		if (!start_on("flat:"))
			return;
		fill(fe.data, 3);
		for (unsigned int i = 0; i < 3; i++)
			put_write(i, 30 + i);
		fe_push(&fe);
		uk_thread_sleep_ns(2 * UK_NSEC_PER_MSEC);
		UK_EXPECT_EQ(fe.ring->rsp_prod, 3);
		memset(disk, 0, sizeof(disk));
		leave();
		left_ring()->rsp_prod = 0;
		come_back();
		expect_resumed();
		expect_answers(ids, UK_ARRAY_SIZE(ids));
		for (unsigned int i = 0; i < 3; i++)
			UK_EXPECT(!memcmp(disk + i * UK_PAGE_SIZE, fe.data, UK_PAGE_SIZE));
		stop();
	}
	fe.is_32bit = false;
}

/* Of many disks each waits for those before it. */
UK_TEST(blkback_resume, test_resumption_asks_xenstored_a_few_times)
{
	unsigned long rounds;

	fe.order = FE_MAX_ORDER;
	fe.n_rings = FE_MAX_RINGS;
	if (!start_on("flat:"))
		return;
	leave();
	rounds = uk_xensim_xs_rounds();
	come_back();
	expect_resumed();
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	rounds = uk_xensim_xs_rounds() - rounds;
	uk_console_printf("# %lu times\n", rounds);
	UK_EXPECT(rounds <= MAX_ROUNDS);
	expect_alive(&fe);
	stop();
}

/* Sent while nobody listened, and while the event went nowhere. */
UK_TEST(blkback_resume, test_requests_of_meanwhile_are_served)
{
	static const uint64_t ids[] = { 40 };

	if (!start_on("flat:"))
		return;
	leave();
	put_write(1, 40);
	fe_push(&fe);
	leave_ring();
	come_back();
	expect_resumed();
	expect_answers(ids, 1);
	stop();
}

UK_TEST(blkback_resume, test_disk_that_has_grown_is_told)
{
	static const uint64_t ids[] = { 41 };

	if (!start_on("held:"))
		return;
	is_held = true;
	put_write(1, 41);
	fe_push(&fe);
	wait_pending(1);
	leave();
	is_held = false;
	held.info.sectors += 8;
	come_back();
	UK_EXPECT(fe_wait(&fe, "sectors", "520"));
	UK_EXPECT(fe_wait(&fe, "state", "4"));
	expect_answers(ids, 1);
	stop();
}

/* Its own back end may take its time; others go on. */
UK_TEST(blkback_resume, test_disk_that_is_still_to_come_holds_up_nobody_else)
{
	static const uint64_t ids[] = { 42 };

	if (!start_on("held:"))
		return;
	stop();
	held.drv = NULL;
	strlcpy(held.name, "held0", sizeof(held.name));
	uk_blkdev_add(&held);
	if (!start_on("held0"))
		return;
	is_held = true;
	put_write(1, 42);
	fe_push(&fe);
	wait_pending(1);
	leave();
	is_held = false;
	uk_blkdev_announce(&held, 5 * UK_NSEC_PER_SEC);
	come_back();
	if (!fe_connect(&other, OTHER_DOM, 51712, "ram:size=1M"))
		return;
	expect_alive(&other);
	UK_EXPECT_EQ(fe.ring->rsp_prod, 0);
	uk_blkdev_add(&held);
	expect_answers(ids, 1);
	UK_EXPECT_EQ(uk_frontsim_be_state(&fe.sim), 4);
	fe_detach(&other);
	fe_free(&other);
	stop();
	uk_blkdev_remove(&held);
}

/* It was going when the life before ended, so that this one has no use for what was kept. */
UK_TEST(blkback_resume, test_device_that_goes_over_a_restart_leaves_nothing_kept)
{
	if (!start_on("held:"))
		return;
	is_held = true;
	put_write(1, 42);
	fe_push(&fe);
	wait_pending(1);
	leave();
	is_held = false;
	uk_xensim_xs_rm(fe.sim.fe);
	come_back();
	UK_EXPECT(fe_wait(&fe, "state", NULL));
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	UK_EXPECT(!is_anything_kept());
	fe_free(&fe);
}

UK_TEST(blkback_resume, test_persistent_grants_are_mapped_again)
{
	fe.is_persistent = true;
	if (!start_on("flat:"))
		return;
	expect_alive(&fe);
	restart();
	write_and_read_back(&fe, 11, 8);
	stop();
	fe.is_persistent = false;
}

/* A write to each of the pages at a time, over and over, in any ring, completed in any
 * order, with a restart now and then, some of them before what was put was pushed: at
 * the end each page has what was written to it last. */
struct model {
	uint32_t random;
	unsigned int version[FE_PAGES];		/* of each page */
	bool is_out[FE_PAGES];
	unsigned int n_out, n_restarts;
};

static unsigned int chance(struct model *m, unsigned int n)
{
	return uk_frontsim_random(&m->random) % n;
}

static void model_write(struct model *m)
{
	unsigned int page = chance(m, FE_PAGES);

	if (m->is_out[page])
		return;
	m->is_out[page] = true;
	m->n_out++;
	memset(fe.data + page * UK_PAGE_SIZE, (int)++m->version[page], UK_PAGE_SIZE);
	fe_use(&fe, chance(m, fe.n_rings));
	fe_put(&fe, BLKIF_OP_WRITE, page * SECTORS_PER_PAGE, 1, page);
	((struct blkback_wire_req64 *)fe_slot(&fe, fe.req_prod - 1))->seg[0].gref = fe.refs[page];
	fe_push(&fe);
}

static void model_answers_of_ring(struct model *m)
{
	uint64_t id;

	while (fe.ring->rsp_prod != fe.rsp_cons) {
		UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_OKAY);
		if (!UK_EXPECT(id < FE_PAGES && m->is_out[id]))
			return;
		m->is_out[id] = false;
		m->n_out--;
		UK_EXPECT_EQ(disk[id * UK_PAGE_SIZE + 99], (char)m->version[id]);
	}
}

static void model_answers(struct model *m)
{
	for (unsigned int i = 0; i < fe.n_rings; i++) {
		fe_use(&fe, i);
		model_answers_of_ring(m);
	}
}

static void model_restart(struct model *m)
{
	leave();
	/* Answers that the frontend has not seen */
	for (unsigned int i = 0; i < fe.n_rings; i++) {
		fe_use(&fe, i);
		left_ring()->rsp_prod -= chance(m, left_ring()->rsp_prod - fe.rsp_cons + 1);
	}
	come_back();
	expect_resumed();
	m->n_restarts++;
}

static void model_step(struct model *m)
{
	uint32_t r = chance(m, 64);

	if (r == 0)
		model_restart(m);
	else if (r < 24)
		model_write(m);
	else if (r < 40 && n_pending)
		complete(r % 2 ? pending.next : pending.prev, 0);
	else if (r < 48)
		model_answers(m);
	else
		uk_thread_yield();
}

static void restart_under_load(unsigned int order, unsigned int n_rings)
{
	struct model m = { .random = 7 };

	fe.order = order;
	fe.n_rings = n_rings;
	if (!start_on("held:"))
		return;
	is_held = true;
	for (int i = 0; i < 4000; i++)
		model_step(&m);
	is_held = false;
	while (n_pending)
		complete(pending.next, 0);
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	model_answers(&m);
	UK_EXPECT_EQ(m.n_out, 0);
	UK_EXPECT(m.n_restarts > 20);
	for (unsigned int i = 0; i < FE_PAGES; i++)
		UK_EXPECT_EQ(disk[i * UK_PAGE_SIZE + 4095], (char)m.version[i]);
	stop();
}

UK_TEST(blkback_resume, test_restarts_under_load_lose_and_tear_nothing)
{
	restart_under_load(0, 1);
}

UK_TEST(blkback_resume, test_restarts_with_large_rings_lose_and_tear_nothing)
{
	restart_under_load(3, 4);
}

/* Its slots are used to the last one. */
UK_TEST(blkback_resume, test_full_ring_of_eight_pages_is_done_again)
{
	uint64_t ids[BLKBACK_MAX_RING_SIZE];

	fe.order = FE_MAX_ORDER;
	if (!start_on("flat:"))
		return;
	fill(fe.data, 3);
	for (unsigned int i = 0; i < BLKBACK_MAX_RING_SIZE; i++) {
		ids[i] = 1000 + i;
		put_write(i % FE_PAGES, ids[i]);
	}
	fe_push(&fe);
	uk_frontsim_wait_past(&fe.ring->rsp_prod, BLKBACK_MAX_RING_SIZE - 1, UK_NSEC_PER_SEC);
	leave();
	memset(disk, 0, DISK_BYTES);
	left_ring()->rsp_prod = 0;
	come_back();
	expect_resumed();
	expect_answers(ids, UK_ARRAY_SIZE(ids));
	for (unsigned int i = 0; i < FE_PAGES; i++)
		UK_EXPECT(!memcmp(disk + i * UK_PAGE_SIZE, fe.data, UK_PAGE_SIZE));
	stop();
}
