/* SPDX-License-Identifier: BSD-3-Clause */
/* Partition tables of the PC, good and bad. */
#include "disk.h"

#include <errno.h>
#include <string.h>

#include <uk/test.h>

/* Entry @i of the table at @lba */
static void set(uint64_t lba, unsigned int i, uint8_t kind, uint32_t start, uint32_t sectors)
{
	uint8_t *e = (uint8_t *)disk_at(lba) + 446 + 16 * i;

	e[4] = kind;
	memcpy(e + 8, &start, 4);
	memcpy(e + 12, &sectors, 4);
	memcpy(disk_at(lba) + 510, "\x55\xaa", 2);
}

/* 1: 8 to 15; 2: extended, 100 to 199, with 5 at 104 to 113 and 6 at 152 to 159 */
static void table(uint32_t sector_bytes)
{
	disk_new(sector_bytes);
	memcpy(disk_at(0) + 440, "\x78\x56\x34\x12", 4);
	set(0, 0, 0x83, 8, 8);
	set(0, 1, 0x05, 50, 60);
	set(50, 0, 0x83, 4, 10);
	set(50, 1, 0x05, 30, 20);
	set(80, 0, 0x83, 2, 8);
}

UK_TEST(blkdev_mbr, test_partition_is_found_by_number_and_id)
{
	static const uint32_t sizes[] = { 512, 4096 };

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(sizes); i++) {
		long long unit = sizes[i] / 512;
		struct uk_blk blk = { .is_readonly = true };
		char buf[4096] uk_aligned(4096);

		table(sizes[i]);
		UK_EXPECT_EQ(disk_try("disk0p1", false), 8 * unit);
		UK_EXPECT_EQ(disk_try("disk0p5", false), 10 * unit);
		UK_EXPECT_EQ(disk_try("disk0p6", false), 8 * unit);
		UK_EXPECT_EQ(disk_try("PARTUUID=12345678-06", false), 8 * unit);
		UK_EXPECT_EQ(disk_try("disk0p3", false), -ENOENT);
		UK_EXPECT_EQ(disk_try("disk0p7", false), -ENOENT);
		UK_EXPECT_EQ(disk_try("disk0p2", false), -EINVAL);
		UK_EXPECT(strstr(disk_why, "is an extended partition"));
		strlcpy(disk_at(82), "six", 4);
		UK_EXPECT_EQ(uk_blk_open(&blk, "disk0p6", disk_why), 0);
		UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_READ, 0, (uint64_t)unit, buf), 0);
		UK_EXPECT_STR(buf, "six");
		uk_blk_close(&blk);
	}
}

UK_TEST(blkdev_mbr, test_disk_without_table_has_no_partitions)
{
	disk_new(512);
	UK_EXPECT_EQ(disk_try("disk0p1", false), -ENOENT);
	UK_EXPECT_STR(disk_why, "disk0 has no partition table");
	/* The boot sector of a file system: code where the table would be */
	memset(disk_bytes + 440, 'x', 70);
	memcpy(disk_bytes + 510, "\x55\xaa", 2);
	UK_EXPECT_EQ(disk_try("disk0p1", false), -ENOENT);
	UK_EXPECT_EQ(disk_try("disk0", false), DISK_BYTES / 512);
}

UK_TEST(blkdev_mbr, test_overlap_and_range_refuse_the_partition)
{
	table(512);
	set(0, 2, 0x83, 15, 10);
	set(0, 3, 0x83, 1000, 25);
	UK_EXPECT_EQ(disk_try("disk0p1", false), -EINVAL);
	UK_EXPECT_STR(disk_why, "disk0p1 overlaps partition 3");
	UK_EXPECT_EQ(disk_try("disk0p4", false), -EINVAL);
	UK_EXPECT_STR(disk_why, "disk0p4 does not lie on the disk");
	set(0, 3, 0x83, 1000, UINT32_MAX);
	UK_EXPECT_EQ(disk_try("disk0p4", false), -EINVAL);
	set(0, 3, 0x83, 0, 4);
	UK_EXPECT_EQ(disk_try("disk0p4", false), -EINVAL);
	set(0, 2, 0x83, 109, 10);
	UK_EXPECT_EQ(disk_try("disk0p3", false), -EINVAL);
	UK_EXPECT_STR(disk_why, "disk0p3 overlaps partition 2");
	UK_EXPECT_EQ(disk_try("disk0p5", false), 10);
}

