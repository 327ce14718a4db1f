/* SPDX-License-Identifier: BSD-3-Clause */
/* Data come back as they were written, whatever the shape of the request. */
#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/wait.h>

#include "disktest.h"

#define BUF_PAGES 300
#define BUF_BYTES (BUF_PAGES * UK_PAGE_SIZE)
#define MAX_SG 320

static char *buf;

static void fill(char *at, uint64_t pos, size_t len, unsigned int round)
{
	for (size_t i = 0; i < len; i++)
		at[i] = (char)disk_byte(pos + i, round);
}

static bool is_filled(const char *at, uint64_t pos, size_t len, unsigned int round)
{
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)at[i] != disk_byte(pos + i, round))
			return false;
	return true;
}

struct wait {
	struct uk_blk_req req;
	struct uk_wait_queue wq;
	unsigned int n_left;
	int err;
};

static void on_done(struct uk_blk_req *req, int err)
{
	struct wait *w = UK_CONTAINER_OF(req, struct wait, req);

	w->err = err;
	w->n_left = 0;
	uk_wait_wake_all(&w->wq);
}

static int do_sg(struct uk_blk *blk, enum uk_blk_op op, uint64_t sector,
		 const struct uk_blk_sg *sg, unsigned int n)
{
	struct wait w = {
		.req = { .op = op, .sector = sector, .sg = sg, .n_sg = n, .done = on_done },
		.n_left = 1,
	};

	uk_wait_init(&w.wq);
	uk_blk_submit(blk, &w.req);
	uk_wait_event(&w.wq, !w.n_left);
	return w.err;
}

static bool start(struct uk_blk *blk, struct uk_blk_info *info)
{
	if (!disk_open(blk, info))
		return false;
	buf = uk_pages_alloc_n(BUF_PAGES);
	return UK_EXPECT(buf);
}

static void stop(struct uk_blk *blk)
{
	uk_pages_free_n(buf, BUF_PAGES);
	uk_blk_close(blk);
}

/* Pieces of @piece bytes, @gap apart, from @first in the buffer on; @total in all */
struct shape {
	uint32_t first, piece, gap, total;
};

static unsigned int make_sg(struct uk_blk_sg *sg, const struct shape *s)
{
	unsigned int n = 0;
	uint32_t at = s->first;

	for (uint32_t done = 0; done < s->total; done += s->piece, at += s->piece + s->gap)
		sg[n++] = (struct uk_blk_sg) { buf + at, UK_MIN(s->piece, s->total - done) };
	return n;
}

static void check_shape(struct uk_blk *blk, const struct shape *s, uint64_t sector,
			unsigned int round)
{
	static struct uk_blk_sg sg[MAX_SG];
	unsigned int n = make_sg(sg, s);
	uint64_t pos = sector * UK_BLK_SECTOR;

	for (unsigned int i = 0; i < n; i++) {
		fill(sg[i].va, pos, sg[i].len_bytes, round);
		pos += sg[i].len_bytes;
	}
	UK_EXPECT_EQ(do_sg(blk, UK_BLK_WRITE, sector, sg, n), 0);
	memset(buf, 0x55, BUF_BYTES);
	UK_EXPECT_EQ(do_sg(blk, UK_BLK_READ, sector, sg, n), 0);
	pos = sector * UK_BLK_SECTOR;
	for (unsigned int i = 0; i < n; i++) {
		if (!UK_EXPECT(is_filled(sg[i].va, pos, sg[i].len_bytes, round)))
			uk_console_printf("# piece %u of shape %u+%u, %u\n", i, s->first, s->piece,
					  s->total);
		pos += sg[i].len_bytes;
	}
}

UK_TEST(disk_data, test_data_come_back_in_all_shapes)
{
	struct uk_blk blk = { 0 };
	struct uk_blk_info info;

	if (!start(&blk, &info))
		return;
	const uint32_t unit = info.sector_bytes;
	const struct shape shapes[] = {
		{ 0, unit, 0, unit }, { 512, unit, 0, unit }, { 4, unit, 0, unit },
		{ 0, 4096, 0, 8192 }, { 512, 8192, 0, 8192 }, { 3584, 12288, 0, 12288 },
		{ 0, 4096, 4096, 44 * 1024 }, { 0, unit, 4096, 16 * unit },
		{ 1024, unit, 512, 64 * unit }, { 0, 1 << 20, 0, 1 << 20 },
		{ 2048, 1 << 20, 0, 1 << 20 }, { 4, 1 << 20, 0, 1 << 20 },
		{ 0, 4096, 0, 256 * 4096 }, { 8192, 128 * 1024, 8192, 512 * 1024 },
	};
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(shapes); i++)
		check_shape(&blk, &shapes[i], i * 64, i);
	check_shape(&blk, &shapes[0], info.sectors - unit / UK_BLK_SECTOR, 99);
	stop(&blk);
}

