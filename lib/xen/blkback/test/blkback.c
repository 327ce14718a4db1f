/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The engine against a frontend that is honest, and then every lie that
 * driver-domain advisories are made of. Each test of a lie ends with an honest
 * request of another frontend, or of the same one where it keeps its ring.
 */
#include <string.h>

#include "frontend.h"

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

#define FE_DOM 3
#define OTHER_DOM 4
#define DISK_SECTORS 2048	/* of ram:size=1M */

static struct frontend fe, other;

static bool start_as(bool is_persistent)
{
	fe.is_32bit = false;
	fe.is_persistent = is_persistent;
	return fe_connect(&fe, FE_DOM, 51712, "ram:size=1M");
}

/* A connected frontend with a fresh disk of 1 MiB. */
static bool start(void)
{
	return start_as(false);
}

static void stop(void)
{
	fe_detach(&fe);
	fe_free(&fe);
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
}

/* The ring is alive after a refused request. */
static void expect_alive(struct frontend *f)
{
	UK_EXPECT_EQ(fe_do(f, BLKIF_OP_READ, 0, 1), BLKIF_RSP_OKAY);
}

static void expect_closed(void)
{
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	UK_EXPECT(!uk_xensim_port_is_bound(fe.port));
	UK_EXPECT(uk_xensim_grant_end(fe.ring_ref));
	fe.ring_ref = 0;
}

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

/* ---- Honest ---- */

static void fill(char *p, unsigned int seed)
{
	for (unsigned int i = 0; i < FE_PAGES * UK_PAGE_SIZE; i++)
		p[i] = (char)(i * 13 + i / 509 + seed);
}

static void write_and_read_back(struct frontend *f, unsigned int n_segs, uint64_t sector)
{
	static char copy[FE_PAGES * UK_PAGE_SIZE];
	size_t len = n_segs * UK_PAGE_SIZE;

	fill(f->data, (unsigned int)sector);
	memcpy(copy, f->data, len);
	UK_EXPECT_EQ(fe_do(f, BLKIF_OP_WRITE, sector, n_segs), BLKIF_RSP_OKAY);
	memset(f->data, 0, len);
	UK_EXPECT_EQ(fe_do(f, BLKIF_OP_READ, sector, n_segs), BLKIF_RSP_OKAY);
	UK_EXPECT(!memcmp(f->data, copy, len));
}

UK_TEST(blkback, test_written_data_reads_back)
{
	if (!start())
		return;
	write_and_read_back(&fe, 1, 0);
	write_and_read_back(&fe, 11, 8);
	write_and_read_back(&fe, 11, 13);	/* across the disk's pages */
	write_and_read_back(&fe, 1, DISK_SECTORS - 8);
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_FLUSH_DISKCACHE, 0, 0), BLKIF_RSP_OKAY);
	stop();
}

UK_TEST(blkback, test_32_bit_frontend_reads_and_writes)
{
	fe.is_32bit = true;
	if (!fe_connect(&fe, FE_DOM, 51712, "ram:size=1M"))
		return;
	write_and_read_back(&fe, 11, 5);
	stop();
}

UK_TEST(blkback, test_partial_page_segment_moves_its_sectors_only)
{
	struct blkback_wire_req64 *req;

	if (!start())
		return;
	memset(fe.data, 0x5a, UK_PAGE_SIZE);
	req = fe_put(&fe, BLKIF_OP_READ, 0, 1, 1);
	req->seg[0].first_sect = 2;
	req->seg[0].last_sect = 3;
	fe_push(&fe);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(fe.data[2 * 512 - 1], 0x5a);
	UK_EXPECT_EQ(fe.data[2 * 512], 0);
	UK_EXPECT_EQ(fe.data[4 * 512 - 1], 0);
	UK_EXPECT_EQ(fe.data[4 * 512], 0x5a);
	stop();
}

