/* SPDX-License-Identifier: BSD-3-Clause */
/* The engine against honest frontends. */
#include <string.h>

#include "common.h"

#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

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
#define MOST (FE_RING_SIZE * (CONFIG_LIBBLKBACK_MAX_SEGS + 1))

UK_TEST(blkback, test_persistent_grants_are_bounded)
{
	static grant_ref_t refs[MOST + 100];
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
	UK_EXPECT_EQ(uk_xensim_mappings(), 1 + MOST);
	stop();
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(refs); i++)
		UK_EXPECT(uk_xensim_grant_end(refs[i]));
}

/* All frontends together have a bound, too: what one has had, others can have when it is
 * gone. */
UK_TEST(blkback, test_persistent_grants_come_back_with_the_last_user)
{
	static grant_ref_t refs[MOST];
	static char page[UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);
	struct blkback_wire_req64 *req;

	for (unsigned int i = 0; i < MOST; i++)
		refs[i] = uk_xensim_grant(FE_DOM, page, false);
	for (unsigned int life = 0; life < 13 && start_as(true); life++) {
		for (unsigned int i = 0; i < MOST; i += 11) {
			req = fe_put(&fe, BLKIF_OP_READ, 0, 11, i);
			for (unsigned int n = 0; n < 11; n++)
				req->seg[n].gref = refs[(i + n) % MOST];
			fe_push(&fe);
			UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
		}
		UK_EXPECT_EQ(uk_xensim_mappings(), 1 + MOST);
		stop();
	}
	for (unsigned int i = 0; i < MOST; i++)
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

/* xl says access=r with devtype=cdrom; another toolstack may not. */
UK_TEST(blkback, test_cdrom_says_so_and_is_readonly)
{
	bool is_connected;

	fe.is_cdrom = true;
	is_connected = start();
	fe.is_cdrom = false;
	if (!is_connected)
		return;
	UK_EXPECT(fe_wait(&fe, "info", "7"));
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_WRITE, 0, 1), BLKIF_RSP_ERROR);
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_READ, 0, 1), BLKIF_RSP_OKAY);
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
