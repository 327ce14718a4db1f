/* SPDX-License-Identifier: BSD-3-Clause */
/* GUID partition tables, good and bad. */
#include "disk.h"

#include <errno.h>
#include <string.h>

#include <uk/test.h>

static void two_partitions(uint32_t sector_bytes)
{
	gpt_new(sector_bytes);
	gpt_set(1, 8, 15, "boot");
	gpt_set(3, 16, 47, "guest one");
}

UK_TEST(blkdev_gpt, test_partition_is_found_by_number_name_and_id)
{
	static const uint32_t sizes[] = { 512, 4096 };

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(sizes); i++) {
		long long unit = sizes[i] / 512;

		two_partitions(sizes[i]);
		gpt_write();
		UK_EXPECT_EQ(disk_try("disk0p1", false), 8 * unit);
		UK_EXPECT_EQ(disk_try("disk0p3", false), 32 * unit);
		UK_EXPECT_EQ(disk_try("LABEL=guest one", false), 32 * unit);
		UK_EXPECT_EQ(disk_try("PARTUUID=33323130-3534-3736-3839-3a3b3c3d3e3f", false),
			     32 * unit);
		UK_EXPECT_EQ(disk_try("PARTUUID=33323130-3534-3736-3839-3A3B3C3D3E3F", true),
			     32 * unit);
		UK_EXPECT_EQ(disk_try("disk0p2", false), -ENOENT);
		UK_EXPECT_EQ(disk_try("disk0p17", false), -ENOENT);
		UK_EXPECT_EQ(disk_try("LABEL=guest", false), -ENOENT);
		UK_EXPECT(strstr(disk_why, "no disk has a partition of that name"));
		UK_EXPECT_EQ(disk_try("PARTUUID=33323130-3534-3736-3839-3a3b3c3d3e3", true),
			     -ENOENT);
		UK_EXPECT_EQ(disk_try("LABEL=", true), -EINVAL);
	}
}

UK_TEST(blkdev_gpt, test_names_are_utf16)
{
	static const uint16_t units[] = { 'a', 0xe4, 0x20ac, 0xd83d, 0xde00, 0xdc00, 'z' };

	gpt_new(512);
	gpt_set(2, 8, 15, "");
	memcpy(gpt_entries[1].label, units, sizeof(units));
	gpt_write();
	UK_EXPECT_EQ(disk_try("LABEL=a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbdz", true), 8);
	/* All of it, without an end */
	for (unsigned int i = 0; i < 36; i++)
		gpt_entries[1].label[i] = 0xffff;
	gpt_entries[1].label[35] = 0xd800;
	gpt_write();
	UK_EXPECT_EQ(disk_try("disk0p2", true), 8);
}

UK_TEST(blkdev_gpt, test_copy_at_the_end_serves_when_the_first_is_bad)
{
	two_partitions(512);
	gpt_write();
	disk_at(1)[20] ^= 1;
	UK_EXPECT_EQ(disk_try("disk0p3", false), 32);
	gpt_write();
	disk_at(2)[5] ^= 1;
	UK_EXPECT_EQ(disk_try("disk0p3", false), 32);
	disk_at(disk_lbas() - 1)[30] ^= 1;
	UK_EXPECT_EQ(disk_try("disk0p3", false), -EINVAL);
	UK_EXPECT_STR(disk_why, "disk0: the GPT has entries with a wrong checksum; its copy has "
		      "a header with a wrong checksum");
	UK_EXPECT_EQ(disk_try("LABEL=boot", false), -EINVAL);
}

UK_TEST(blkdev_gpt, test_unreadable_table_is_an_error)
{
	two_partitions(512);
	gpt_write();
	disk_bad_lba = 1;
	UK_EXPECT_EQ(disk_try("disk0p1", false), -EIO);
	UK_EXPECT(strstr(disk_why, "its copy cannot be read"));
	disk_bad_lba = 0;
	UK_EXPECT_EQ(disk_try("disk0p1", false), -EIO);
	disk_bad_lba = 3;
	UK_EXPECT_EQ(disk_try("disk0p1", false), -EIO);
}

