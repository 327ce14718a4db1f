/* SPDX-License-Identifier: BSD-3-Clause */
/* Names, requests on the wire, and what the back end says of the disk. */
#include "common.h"

#include <errno.h>
#include <string.h>

#include <uk/test.h>
#include <uk/thread.h>

#include "../blkfront_priv.h"

static void expect_name(uint32_t id, const char *want)
{
	char name[UK_BLKDEV_NAME_BYTES] = "none";

	blkfront_name(id, name);
	UK_EXPECT_STR(name, want);
}

UK_TEST(blkfront, test_names_are_those_of_linux)
{
	expect_name(202 << 8, "xvda");
	expect_name(202 << 8 | 1, "xvda1");
	expect_name(202 << 8 | 15 << 4 | 15, "xvdp-15");
	expect_name(1 << 28 | 25 << 8, "xvdz");
	expect_name(1 << 28 | 26 << 8 | 255, "xvdaa255");
	expect_name(1 << 28 | 701 << 8, "xvdzz");
	expect_name(1 << 28 | 702 << 8, "xvdaaa");
	expect_name((1 << 28) + 0xfffffff, "xvdbgqcv255");
	expect_name(8 << 8 | 2 << 4 | 3, "sdc3");
	expect_name(3 << 8, "hda");
	expect_name(3 << 8 | 64 | 2, "hdb2");
	expect_name(22 << 8, "hdc");
	expect_name(22 << 8 | 64, "hdd");
	/* None ends like a partition's name */
	expect_name(202 << 8 | 15 << 4 | 1, "xvdp-1");
	expect_name(1 << 28 | 41 << 8 | 1, "xvdap-1");
	expect_name(1 << 28 | 41 << 8, "xvdap");
}

UK_TEST(blkfront, test_numbers_that_are_no_disk_are_refused)
{
	static const uint32_t ids[] = { 0, 255, 4 << 8, 203 << 8, 2u << 28, UINT32_MAX };
	char name[UK_BLKDEV_NAME_BYTES];

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(ids); i++)
		UK_EXPECT(!blkfront_name(ids[i], name));
	be_new();
	be_attach(203 << 8);
	be_write("state", "2");
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
	uk_xensim_xs_rm(be.sim.fe);
	uk_xensim_xs_rm(be.sim.be);
}

UK_TEST(blkfront, test_reads_and_writes)
{
	static const unsigned int sizes[] = { 1, 7, 8, 9, 88, 89, 256, 257, 504 };

	if (!start())
		return;
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(sizes); i++) {
		unsigned int n = sizes[i];
		uint64_t at = DISK_SECTORS - n - i;

		fill(n, n * 512);
		UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_WRITE, at, n, buf), 0);
		UK_EXPECT(!memcmp(be_disk + at * 512, buf, n * 512));
		memset(buf, 0, sizeof(buf));
		UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_READ, at, n, buf), 0);
		UK_EXPECT(is_filled(n, n * 512));
		UK_EXPECT_EQ(buf[n * 512], 0);
	}
	UK_EXPECT_EQ(be.max_segs, 11);
	UK_EXPECT_EQ(be.n_indirect, 0);
	stop();
}

/* Pieces of memory that do not begin with a sector, or a page */
UK_TEST(blkfront, test_memory_at_odd_places)
{
	struct async a;

	if (!start())
		return;
	fill(3, 40000);
	memmove(buf + 20, buf, 10000);
	memmove(buf + 20004, buf + 30, 10000);
	submit(&a, UK_BLK_WRITE, 40, NULL, 0);
	UK_EXPECT_EQ(wait_done(&a), 0);
	a.is_done = false;
	a.sg[0] = (struct uk_blk_sg) { buf + 20, 7 * 512 };
	a.sg[1] = (struct uk_blk_sg) { buf + 20004, 12 * 512 };
	a.req.n_sg = 2;
	uk_blk_submit(&blk, &a.req);
	UK_EXPECT_EQ(wait_done(&a), 0);
	UK_EXPECT(!memcmp(be_disk + 40 * 512, buf + 20, 7 * 512));
	UK_EXPECT(!memcmp(be_disk + 47 * 512, buf + 20004, 12 * 512));
	memset(buf, 0, sizeof(buf));
	a.is_done = false;
	a.req.op = UK_BLK_READ;
	a.req.sector = 40;
	uk_blk_submit(&blk, &a.req);
	UK_EXPECT_EQ(wait_done(&a), 0);
	UK_EXPECT(!memcmp(be_disk + 40 * 512, buf + 20, 7 * 512));
	UK_EXPECT(!memcmp(be_disk + 47 * 512, buf + 20004, 12 * 512));
	UK_EXPECT(!buf[19] && !buf[20 + 7 * 512] && !buf[20003] && !buf[20004 + 12 * 512]);
	stop();
}