/* ---- Many at once ---- */

#define N_MANY 240

static struct many {
	struct uk_blk_req req;
	struct uk_blk_sg sg;
	unsigned int i;
} many[N_MANY];
static unsigned int n_left, n_bad;
static struct uk_wait_queue all_done = UK_WAIT_QUEUE_INIT(all_done);

static void on_one(struct uk_blk_req *req uk_unused, int err)
{
	n_bad += err != 0;
	if (!--n_left)
		uk_wait_wake_all(&all_done);
}

/* The i'th takes page i of the buffer and page (i * 7) mod N of the disk: far from
 * its neighbours */
static void do_many(struct uk_blk *blk, enum uk_blk_op op)
{
	n_left = N_MANY;
	n_bad = 0;
	for (unsigned int i = 0; i < N_MANY; i++) {
		uint64_t page = i * 7 % N_MANY;

		many[i].sg = (struct uk_blk_sg) { buf + i * UK_PAGE_SIZE, UK_PAGE_SIZE };
		many[i].req = (struct uk_blk_req) {
			.op = op, .sector = page * 8, .sg = &many[i].sg, .n_sg = 1, .done = on_one,
		};
		if (op == UK_BLK_WRITE)
			fill(many[i].sg.va, page * UK_PAGE_SIZE, UK_PAGE_SIZE, 5);
		uk_blk_submit(blk, &many[i].req);
	}
	uk_wait_event(&all_done, !n_left);
	UK_EXPECT_EQ(n_bad, 0);
}

UK_TEST(disk_data, test_many_requests_at_once)
{
	struct uk_blk blk = { 0 };
	struct uk_blk_info info;

	if (!start(&blk, &info))
		return;
	for (unsigned int turn = 0; turn < 4; turn++) {
		do_many(&blk, UK_BLK_WRITE);
		memset(buf, 0, BUF_BYTES);
		do_many(&blk, UK_BLK_READ);
		for (unsigned int i = 0; i < N_MANY; i++)
			UK_EXPECT(is_filled(buf + i * UK_PAGE_SIZE, i * 7 % N_MANY * UK_PAGE_SIZE,
					    UK_PAGE_SIZE, 5));
	}
	stop(&blk);
}

/* ---- What is no transfer ---- */

UK_TEST(disk_data, test_zeroes_and_discard)
{
	const uint64_t sectors = BUF_BYTES / UK_BLK_SECTOR;
	struct uk_blk blk = { 0 };
	struct uk_blk_info info;
	size_t i = 0;

	if (!start(&blk, &info))
		return;
	memset(buf, 'x', BUF_BYTES);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_WRITE, 0, sectors, buf), 0);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_ZERO, 8, sectors - 16, NULL),
		     info.can_zero ? 0 : -EOPNOTSUPP);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_READ, 0, sectors, buf), 0);
	for (i = 4096; info.can_zero && i < BUF_BYTES - 4096 && !buf[i]; i++)
		;
	UK_EXPECT_EQ(i, info.can_zero ? BUF_BYTES - 4096 : 4096);
	UK_EXPECT(buf[4095] == 'x' && buf[BUF_BYTES - 4096] == 'x');
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_DISCARD, 0, 8, NULL),
		     info.can_discard ? 0 : -EOPNOTSUPP);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_DISCARD, 8, info.sectors - 8, NULL),
		     info.can_discard ? 0 : -EOPNOTSUPP);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_FLUSH, 0, 0, NULL), 0);
	stop(&blk);
}

/* The last one: the script looks into the file. */
UK_TEST(disk_mark, test_first_megabyte_is_left_written)
{
	struct uk_blk blk = { 0 };
	struct uk_blk_info info;

	if (!start(&blk, &info))
		return;
	uk_console_printf("# info: sectors %llu unit %u physical %u readonly %d flush %d discard %d zero %d dma %d\n",
			  (unsigned long long)info.sectors, info.sector_bytes, info.physical_bytes,
			  info.is_readonly, info.can_flush, info.can_discard, info.can_zero,
			  info.is_dma);
	fill(buf, 0, 1 << 20, 200);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_WRITE, 0, (1 << 20) / UK_BLK_SECTOR, buf), 0);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_FLUSH, 0, 0, NULL), 0);
	stop(&blk);
}
