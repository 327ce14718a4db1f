/* SPDX-License-Identifier: BSD-3-Clause */
/* The RAM disk through blkdev. */
#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/blkdev.h>
#include <uk/pages.h>
#include <uk/print.h>
#include <uk/test.h>

static char why[UK_BLK_WHY_BYTES];
static int last_err;

static size_t free_pages(void)
{
	struct uk_pages_stats st;

	uk_pages_stats(&st);
	return st.free_pages;
}

static int open_rw(struct uk_blk *blk, const char *target)
{
	*blk = (struct uk_blk) { 0 };
	return uk_blk_open(blk, target, why);
}

static uint64_t sectors(struct uk_blk *blk)
{
	struct uk_blk_info info;

	uk_blk_info(blk, &info);
	return info.sectors;
}

static void on_done(struct uk_blk_req *req uk_unused, int err)
{
	last_err = err;
}

static int transfer(struct uk_blk *blk, enum uk_blk_op op, uint64_t sector, void *buf, size_t len)
{
	struct uk_blk_sg sg = { .va = buf, .len_bytes = (uint32_t)len };
	struct uk_blk_req req = {
		.op = op, .sector = sector, .sg = &sg, .n_sg = 1, .done = on_done,
	};

	last_err = 1;
	uk_blk_submit(blk, &req);
	return last_err;
}

static const struct {
	const char *target;
	int err;
	const char *why;
} bad[] = {
	{ "ram:", -EINVAL, "needs size=" },
	{ "ram:size=", -EINVAL, "size=" },
	{ "ram:size=0", -EINVAL, "size=" },
	{ "ram:size=-1", -EINVAL, "size=" },
	{ "ram:size=64MB", -EINVAL, "size=" },
	{ "ram:size=18446744073709551615", -EINVAL, "size=" },
	{ "ram:siz=64M", -EINVAL, "\"siz\"" },
	{ "ram:size", -EINVAL, "\"size\"" },
	{ "ram:size=1M,size=2M", -EINVAL, "twice" },
	{ "ram:,size=1M", -EINVAL, "\"\"" },
	{ "ram:name=,size=1M", -EINVAL, "name=" },
	{ "ram:name=a/b,size=1M", -EINVAL, "name=" },
	{ "ram:name=0123456789012345678901234567890x,size=1M", -EINVAL, "name=" },
	{ "ram:name=absent", -ENOENT, "no size=" },
	{ "ram:size=1M,keep=1", -EINVAL, "needs a name=" },
	{ "ram:size=1M,keep=2", -EINVAL, "0 or 1" },
	{ "ram:image=module0", -ENOENT, "ramdisk=" },
	{ "ram:image=module99", -EINVAL, "image=" },
	{ "ram:image=disk", -EINVAL, "image=" },
	{ "ram:size=1000000G", -ENOMEM, "are left" },
	{ "ram:size=11111111111111111111111111111111111111111111111111111111111111111", -EINVAL,
	  "too long" },
};

UK_TEST(ramdisk, test_bad_targets_are_refused_with_a_reason)
{
	struct uk_blk blk;

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(bad); i++) {
		UK_EXPECT_EQ(open_rw(&blk, bad[i].target), bad[i].err);
		if (!UK_EXPECT(strstr(why, bad[i].why)))
			uk_test_fail(__FILE_NAME__, __LINE__, "%s: \"%s\"", bad[i].target, why);
	}
}

UK_TEST(ramdisk, test_size_is_rounded_up_to_pages)
{
	struct uk_blk blk;

	if (!UK_EXPECT_EQ(open_rw(&blk, "ram:size=4097"), 0))
		return;
	UK_EXPECT_EQ(sectors(&blk), 16);
	uk_blk_close(&blk);
}

UK_TEST(ramdisk, test_holes_read_as_zeros_and_take_no_memory)
{
	static char buf[UK_PAGE_SIZE], zero[UK_PAGE_SIZE];
	struct uk_blk blk;
	size_t before;

	if (!UK_EXPECT_EQ(open_rw(&blk, "ram:size=4M"), 0))
		return;
	before = free_pages();
	memset(buf, 0x55, sizeof(buf));
	UK_EXPECT_EQ(transfer(&blk, UK_BLK_READ, 100, buf, sizeof(buf)), 0);
	UK_EXPECT(!memcmp(buf, zero, sizeof(buf)));
	UK_EXPECT_EQ(free_pages(), before);
	uk_blk_close(&blk);
}

/* Recycled memory must not shine through around what was written. */
UK_TEST(ramdisk, test_partial_write_shows_zeros_around_it)
{
	char sector[UK_BLK_SECTOR], page[UK_PAGE_SIZE];
	void *dirty = uk_pages_alloc(0);
	struct uk_blk blk;

	memset(dirty, 0xaa, UK_PAGE_SIZE);
	uk_pages_free(dirty, 0);
	if (!UK_EXPECT_EQ(open_rw(&blk, "ram:size=64K"), 0))
		return;
	memset(sector, 0x11, sizeof(sector));
	UK_EXPECT_EQ(transfer(&blk, UK_BLK_WRITE, 2, sector, sizeof(sector)), 0);
	UK_EXPECT_EQ(transfer(&blk, UK_BLK_READ, 0, page, sizeof(page)), 0);
	for (unsigned int i = 0; i < sizeof(page); i++)
		if (page[i] != (i / UK_BLK_SECTOR == 2 ? 0x11 : 0)) {
			UK_EXPECT_EQ(i, -1);
			break;
		}
	uk_blk_close(&blk);
}

