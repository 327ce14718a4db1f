/* SPDX-License-Identifier: BSD-3-Clause */
/* Hardware that reads and writes the frontend's own pages. */
#include "indirect.h"

#include <errno.h>
#include <string.h>

#include "slow.h"
#include "../blkback_priv.h"

#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

#define DMA_PAGES ((CONFIG_LIBBLKBACK_QUEUE_PAGES + 3) / 4)

static bool start_dma(bool is_held)
{
	slow_reset();
	slow.dev.info.is_dma = true;
	slow.is_held = is_held;
	return slow_connect();
}

/* Does the device have the frontend's pages, from @first on? */
static bool is_in_place(const struct uk_blk_req *req, unsigned int first)
{
	for (unsigned int i = 0; i < req->n_sg; i++)
		if (req->sg[i].va != fe.data + (first + i) * UK_PAGE_SIZE ||
		    req->sg[i].len_bytes != UK_PAGE_SIZE)
			return false;
	return true;
}

UK_TEST(blkback_dma, test_large_request_is_done_in_place)
{
	unsigned long copies;

	if (!start_dma(true))
		return;
	copies = uk_xensim_copies();
	for (uint8_t op = BLKIF_OP_READ; op <= BLKIF_OP_WRITE; op++) {
		fe_put(&fe, op, 0, 2, 1);
		fe_push(&fe);
		if (!slow_wait(1))
			return;
		UK_EXPECT_EQ(slow_req(0)->n_sg, 2);
		UK_EXPECT(is_in_place(slow_req(0), 0));
		UK_EXPECT_EQ(uk_xensim_mappings(), 1 + 2);
		slow_complete(slow_req(0), 0);
		UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
		UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	}
	UK_EXPECT_EQ(uk_xensim_copies(), copies);
	slow.is_held = false;
	write_and_read_back(&fe, 11, 3);
	stop();
}

static void expect_copied(void)
{
	unsigned long copies = uk_xensim_copies();

	fe_put(&fe, BLKIF_OP_WRITE, 0, 2, 1);
	fe_push(&fe);
	if (!slow_wait(1))
		return;
	UK_EXPECT(!is_in_place(slow_req(0), 0));
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	UK_EXPECT_EQ(uk_xensim_copies(), copies + 2);
	slow_complete_all();
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	slow.is_held = false;
	write_and_read_back(&fe, 11, 3);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
}

UK_TEST(blkback_dma, test_large_request_is_copied_where_that_is_wanted)
{
	blkback_dma = 0;
	if (start_dma(true)) {
		expect_copied();
		stop();
	}
	blkback_dma = -1;
}

UK_TEST(blkback_dma, test_small_request_is_copied)
{
	unsigned long copies;

	if (!start_dma(true))
		return;
	copies = uk_xensim_copies();
	fe_put(&fe, BLKIF_OP_WRITE, 0, 1, 1);
	fe_push(&fe);
	if (!slow_wait(1))
		return;
	UK_EXPECT(slow_req(0)->sg[0].va != fe.data);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	UK_EXPECT_EQ(uk_xensim_copies(), copies + 1);
	slow_complete_all();
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	write_and_read_back(&fe, 1, 5);
	stop();
}

/* A full ring of small reads of sector 0: as many as there are pages are copied, the rest
 * is mapped. */
static void expect_all_pages_used(void)
{
	slow.is_held = true;
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		fe_put(&fe, BLKIF_OP_READ, 0, 1, i)->seg[0].gref = fe.refs[i % FE_PAGES];
	fe_push(&fe);
	slow_wait(FE_RING_SIZE);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1 + FE_RING_SIZE - DMA_PAGES);
	slow_complete_all();
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
}

/* A page of data that begins in the middle of one: a device that wants whole pages gets
 * it as one piece. */
UK_TEST(blkback_dma, test_small_request_is_one_piece)
{
	struct blkback_wire_req64 *req;

	if (!start_dma(true))
		return;
	fill(fe.data, 7);
	req = fe_put(&fe, BLKIF_OP_WRITE, 0, 2, 1);
	req->seg[0].first_sect = 3;
	req->seg[1].last_sect = 2;
	fe_push(&fe);
	if (!slow_wait(1))
		return;
	UK_EXPECT_EQ(slow_req(0)->n_sg, 1);
	UK_EXPECT_EQ(slow_req(0)->sg[0].len_bytes, UK_PAGE_SIZE);
	slow_complete_all();
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	UK_EXPECT(!memcmp(slow.bytes, fe.data + 3 * UK_BLK_SECTOR, UK_PAGE_SIZE));
	expect_all_pages_used();
	stop();
}