static void expect_indirect(const char *offered, unsigned int max_segs, unsigned int n_indirect,
			    unsigned int n_requests)
{
	be_new();
	be.indirect = offered;
	if (!start_with(XVDA, "xvda"))
		return;
	fill(5, 32 * UK_PAGE_SIZE);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_WRITE, 8, 256, buf), 0);
	UK_EXPECT(!memcmp(be_disk + 8 * 512, buf, 32 * UK_PAGE_SIZE));
	memset(buf, 0, sizeof(buf));
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_READ, 8, 256, buf), 0);
	UK_EXPECT(is_filled(5, 32 * UK_PAGE_SIZE));
	UK_EXPECT_EQ(be.max_segs, max_segs);
	UK_EXPECT_EQ(be.n_indirect, 2 * n_indirect);
	UK_EXPECT_EQ(be.n_reads + be.n_writes, 2 * n_requests);
	stop();
}

UK_TEST(blkfront, test_indirect_segments_as_many_as_offered)
{
	expect_indirect(NULL, 11, 0, 3);
	expect_indirect("0", 11, 0, 3);
	expect_indirect("8", 11, 0, 3);
	expect_indirect("12", 12, 2, 3);
	expect_indirect("20", 20, 2, 2);
	expect_indirect("22", 22, 1, 2);
	expect_indirect("31", 31, 1, 2);
	expect_indirect("32", 32, 1, 1);
	expect_indirect("256", 32, 1, 1);
	expect_indirect("4294967295", 32, 1, 1);
	expect_indirect("-1", 11, 0, 3);
}

/* More than the ring, or the pages, have room for */
UK_TEST(blkfront, test_many_requests_at_once)
{
	static struct async many[200];

	for (unsigned int indirect = 0; indirect < 2; indirect++) {
		be_new();
		be.indirect = indirect ? "32" : NULL;
		if (!start_with(XVDA, "xvda"))
			return;
		fill(6, sizeof(buf));
		for (unsigned int i = 0; i < UK_ARRAY_SIZE(many); i++)
			submit(&many[i], UK_BLK_WRITE, i, buf + (i % 16) * UK_PAGE_SIZE,
			       (1 + i % 48) * UK_PAGE_SIZE);
		for (unsigned int i = 0; i < UK_ARRAY_SIZE(many); i++)
			UK_EXPECT_EQ(wait_done(&many[i]), 0);
		expect_alive();
		stop();
	}
}

/* As many commands as there may be, and there are pages for, take more entries than
 * the ring has: some of them wait. */
UK_TEST(blkfront, test_ring_is_full_before_the_pages_are_used_up)
{
	static struct async many[BLKFRONT_N_COMMANDS];
	const uint32_t large = 12 * UK_PAGE_SIZE;

	if (!start())
		return;
	be.is_silent = true;
	fill(7, large);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(many); i++)
		submit(&many[i], UK_BLK_WRITE, i * 96, buf, i < 8 ? large : UK_PAGE_SIZE);
	UK_EXPECT(be_waiting() <= BE_RING_SIZE);
	be.is_silent = false;
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(many); i++) {
		UK_EXPECT_EQ(wait_done(&many[i]), 0);
		UK_EXPECT(!memcmp(be_disk + i * 96 * 512, buf, many[i].sg[0].len_bytes));
	}
	stop();
}

UK_TEST(blkfront, test_flush_and_discard)
{
	be_new();
	be.discard = "1";
	be.granularity = "4096";
	be.alignment = "5120";
	if (!start_with(XVDA, "xvda"))
		return;
	UK_EXPECT(blk.dev->info.can_flush && blk.dev->info.can_discard);
	UK_EXPECT_EQ(blk.dev->info.discard_bytes, 4096);
	UK_EXPECT_EQ(blk.dev->info.discard_offset, 1024);
	UK_EXPECT(!blk.dev->info.can_zero);
	memset(be_disk, 'x', sizeof(be_disk));
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_FLUSH, 0, 0, NULL), 0);
	UK_EXPECT_EQ(be.n_flushes, 1);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_DISCARD, 100, 3000, NULL), 0);
	UK_EXPECT_EQ(be.n_discards, 1);
	UK_EXPECT(be_disk[100 * 512 - 1] && !be_disk[100 * 512] && !be_disk[3100 * 512 - 1] &&
		  be_disk[3100 * 512]);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_ZERO, 100, 3000, NULL), -EOPNOTSUPP);
	stop();
}

/* What it does not offer is not asked of it. */
UK_TEST(blkfront, test_back_end_without_features)
{
	be_new();
	be.flush = NULL;
	if (!start_with(XVDA, "xvda"))
		return;
	UK_EXPECT(!blk.dev->info.can_flush && !blk.dev->info.can_discard);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_FLUSH, 0, 0, NULL), 0);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_DISCARD, 0, 8, NULL), -EOPNOTSUPP);
	UK_EXPECT_EQ(be.n_flushes + be.n_discards, 0);
	expect_alive();
	stop();
}

UK_TEST(blkfront, test_sizes_of_sectors)
{
	be_new();
	be.sector_size = "4096";
	be.physical = "16384";
	be.sectors = "4095";
	be.discard = "1";
	be.granularity = "1000";
	if (!start_with(XVDA, "xvda"))
		return;
	UK_EXPECT_EQ(blk.dev->info.sector_bytes, 4096);
	UK_EXPECT_EQ(blk.dev->info.physical_bytes, 16384);
	UK_EXPECT_EQ(blk.dev->info.sectors, 4088);
	UK_EXPECT_EQ(blk.dev->info.discard_bytes, 4096);
	UK_EXPECT(!blk.dev->info.is_readonly && !blk.dev->info.is_dma);
	expect_alive();
	stop();
}