UK_TEST(blkdev_mbr, test_chain_stays_in_its_partition_and_ends)
{
	table(512);
	set(80, 1, 0x05, 60, 4);		/* behind the container */
	UK_EXPECT_EQ(disk_try("disk0p6", false), -EINVAL);
	UK_EXPECT_STR(disk_why, "disk0: extended partition: the chain leads out of it");
	table(512);
	set(80, 1, 0x05, 30, 4);		/* to itself */
	UK_EXPECT_EQ(disk_try("disk0p6", false), -EINVAL);
	UK_EXPECT_STR(disk_why, "disk0: extended partition: the chain does not end");
	table(512);
	set(80, 0, 0x83, 2, 29);		/* one sector too many */
	UK_EXPECT_EQ(disk_try("disk0p6", false), -EINVAL);
	UK_EXPECT_STR(disk_why, "disk0: extended partition: a partition is not in it");
	table(512);
	set(80, 0, 0x83, UINT32_MAX, UINT32_MAX);
	UK_EXPECT_EQ(disk_try("disk0p1", false), -EINVAL);
	table(512);
	disk_at(80)[510] = 0;
	UK_EXPECT_EQ(disk_try("disk0p5", false), -EINVAL);
	table(512);
	set(0, 1, 0x05, 1024, 10);		/* the container is not on the disk */
	UK_EXPECT_EQ(disk_try("disk0p5", false), -EINVAL);
	UK_EXPECT(strstr(disk_why, "points behind the disk's end"));
}

UK_TEST(blkdev_mbr, test_logical_partitions_that_overlap_are_refused)
{
	table(512);
	set(50, 0, 0x83, 4, 35);
	UK_EXPECT_EQ(disk_try("disk0p5", false), -EINVAL);
	UK_EXPECT_STR(disk_why, "disk0p5 overlaps partition 6");
}

/* What is left when the first logical partition is deleted. Linux calls the others p5, p6. */
UK_TEST(blkdev_mbr, test_empty_table_has_no_number)
{
	table(512);
	set(50, 0, 0, 0, 0);
	UK_EXPECT_EQ(disk_try("disk0p5", false), 8);
	UK_EXPECT_EQ(disk_try("disk0p6", false), -ENOENT);
	UK_EXPECT_EQ(disk_try("PARTUUID=12345678-05", false), 8);
	UK_EXPECT_EQ(disk_try("PARTUUID=12345678-06", false), -ENOENT);
}

/* As Linux counts them: the kind alone makes no partition empty, and a table's further
 * entries count where they lie in its part of the container. */
UK_TEST(blkdev_mbr, test_logical_partitions_have_the_numbers_of_linux)
{
	table(512);
	set(50, 0, 0, 4, 10);
	UK_EXPECT_EQ(disk_try("disk0p5", false), 10);
	UK_EXPECT_EQ(disk_try("disk0p6", false), 8);
	table(512);
	set(50, 2, 0x83, 16, 5);
	set(50, 3, 0x83, 16, 60);		/* not in the container */
	set(80, 2, 0x83, 12, 9);		/* not in what the link says */
	set(80, 3, 0x83, 12, 8);
	UK_EXPECT_EQ(disk_try("disk0p5", false), 10);
	UK_EXPECT_EQ(disk_try("disk0p6", false), 5);
	UK_EXPECT_EQ(disk_try("disk0p7", false), 8);
	UK_EXPECT_EQ(disk_try("disk0p8", false), 8);
	UK_EXPECT_EQ(disk_try("disk0p9", false), -ENOENT);
	/* The link may be any entry */
	table(512);
	set(50, 1, 0, 0, 0);
	set(50, 3, 0x05, 30, 20);
	UK_EXPECT_EQ(disk_try("disk0p6", false), 8);
}

/* Its guest would write the chain */
UK_TEST(blkdev_mbr, test_logical_partition_with_a_table_in_it_is_refused)
{
	table(512);
	set(50, 0, 0x83, 0, 10);
	UK_EXPECT_EQ(disk_try("disk0p5", false), -EINVAL);
	UK_EXPECT_STR(disk_why, "disk0p5 covers a part of the partition table");
	UK_EXPECT_EQ(disk_try("disk0p6", false), 8);
	table(512);
	set(50, 0, 0x83, 4, 27);		/* and the next one's */
	UK_EXPECT_EQ(disk_try("disk0p5", false), -EINVAL);
	UK_EXPECT_STR(disk_why, "disk0p5 covers a part of the partition table");
	set(50, 0, 0x83, 4, 26);
	UK_EXPECT_EQ(disk_try("disk0p5", false), 26);
}
