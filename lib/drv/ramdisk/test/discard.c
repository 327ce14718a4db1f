/* SPDX-License-Identifier: BSD-3-Clause */
/* What is discarded or zeroed. */
#include "../ramdisk_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/blkdev.h>
#include <uk/pages.h>
#include <uk/test.h>

#define PAGES 16
#define BYTES (PAGES * UK_PAGE_SIZE)

static char buf[BYTES] uk_aligned(UK_PAGE_SIZE);
static struct uk_blk blk;

static size_t free_pages(void)
{
	struct uk_pages_stats st;

	uk_pages_stats(&st);
	return st.free_pages;
}

/* A disk full of 0x11 */
static bool start(void)
{
	char why[UK_BLK_WHY_BYTES];

	blk = (struct uk_blk) { 0 };
	memset(buf, 0x11, sizeof(buf));
	return UK_EXPECT_EQ(uk_blk_open(&blk, "ram:size=64K", why), 0) &&
	       UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_WRITE, 0, BYTES / UK_BLK_SECTOR, buf), 0);
}

/* Sectors [@first, @end) of the disk are zeros, and no other one. */
static void expect_zeros(unsigned int first, unsigned int end)
{
	memset(buf, 0x22, sizeof(buf));
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_READ, 0, BYTES / UK_BLK_SECTOR, buf), 0);
	for (unsigned int i = 0; i < BYTES; i++) {
		unsigned int sector = i / UK_BLK_SECTOR;

		if (buf[i] != (sector >= first && sector < end ? 0 : 0x11)) {
			uk_test_fail(__FILE_NAME__, __LINE__, "byte %u: 0x%x", i, buf[i]);
			return;
		}
	}
}

UK_TEST(ramdisk, test_discarded_pages_are_free_and_read_as_zeros)
{
	uint64_t available;
	size_t before;

	if (!start())
		return;
	before = free_pages();
	available = ramdisk_store_available();
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_DISCARD, 16, 32, NULL), 0);
	expect_zeros(16, 48);
	UK_EXPECT_EQ(free_pages(), before + 4);
	/* They are still this disk's to have */
	UK_EXPECT_EQ(ramdisk_store_available(), available);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_DISCARD, 16, 32, NULL), 0);
	UK_EXPECT_EQ(free_pages(), before + 4);
	memset(buf, 0x11, sizeof(buf));
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_WRITE, 16, 32, buf), 0);
	expect_zeros(0, 0);
	UK_EXPECT_EQ(free_pages(), before);
	uk_blk_close(&blk);
}

/* What is in a page besides is kept. */
UK_TEST(ramdisk, test_discard_of_parts_of_pages_touches_no_other)
{
	if (!start())
		return;
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_DISCARD, 13, 12, NULL), 0);
	expect_zeros(16, 24);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_DISCARD, 33, 6, NULL), 0);
	expect_zeros(16, 24);
	uk_blk_close(&blk);
}

UK_TEST(ramdisk, test_zeroed_sectors_are_zeros_whatever_page_they_are_of)
{
	if (!start())
		return;
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_ZERO, 13, 20, NULL), 0);
	expect_zeros(13, 33);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_ZERO, 33, 3, NULL), 0);
	expect_zeros(13, 36);
	uk_blk_close(&blk);
}

/* Nothing of them is left in memory that somebody else gets. */
UK_TEST(ramdisk, test_zeroed_page_is_erased_before_it_is_free)
{
	char *was, *page;
	size_t len;

	if (!start())
		return;
	was = uk_blk_window(&blk, 0, false, &len);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_ZERO, 0, 8, NULL), 0);
	page = uk_pages_alloc(0);
	if (!UK_EXPECT(page == was))
		return;
	/* The allocator may have written to its ends */
	for (unsigned int i = 256; i < UK_PAGE_SIZE - 256; i++)
		if (page[i] == 0x11) {
			UK_EXPECT_EQ(i, -1);
			break;
		}
	uk_pages_free(page, 0);
	uk_blk_close(&blk);
}

/* What is discarded does not show the image again. */
UK_TEST(ramdisk, test_discarded_pages_of_an_image_are_zeros)
{
	static char image[2 * UK_PAGE_SIZE];
	struct ramdisk_store st;
	size_t before = free_pages();
	char *page;

	memset(image, 0x33, sizeof(image));
	if (!UK_EXPECT_EQ(ramdisk_store_init(&st, 3), 0))
		return;
	st.image = image;
	st.image_pages = 2;
	page = ramdisk_store_page(&st, 0, true);
	UK_EXPECT(page && page[0] == 0x33);
	UK_EXPECT_EQ(ramdisk_store_clear(&st, 0, 3, false), 0);
	for (unsigned int i = 0; i < 3; i++) {
		page = ramdisk_store_page(&st, i, false);
		UK_EXPECT(page[0] == 0 && page[UK_PAGE_SIZE - 1] == 0);
	}
	/* The zeros are nobody's to write */
	page = ramdisk_store_page(&st, 1, true);
	memset(page, 0x44, UK_PAGE_SIZE);
	page = ramdisk_store_page(&st, 0, false);
	UK_EXPECT_EQ(page[0], 0);
	page = ramdisk_store_page(&st, 1, false);
	UK_EXPECT_EQ(page[0], 0x44);
	ramdisk_store_free(&st);
	UK_EXPECT_EQ(free_pages(), before);
}
