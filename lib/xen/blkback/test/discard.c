/* SPDX-License-Identifier: BSD-3-Clause */
/* Discards: what is offered, what is done, and lies. */
#include <errno.h>
#include <string.h>

#include "slow.h"

#include <uk/blkdev.h>
#include <uk/pages.h>
#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

static size_t free_pages(void)
{
	struct uk_pages_stats st;

	uk_pages_stats(&st);
	return st.free_pages;
}

/* @n sectors, in the form of its ABI. */
static void put_discard(struct frontend *f, uint64_t sector, uint64_t n, uint8_t flag, uint64_t id)
{
	char *slot = fe_slot(f, f->req_prod);

	fe_put(f, BLKIF_OP_DISCARD, sector, flag, id);
	memcpy(slot + (f->is_32bit ? 20 : 24), &n, sizeof(n));
}

static int do_discard(struct frontend *f, uint64_t sector, uint64_t n, uint8_t flag)
{
	put_discard(f, sector, n, flag, f->req_prod);
	fe_push(f);
	return fe_answer(f, NULL);
}

/* ---- A disk in memory ---- */

static void write_pages(unsigned int n)
{
	fill(fe.data, 1);
	for (unsigned int i = 0; i < n; i++)
		UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_WRITE, i * 8, 1), BLKIF_RSP_OKAY);
}

static bool is_zero(unsigned int page)
{
	static const char zeros[UK_PAGE_SIZE];

	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_READ, page * 8, 1), BLKIF_RSP_OKAY);
	return !memcmp(fe.data, zeros, sizeof(zeros));
}

UK_TEST(blkback_discard, test_memory_is_given_back)
{
	size_t before;

	for (int is_32bit = 0; is_32bit < 2; is_32bit++) {
		fe = (struct frontend) { .is_32bit = is_32bit };
		if (!fe_connect(&fe, FE_DOM, 51712, "ram:size=1M"))
			return;
		UK_EXPECT(fe_wait(&fe, "feature-discard", "1"));
		UK_EXPECT(fe_wait(&fe, "discard-granularity", "4096"));
		UK_EXPECT(fe_wait(&fe, "discard-secure", "1"));
		write_pages(10);
		before = free_pages();
		UK_EXPECT_EQ(do_discard(&fe, 8, 4 * 8, 0), BLKIF_RSP_OKAY);
		UK_EXPECT_EQ(((uint8_t *)fe_slot(&fe, fe.rsp_cons - 1))[8], BLKIF_OP_DISCARD);
		UK_EXPECT_EQ(free_pages(), before + 4);
		UK_EXPECT(!is_zero(0) && is_zero(1) && is_zero(4) && !is_zero(5));
		UK_EXPECT_EQ(do_discard(&fe, 5 * 8 + 1, 8 + 7, BLKIF_DISCARD_SECURE),
			     BLKIF_RSP_OKAY);
		UK_EXPECT(is_zero(6));
		UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_READ, 5 * 8, 1), BLKIF_RSP_OKAY);
		UK_EXPECT(fe.data[1] && !fe.data[512] && !fe.data[4095]);
		UK_EXPECT_EQ(do_discard(&fe, 0, DISK_SECTORS, 0), BLKIF_RSP_OKAY);
		UK_EXPECT(is_zero(9));
		stop();
	}
	fe.is_32bit = false;
}

/* What is behind it in the ring waits, and is answered behind it. */
UK_TEST(blkback_discard, test_requests_around_it_are_answered_in_order)
{
	uint64_t id;

	if (!start())
		return;
	for (unsigned int i = 0; i < FE_RING_SIZE; i++) {
		if (i % 3)
			fe_put(&fe, BLKIF_OP_READ, 0, 1, i);
		else
			put_discard(&fe, i % 2 ? 0 : DISK_SECTORS, 8, 0, i);
	}
	fe_push(&fe);
	for (unsigned int i = 0; i < FE_RING_SIZE; i++) {
		UK_EXPECT_EQ(fe_answer(&fe, &id), i % 6 ? BLKIF_RSP_OKAY : BLKIF_RSP_ERROR);
		UK_EXPECT_EQ(id, i);
	}
	stop();
}

