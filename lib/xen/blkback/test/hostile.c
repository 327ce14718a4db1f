/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The engine against every lie that the advisories for driver domains are made
 * of. A test ends with an honest request: of another frontend, or of the same
 * one where it keeps its ring.
 */
#include <string.h>

#include "common.h"

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

/* A request spoilt by @spoil is answered with @status, and nothing else happens:
 * to a frontend whose pages are copied, and to one whose pages are mapped. */
#define EXPECT_STATUS(spoil, status)					\
	do {								\
		for (int i_ = 0; i_ < 2 && start_as(i_); i_++) {	\
			struct blkback_wire_req64 *req;			\
									\
			req = fe_put(&fe, BLKIF_OP_READ, 0, 1, 1);	\
			spoil;						\
			fe_push(&fe);					\
			UK_EXPECT_EQ(fe_answer(&fe, NULL), (status));	\
			expect_alive(&fe);				\
			stop();						\
		}							\
	} while (0)

/* ---- Lies in a request ---- */

UK_TEST(blkback, test_no_segments_is_an_error)
{
	EXPECT_STATUS(req->nr_segments = 0, BLKIF_RSP_ERROR);
}

UK_TEST(blkback, test_too_many_segments_is_an_error)
{
	EXPECT_STATUS(req->nr_segments = 12, BLKIF_RSP_ERROR);
	EXPECT_STATUS(req->nr_segments = 255, BLKIF_RSP_ERROR);
}

UK_TEST(blkback, test_first_after_last_sector_is_an_error)
{
	EXPECT_STATUS((req->seg[0].first_sect = 5, req->seg[0].last_sect = 4), BLKIF_RSP_ERROR);
}

UK_TEST(blkback, test_sector_outside_of_the_page_is_an_error)
{
	EXPECT_STATUS(req->seg[0].last_sect = 8, BLKIF_RSP_ERROR);
	EXPECT_STATUS((req->seg[0].first_sect = 255, req->seg[0].last_sect = 255),
		      BLKIF_RSP_ERROR);
}

UK_TEST(blkback, test_sectors_past_the_end_are_an_error)
{
	EXPECT_STATUS(req->sector_number = DISK_SECTORS - 7, BLKIF_RSP_ERROR);
	EXPECT_STATUS(req->sector_number = DISK_SECTORS, BLKIF_RSP_ERROR);
}

UK_TEST(blkback, test_sector_number_that_overflows_is_an_error)
{
	EXPECT_STATUS(req->sector_number = UINT64_MAX, BLKIF_RSP_ERROR);
	EXPECT_STATUS(req->sector_number = UINT64_MAX - 7, BLKIF_RSP_ERROR);
	EXPECT_STATUS(req->sector_number = 1ull << 55, BLKIF_RSP_ERROR);
	EXPECT_STATUS(req->sector_number = 1ull << 63, BLKIF_RSP_ERROR);
}

UK_TEST(blkback, test_unknown_operation_is_not_supported)
{
	EXPECT_STATUS(req->operation = 4, BLKIF_RSP_EOPNOTSUPP);
	EXPECT_STATUS(req->operation = 255, BLKIF_RSP_EOPNOTSUPP);
}

UK_TEST(blkback, test_operations_not_offered_are_not_supported)
{
	EXPECT_STATUS(req->operation = BLKIF_OP_WRITE_BARRIER, BLKIF_RSP_EOPNOTSUPP);
}

UK_TEST(blkback, test_flush_with_segments_is_an_error)
{
	EXPECT_STATUS(req->operation = BLKIF_OP_FLUSH_DISKCACHE, BLKIF_RSP_ERROR);
}

UK_TEST(blkback, test_bad_grant_fails_its_request_alone)
{
	struct blkback_wire_req64 *req;

	if (!start())
		return;
	fe_put(&fe, BLKIF_OP_READ, 0, 11, 1);
	req = fe_put(&fe, BLKIF_OP_READ, 0, 11, 2);
	req->seg[10].gref = 4000;
	fe_put(&fe, BLKIF_OP_READ, 0, 11, 3);
	fe_push(&fe);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_ERROR);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	stop();
}

UK_TEST(blkback, test_grant_of_another_domain_is_refused)
{
	static char page[UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);
	grant_ref_t ref = uk_xensim_grant(OTHER_DOM, page, false);

	memset(page, 0x77, sizeof(page));
	EXPECT_STATUS(req->seg[0].gref = ref, BLKIF_RSP_ERROR);
	UK_EXPECT_EQ(page[0], 0x77);
	UK_EXPECT(uk_xensim_grant_end(ref));
}

UK_TEST(blkback, test_read_into_readonly_grant_is_an_error)
{
	static char page[UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);
	grant_ref_t ref = uk_xensim_grant(FE_DOM, page, true);

	EXPECT_STATUS(req->seg[0].gref = ref, BLKIF_RSP_ERROR);
	UK_EXPECT(uk_xensim_grant_end(ref));
}

UK_TEST(blkback, test_readonly_disk_refuses_writes)
{
	fe.is_32bit = fe.is_persistent = false;
	fe_attach(&fe, FE_DOM, 51712, "ram:size=1M", "r");
	if (!UK_EXPECT(fe_wait(&fe, "state", "2")))
		return;
	fe_initialise(&fe);
	UK_EXPECT(fe_wait(&fe, "state", "4"));
	UK_EXPECT(fe_wait(&fe, "info", "4"));
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_WRITE, 0, 1), BLKIF_RSP_ERROR);
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_READ, 0, 1), BLKIF_RSP_OKAY);
	stop();
}

/* ---- Lies about the ring ---- */

