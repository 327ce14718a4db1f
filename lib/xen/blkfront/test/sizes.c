/* SPDX-License-Identifier: BSD-3-Clause */
/* A disk that becomes larger or smaller, or another one. */
#include "common.h"

#include <errno.h>
#include <string.h>

#include <uk/test.h>
#include <uk/thread.h>

static unsigned int n_resized;

static void on_resized(struct uk_blk *b uk_unused)
{
	n_resized++;
}

static void rewrite_size(const char *sectors)
{
	be_write("sectors", sectors);
	be_write("state", "4");
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
}

UK_TEST(blkfront, test_disk_grows_and_does_not_shrink)
{
	be_new();
	be.sectors = "100";
	blk.resized = on_resized;
	n_resized = 0;
	if (!start_with(XVDA, "xvda"))
		return;
	rewrite_size("4000");
	UK_EXPECT_EQ(n_resized, 1);
	UK_EXPECT_EQ(blk.dev->info.sectors, 4000);
	fill(8, 512);
	UK_EXPECT_EQ(uk_blk_do(&blk, UK_BLK_WRITE, 3999, 1, buf), 0);
	rewrite_size("50");
	rewrite_size("lots");
	rewrite_size("18446744073709551615");
	UK_EXPECT_EQ(n_resized, 1);
	UK_EXPECT_EQ(blk.dev->info.sectors, 4000);
	expect_alive();
	blk.resized = NULL;
	stop();
}

/* After a pause it may have grown; a smaller one, or one that is different, is not
 * the disk that its user knows. */
UK_TEST(blkfront, test_another_disk_after_a_pause)
{
	static const struct { const char *sectors, *size, *info; } bad[] = {
		{ "4095", NULL, NULL }, { "4096", "4096", NULL }, { "4096", NULL, "4" },
		{ "4096", "513", NULL }, { NULL, NULL, NULL },
	};

	be_new();
	be.sectors = "4096";
	blk.resized = on_resized;
	n_resized = 0;
	if (!start_with(XVDA, "xvda"))
		return;
	lose_some();
	be_close();
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(bad); i++) {
		UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
		be.sectors = bad[i].sectors;
		be.sector_size = bad[i].size;
		be.info = bad[i].info;
		if (!be_connect())
			return;
		UK_EXPECT(uk_backsim_wait(&be.sim, "state", "5"));
		be_close();
	}
	UK_EXPECT(!lost[0].is_done);
	be.sectors = "5000";
	be.sector_size = be.info = NULL;
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
	UK_EXPECT(be_connect());
	expect_found();
	UK_EXPECT_EQ(blk.dev->info.sectors, 5000);
	UK_EXPECT_EQ(n_resized, 1);
	blk.resized = NULL;
	/* Nobody uses it: it is whatever it is */
	uk_blk_close(&blk);
	be_close();
	be.sectors = "4000";
	UK_EXPECT(uk_backsim_wait(&be.sim, "state", "1"));
	UK_EXPECT(be_connect());
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(uk_blk_open(&blk, "xvda", why), 0);
	UK_EXPECT_EQ(blk.dev->info.sectors, 4000);
	expect_alive();
	stop();
}
