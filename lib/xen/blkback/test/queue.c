/* SPDX-License-Identifier: BSD-3-Clause */
/* Devices that complete later: one by one, in the order that a test likes, or with an
 * error. */
#include <errno.h>
#include <string.h>

#include "slow.h"

#include <uk/pages.h>
#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

UK_TEST(blkback_queue, test_written_data_reads_back)
{
	static char copy[11 * UK_PAGE_SIZE];

	if (!slow_start())
		return;
	for (unsigned int i = 0; i < sizeof(copy); i++)
		fe.data[i] = copy[i] = (char)(i * 3 + i / 1000);
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_WRITE, 3, 11), BLKIF_RSP_OKAY);
	memset(fe.data, 0, sizeof(copy));
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_READ, 3, 11), BLKIF_RSP_OKAY);
	UK_EXPECT(!memcmp(fe.data, copy, sizeof(copy)));
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_FLUSH_DISKCACHE, 0, 0), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(slow.n_flushes, 1);
	stop();
}

/* As many as find pages for the largest request */
UK_TEST(blkback_queue, test_full_ring_waits_for_the_device)
{
	if (!slow_start())
		return;
	slow.is_held = true;
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		fe_put(&fe, BLKIF_OP_READ, 0, 11, i);
	fe_push(&fe);
	slow_wait((CONFIG_LIBBLKBACK_QUEUE_PAGES - CONFIG_LIBBLKBACK_MAX_SEGS) / 11 + 1);
	for (unsigned int i = 0; i < FE_RING_SIZE; i++) {
		while (!slow.n_pending)
			uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
		slow_complete(slow_req(0), 0);
	}
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	stop();
}

UK_TEST(blkback_queue, test_completion_out_of_order_and_with_error)
{
	uint64_t id;

	if (!slow_start())
		return;
	slow.is_held = true;
	for (unsigned int i = 0; i < 3; i++)
		fe_put(&fe, BLKIF_OP_READ, 0, 1, 10 + i);
	fe_push(&fe);
	if (!slow_wait(3))
		return;
	slow_complete(slow_req(2), 0);
	UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(id, 12);
	slow_complete(slow_req(0), -EIO);
	UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_ERROR);
	UK_EXPECT_EQ(id, 10);
	slow_complete(slow_req(0), 0);
	UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_OKAY);
	stop();
}

UK_TEST(blkback_queue, test_bad_grant_of_a_write_never_reaches_the_device)
{
	struct blkback_wire_req64 *req;

	if (!slow_start())
		return;
	slow.is_held = true;
	req = fe_put(&fe, BLKIF_OP_WRITE, 0, 2, 1);
	req->seg[1].gref = 4000;
	fe_push(&fe);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_ERROR);
	UK_EXPECT_EQ(slow.n_pending, 0);
	stop();
}

/* They take no place in the queue that others would have to give back. */
UK_TEST(blkback_queue, test_full_ring_of_bad_grants_is_answered)
{
	if (!slow_start())
		return;
	slow.is_held = true;
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

	if (!slow_start())
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

	if (!slow_start())
		return;
	slow.is_held = true;
	strcpy(slow.bytes + 7 * UK_BLK_SECTOR, "as it was");
	req = fe_put(&fe, BLKIF_OP_READ, 7, 1, 10);
	fe_push(&fe);
	if (!slow_wait(1))
		return;
	memset(req, 0xff, sizeof(*req));
	slow_complete(slow_req(0), 0);
	UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(id, 10);
	UK_EXPECT_STR(fe.data, "as it was");
	stop();
}

/* The frontend dies with requests on the device: its pages are given back only
 * when the device has let go of them. */