UK_TEST(blkback, test_full_ring_is_answered_in_order_with_one_kick)
{
	unsigned long calls = uk_xensim_copy_calls();
	unsigned int kicks;
	uint64_t id;

	if (!start())
		return;
	kicks = uk_xensim_port_kicks(fe.port);
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		fe_put(&fe, i % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE, i * 8, 1, 100 + i);
	fe_push(&fe);
	for (unsigned int i = 0; i < FE_RING_SIZE; i++) {
		UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_OKAY);
		UK_EXPECT_EQ(id, 100 + i);
	}
	UK_EXPECT_EQ(uk_xensim_port_kicks(fe.port), kicks + 1);
	UK_EXPECT(uk_xensim_copy_calls() - calls <= 1);
	stop();
}

/* 704 copies: more than one hypercall takes */
UK_TEST(blkback, test_full_ring_of_large_requests_across_pages_is_answered)
{
	if (!start())
		return;
	fill(fe.data, 1);
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		fe_put(&fe, BLKIF_OP_WRITE, i * 8 + 1, 11, i);
	fe_push(&fe);
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_READ, 31 * 8 + 1, 11), BLKIF_RSP_OKAY);
	fe.data[0]++;
	UK_EXPECT(fe.data[0] == 2 && fe.data[UK_PAGE_SIZE] == (char)(4096 * 13 + 4096 / 509 + 1));
	stop();
}

/* Honest persistent grants cost no hypercall once they are mapped. */
UK_TEST(blkback, test_persistent_grants_are_mapped_once)
{
	unsigned long copies;

	if (!start_as(true))
		return;
	copies = uk_xensim_copies();
	write_and_read_back(&fe, 11, 8);
	write_and_read_back(&fe, 11, 13);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1 + 11);
	UK_EXPECT_EQ(uk_xensim_copies(), copies);
	stop();
}

/* A frontend that says its grants persist, and then takes another one for each
 * request: it gets its bound of mappings, and its data. */
UK_TEST(blkback, test_persistent_grants_are_bounded)
{
	static grant_ref_t refs[500];
	static char page[UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);
	struct blkback_wire_req64 *req;

	if (!start_as(true))
		return;
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(refs); i++) {
		refs[i] = uk_xensim_grant(FE_DOM, page, false);
		page[0] = 1;
		req = fe_put(&fe, BLKIF_OP_READ, 0, 1, i);
		req->seg[0].gref = refs[i];
		fe_push(&fe);
		UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
		UK_EXPECT_EQ(page[0], 0);
	}
	UK_EXPECT_EQ(uk_xensim_mappings(), 1 + 352);
	stop();
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(refs); i++)
		UK_EXPECT(uk_xensim_grant_end(refs[i]));
}

UK_TEST(blkback, test_bad_persistent_grant_fails_its_request_alone)
{
	struct blkback_wire_req64 *req;

	if (!start_as(true))
		return;
	req = fe_put(&fe, BLKIF_OP_READ, 0, 11, 2);
	req->seg[3].gref = 4000;
	fe_push(&fe);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_ERROR);
	expect_alive(&fe);
	stop();
}

UK_TEST(blkback, test_publishes_what_a_frontend_needs)
{
	if (!start())
		return;
	UK_EXPECT(fe_wait(&fe, "sectors", "2048"));
	UK_EXPECT(fe_wait(&fe, "sector-size", "512"));
	UK_EXPECT(fe_wait(&fe, "info", "0"));
	UK_EXPECT(fe_wait(&fe, "feature-flush-cache", "1"));
	UK_EXPECT(fe_wait(&fe, "feature-persistent", "1"));
	stop();
}

UK_TEST(blkback, test_rewritten_params_resize_the_disk)
{
	if (!start())
		return;
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_READ, DISK_SECTORS, 1), BLKIF_RSP_ERROR);
	uk_xensim_xs_write("backend/vbd/3/51712/params", "ram:size=2M");
	UK_EXPECT(fe_wait(&fe, "sectors", "4096"));
	UK_EXPECT(fe_wait(&fe, "state", "4"));
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_READ, DISK_SECTORS, 1), BLKIF_RSP_OKAY);
	stop();
}

