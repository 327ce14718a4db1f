/* SPDX-License-Identifier: BSD-3-Clause */
/* Disks that outlive a restart. */
#include "../ramdisk_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/blkdev.h>
#include <uk/restart.h>
#include <uk/test.h>

UK_TEST(ramdisk, test_kept_disk_is_found_with_its_contents)
{
	struct ramdisk_kept k;

	UK_EXPECT(!ramdisk_kept_open(&k, "k", 0));
	if (!UK_EXPECT(ramdisk_kept_open(&k, "k", 3)))
		return;
	UK_EXPECT(k.is_new);
	UK_EXPECT_EQ(k.contents[3 * 4096 - 1], 0);
	memset(k.contents, 'x', 3 * 4096);
	uk_keep_simulate_restart();
	if (!UK_EXPECT(ramdisk_kept_open(&k, "k", 0)))
		return;
	UK_EXPECT(!k.is_new);
	UK_EXPECT_EQ(*k.n_pages, 3);
	UK_EXPECT(k.contents[0] == 'x' && k.contents[3 * 4096 - 1] == 'x');
	/* A size that was written over */
	*k.n_pages = 1ull << 60;
	uk_keep_simulate_restart();
	UK_EXPECT(ramdisk_kept_open(&k, "k", 2));
	UK_EXPECT(k.is_new);
	UK_EXPECT_EQ(k.contents[0], 0);
	ramdisk_kept_close(&k);
	uk_keep_simulate_restart();
	UK_EXPECT(!ramdisk_kept_open(&k, "k", 0));
}

UK_TEST(ramdisk, test_disk_with_a_name_is_kept_where_there_is_room)
{
	struct uk_blk blk = { 0 };
	char why[UK_BLK_WHY_BYTES];
	struct uk_blk_info info;
	size_t len;
	char *at;

	UK_EXPECT_EQ(uk_blk_open(&blk, "ram:name=kk,size=8K,keep=0", why), 0);
	uk_blk_info(&blk, &info);
	UK_EXPECT(info.is_new);
	UK_EXPECT_EQ(info.sectors, 16);
	at = uk_blk_window(&blk, 4096, true, &len);
	strcpy(at, "here");
	at = uk_blk_window(&blk, 4096, false, &len);
	UK_EXPECT_STR(at, "here");
	/* It does not grow */
	UK_EXPECT_STR(uk_blk_name(&blk), "kk");
	UK_EXPECT_EQ(uk_blk_reconfigure(&blk, "ram:name=kk,size=16K,keep=0", why), -ENOMEM);
	uk_blk_close(&blk);
}
