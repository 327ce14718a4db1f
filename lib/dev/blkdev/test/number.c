/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers of disks over a restart, which is that drivers ask again. */
#include <stdbool.h>

#include <uk/blkdev_driver.h>
#include <uk/print.h>
#include <uk/test.h>

UK_TEST(blkdev_number, test_disk_has_its_number_whatever_others_did_not_come_back)
{
	UK_EXPECT_EQ(uk_blkdev_number("one", "0000:00:01.0"), 0);
	UK_EXPECT_EQ(uk_blkdev_number("one", "0000:00:02.0"), 1);
	UK_EXPECT_EQ(uk_blkdev_number("another", "0000:00:02.0"), 0);
	UK_EXPECT_EQ(uk_blkdev_number("one", "0000:00:03.0"), 2);
	/* Without the first, and with one that is new */
	UK_EXPECT_EQ(uk_blkdev_number("one", "0000:00:02.0"), 1);
	UK_EXPECT_EQ(uk_blkdev_number("one", "0000:00:00.0"), 3);
	UK_EXPECT_EQ(uk_blkdev_number("one", "0000:00:03.0"), 2);
	UK_EXPECT_EQ(uk_blkdev_number("one", "0000:00:01.0"), 0);
	UK_EXPECT_EQ(uk_blkdev_number("another", "0000:00:01.0"), 1);
}

/* More than can be remembered: no two have the same number. */
UK_TEST(blkdev_number, test_no_number_is_given_twice)
{
	static bool has[200];
	char where[16];

	for (unsigned int i = 0; i < 100; i++) {
		unsigned int n;

		uk_snprintf(where, sizeof(where), "many/%u", i);
		n = uk_blkdev_number("many", where);
		UK_EXPECT(n < 200 && !has[n]);
		has[n % 200] = true;
	}
}
