/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests whose segments lie in a page of their own: honest ones on every kind of
 * device, and lies in them. */
#include "indirect.h"

#include <string.h>

#include "restart.h"
#include "slow.h"

#include <uk/test.h>

#define MAX_SEGS CONFIG_LIBBLKBACK_MAX_SEGS

/* ---- What a frontend does ---- */

struct blkback_wire_indirect *fe_put_indirect(struct frontend *f, uint8_t op, uint64_t sector,
					      unsigned int n_segs, uint64_t id)
{
	size_t at = offsetof(struct blkback_wire_indirect, grefs);
	char *slot = fe_slot(f, f->req_prod);
	uint16_t n = (uint16_t)n_segs;

	fe_put(f, BLKIF_OP_INDIRECT, sector, 0, id);
	slot[1] = (char)op;
	memcpy(slot + 2, &n, sizeof(n));
	memcpy(slot + (f->is_32bit ? at - sizeof(uint32_t) : at), &f->refs[INDIRECT_PAGES],
	       sizeof(grant_ref_t));
	for (unsigned int i = 0; i < n_segs && i < UK_PAGE_SIZE / sizeof(fe_segs(f)[0]); i++) {
		unsigned int half = i % INDIRECT_SEGS;

		fe_segs(f)[i] = (struct blkback_wire_seg) {
			.gref = f->refs[half / 2], .first_sect = half % 2 * 4,
			.last_sect = (uint8_t)(half % 2 * 4 + 3),
		};
	}
	return f->is_32bit ? NULL : (void *)slot;
}

int fe_do_indirect(struct frontend *f, uint8_t op, uint64_t sector, unsigned int n_segs)
{
	fe_put_indirect(f, op, sector, n_segs, f->req_prod);
	fe_push(f);
	return fe_answer(f, NULL);
}

void indirect_and_back(struct frontend *f, uint64_t sector)
{
	static char copy[INDIRECT_PAGES * UK_PAGE_SIZE];

	fill(f->data, (unsigned int)sector);
	memcpy(copy, f->data, sizeof(copy));
	UK_EXPECT_EQ(fe_do_indirect(f, BLKIF_OP_WRITE, sector, INDIRECT_SEGS), BLKIF_RSP_OKAY);
	memset(f->data, 0, sizeof(copy));
	UK_EXPECT_EQ(fe_do(f, BLKIF_OP_READ, sector, 11), BLKIF_RSP_OKAY);
	UK_EXPECT(!memcmp(f->data, copy, 11 * UK_PAGE_SIZE));
	memset(f->data, 0, sizeof(copy));
	UK_EXPECT_EQ(fe_do_indirect(f, BLKIF_OP_READ, sector, INDIRECT_SEGS), BLKIF_RSP_OKAY);
	UK_EXPECT(!memcmp(f->data, copy, sizeof(copy)));
}

/* ---- Honest ones ---- */

UK_TEST(blkback_indirect, test_is_offered_before_rings_are_made)
{
	fe_attach(&fe, FE_DOM, 51712, "ram:size=1M", "w");
	UK_EXPECT(fe_wait(&fe, "state", "2"));
	UK_EXPECT(fe_wait(&fe, "feature-max-indirect-segments", UK_STRINGIFY(MAX_SEGS)));
	stop();
}

UK_TEST(blkback_indirect, test_memory_reads_back)
{
	for (unsigned int i = 0; i < 4; i++) {
		fe.is_32bit = i & 1;
		fe.is_persistent = i & 2;
		if (!fe_connect(&fe, FE_DOM, 51712, "ram:size=1M"))
			return;
		indirect_and_back(&fe, 3);
		stop();
	}
	fe.is_32bit = false;
}

UK_TEST(blkback_indirect, test_device_reads_back)
{
	for (unsigned int i = 0; i < 8; i++) {
		slow_reset();
		fe.is_32bit = i & 1;
		fe.is_persistent = i & 2;
		slow.dev.info.is_dma = i & 4;
		if (!slow_connect())
			return;
		indirect_and_back(&fe, 3);
		stop();
	}
	fe.is_32bit = false;
}

