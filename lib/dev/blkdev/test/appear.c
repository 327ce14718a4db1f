/* SPDX-License-Identifier: BSD-3-Clause */
/* Disks that are found later than they are asked for. */
#include "disk.h"

#include <errno.h>
#include <string.h>

#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

#include "../blkdev_priv.h"

static struct uk_blkdev late;

static void appear(void *arg uk_unused)
{
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	uk_blkdev_init(&late, disk.ops);
	strlcpy(late.name, "late0", sizeof(late.name));
	late.info.sectors = 7;
	uk_blkdev_add(&late);
}

UK_TEST(blkdev_appear, test_disk_that_is_still_to_come_is_waited_for)
{
	uint64_t before = blkdev_settle_ms, start;

	disk_new(512);
	UK_EXPECT_EQ(disk_try("late0", true), -ENODEV);
	blkdev_settle_ms = 200;
	uk_blkdev_expect();
	start = uk_plat_mono_ns();
	uk_thread_create("appear", appear, NULL, 0);
	UK_EXPECT_EQ(disk_try("late0", true), 7);
	UK_EXPECT(uk_plat_mono_ns() - start < 150 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(disk_try("late1", true), -ENODEV);
	UK_EXPECT(uk_plat_mono_ns() - start >= 200 * UK_NSEC_PER_MSEC);
	blkdev_settle_ms = before;
	uk_blkdev_remove(&late);
}

static void arrive(void *arg uk_unused)
{
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	late.info.sectors = 7;
	uk_blkdev_add(&late);
}

/* One that is known to come is waited for in particular. */
UK_TEST(blkdev_appear, test_disk_that_was_announced)
{
	uint64_t start = uk_plat_mono_ns();

	disk_new(512);
	uk_blkdev_init(&late, disk.ops);
	strlcpy(late.name, "late0", sizeof(late.name));
	uk_blkdev_announce(&late, 100 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(disk_try("other0", true), -ENODEV);
	UK_EXPECT_EQ(disk_try("disk0p9", true), -ENOENT);
	UK_EXPECT(uk_plat_mono_ns() - start < 50 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(disk_try("late0p1", true), -ENODEV);
	UK_EXPECT(uk_plat_mono_ns() - start >= 100 * UK_NSEC_PER_MSEC);
	/* It may be the one with that label */
	uk_blkdev_announce(&late, 100 * UK_NSEC_PER_MSEC);
	start = uk_plat_mono_ns();
	UK_EXPECT_EQ(disk_try("LABEL=none", true), -ENOENT);
	UK_EXPECT(uk_plat_mono_ns() - start >= 100 * UK_NSEC_PER_MSEC);
	uk_blkdev_announce(&late, 5 * UK_NSEC_PER_SEC);
	start = uk_plat_mono_ns();
	uk_thread_create("arrive", arrive, NULL, 0);
	UK_EXPECT_EQ(disk_try("late0", true), 7);
	UK_EXPECT_EQ(disk_try("late0p1", true), -ENOENT);
	UK_EXPECT(uk_plat_mono_ns() - start < UK_NSEC_PER_SEC);
	uk_blkdev_remove(&late);
}

static void found(void *arg uk_unused)
{
	uk_thread_sleep_ns(50 * UK_NSEC_PER_MSEC);
	appear(NULL);
	uk_blkdev_search(false);
}

static int n_appeared;

static void on_appearance(void)
{
	n_appeared++;
}

UK_TEST(blkdev_appear, test_who_does_not_wait_is_told)
{
	struct uk_blk blk = { .is_readonly = true };
	uint64_t start = uk_plat_mono_ns();
	void (*before)(void) = blkdev_on_appearance;

	gpt_new(512);
	gpt_set(1, 8, 15, "a");
	gpt_write();
	uk_blk_on_appearance(on_appearance);
	n_appeared = 0;
	uk_blkdev_init(&late, disk.ops);
	strlcpy(late.name, "late0", sizeof(late.name));
	uk_blkdev_announce(&late, 100 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(uk_blk_try_open(&blk, "late0", disk_why), -EAGAIN);
	UK_EXPECT(strstr(disk_why, "no such disk"));
	UK_EXPECT_EQ(uk_blk_try_open(&blk, "LABEL=none", disk_why), -EAGAIN);
	UK_EXPECT_EQ(uk_blk_try_open(&blk, "other0", disk_why), -ENODEV);
	UK_EXPECT_EQ(uk_blk_try_open(&blk, "disk0p9", disk_why), -ENOENT);
	UK_EXPECT_EQ(uk_blk_try_open(&blk, "disk0p1", disk_why), 0);
	uk_blk_close(&blk);
	UK_EXPECT(uk_plat_mono_ns() - start < 50 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(n_appeared, 0);
	uk_blkdev_add(&late);
	UK_EXPECT_EQ(n_appeared, 1);
	UK_EXPECT_EQ(uk_blk_try_open(&blk, "late0", disk_why), 0);
	uk_blk_close(&blk);
	uk_blkdev_remove(&late);
	UK_EXPECT_EQ(n_appeared, 2);
	uk_blk_on_appearance(before);
}
/* A controller that takes long to start; and when it has, another one may follow. */
UK_TEST(blkdev_appear, test_disk_is_waited_for_as_long_as_one_is_looked_for)
{
	uint64_t before = blkdev_settle_ms, start = uk_plat_mono_ns();
	void (*fn)(void) = blkdev_on_appearance;
	struct uk_blk blk = { .is_readonly = true };

	disk_new(512);
	blkdev_settle_ms = 20;
	uk_blk_on_appearance(on_appearance);
	n_appeared = 0;
	uk_blkdev_search(true);
	uk_blkdev_search(true);
	uk_thread_sleep_ns(50 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(uk_blk_try_open(&blk, "late0", disk_why), -EAGAIN);
	uk_blkdev_search(false);
	uk_thread_sleep_ns(50 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(uk_blk_try_open(&blk, "late0", disk_why), -EAGAIN);
	UK_EXPECT_EQ(n_appeared, 0);
	uk_blkdev_search(false);
	UK_EXPECT_EQ(n_appeared, 1);
	start = uk_plat_mono_ns();
	UK_EXPECT_EQ(uk_blk_try_open(&blk, "late0", disk_why), -EAGAIN);
	UK_EXPECT_EQ(disk_try("late0", true), -ENODEV);
	UK_EXPECT(uk_plat_mono_ns() - start >= 20 * UK_NSEC_PER_MSEC);
	uk_blkdev_search(true);
	uk_thread_create("found", found, NULL, 0);
	UK_EXPECT_EQ(disk_try("late0", true), 7);
	uk_blkdev_remove(&late);
	uk_blk_on_appearance(fn);
	blkdev_settle_ms = before;
}