UK_TEST(blkfront, test_readonly_disk)
{
	struct uk_blk writer = { 0 };

	be_new();
	be.info = "4";
	blk.is_readonly = true;
	if (start_with(XVDA, "xvda")) {
		UK_EXPECT_EQ(uk_blk_open(&writer, "xvda", why), -EROFS);
		be_disk[0] = 'r';
		UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_READ, 0, 1, buf), 0);
		UK_EXPECT_EQ(buf[0], 'r');
		stop();
	}
	blk.is_readonly = false;
}

UK_TEST(blkfront, test_errors_reach_the_user)
{
	struct be_req reqs[4];
	struct async a, b;

	if (!start())
		return;
	be.status = BLKIF_RSP_ERROR;
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_READ, 0, 1, buf), -EIO);
	be.status = BLKIF_RSP_EOPNOTSUPP;
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_FLUSH, 0, 0, NULL), -EOPNOTSUPP);
	be.status = 77;
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_WRITE, 0, 1, buf), -EIO);
	be.status = 0;
	/* Of one piece of three, in any order; of one request of two */
	be.is_silent = true;
	submit(&a, UK_BLK_READ, 0, buf, 32 * UK_PAGE_SIZE);
	submit(&b, UK_BLK_READ, 8, buf + 32 * UK_PAGE_SIZE, UK_PAGE_SIZE);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(reqs); i++)
		be_take(&reqs[i]);
	for (unsigned int i = UK_ARRAY_SIZE(reqs); i--;)
		be_answer(reqs[i].id, reqs[i].op, i == 1 ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY);
	be_push();
	UK_EXPECT_EQ(wait_done(&a), -EIO);
	UK_EXPECT_EQ(wait_done(&b), 0);
	be.is_silent = false;
	expect_alive();
	stop();
}

/* Nothing is seen of a read that has failed, or of memory beside a request's. */
UK_TEST(blkfront, test_back_end_sees_data_and_nothing_else)
{
	struct be_req req;
	struct async a;
	const char *page;

	if (!start())
		return;
	be.is_silent = true;
	memset(buf, 's', UK_PAGE_SIZE);
	memset(buf + 1024, 'd', 512);
	submit(&a, UK_BLK_WRITE, 0, buf + 1024, 512);
	be_take(&req);
	page = uk_xensim_granted(UK_BACKSIM_DOM, req.segs[0].gref, false);
	UK_EXPECT_EQ(req.n_segs, 1);
	UK_EXPECT(page && !memchr(page, 's', UK_PAGE_SIZE));
	be_answer(req.id, req.op, 0);
	be_push();
	UK_EXPECT_EQ(wait_done(&a), 0);
	submit(&a, UK_BLK_READ, 0, buf + 1024, 512);
	be_take(&req);
	memset(uk_xensim_granted(UK_BACKSIM_DOM, req.segs[0].gref, true), 'e', UK_PAGE_SIZE);
	be_answer(req.id, req.op, BLKIF_RSP_ERROR);
	be_push();
	UK_EXPECT_EQ(wait_done(&a), -EIO);
	UK_EXPECT(!memchr(buf, 'e', UK_PAGE_SIZE));
	be.is_silent = false;
	stop();
}

UK_TEST(blkfront, test_partitions)
{
	struct uk_blk part = { 0 };
	unsigned char *mbr = (unsigned char *)be_disk;

	if (!start())
		return;
	uk_blk_close(&blk);
	mbr[510] = 0x55;
	mbr[511] = 0xaa;
	mbr[450] = 0x83;
	mbr[454] = 64;		/* from there */
	mbr[458] = 100;		/* as many */
	UK_EXPECT_EQ(uk_blk_open(&part, "xvdap1", why), 0);
	UK_EXPECT_EQ(part.dev->info.sectors, 100);
	fill(9, 512);
	UK_EXPECT_EQ(uk_blk_do(&part, UK_BLK_WRITE, 2, 1, buf), 0);
	UK_EXPECT(!memcmp(be_disk + 66 * 512, buf, 512));
	uk_blk_close(&part);
	stop();
}

/* Few events: one for all answers that come together, and one for all requests. */
UK_TEST(blkfront, test_events_are_few)
{
	static struct async many[20];
	unsigned long n_before;
	unsigned int kicks;

	if (!start())
		return;
	be.is_silent = true;
	kicks = uk_xensim_port_kicks(be.port);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(many); i++)
		submit(&many[i], UK_BLK_WRITE, i, buf, 512);
	UK_EXPECT_EQ(uk_xensim_port_kicks(be.port) - kicks, 1);
	n_before = uk_xensim_deliveries();
	be.is_silent = false;
	be_serve();
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(many); i++)
		UK_EXPECT_EQ(wait_done(&many[i]), 0);
	UK_EXPECT(uk_xensim_deliveries() - n_before <= 2);
	stop();
}