/* It need not wait for what is under way: there is another way. */
UK_TEST(blkback_dma, test_small_request_that_finds_no_page_is_mapped)
{
	static char copy[UK_PAGE_SIZE];

	if (!start_dma(true))
		return;
	fill(slow.bytes, 1);
	memcpy(copy, slow.bytes, sizeof(copy));
	for (unsigned int round = 0; round < 3; round++) {
		memset(fe.data, 0, FE_PAGES * UK_PAGE_SIZE);
		expect_all_pages_used();
		for (unsigned int i = 0; i < FE_PAGES; i++)
			UK_EXPECT(!memcmp(fe.data + i * UK_PAGE_SIZE, copy, sizeof(copy)));
	}
	stop();
}

UK_TEST(blkback_dma, test_bad_grant_fails_its_request_alone)
{
	struct blkback_wire_req64 *req;
	uint64_t id;

	if (!start_dma(true))
		return;
	fe_put(&fe, BLKIF_OP_READ, 0, 4, 1);
	req = fe_put(&fe, BLKIF_OP_READ, 0, 11, 2);
	req->seg[10].gref = 4000;
	fe_put(&fe, BLKIF_OP_WRITE, 0, 4, 3);
	fe_push(&fe);
	UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_ERROR);
	UK_EXPECT_EQ(id, 2);
	UK_EXPECT_EQ(slow.n_pending, 2);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1 + 8);
	slow_complete_all();
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	stop();
}

UK_TEST(blkback_dma, test_full_ring_of_bad_grants_is_answered)
{
	if (!start_dma(true))
		return;
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		fe_put(&fe, BLKIF_OP_WRITE, 0, 11, i)->seg[10].gref = 4000;
	fe_push(&fe);
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_ERROR);
	UK_EXPECT_EQ(slow.n_pending, 0);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	stop();
}

/* The device only reads what is written: a page that the frontend does not let us
 * write is good for that, and for nothing else. */
UK_TEST(blkback_dma, test_readonly_grant_is_for_writes)
{
	static char page[UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);
	grant_ref_t ref = uk_xensim_grant(FE_DOM, page, true);

	if (!start_dma(false))
		return;
	strcpy(page, "from a page nobody writes");
	fe_put(&fe, BLKIF_OP_WRITE, 0, 2, 1)->seg[0].gref = ref;
	fe_push(&fe);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	UK_EXPECT_STR(slow.bytes, "from a page nobody writes");
	fe_put(&fe, BLKIF_OP_READ, 8, 2, 1)->seg[0].gref = ref;
	fe_push(&fe);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_ERROR);
	UK_EXPECT_STR(page, "from a page nobody writes");
	stop();
	UK_EXPECT(uk_xensim_grant_end(ref));
}

UK_TEST(blkback_dma, test_device_error_is_an_error)
{
	if (!start_dma(true))
		return;
	fe_put(&fe, BLKIF_OP_READ, 0, 3, 1);
	fe_push(&fe);
	if (!slow_wait(1))
		return;
	slow_complete(slow_req(0), -EIO);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_ERROR);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	stop();
}

/* As long as the device may write to them. */
UK_TEST(blkback_dma, test_pages_of_a_dead_frontend_stay_until_the_device_has_answered)
{
	if (!start_dma(true))
		return;
	fe_put(&fe, BLKIF_OP_READ, 0, 4, 1);
	fe_put(&fe, BLKIF_OP_WRITE, 0, 4, 1);
	fe_push(&fe);
	if (!slow_wait(2))
		return;
	uk_xensim_xs_rm(fe.sim.fe);
	uk_thread_sleep_ns(20 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1 + 8);
	slow_complete(slow_req(1), 0);
	uk_thread_sleep_ns(20 * UK_NSEC_PER_MSEC);
	UK_EXPECT(uk_xensim_mappings() >= 1 + 4);
	slow_complete(slow_req(0), 0);
	UK_EXPECT(fe_wait(&fe, "state", NULL));
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
	fe_free(&fe);
}

