/* SPDX-License-Identifier: BSD-3-Clause */
/* Partitions in use. */
#include "disk.h"

#include <errno.h>
#include <string.h>

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

#include "../blkdev_priv.h"

static char buf[4096] uk_aligned(4096);

static void three_partitions(void)
{
	gpt_new(512);
	gpt_set(1, 8, 15, "a");
	gpt_set(2, 16, 47, "b");
	gpt_set(3, 48, 55, "c");
	gpt_write();
}

UK_TEST(blkdev_part, test_requests_go_to_its_sectors)
{
	struct uk_blk blk = { 0 };

	three_partitions();
	UK_EXPECT_EQ(uk_blk_open(&blk, "disk0p2", disk_why), 0);
	memset(buf, 'b', 512);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_WRITE, 31, 1, buf), 0);
	UK_EXPECT_EQ(disk_at(47)[0], 'b');
	UK_EXPECT_EQ(disk_at(46)[511], 0);
	UK_EXPECT_EQ(disk_at(48)[0], 0);
	memset(disk_at(16), 'c', 512);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_READ, 0, 1, buf), 0);
	UK_EXPECT_EQ(buf[511], 'c');
	UK_EXPECT(uk_blk_has_range(&blk, 31, 1));
	UK_EXPECT(!uk_blk_has_range(&blk, 31, 2));
	disk_bad_lba = 20;
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_READ, 5, 1, buf), -EIO);
	uk_blk_close(&blk);
}

/* The disk's units stay where they are: who discards whole ones has to know. */
UK_TEST(blkdev_part, test_units_of_a_discard_are_those_of_the_disk)
{
	static const struct {
		uint32_t unit, offset, want[3];		/* of sectors 8, 16 and 48 */
	} cases[] = {
		{ 0, 0, { 0, 0, 0 } },
		{ 512, 0, { 0, 0, 0 } },
		{ 16384, 0, { 12288, 8192, 8192 } },
		{ 16384, 1024, { 13312, 9216, 9216 } },
		{ 12288, 8192, { 4096, 0, 8192 } },
	};
	static const char *const targets[] = { "disk0p1", "disk0p2", "disk0p3" };
	struct uk_blk blk = { 0 };
	struct uk_blk_info info;

	three_partitions();
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(cases) * 3; i++) {
		disk.info.discard_bytes = cases[i / 3].unit;
		disk.info.discard_offset = cases[i / 3].offset;
		UK_EXPECT_EQ(uk_blk_open(&blk, targets[i % 3], disk_why), 0);
		uk_blk_info(&blk, &info);
		UK_EXPECT_EQ(info.discard_bytes, cases[i / 3].unit);
		UK_EXPECT_EQ(info.discard_offset, cases[i / 3].want[i % 3]);
		uk_blk_close(&blk);
	}
}

UK_TEST(blkdev_part, test_partitions_exclude_the_disk_and_not_each_other)
{
	struct uk_blk a = { 0 }, b = { 0 }, other = { 0 }, reader = { .is_readonly = true };

	three_partitions();
	UK_EXPECT_EQ(uk_blk_open(&a, "disk0p1", disk_why), 0);
	UK_EXPECT_EQ(uk_blk_open(&b, "LABEL=b", disk_why), 0);
	UK_EXPECT_EQ(uk_blk_open(&other, "disk0p1", disk_why), -EBUSY);
	UK_EXPECT_EQ(uk_blk_open(&reader, "disk0p1", disk_why), -EBUSY);
	UK_EXPECT_EQ(uk_blk_open(&other, "disk0", disk_why), -EBUSY);
	UK_EXPECT(strstr(disk_why, "or a part of it"));
	UK_EXPECT_EQ(uk_blk_open(&reader, "disk0", disk_why), -EBUSY);
	/* The lower one anew, while the higher one is open */
	uk_blk_close(&a);
	UK_EXPECT_EQ(uk_blk_open(&a, "disk0p1", disk_why), 0);
	uk_blk_close(&a);
	uk_blk_close(&b);
	UK_EXPECT_EQ(uk_blk_open(&other, "disk0", disk_why), 0);
	UK_EXPECT_EQ(uk_blk_open(&a, "disk0p1", disk_why), -EBUSY);
	uk_blk_close(&other);
	UK_EXPECT(uk_list_is_empty(&disk.users));
}