UK_TEST(blkback, test_ring_index_jump_disconnects)
{
	if (!start() || !fe_connect(&other, OTHER_DOM, 51712, "ram:size=64K"))
		return;
	fe.req_prod += FE_RING_SIZE + 1;
	fe_push(&fe);
	expect_closed();
	UK_EXPECT(uk_frontsim_has_error(&fe.sim, "ring index"));
	write_and_read_back(&other, 11, 0);
	/* It may start again from the beginning */
	fe_set_state(&fe, "6");
	fe_set_state(&fe, "1");
	UK_EXPECT(fe_wait(&fe, "state", "2"));
	fe_initialise(&fe);
	UK_EXPECT(fe_wait(&fe, "state", "4"));
	expect_alive(&fe);
	fe_detach(&other);
	fe_free(&other);
	stop();
}

UK_TEST(blkback, test_ring_index_going_back_disconnects)
{
	if (!start())
		return;
	expect_alive(&fe);
	fe.req_prod--;
	fe_push(&fe);
	expect_closed();
	fe_detach(&fe);
	fe_free(&fe);
}

UK_TEST(blkback, test_spoilt_response_index_changes_nothing)
{
	if (!start())
		return;
	expect_alive(&fe);
	fe.ring->rsp_prod = 12345;
	fe.ring->req_event = 54321;
	fe_put(&fe, BLKIF_OP_READ, 0, 1, 7);
	fe_push(&fe);
	for (int i = 0; i < 1000 && fe.ring->rsp_prod != 2; i++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(fe.ring->rsp_prod, 2);
	fe.rsp_cons = 2;
	expect_alive(&fe);
	stop();
}

/* Events that bring nothing are counted, and then the port is kept quiet: they
 * must not cost a delivery each, nor delay a request for long. */
UK_TEST(blkback, test_event_storm_is_throttled)
{
	if (!start())
		return;
	UK_EXPECT(uk_frontsim_storm(fe.port, 2000) < 500);
	expect_alive(&fe);
	/* And heard again afterwards */
	uk_thread_sleep_ns(10 * UK_NSEC_PER_MSEC);
	expect_alive(&fe);
	expect_alive(&fe);
	stop();
}

/* In state Closing nothing is taken any more, whatever lies in the ring. */
UK_TEST(blkback, test_closing_frontend_is_not_served_and_throttled_too)
{
	if (!start())
		return;
	fe_set_state(&fe, "5");
	UK_EXPECT(fe_wait(&fe, "state", "5"));
	fe_put(&fe, BLKIF_OP_READ, 0, 1, 1);
	fe_push(&fe);
	UK_EXPECT(uk_frontsim_storm(fe.port, 2000) < 500);
	UK_EXPECT_EQ(fe.ring->rsp_prod, 0);
	stop();
}

/* ---- Lies in xenstore ---- */

static const struct {
	const char *node, *value;
} lies[] = {
	{ "ring-ref", "" },
	{ "ring-ref", "-1" },
	{ "ring-ref", "0x10" },
	{ "ring-ref", "99999999999" },
	{ "ring-ref", " 9" },
	{ "ring-ref", "4000" },
	{ "event-channel", "0" },
	{ "event-channel", "200" },
	{ "event-channel", "4294967295" },
	{ "event-channel", "18446744073709551617" },
	{ "protocol", "x86_64-ab" },
	{ "protocol", "a-protocol-with-a-name-that-is-too-long-for-anybody" },
};

UK_TEST(blkback, test_nodes_that_make_no_sense_do_not_connect)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(lies); i++) {
		fe.is_32bit = fe.is_persistent = false;
		fe_attach(&fe, FE_DOM, 51712, "ram:size=64K", "w");
		UK_EXPECT(fe_wait(&fe, "state", "2"));
		/* In one step, as a transaction would: the lie is there first */
		fe_initialise(&fe);
		uk_frontsim_write_fe(&fe.sim, lies[i].node, "%s", lies[i].value);
		expect_closed();
		fe_detach(&fe);
		fe_free(&fe);
	}
}

UK_TEST(blkback, test_bad_target_ends_the_attach)
{
	fe.is_32bit = fe.is_persistent = false;
	fe_attach(&fe, FE_DOM, 51712, "ram:size=64Q", "w");
	UK_EXPECT(fe_wait(&fe, "state", NULL));
	UK_EXPECT(uk_frontsim_has_error(&fe.sim, "size=64Q"));
	fe_free(&fe);
}

/* ---- All of it at once ---- */

/* Random bytes for requests, over a ring whose index is honest often enough to
 * get far. Reproduce with the seed of the failure's line. */
static void fuzz(uint32_t seed)
{
	uint32_t s = seed;
	uint32_t *words = fe.ring->entries;

	for (int round = 0; round < 200; round++) {
		uint32_t n = uk_frontsim_random(&s) % (FE_RING_SIZE + 1);

		for (uint32_t i = 0; i < n * 28; i++)
			words[(fe.req_prod % FE_RING_SIZE * 28 + i) % (FE_RING_SIZE * 28)] =
				uk_frontsim_random(&s) % 4 ? uk_frontsim_random(&s) : uk_frontsim_random(&s) % 16;
		fe.req_prod += n;
		fe_push(&fe);
		while (n--)
			if (fe_answer(&fe, NULL) == FE_NO_ANSWER) {
				uk_test_fail(__FILE_NAME__, __LINE__, "no answer, seed %u", seed);
				return;
			}
	}
}

UK_TEST(blkback, test_random_requests_are_all_answered)
{
	for (uint32_t seed = 1; seed <= 6; seed++) {
		if (!start_as(seed % 2))
			return;
		fuzz(seed);
		expect_alive(&fe);
		stop();
	}
}