UK_TEST(blkback, test_bad_resize_is_reported_and_changes_nothing)
{
	char text[128];

	if (!start())
		return;
	uk_xensim_xs_rm("error");
	uk_xensim_xs_write("backend/vbd/3/51712/params", "ram:size=1K");
	for (int i = 0; i < 1000 && uk_xensim_xs_read("error/backend/vbd/3/51712/error", text,
						      sizeof(text)) < 0; i++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	UK_EXPECT(strstr(text, "cannot shrink"));
	expect_alive(&fe);
	stop();
}

UK_TEST(blkback, test_named_disk_survives_detach_and_moves_to_another_domain)
{
	if (!fe_connect(&fe, FE_DOM, 51712, "ram:name=moving,size=1M"))
		return;
	strcpy(fe.data, "still here");
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_WRITE, 64, 1), BLKIF_RSP_OKAY);
	stop();
	if (!fe_connect(&other, OTHER_DOM, 51728, "ram:name=moving,keep=0"))
		return;
	UK_EXPECT_EQ(fe_do(&other, BLKIF_OP_READ, 64, 1), BLKIF_RSP_OKAY);
	UK_EXPECT_STR(other.data, "still here");
	fe_detach(&other);
	fe_free(&other);
}

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
	EXPECT_STATUS(req->operation = BLKIF_OP_DISCARD, BLKIF_RSP_EOPNOTSUPP);
	EXPECT_STATUS(req->operation = BLKIF_OP_INDIRECT, BLKIF_RSP_EOPNOTSUPP);
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
	char text[128];

	if (!start() || !fe_connect(&other, OTHER_DOM, 51712, "ram:size=64K"))
		return;
	fe.req_prod += FE_RING_SIZE + 1;
	fe_push(&fe);
	expect_closed();
	UK_EXPECT(uk_xensim_xs_read("error/backend/vbd/3/51712/error", text, sizeof(text)) > 0);
	UK_EXPECT(strstr(text, "ring index"));
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
	unsigned long before;
	unsigned int n;

	if (!start())
		return;
	before = uk_xensim_deliveries();
	for (n = 0; n < 2000; n++) {
		uk_xensim_port_kick(fe.port);
		uk_thread_yield();
		uk_thread_yield();
	}
	UK_EXPECT(uk_xensim_deliveries() - before < n / 4);
	expect_alive(&fe);
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

static void lie(const char *node, const char *value)
{
	char path[96];

	uk_snprintf(path, sizeof(path), "%s/%s", fe.fe, node);
	uk_xensim_xs_write(path, value);
}

UK_TEST(blkback, test_nodes_that_make_no_sense_do_not_connect)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(lies); i++) {
		fe.is_32bit = fe.is_persistent = false;
		fe_attach(&fe, FE_DOM, 51712, "ram:size=64K", "w");
		UK_EXPECT(fe_wait(&fe, "state", "2"));
		/* In one step, as a transaction would: the lie is there first */
		fe_initialise(&fe);
		lie(lies[i].node, lies[i].value);
		expect_closed();
		fe_detach(&fe);
		fe_free(&fe);
	}
}

UK_TEST(blkback, test_bad_target_ends_the_attach)
{
	char text[192];

	fe.is_32bit = fe.is_persistent = false;
	fe_attach(&fe, FE_DOM, 51712, "ram:size=64Q", "w");
	UK_EXPECT(fe_wait(&fe, "state", NULL));
	UK_EXPECT(uk_xensim_xs_read("error/backend/vbd/3/51712/error", text, sizeof(text)) > 0);
	UK_EXPECT(strstr(text, "size=64Q"));
	fe_free(&fe);
}

/* ---- All of it at once ---- */

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Random bytes for requests, over a ring whose index is honest often enough to
 * get far. Reproduce with the seed of the failure's line. */
static void fuzz(uint32_t seed)
{
	uint32_t s = seed;
	uint32_t *words = fe.ring->entries;

	for (int round = 0; round < 200; round++) {
		uint32_t n = next_random(&s) % (FE_RING_SIZE + 1);

		for (uint32_t i = 0; i < n * 28; i++)
			words[(fe.req_prod % FE_RING_SIZE * 28 + i) % (FE_RING_SIZE * 28)] =
				next_random(&s) % 4 ? next_random(&s) : next_random(&s) % 16;
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