UK_TEST(blkdev_gpt, test_overlap_and_range_refuse_the_partition)
{
	two_partitions(512);
	gpt_set(2, 47, 60, "over");
	gpt_set(4, 100, disk_lbas() - 8, "far");
	gpt_set(5, 7, 7, "near");
	gpt_set(6, 70, 69, "backwards");
	gpt_set(7, 80, UINT64_MAX, "huge");
	gpt_set(8, 62, 62, "small");
	gpt_write();
	UK_EXPECT_EQ(disk_try("disk0p2", false), -EINVAL);
	UK_EXPECT_STR(disk_why, "disk0p2 overlaps partition 3");
	UK_EXPECT_EQ(disk_try("disk0p3", false), -EINVAL);
	for (unsigned int i = 4; i < 8; i++) {
		char name[] = { 'd', 'i', 's', 'k', '0', 'p', (char)('0' + i), 0 };

		UK_EXPECT_EQ(disk_try(name, false), -EINVAL);
		UK_EXPECT(strstr(disk_why, "does not lie on the disk"));
	}
	/* The others are none the worse for it */
	UK_EXPECT_EQ(disk_try("disk0p1", false), 8);
	UK_EXPECT_EQ(disk_try("LABEL=small", false), 1);
}

UK_TEST(blkdev_gpt, test_name_twice_is_refused)
{
	two_partitions(512);
	gpt_set(2, 50, 60, "boot");
	gpt_write();
	UK_EXPECT_EQ(disk_try("LABEL=boot", false), -EINVAL);
	UK_EXPECT_STR(disk_why, "disk0: several partitions match");
	UK_EXPECT_EQ(disk_try("disk0p2", false), 11);
}

/* One number of a header whose checksum is good */
struct lie {
	void (*tell)(void);
	const char *why;
};

static void lie_revision(void) { gpt_head.revision = 0x20000; }
static void lie_small_header(void) { gpt_head.header_bytes = 91; }
static void lie_large_header(void) { gpt_head.header_bytes = 513; }
static void lie_no_entries(void) { gpt_head.n_entries = 0; }
static void lie_many_entries(void) { gpt_head.n_entries = UINT32_MAX; }
static void lie_just_too_many(void) { gpt_head.n_entries = 1025; }
static void lie_odd_entries(void) { gpt_head.entry_bytes = 130; }
static void lie_small_entries(void) { gpt_head.entry_bytes = 64; }
static void lie_large_entries(void) { gpt_head.entry_bytes = 2048; }
static void lie_last_usable(void) { gpt_head.last_usable = disk_lbas(); }
static void lie_first_usable(void) { gpt_head.first_usable = disk_lbas() - 8; }
static void lie_entries_far(void) { gpt_head.entries_lba = disk_lbas() - 3; }
static void lie_entries_farther(void) { gpt_head.entries_lba = UINT64_MAX - 2; }
static void lie_entries_in_use(void) { gpt_head.entries_lba = 20; }
static void lie_entries_on_header(void) { gpt_head.entries_lba = 1; }

UK_TEST(blkdev_gpt, test_header_that_lies_is_refused)
{
	static const struct lie lies[] = {
		{ lie_revision, "is not there" },
		{ lie_small_header, "header of a strange size" },
		{ lie_large_header, "header of a strange size" },
		{ lie_no_entries, "too many entries" },
		{ lie_many_entries, "too many entries" },
		{ lie_just_too_many, "too many entries" },
		{ lie_odd_entries, "entries of a strange size" },
		{ lie_small_entries, "entries of a strange size" },
		{ lie_large_entries, "entries of a strange size" },
		{ lie_last_usable, "limits that do not lie" },
		{ lie_first_usable, "limits that do not lie" },
		{ lie_entries_far, "entries where partitions are" },
		{ lie_entries_farther, "entries where partitions are" },
		{ lie_entries_in_use, "entries where partitions are" },
		{ lie_entries_on_header, "entries where partitions are" },
	};

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(lies); i++) {
		two_partitions(512);
		lies[i].tell();
		gpt_write();
		UK_EXPECT_EQ(disk_try("disk0p1", false), -EINVAL);
		UK_EXPECT(strstr(disk_why, lies[i].why));
	}
}

UK_TEST(blkdev_gpt, test_header_of_another_place_is_refused)
{
	two_partitions(512);
	gpt_write();
	memcpy(disk_at(1), disk_at(disk_lbas() - 1), 512);
	memset(disk_at(disk_lbas() - 1), 0, 512);
	UK_EXPECT_EQ(disk_try("disk0p1", false), -EINVAL);
	UK_EXPECT(strstr(disk_why, "is a copy from elsewhere"));
}