/* It has as many as it has places; the rest stays in the ring. */
UK_TEST(blkback_dma, test_full_ring_of_large_requests_waits_for_the_device)
{
	const unsigned int most =
		(CONFIG_LIBBLKBACK_QUEUE_SEGS - CONFIG_LIBBLKBACK_MAX_SEGS) / 11 + 1;

	if (!start_dma(true))
		return;
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		fe_put(&fe, BLKIF_OP_READ, 0, 11, i);
	fe_push(&fe);
	slow_wait(most);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1 + most * 11);
	slow_complete_all();
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	stop();
}

/* What one ring has given back another one was waiting for. */
UK_TEST(blkback_dma, test_rings_share_the_places_of_their_disk)
{
	slow_reset();
	slow.dev.info.is_dma = true;
	slow.is_held = true;
	fe.n_rings = 2;
	if (!slow_connect())
		return;
	fe_use(&fe, 0);
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		fe_put(&fe, BLKIF_OP_READ, 0, 11, i);
	fe_push(&fe);
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	fe_use(&fe, 1);
	fe_put(&fe, BLKIF_OP_READ, 0, 11, 0);
	fe_push(&fe);
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	slow_complete_all();
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	fe_use(&fe, 0);
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	stop();
	fe.n_rings = 0;
}

UK_TEST(blkback_dma, test_persistent_grants_are_not_offered)
{
	slow_reset();
	slow.dev.info.is_dma = true;
	fe.is_persistent = true;
	if (!slow_connect())
		return;
	UK_EXPECT(fe_wait(&fe, "feature-persistent", "0"));
	write_and_read_back(&fe, 11, 3);
	write_and_read_back(&fe, 1, 3);
	indirect_and_back(&fe, 3);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	stop();
}

/* A driver that copies is given the pages that are mapped for good. */
UK_TEST(blkback_dma, test_driver_that_copies_has_persistent_pages)
{
	unsigned long copies;

	slow_reset();
	fe.is_persistent = true;
	if (!slow_connect())
		return;
	UK_EXPECT(fe_wait(&fe, "feature-persistent", "1"));
	copies = uk_xensim_copies();
	write_and_read_back(&fe, 11, 3);
	slow.is_held = true;
	fe_put(&fe, BLKIF_OP_READ, 0, 11, 1);
	fe_push(&fe);
	if (!slow_wait(1))
		return;
	UK_EXPECT(is_in_place(slow_req(0), 0));
	slow_complete_all();
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1 + 11);
	UK_EXPECT_EQ(uk_xensim_copies(), copies);
	stop();
}

/* Pages that are mapped, and one that is not: each goes its way. */
UK_TEST(blkback_dma, test_ways_are_mixed_in_a_request)
{
	static char page[UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);
	grant_ref_t ref = uk_xensim_grant(FE_DOM, page, true);	/* cannot be mapped for good */
	struct blkback_wire_req64 *req;

	slow_reset();
	fe.is_persistent = true;
	if (!slow_connect())
		return;
	fill(fe.data, 3);
	strcpy(page, "in the middle");
	fe_put(&fe, BLKIF_OP_WRITE, 0, 5, 1)->seg[2].gref = ref;
	fe_push(&fe);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	UK_EXPECT(!memcmp(slow.bytes, fe.data, 2 * UK_PAGE_SIZE));
	UK_EXPECT(!memcmp(slow.bytes + 2 * UK_PAGE_SIZE, page, UK_PAGE_SIZE));
	UK_EXPECT(!memcmp(slow.bytes + 3 * UK_PAGE_SIZE, fe.data + 3 * UK_PAGE_SIZE,
			  2 * UK_PAGE_SIZE));
	/* Parts of pages on both sides of one that is mapped */
	req = fe_put(&fe, BLKIF_OP_WRITE, 0, 3, 1);
	req->seg[0].gref = req->seg[2].gref = ref;
	req->seg[0].last_sect = 0;
	req->seg[2].first_sect = 1;
	req->seg[2].last_sect = 2;
	page[UK_BLK_SECTOR] = 'x';
	fe_push(&fe);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	UK_EXPECT_STR(slow.bytes, "in the middle");
	UK_EXPECT(!memcmp(slow.bytes + UK_BLK_SECTOR, fe.data + UK_PAGE_SIZE, UK_PAGE_SIZE));
	UK_EXPECT_STR(slow.bytes + UK_BLK_SECTOR + UK_PAGE_SIZE, "x");
	stop();
	UK_EXPECT(uk_xensim_grant_end(ref));
}