UK_TEST(blkback_queue, test_dead_frontend_is_torn_down_after_the_device)
{
	if (!slow_start())
		return;
	slow.is_held = true;
	fe_put(&fe, BLKIF_OP_WRITE, 0, 4, 1);
	fe_push(&fe);
	if (!slow_wait(1))
		return;
	uk_xensim_xs_rm(fe.sim.fe);
	uk_thread_sleep_ns(20 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	slow_complete(slow_req(0), 0);
	UK_EXPECT(fe_wait(&fe, "state", NULL));
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
	fe_free(&fe);
}

/* Broken index with requests in flight: disconnected once they are back. */
UK_TEST(blkback_queue, test_ring_index_jump_in_flight_disconnects)
{
	if (!slow_start())
		return;
	slow.is_held = true;
	fe_put(&fe, BLKIF_OP_READ, 0, 1, 1);
	fe_push(&fe);
	if (!slow_wait(1))
		return;
	fe.req_prod += FE_RING_SIZE;	/* all but one of them unanswered */
	fe_push(&fe);
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	slow_complete(slow_req(0), 0);
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	stop();
}

/* What the device has read so far, or others had there before, is not for the guest. */
UK_TEST(blkback_queue, test_failed_read_leaves_the_frontends_pages_alone)
{
	static char before[2 * UK_PAGE_SIZE];

	if (!slow_start())
		return;
	slow.is_held = true;
	fill(fe.data, 5);
	memcpy(before, fe.data, sizeof(before));
	fe_put(&fe, BLKIF_OP_READ, 0, 2, 1);
	fe_push(&fe);
	if (!slow_wait(1))
		return;
	UK_EXPECT(slow_req(0)->sg[0].va != fe.data);
	for (unsigned int i = 0; i < slow_req(0)->n_sg; i++)
		memset(slow_req(0)->sg[i].va, 'x', slow_req(0)->sg[i].len_bytes);
	slow_complete(slow_req(0), -EIO);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_ERROR);
	UK_EXPECT(!memcmp(fe.data, before, sizeof(before)));
	stop();
}

/* A device that says it has read, and has not: the guest sees nobody's data. */
UK_TEST(blkback_queue, test_pages_that_reads_stop_in_begin_clear)
{
	char *used = uk_pages_alloc_n(CONFIG_LIBBLKBACK_QUEUE_PAGES);
	struct uk_blk_req *req;

	if (!UK_EXPECT(used))
		return;
	memset(used, 'x', CONFIG_LIBBLKBACK_QUEUE_PAGES * UK_PAGE_SIZE);
	uk_pages_free_n(used, CONFIG_LIBBLKBACK_QUEUE_PAGES);
	if (!slow_start())
		return;
	slow.is_held = true;
	fill(fe.data, 6);
	fe_put(&fe, BLKIF_OP_READ, 0, 11, 1);
	fe_push(&fe);
	if (!slow_wait(1))
		return;
	req = slow_req(0);
	uk_list_del(&req->node);
	slow.n_pending--;
	req->done(req, 0);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	for (unsigned int i = 0; i < 11 * UK_PAGE_SIZE; i += UK_BLK_SECTOR)
		UK_EXPECT_EQ(fe.data[i], 0);
	stop();
}

static void put_reads(unsigned int n_segs, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		fe_put(&fe, BLKIF_OP_READ, 0, n_segs, i);
	fe_push(&fe);
}

/* Of rings that share what the disk has, none lives on what another one waits for. The busy
 * one has requests of @n_segs; the disk completes @batch of them between two looks at it. */