UK_TEST(blkdev_part, test_readers_share_a_partition_and_its_disk)
{
	struct uk_blk a = { .is_readonly = true }, b = a, other = a, whole = a;
	struct uk_blk writer = { 0 };

	three_partitions();
	UK_EXPECT_EQ(uk_blk_open(&a, "disk0p1", disk_why), 0);
	UK_EXPECT_EQ(uk_blk_open(&b, "LABEL=a", disk_why), 0);
	UK_EXPECT(a.dev == b.dev);
	UK_EXPECT_EQ(uk_blk_open(&other, "disk0p3", disk_why), 0);
	UK_EXPECT(other.dev != a.dev);
	uk_blk_close(&other);
	UK_EXPECT_EQ(uk_blk_open(&whole, "disk0", disk_why), 0);
	UK_EXPECT_EQ(uk_blk_open(&writer, "disk0p1", disk_why), -EBUSY);
	UK_EXPECT_EQ(uk_blk_open(&writer, "disk0p2", disk_why), -EBUSY);
	uk_blk_close(&whole);
	UK_EXPECT_EQ(uk_blk_open(&writer, "disk0p2", disk_why), 0);
	uk_blk_close(&a);
	uk_blk_close(&b);
	uk_blk_close(&writer);
	UK_EXPECT(uk_list_is_empty(&disk.users));
}

UK_TEST(blkdev_part, test_partition_of_a_readonly_disk_is_readonly)
{
	three_partitions();
	disk.info.is_readonly = true;
	UK_EXPECT_EQ(disk_try("disk0p1", false), -EROFS);
	UK_EXPECT_EQ(disk_try("disk0p1", true), 8);
	UK_EXPECT(uk_list_is_empty(&disk.users));
}

UK_TEST(blkdev_part, test_target_that_is_no_partition_says_so)
{
	three_partitions();
	UK_EXPECT_EQ(disk_try("disk1p1", false), -ENODEV);
	UK_EXPECT_STR(disk_why, "target \"disk1p1\": no such disk, and not <driver>:<options>");
	UK_EXPECT_EQ(disk_try("disk0p0", false), -ENODEV);
	UK_EXPECT_EQ(disk_try("disk0p", false), -ENODEV);
	UK_EXPECT_EQ(disk_try("disk0p01", false), -ENODEV);
	UK_EXPECT_EQ(disk_try("disk0p99999999999", false), -ENODEV);
	UK_EXPECT_EQ(disk_try("p1", false), -ENODEV);
}

UK_TEST(blkdev_part, test_open_disk_is_not_changed_by_its_target)
{
	struct uk_blk blk = { .is_readonly = true };

	three_partitions();
	UK_EXPECT_EQ(uk_blk_open(&blk, "disk0p1", disk_why), 0);
	UK_EXPECT_EQ(uk_blk_reconfigure(&blk, "disk0p1", disk_why), 0);
	UK_EXPECT_EQ(uk_blk_reconfigure(&blk, "disk0p2", disk_why), -EINVAL);
	UK_EXPECT_STR(uk_blk_name(&blk), "disk0p1");
	UK_EXPECT(strstr(disk_why, "needs a detach first"));
	uk_blk_close(&blk);
}

/* ---- Names that a guest has written ---- */

/* A second disk with the same table. */
static struct uk_blkdev copy;

static void copy_new(void)
{
	uk_blkdev_init(&copy, disk.ops);
	copy.info = disk.info;
	strlcpy(copy.name, "copy0", sizeof(copy.name));
	uk_blkdev_add(&copy);
}

UK_TEST(blkdev_part, test_partitions_of_the_same_name_are_refused)
{
	three_partitions();
	copy_new();
	UK_EXPECT_EQ(disk_try("LABEL=b", true), -EINVAL);
	UK_EXPECT_STR(disk_why, "disk0p2 and copy0p2 both match");
	UK_EXPECT_EQ(disk_try("disk0p2", true), 32);
	uk_blkdev_remove(&copy);
}