/* Persistent grants: the page of segments is mapped as those of data are. */
UK_TEST(blkback_indirect, test_persistent_frontend_costs_no_hypercall)
{
	unsigned long calls;

	if (!start_as(true))
		return;
	indirect_and_back(&fe, 8);
	calls = uk_xensim_copy_calls();
	indirect_and_back(&fe, 16);
	UK_EXPECT_EQ(uk_xensim_copy_calls(), calls);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1 + FE_PAGES);
	stop();
}

UK_TEST(blkback_indirect, test_most_segments)
{
	if (!start())
		return;
	UK_EXPECT_EQ(fe_do_indirect(&fe, BLKIF_OP_WRITE, 0, MAX_SEGS), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(fe_do_indirect(&fe, BLKIF_OP_READ, 0, 1), BLKIF_RSP_OKAY);
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		fe_put_indirect(&fe, BLKIF_OP_READ, i, MAX_SEGS, i);
	fe_push(&fe);
	for (unsigned int i = 0; i < FE_RING_SIZE; i++)
		UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	stop();
}

/* The next life fetches the segments again, and maps the pages again. */
UK_TEST(blkback_indirect, test_is_done_again_after_a_restart)
{
	static const uint64_t ids[] = { 40, 41 };

	if (!start_on("held:"))
		return;
	stop();
	held.info.is_dma = true;
	if (!start_on("held:"))
		return;
	is_held = true;
	fill(fe.data, 1);
	fe_put_indirect(&fe, BLKIF_OP_WRITE, 8, INDIRECT_SEGS, 40);
	put_write(40, 41);
	fe_push(&fe);
	wait_pending(2);
	leave();
	come_back();
	expect_resumed();
	wait_pending(2);
	UK_EXPECT_EQ(uk_xensim_mappings(), 1 + INDIRECT_SEGS);
	while (n_pending)
		complete(pending.next, 0);
	expect_answers(ids, UK_ARRAY_SIZE(ids));
	UK_EXPECT(!memcmp(disk + UK_PAGE_SIZE, fe.data, INDIRECT_PAGES * UK_PAGE_SIZE));
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	is_held = false;
	stop();
	held.info.is_dma = false;
}

/* ---- Lies ---- */

/* On a device in memory with copies and with mapped pages, and on hardware. */
static bool start_kind(unsigned int kind)
{
	if (kind < 2)
		return start_as(kind);
	slow_reset();
	slow.dev.info.is_dma = true;
	return slow_connect();
}

#define EXPECT_ERROR(spoil)							\
	do {									\
		for (unsigned int i_ = 0; i_ < 3 && start_kind(i_); i_++) {	\
			struct blkback_wire_indirect *req;			\
			struct blkback_wire_seg *segs = fe_segs(&fe);		\
										\
			/* Leaves what a bad one must not find */		\
			UK_EXPECT_EQ(fe_do_indirect(&fe, BLKIF_OP_READ, 0, 20),	\
				     BLKIF_RSP_OKAY);				\
			req = fe_put_indirect(&fe, BLKIF_OP_READ, 0, 20, 1);	\
			(void)segs;						\
			(void)req;						\
			spoil;							\
			fe_push(&fe);						\
			UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_ERROR);	\
			UK_EXPECT_EQ(slow.n_pending, 0);			\
			expect_alive(&fe);					\
			stop();							\
		}								\
	} while (0)

UK_TEST(blkback_indirect, test_number_of_segments_out_of_range_is_an_error)
{
	EXPECT_ERROR(req->nr_segments = 0);
	EXPECT_ERROR(req->nr_segments = MAX_SEGS + 1);
	EXPECT_ERROR(req->nr_segments = 513);
	EXPECT_ERROR(req->nr_segments = 65535);
}

UK_TEST(blkback_indirect, test_page_of_segments_that_is_none_is_an_error)
{
	static char page[UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);
	grant_ref_t ref = uk_xensim_grant(OTHER_DOM, page, false);

	EXPECT_ERROR(req->grefs[0] = 4000);
	EXPECT_ERROR(req->grefs[0] = ref);
	UK_EXPECT(uk_xensim_grant_end(ref));
}