static void share_with_busy_ring(unsigned int n_segs, unsigned int batch)
{
	const unsigned int n_room =
		(CONFIG_LIBBLKBACK_QUEUE_PAGES - CONFIG_LIBBLKBACK_MAX_SEGS) / n_segs + 1;
	const uint64_t mine = 400;
	unsigned int n = 0;

	slow_reset();
	fe.order = FE_MAX_ORDER;
	fe.n_rings = 2;
	if (!slow_connect())
		return;
	slow.is_held = true;
	put_reads(n_segs, n_room);
	slow_wait(n_room);
	fe_use(&fe, 1);
	fe_put(&fe, BLKIF_OP_READ, mine, 1, 7);
	fe_push(&fe);
	uk_thread_sleep_ns(2 * UK_NSEC_PER_MSEC);
	fe_use(&fe, 0);
	put_reads(n_segs, fe_ring_size(&fe) - n_room);
	/* With them it finds room, too */
	for (unsigned int i = UK_MIN(batch, slow.n_pending); i; i--)
		slow_complete(slow_req(0), 0);
	uk_thread_sleep_ns(2 * UK_NSEC_PER_MSEC);
	for (unsigned int i = 0; i < slow.n_pending; i++)
		n += slow_req(i)->sector == mine;
	UK_EXPECT_EQ(n, 1);
	/* And the busy one goes on */
	UK_EXPECT(slow.n_pending > 1);
	while (slow.n_pending) {
		slow_complete(slow_req(0), 0);
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC / 4);
	}
	for (unsigned int i = 0; i < fe_ring_size(&fe); i++)
		UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	fe_use(&fe, 1);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	stop();
	fe.order = fe.n_rings = 0;
}

UK_TEST(blkback_queue, test_busy_ring_leaves_its_neighbour_room)
{
	share_with_busy_ring(1, 1);
	share_with_busy_ring(11, 1);
	share_with_busy_ring(11, CONFIG_LIBBLKBACK_QUEUE_PAGES);
}

/* A frontend asks no more for what the disk turns out not to know, and goes on. */
UK_TEST(blkback_queue, test_discard_that_the_disk_does_not_know_is_not_supported)
{
	static const struct {
		int err, status;
	} cases[] = {
		{ -EOPNOTSUPP, BLKIF_RSP_EOPNOTSUPP }, { -EIO, BLKIF_RSP_ERROR },
		{ 0, BLKIF_RSP_OKAY },
	};

	slow_reset();
	slow.dev.info.can_discard = true;
	if (!slow_connect())
		return;
	slow.is_held = true;
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(cases); i++) {
		struct blkback_wire_discard *d = (void *)fe_put(&fe, BLKIF_OP_DISCARD, 8, 0, i);

		d->flag = 0;
		d->nr_sectors = 8;
		fe_push(&fe);
		if (!slow_wait(1))
			return;
		slow_complete(slow_req(0), cases[i].err);
		UK_EXPECT_EQ(fe_answer(&fe, NULL), cases[i].status);
	}
	stop();
}

/* More than there is room for in each, and whatever is completed first: none is forgotten. */
UK_TEST(blkback_queue, test_rings_that_wait_for_each_other_are_all_served)
{
	unsigned int random = 1;

	slow_reset();
	fe.n_rings = FE_MAX_RINGS;
	if (!slow_connect())
		return;
	slow.is_held = true;
	for (unsigned int ring = 0; ring < FE_MAX_RINGS; ring++) {
		fe_use(&fe, ring);
		for (unsigned int i = 0; i < fe_ring_size(&fe); i++)
			fe_put(&fe, BLKIF_OP_READ, 0, 1 + (i + ring) % 11, i);
		fe_push(&fe);
	}
	for (unsigned int n = 0; n < FE_MAX_RINGS * fe_ring_size(&fe); random = random * 1103515245 + 12345) {
		for (unsigned int i = 0; i < 1000 && !slow.n_pending; i++)
			uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
		if (!UK_EXPECT(slow.n_pending))
			return;
		for (unsigned int i = UK_MIN(random >> 16 & 7, slow.n_pending - 1) + 1; i; i--, n++)
			slow_complete(slow_req((random >> 20) % slow.n_pending), 0);
		uk_thread_yield();
	}
	for (unsigned int ring = 0; ring < FE_MAX_RINGS; ring++) {
		fe_use(&fe, ring);
		for (unsigned int i = 0; i < fe_ring_size(&fe); i++)
			UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	}
	stop();
	fe.n_rings = 0;
}