/* Who has all of a disk writes what he likes there, a table too. */
UK_TEST(blkdev_part, test_name_on_a_disk_that_a_guest_writes_counts_not)
{
	struct uk_blk whole = { 0 };

	three_partitions();
	copy_new();
	UK_EXPECT_EQ(uk_blk_open(&whole, "copy0", disk_why), 0);
	UK_EXPECT_EQ(disk_try("LABEL=b", false), 32);
	UK_EXPECT_EQ(disk_try("LABEL=none", false), -ENOENT);
	UK_EXPECT_STR(disk_why, "no disk has a partition of that name; not looked at is copy0, which is written as a whole");
	/* Nor where it is the only one */
	uk_blkdev_remove(&disk);
	UK_EXPECT_EQ(disk_try("LABEL=b", false), -ENOENT);
	uk_blkdev_add(&disk);
	uk_blk_close(&whole);
	/* Nobody writes who reads all of it, or writes a part */
	whole.is_readonly = true;
	UK_EXPECT_EQ(uk_blk_open(&whole, "copy0", disk_why), 0);
	UK_EXPECT_EQ(disk_try("LABEL=b", true), -EINVAL);
	uk_blk_close(&whole);
	whole.is_readonly = false;
	UK_EXPECT_EQ(uk_blk_open(&whole, "copy0p1", disk_why), 0);
	UK_EXPECT_EQ(disk_try("LABEL=b", true), -EINVAL);
	uk_blk_close(&whole);
	uk_blkdev_remove(&copy);
}

/* The next life looks for one guest's disk before the other's is open again. */
UK_TEST(blkdev_part, test_disk_that_a_guest_wrote_before_a_restart_counts_not)
{
	struct uk_blk before = { 0 }, after = { 0 };

	three_partitions();
	copy_new();
	UK_EXPECT_EQ(uk_blk_open(&before, "copy0", disk_why), 0);
	/* A life ends without closing anything */
	uk_blkdev_remove(&copy);
	UK_EXPECT_EQ(disk_try("LABEL=b", false), 32);
	copy_new();
	UK_EXPECT_EQ(disk_try("LABEL=b", false), 32);
	UK_EXPECT_EQ(uk_blk_open(&after, "copy0", disk_why), 0);
	UK_EXPECT_EQ(disk_try("LABEL=b", false), 32);
	uk_blk_close(&after);
	UK_EXPECT_EQ(disk_try("LABEL=b", false), -EINVAL);
	uk_blkdev_remove(&copy);
}

/* One that has gone is closed when its successor is in use. */
UK_TEST(blkdev_part, test_disk_that_took_the_name_of_one_that_has_gone_counts_not)
{
	struct uk_blk gone = { 0 }, whole = { 0 };
	struct uk_blkdev next;

	three_partitions();
	copy_new();
	UK_EXPECT_EQ(uk_blk_open(&gone, "copy0", disk_why), 0);
	uk_blkdev_remove(&copy);
	next = copy;
	uk_list_init(&next.users);
	uk_list_init(&next.node);
	uk_blkdev_add(&next);
	UK_EXPECT_EQ(uk_blk_open(&whole, "copy0", disk_why), 0);
	uk_blk_close(&gone);
	UK_EXPECT_EQ(disk_try("LABEL=b", false), 32);
	uk_blk_close(&whole);
	uk_blkdev_remove(&next);
}

UK_TEST(blkdev_part, test_disks_written_as_a_whole_are_bounded)
{
	static struct uk_blkdev devs[BLKDEV_MAX_WHOLE + 1];
	static struct uk_blk blks[BLKDEV_MAX_WHOLE + 1];

	disk_new(512);
	for (unsigned int i = 0; i <= BLKDEV_MAX_WHOLE; i++) {
		uk_blkdev_init(&devs[i], disk.ops);
		uk_snprintf(devs[i].name, sizeof(devs[i].name), "many%u", i);
		uk_blkdev_add(&devs[i]);
		UK_EXPECT_EQ(uk_blk_open(&blks[i], devs[i].name, disk_why),
			     i < BLKDEV_MAX_WHOLE ? 0 : -ENOSPC);
	}
	UK_EXPECT_STR(disk_why, "more than 64 disks are written as a whole");
	uk_blk_close(&blks[0]);
	UK_EXPECT_EQ(disk_try("many64", false), 0);
	for (unsigned int i = 0; i <= BLKDEV_MAX_WHOLE; i++) {
		if (blks[i].dev)
			uk_blk_close(&blks[i]);
		uk_blkdev_remove(&devs[i]);
	}
}

/* ---- Disks that go ---- */

static struct uk_blkdev going;
static struct uk_blk_req *going_req;
static int n_closed;

static void going_submit(struct uk_blkdev *dev uk_unused, struct uk_blk_req *req)
{
	going_req = req;
}