/* Memory of any size: what is discarded is noted, with what the other frontend has had
 * by then. */
static struct {
	struct uk_blkdev dev;
	unsigned int n_parts, bad_part;
	uint64_t next;
	uint32_t other_had;
} large;

static void large_submit(struct uk_blkdev *dev uk_unused, struct uk_blk_req *req)
{
	UK_EXPECT_EQ(req->op, UK_BLK_DISCARD);
	UK_EXPECT_EQ(req->sector, large.next);
	UK_EXPECT(req->n_sectors <= 4096);
	large.next += req->n_sectors;
	large.other_had = other.ring ? other.ring->rsp_prod : 0;
	req->done(req, ++large.n_parts == large.bad_part ? -EIO : 0);
}

static void *large_window(struct uk_blkdev *dev uk_unused, uint64_t offset,
			  bool is_write uk_unused, size_t *len_bytes)
{
	static char page[UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);

	*len_bytes = UK_PAGE_SIZE - offset % UK_PAGE_SIZE;
	return page + offset % UK_PAGE_SIZE;
}

static int large_open(const char *options uk_unused, bool is_readonly uk_unused,
		      struct uk_blkdev **dev, char *why uk_unused)
{
	*dev = &large.dev;
	return 0;
}

#define LARGE_SECTORS (1ull << 31)

static bool start_large(void)
{
	static const struct uk_blkdev_ops ops = {
		.submit = large_submit, .window = large_window,
	};
	static struct uk_blkdev_driver driver = { .prefix = "large", .open = large_open };
	static bool is_registered;

	if (!is_registered)
		uk_blkdev_register(&driver);
	is_registered = true;
	memset(&large, 0, sizeof(large));
	memset(&other, 0, sizeof(other));
	uk_blkdev_init(&large.dev, &ops);
	large.dev.info.sectors = LARGE_SECTORS;
	large.dev.info.can_discard = true;
	fe.is_32bit = fe.is_persistent = false;
	return fe_connect(&fe, FE_DOM, 51712, "large:");
}

/* It is done in parts: others are served in between. */
UK_TEST(blkback_discard, test_large_one_does_not_keep_others_waiting)
{
	if (!start_large() || !fe_connect(&other, OTHER_DOM, 51712, "ram:size=64K"))
		return;
	put_discard(&fe, 5, 10000, 0, 1);
	put_discard(&fe, 10005, 10000, 0, 2);
	fe_put(&fe, BLKIF_OP_READ, 0, 1, 3);
	fe_put(&other, BLKIF_OP_READ, 0, 1, 1);
	large.next = 5;
	fe_push(&fe);
	fe_push(&other);
	UK_EXPECT_EQ(fe_answer(&other, NULL), BLKIF_RSP_OKAY);
	for (uint64_t want = 1, id; want <= 3; want++) {
		UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_OKAY);
		UK_EXPECT_EQ(id, want);
	}
	UK_EXPECT_EQ(large.n_parts, 6);
	UK_EXPECT_EQ(large.next, 20005);
	UK_EXPECT_EQ(large.other_had, 1);
	fe_detach(&other);
	fe_free(&other);
	stop();
}

UK_TEST(blkback_discard, test_part_that_fails_is_the_last)
{
	if (!start_large())
		return;
	large.bad_part = 3;
	UK_EXPECT_EQ(do_discard(&fe, 0, 20000, 0), BLKIF_RSP_ERROR);
	UK_EXPECT_EQ(large.n_parts, 3);
	expect_alive(&fe);
	stop();
}