UK_TEST(blkback_indirect, test_bad_segment_is_an_error)
{
	EXPECT_ERROR((segs[19].first_sect = 4, segs[19].last_sect = 3));
	EXPECT_ERROR(segs[0].last_sect = 8);
	EXPECT_ERROR((segs[19].first_sect = 255, segs[19].last_sect = 255));
	EXPECT_ERROR(segs[19].gref = 4000);
	EXPECT_ERROR(segs[0].gref = 0xffffffff);
}

UK_TEST(blkback_indirect, test_outside_of_the_disk_is_an_error)
{
	EXPECT_ERROR(req->sector_number = DISK_SECTORS - 79);
	EXPECT_ERROR(req->sector_number = UINT64_MAX - 10);
	EXPECT_ERROR(req->sector_number = 1ull << 63);
}

/* It is answered as what it wants to be: Linux gives a disk up that answers another
 * operation. */
UK_TEST(blkback_indirect, test_neither_read_nor_write_is_an_error_of_that_operation)
{
	static const uint8_t ops[] = {
		BLKIF_OP_WRITE_BARRIER, BLKIF_OP_FLUSH_DISKCACHE, BLKIF_OP_DISCARD,
		BLKIF_OP_INDIRECT, 4, 255,
	};

	if (!start())
		return;
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(ops); i++) {
		UK_EXPECT_EQ(fe_do_indirect(&fe, ops[i], 0, 2), BLKIF_RSP_ERROR);
		UK_EXPECT_EQ(((uint8_t *)fe_slot(&fe, i))[8], ops[i]);
	}
	UK_EXPECT_EQ(fe_do_indirect(&fe, BLKIF_OP_WRITE, 0, 2), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(((uint8_t *)fe_slot(&fe, UK_ARRAY_SIZE(ops)))[8], BLKIF_OP_WRITE);
	stop();
}

UK_TEST(blkback_indirect, test_readonly_disk_refuses_writes)
{
	fe.is_32bit = fe.is_persistent = false;
	fe_attach(&fe, FE_DOM, 51712, "ram:size=1M", "r");
	if (!UK_EXPECT(fe_wait(&fe, "state", "2")))
		return;
	fe_initialise(&fe);
	UK_EXPECT(fe_wait(&fe, "state", "4"));
	UK_EXPECT_EQ(fe_do_indirect(&fe, BLKIF_OP_WRITE, 0, 12), BLKIF_RSP_ERROR);
	UK_EXPECT_EQ(fe_do_indirect(&fe, BLKIF_OP_READ, 0, 12), BLKIF_RSP_OKAY);
	stop();
}

/* XSA-155: slot and segments are rewritten while the request is on the device. What
 * was found good is what is used, to the end. */
UK_TEST(blkback_indirect, test_segments_rewritten_after_they_were_taken_change_nothing)
{
	for (unsigned int is_dma = 0; is_dma < 2; is_dma++) {
		struct blkback_wire_indirect *req;

		slow_reset();
		slow.dev.info.is_dma = is_dma;
		slow.is_held = true;
		if (!slow_connect())
			return;
		memset(slow.bytes, 'x', 10 * UK_PAGE_SIZE);
		memset(fe.data, 0, UK_PAGE_SIZE * FE_PAGES);
		req = fe_put_indirect(&fe, BLKIF_OP_READ, 0, 20, 10);
		fe_push(&fe);
		if (!slow_wait(1))
			return;
		memset(req, 0xff, sizeof(*req));
		memset(fe_segs(&fe), 0xff, UK_PAGE_SIZE);
		slow_complete_all();
		UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
		UK_EXPECT(fe.data[0] == 'x' && fe.data[10 * UK_PAGE_SIZE - 1] == 'x');
		UK_EXPECT_EQ(fe.data[10 * UK_PAGE_SIZE], 0);
		stop();
	}
}