UK_TEST(ramdisk, test_transfer_across_pages_reads_back)
{
	static char out[3 * UK_PAGE_SIZE], in[3 * UK_PAGE_SIZE];
	struct uk_blk blk;

	if (!UK_EXPECT_EQ(open_rw(&blk, "ram:size=3M"), 0))
		return;
	for (unsigned int i = 0; i < sizeof(out); i++)
		out[i] = (char)(i * 7 + i / 256);
	/* Across the border of two leaves, 2 MiB */
	UK_EXPECT_EQ(transfer(&blk, UK_BLK_WRITE, 4096 - 9, out, sizeof(out)), 0);
	UK_EXPECT_EQ(transfer(&blk, UK_BLK_READ, 4096 - 9, in, sizeof(in)), 0);
	UK_EXPECT(!memcmp(in, out, sizeof(in)));
	UK_EXPECT_EQ(transfer(&blk, UK_BLK_FLUSH, 0, NULL, 0), 0);
	uk_blk_close(&blk);
}

UK_TEST(ramdisk, test_named_disk_survives_close)
{
	char out[UK_BLK_SECTOR] = "kept", in[UK_BLK_SECTOR];
	struct uk_blk blk;

	if (!UK_EXPECT_EQ(open_rw(&blk, "ram:name=t1,size=64K"), 0))
		return;
	UK_EXPECT_EQ(transfer(&blk, UK_BLK_WRITE, 5, out, sizeof(out)), 0);
	uk_blk_close(&blk);
	UK_EXPECT_EQ(open_rw(&blk, "ram:name=t1"), 0);
	UK_EXPECT_EQ(transfer(&blk, UK_BLK_READ, 5, in, sizeof(in)), 0);
	UK_EXPECT_STR(in, "kept");
	uk_blk_close(&blk);
	UK_EXPECT_EQ(open_rw(&blk, "ram:name=t1,keep=0"), 0);
	uk_blk_close(&blk);
	UK_EXPECT_EQ(open_rw(&blk, "ram:name=t1"), -ENOENT);
}

UK_TEST(ramdisk, test_memory_comes_back)
{
	static char buf[16 * UK_PAGE_SIZE];
	size_t before;
	struct uk_blk blk;

	if (!UK_EXPECT_EQ(open_rw(&blk, "ram:size=1M"), 0))
		return;
	uk_blk_close(&blk);
	before = free_pages();
	for (int i = 0; i < 3; i++) {
		UK_EXPECT_EQ(open_rw(&blk, "ram:size=1M"), 0);
		UK_EXPECT_EQ(transfer(&blk, UK_BLK_WRITE, 0, buf, sizeof(buf)), 0);
		UK_EXPECT(free_pages() <= before - 16);
		uk_blk_close(&blk);
		UK_EXPECT_EQ(free_pages(), before);
	}
}

/* What was promised to one disk is not there for the next, written or not. */
UK_TEST(ramdisk, test_disks_cannot_promise_the_same_memory)
{
	struct uk_blk a, b;
	char target[32];

	uk_snprintf(target, sizeof(target), "ram:size=%zuK", free_pages() * 4 * 2 / 3);
	if (!UK_EXPECT_EQ(open_rw(&a, target), 0))
		return;
	UK_EXPECT_EQ(open_rw(&b, target), -ENOMEM);
	uk_blk_close(&a);
	UK_EXPECT_EQ(open_rw(&b, target), 0);
	uk_blk_close(&b);
}

UK_TEST(ramdisk, test_disk_grows_and_does_not_shrink)
{
	char in[UK_BLK_SECTOR], out[UK_BLK_SECTOR] = "end";
	struct uk_blk blk;

	if (!UK_EXPECT_EQ(open_rw(&blk, "ram:size=1M"), 0))
		return;
	UK_EXPECT_EQ(transfer(&blk, UK_BLK_WRITE, 2047, out, sizeof(out)), 0);
	UK_EXPECT_EQ(uk_blk_reconfigure(&blk, "ram:size=512K", why), -EINVAL);
	UK_EXPECT(strstr(why, "cannot shrink"));
	UK_EXPECT_EQ(uk_blk_reconfigure(&blk, "ram:name=x,size=8M", why), -EINVAL);
	UK_EXPECT_EQ(sectors(&blk), 2048);
	UK_EXPECT_EQ(uk_blk_reconfigure(&blk, "ram:size=8M", why), 0);
	UK_EXPECT_EQ(sectors(&blk), 16384);
	UK_EXPECT_EQ(transfer(&blk, UK_BLK_READ, 2047, in, sizeof(in)), 0);
	UK_EXPECT_STR(in, "end");
	UK_EXPECT_EQ(transfer(&blk, UK_BLK_WRITE, 16383, out, sizeof(out)), 0);
	uk_blk_close(&blk);
}