/* What would take a second is not even half done then. */
UK_TEST(blkback_discard, test_frontend_may_go_meanwhile)
{
	if (!start_large())
		return;
	put_discard(&fe, 0, LARGE_SECTORS, 0, 1);
	fe_push(&fe);
	uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	UK_EXPECT(large.n_parts);
	uk_xensim_xs_rm(fe.sim.fe);
	UK_EXPECT(fe_wait(&fe, "state", NULL));
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
	UK_EXPECT(large.next < LARGE_SECTORS);
	fe_free(&fe);
}

/* ---- A device ---- */

static bool start_slow(uint32_t unit, uint32_t offset)
{
	slow_reset();
	slow.dev.info.can_discard = slow.dev.info.can_zero = true;
	slow.dev.info.discard_bytes = unit;
	slow.dev.info.discard_offset = offset;
	slow.is_held = true;
	return slow_connect();
}

UK_TEST(blkback_discard, test_device_is_told_what_to_discard)
{
	char text[8];

	if (!start_slow(8192, 512))
		return;
	UK_EXPECT(fe_wait(&fe, "feature-discard", "1"));
	UK_EXPECT(fe_wait(&fe, "discard-granularity", "8192"));
	UK_EXPECT(fe_wait(&fe, "discard-alignment", "512"));
	UK_EXPECT(uk_xensim_xs_read("backend/vbd/3/51712/discard-secure", text, sizeof(text)) < 0);
	/* What is not offered is ignored: xen/io/blkif.h */
	for (uint8_t flag = 0; flag < 2; flag++) {
		put_discard(&fe, 17, 300, flag, 1);
		fe_push(&fe);
		if (!slow_wait(1))
			return;
		UK_EXPECT_EQ(slow_req(0)->op, UK_BLK_DISCARD);
		UK_EXPECT_EQ(slow_req(0)->sector, 17);
		UK_EXPECT_EQ(slow_req(0)->n_sectors, 300);
		UK_EXPECT_EQ(slow_req(0)->n_sg, 0);
		slow_complete(slow_req(0), flag ? -EIO : 0);
		UK_EXPECT_EQ(fe_answer(&fe, NULL), flag ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY);
	}
	stop();
}

/* A disk may take long over a large one: who goes meanwhile need not wait for all of it. */
UK_TEST(blkback_discard, test_device_is_told_of_a_large_one_in_parts)
{
	const uint64_t part = 1 << 23, all = 2 * part + 800;

	for (unsigned int with_end = 0; with_end < 2; with_end++) {
		if (!start_slow(512, 0))
			return;
		slow.dev.info.sectors = all + 9;
		put_discard(&fe, 9, all, 0, 1);
		fe_push(&fe);
		for (unsigned int i = 0; i < 3 && (i < 2 || with_end); i++) {
			if (!slow_wait(1))
				return;
			UK_EXPECT_EQ(slow_req(0)->sector, 9 + i * part);
			UK_EXPECT_EQ(slow_req(0)->n_sectors, i < 2 ? part : 800);
			if (i == 1 && !with_end) {
				fe_set_state(&fe, "5");
				UK_EXPECT(fe_wait(&fe, "state", "5"));
			}
			slow_complete(slow_req(0), 0);
		}
		UK_EXPECT_EQ(fe_answer(&fe, NULL), with_end ? BLKIF_RSP_OKAY : BLKIF_RSP_ERROR);
		UK_EXPECT_EQ(slow.n_pending, 0);
		stop();
	}
}

UK_TEST(blkback_discard, test_what_is_not_offered_is_not_supported)
{
	char text[8];

	slow_reset();
	if (!slow_connect())
		return;
	UK_EXPECT(uk_xensim_xs_read("backend/vbd/3/51712/feature-discard", text, sizeof(text)) < 0);
	UK_EXPECT_EQ(do_discard(&fe, 0, 8, 0), BLKIF_RSP_EOPNOTSUPP);
	stop();
}

