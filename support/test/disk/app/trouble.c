/* SPDX-License-Identifier: BSD-3-Clause */
/* Devices that refuse, do not answer, or change, which the script has arranged. */
#include <errno.h>

#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

#include "disktest.h"

#define BAD_SECTOR 2048

static int do_page(struct uk_blk *blk, enum uk_blk_op op, uint64_t sector)
{
	void *page = uk_pages_alloc(0);
	int err = uk_blk_do(blk, op, sector, 8, page);

	uk_pages_free(page, 0);
	return err;
}

UK_TEST(disk_errors, test_bad_sector_fails_and_no_other)
{
	struct uk_blk blk = { 0 };
	struct uk_blk_info info;

	if (!disk_open(&blk, &info))
		return;
	for (unsigned int i = 0; i < 3; i++) {
		UK_EXPECT_EQ(do_page(&blk, UK_BLK_READ, BAD_SECTOR), -EIO);
		UK_EXPECT_EQ(do_page(&blk, UK_BLK_WRITE, BAD_SECTOR), -EIO);
		UK_EXPECT_EQ(do_page(&blk, UK_BLK_READ, BAD_SECTOR - 8), 0);
		UK_EXPECT_EQ(do_page(&blk, UK_BLK_WRITE, BAD_SECTOR + 8), 0);
	}
	uk_blk_close(&blk);
}

UK_TEST(disk_errors_flush, test_failed_flush_is_an_error)
{
	struct uk_blk blk = { 0 };
	struct uk_blk_info info;

	if (!disk_open(&blk, &info))
		return;
	UK_EXPECT_EQ(do_page(&blk, UK_BLK_WRITE, 0), 0);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_FLUSH, 0, 0, NULL), -EIO);
	uk_blk_close(&blk);
}

UK_TEST(disk_readonly, test_readonly_disk_is_read_and_not_written)
{
	struct uk_blk writer = { 0 }, reader = { .is_readonly = true };
	struct uk_blk_info info;
	char why[UK_BLK_WHY_BYTES];

	UK_EXPECT_EQ(uk_blk_open(&writer, disk_target, why), -EROFS);
	if (!disk_open(&reader, &info))
		return;
	UK_EXPECT(info.is_readonly);
	UK_EXPECT_EQ(do_page(&reader, UK_BLK_READ, 0), 0);
	uk_blk_close(&reader);
}

/* Until the device, which the script makes slow, does not answer in time. */
static void until_slow(struct uk_blk *blk)
{
	uk_console_printf("# make it slow\n");
	while (uk_blk_do(blk, UK_BLK_FLUSH, 0, 0, NULL) == 0 && !do_page(blk, UK_BLK_READ, 0))
		;
}

#define TIMEOUT_NS UK_NSEC_PER_SEC	/* what the script says */
#define PATIENCE_NS (60 * UK_NSEC_PER_SEC)

/* The script makes it fast again when it is reset: what took so long was done
 * after all. */
UK_TEST(disk_slow, test_request_survives_a_reset)
{
	uint64_t start = uk_plat_mono_ns(), before, took = 0;
	struct uk_blk blk = { 0 };
	struct uk_blk_info info;

	if (!disk_open(&blk, &info))
		return;
	uk_console_printf("# make it slow\n");
	for (unsigned int i = 0; took < TIMEOUT_NS && uk_plat_mono_ns() - start < PATIENCE_NS; i++) {
		before = uk_plat_mono_ns();
		if (!UK_EXPECT_EQ(do_page(&blk, i % 2 ? UK_BLK_READ : UK_BLK_WRITE, i % 40 * 8), 0))
			break;
		took = uk_plat_mono_ns() - before;
	}
	UK_EXPECT(took >= TIMEOUT_NS);
	uk_blk_close(&blk);
}

UK_TEST(disk_dead, test_device_without_answer_is_an_error)
{
	struct uk_blk blk = { 0 };
	struct uk_blk_info info;

	if (!disk_open(&blk, &info))
		return;
	until_slow(&blk);
	UK_EXPECT_EQ(do_page(&blk, UK_BLK_READ, 0), -ETIMEDOUT);
	uk_blk_close(&blk);
}

static unsigned int n_resized;

static void on_resized(struct uk_blk *blk uk_unused)
{
	n_resized++;
}

UK_TEST(disk_growth, test_growth_is_heard_of_and_usable)
{
	struct uk_blk blk = { .resized = on_resized };
	char why[UK_BLK_WHY_BYTES];
	struct uk_blk_info info;
	uint64_t before;

	if (!disk_open(&blk, &info))
		return;
	before = info.sectors;
	uk_console_printf("# make it grow\n");
	for (unsigned int i = 0; i < 1000 && info.sectors == before; i++) {
		uk_thread_sleep_ns(10 * UK_NSEC_PER_MSEC);
		/* A file is looked at when its target is written again */
		uk_blk_reconfigure(&blk, disk_target, why);
		uk_blk_info(&blk, &info);
	}
	UK_EXPECT_EQ(info.sectors, before + 2048);
	UK_EXPECT_EQ(n_resized, 1);
	UK_EXPECT_EQ(do_page(&blk, UK_BLK_WRITE, info.sectors - 8), 0);
	UK_EXPECT_EQ(do_page(&blk, UK_BLK_READ, info.sectors - 8), 0);
	uk_blk_close(&blk);
}