static void going_close(struct uk_blkdev *dev)
{
	n_closed++;
	/* It may be freed */
	memset(dev, 0x5a, sizeof(*dev));
}

static const struct uk_blkdev_ops going_ops = { .submit = going_submit, .close = going_close };

static void going_new(void)
{
	uk_blkdev_init(&going, &going_ops);
	strlcpy(going.name, "going", sizeof(going.name));
	going.info.sectors = 100;
	n_closed = 0;
	uk_blkdev_add(&going);
}

static void go(void *arg uk_unused)
{
	while (!going_req)
		uk_thread_yield();
	uk_blkdev_remove(&going);
	going_req->done(going_req, -ENODEV);
	going_req = NULL;
}

UK_TEST(blkdev_part, test_disk_that_goes_while_its_table_is_read)
{
	static const char *const targets[] = { "goingp1", "LABEL=none" };

	three_partitions();
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(targets); i++) {
		going_new();
		uk_thread_create("go", go, NULL, 0);
		UK_EXPECT_EQ(disk_try(targets[i], true), -ENODEV);
		UK_EXPECT(strstr(disk_why, "going has gone"));
		UK_EXPECT_EQ(n_closed, 1);
	}
	UK_EXPECT_EQ(disk_try("LABEL=a", true), 8);
}

/* Others are waiting for who opens: he looks again later. */
UK_TEST(blkdev_part, test_disk_that_does_not_answer_is_not_waited_for)
{
	static struct uk_blkdev bad;
	struct uk_blk blk = { 0 };
	uint64_t start_ns = uk_plat_mono_ns();

	three_partitions();
	going_new();
	UK_EXPECT_EQ(uk_blk_try_open(&blk, "goingp1", disk_why), -EAGAIN);
	UK_EXPECT(strstr(disk_why, "going does not answer"));
	UK_EXPECT(uk_plat_mono_ns() - start_ns < 3 * UK_NSEC_PER_SEC);
	/* Nobody waits for it again */
	start_ns = uk_plat_mono_ns();
	UK_EXPECT_EQ(uk_blk_try_open(&blk, "goingp1", disk_why), -EAGAIN);
	/* It may have one of that name, too; whatever is wrong with others */
	uk_blkdev_init(&bad, disk.ops);
	strlcpy(bad.name, "bad", sizeof(bad.name));
	uk_blkdev_add(&bad);
	UK_EXPECT_EQ(uk_blk_try_open(&blk, "LABEL=a", disk_why), -EAGAIN);
	UK_EXPECT(strstr(disk_why, "going does not answer"));
	UK_EXPECT_EQ(disk_try("disk0p1", true), 8);
	UK_EXPECT(uk_plat_mono_ns() - start_ns < UK_NSEC_PER_SEC / 2);
	uk_blkdev_remove(&bad);
	/* Gone, but it has a page of ours */
	uk_blkdev_remove(&going);
	UK_EXPECT_EQ(n_closed, 0);
	going_req->done(going_req, -ENODEV);
	going_req = NULL;
	UK_EXPECT_EQ(disk_try("disk0p1", true), 8);
	UK_EXPECT_EQ(n_closed, 1);
	UK_EXPECT(uk_list_is_empty(&disk.users));
}

UK_TEST(blkdev_part, test_disk_that_goes_stays_for_its_users)
{
	struct uk_blk blk = { 0 }, other = { 0 };
	struct uk_blkdev next;

	disk_new(512);
	going_new();
	UK_EXPECT_EQ(uk_blk_open(&blk, "going", disk_why), 0);
	uk_blkdev_remove(&going);
	UK_EXPECT_EQ(n_closed, 0);
	UK_EXPECT_EQ(uk_blk_open(&other, "going", disk_why), -ENODEV);
	/* Its name is free */
	uk_blkdev_init(&next, disk.ops);
	strlcpy(next.name, "going", sizeof(next.name));
	uk_blkdev_add(&next);
	UK_EXPECT_EQ(uk_blk_open(&other, "going", disk_why), 0);
	UK_EXPECT(other.dev == &next);
	uk_blk_close(&other);
	uk_blkdev_remove(&next);
	uk_blk_close(&blk);
	UK_EXPECT_EQ(n_closed, 1);
	/* And at once where there are none */
	going_new();
	uk_blkdev_remove(&going);
	UK_EXPECT_EQ(n_closed, 1);
}