/* The toolstack's discard-enable=0 */
UK_TEST(blkback_discard, test_administrator_can_forbid_it)
{
	char text[8];

	uk_xensim_xs_write("backend/vbd/3/51712/discard-enable", "0");
	if (!start())
		return;
	UK_EXPECT(uk_xensim_xs_read("backend/vbd/3/51712/feature-discard", text, sizeof(text)) < 0);
	UK_EXPECT_EQ(do_discard(&fe, 0, 8, 0), BLKIF_RSP_EOPNOTSUPP);
	UK_EXPECT_EQ(do_discard(&fe, 0, 8, BLKIF_DISCARD_SECURE), BLKIF_RSP_EOPNOTSUPP);
	stop();
}

/* ---- Lies ---- */

static void expect_refused(uint64_t sector, uint64_t n)
{
	UK_EXPECT_EQ(do_discard(&fe, sector, n, 0), BLKIF_RSP_ERROR);
	UK_EXPECT_EQ(do_discard(&fe, sector, n, BLKIF_DISCARD_SECURE), BLKIF_RSP_ERROR);
}

UK_TEST(blkback_discard, test_outside_of_the_disk_is_an_error)
{
	if (!start())
		return;
	write_pages(2);
	expect_refused(0, DISK_SECTORS + 1);
	expect_refused(DISK_SECTORS, 1);
	expect_refused(1, DISK_SECTORS);
	expect_refused(8, UINT64_MAX);
	expect_refused(8, UINT64_MAX - 7);
	expect_refused(UINT64_MAX, 2);
	expect_refused(1ull << 63, 1ull << 63);
	expect_refused(0, 1ull << 55);
	expect_refused(0, 0);
	UK_EXPECT(!is_zero(0) && !is_zero(1));
	stop();
}

UK_TEST(blkback_discard, test_readonly_disk_refuses_it)
{
	fe.is_32bit = fe.is_persistent = false;
	fe_attach(&fe, FE_DOM, 51712, "ram:size=1M", "r");
	UK_EXPECT(fe_wait(&fe, "state", "2"));
	fe_initialise(&fe);
	UK_EXPECT(fe_wait(&fe, "state", "4"));
	expect_refused(0, 8);
	stop();
}

/* ---- Disks of large sectors ---- */

UK_TEST(blkback_discard, test_native_4k_disk_takes_whole_sectors_only)
{
	struct blkback_wire_req64 *req;

	slow_reset();
	slow.dev.info.sector_bytes = 4096;
	slow.dev.info.physical_bytes = 16384;
	slow.dev.info.can_discard = true;
	slow.dev.info.discard_bytes = 4096;
	if (!slow_connect())
		return;
	UK_EXPECT(fe_wait(&fe, "sector-size", "4096"));
	UK_EXPECT(fe_wait(&fe, "physical-sector-size", "16384"));
	UK_EXPECT(fe_wait(&fe, "sectors", "512"));
	write_and_read_back(&fe, 11, 8);
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_READ, 4, 1), BLKIF_RSP_ERROR);
	UK_EXPECT_EQ(fe_do(&fe, BLKIF_OP_WRITE, 1, 1), BLKIF_RSP_ERROR);
	req = fe_put(&fe, BLKIF_OP_WRITE, 8, 1, 1);
	req->seg[0].last_sect = 3;
	fe_push(&fe);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_ERROR);
	/* Two halves make a whole, but each would have to be one */
	req = fe_put(&fe, BLKIF_OP_WRITE, 8, 2, 1);
	req->seg[0].last_sect = req->seg[1].last_sect = 3;
	fe_push(&fe);
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_ERROR);
	expect_refused(4, 8);
	expect_refused(8, 4);
	UK_EXPECT_EQ(do_discard(&fe, 8, 16, 0), BLKIF_RSP_OKAY);
	UK_EXPECT_EQ(slow.n_pending, 0);
	stop();
}
