/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening and sharing, with a driver that does nothing. */
#include <errno.h>
#include <string.h>

#include <uk/blkdev_driver.h>
#include <uk/test.h>

static struct uk_blkdev device;
static int n_closed, n_reconfigured;
static int reconfigure_err;

static void null_submit(struct uk_blkdev *dev uk_unused, struct uk_blk_req *req)
{
	req->done(req, 0);
}

static int null_reconfigure(struct uk_blkdev *dev, const char *options, char *why uk_unused)
{
	n_reconfigured++;
	if (!strcmp(options, "big"))
		uk_blkdev_resized(dev, 1000);
	return reconfigure_err;
}

static void null_close(struct uk_blkdev *dev uk_unused)
{
	n_closed++;
}

static const struct uk_blkdev_ops ops = {
	.submit = null_submit, .reconfigure = null_reconfigure, .close = null_close,
};

static int null_open(const char *options, bool is_readonly uk_unused, struct uk_blkdev **dev,
		     char *why)
{
	if (!strcmp(options, "none")) {
		uk_blk_because(why, "null: no such thing");
		return -ENOENT;
	}
	*dev = &device;
	return 0;
}

static struct uk_blkdev_driver driver = { .prefix = "null", .open = null_open };
static char why[UK_BLK_WHY_BYTES];

static void fresh(void)
{
	static bool is_registered;

	if (!is_registered)
		uk_blkdev_register(&driver);
	is_registered = true;
	uk_blkdev_init(&device, &ops);
	device.info.sectors = 100;
	n_closed = n_reconfigured = reconfigure_err = 0;
}

UK_TEST(blkdev, test_unknown_driver_is_refused_with_a_reason)
{
	struct uk_blk blk = { .is_readonly = true };

	fresh();
	UK_EXPECT_EQ(uk_blk_open(&blk, "nullx:a", why), -ENODEV);
	UK_EXPECT(strstr(why, "no such driver"));
	UK_EXPECT_EQ(uk_blk_open(&blk, "nul:a", why), -ENODEV);
	UK_EXPECT_EQ(uk_blk_open(&blk, "null", why), -ENODEV);
	UK_EXPECT(strstr(why, "<driver>:<options>"));
	UK_EXPECT_EQ(uk_blk_open(&blk, "", why), -ENODEV);
	UK_EXPECT_EQ(uk_blk_open(&blk, "null:none", why), -ENOENT);
	UK_EXPECT_STR(why, "null: no such thing");
}

UK_TEST(blkdev, test_one_writer_excludes_all_others)
{
	struct uk_blk writer = { 0 }, second = { 0 }, reader = { .is_readonly = true };

	fresh();
	UK_EXPECT_EQ(uk_blk_open(&writer, "null:a", why), 0);
	UK_EXPECT_EQ(uk_blk_open(&second, "null:a", why), -EBUSY);
	UK_EXPECT_EQ(uk_blk_open(&reader, "null:a", why), -EBUSY);
	UK_EXPECT_EQ(n_closed, 0);
	UK_EXPECT_EQ(n_reconfigured, 1);
	uk_blk_close(&writer);
	UK_EXPECT_EQ(n_closed, 1);
}

UK_TEST(blkdev, test_readers_share_and_exclude_a_writer)
{
	struct uk_blk writer = { 0 }, a = { .is_readonly = true }, b = { .is_readonly = true };

	fresh();
	UK_EXPECT_EQ(uk_blk_open(&a, "null:a", why), 0);
	UK_EXPECT_EQ(uk_blk_open(&b, "null:a", why), 0);
	UK_EXPECT_EQ(uk_blk_open(&writer, "null:a", why), -EBUSY);
	uk_blk_close(&a);
	UK_EXPECT_EQ(n_closed, 0);
	uk_blk_close(&b);
	UK_EXPECT_EQ(n_closed, 1);
}

UK_TEST(blkdev, test_readonly_device_has_no_writer)
{
	struct uk_blk writer = { 0 };

	fresh();
	device.info.is_readonly = true;
	UK_EXPECT_EQ(uk_blk_open(&writer, "null:a", why), -EROFS);
	UK_EXPECT_EQ(n_closed, 1);
}

UK_TEST(blkdev, test_failed_reconfigure_closes)
{
	struct uk_blk blk = { 0 };

	fresh();
	reconfigure_err = -EINVAL;
	UK_EXPECT_EQ(uk_blk_open(&blk, "null:a", why), -EINVAL);
	UK_EXPECT_EQ(n_closed, 1);
	UK_EXPECT(!blk.dev);
}

static int n_resized;

static void on_resized(struct uk_blk *blk uk_unused)
{
	n_resized++;
}

UK_TEST(blkdev, test_growth_reaches_all_users)
{
	struct uk_blk a = { .is_readonly = true, .resized = on_resized };
	struct uk_blk b = { .is_readonly = true, .resized = on_resized };
	struct uk_blk_info info;

	fresh();
	n_resized = 0;
	UK_EXPECT_EQ(uk_blk_open(&a, "null:a", why), 0);
	UK_EXPECT_EQ(uk_blk_open(&b, "null:a", why), 0);
	UK_EXPECT_EQ(uk_blk_reconfigure(&a, "null:big", why), 0);
	UK_EXPECT_EQ(n_resized, 2);
	uk_blk_info(&b, &info);
	UK_EXPECT_EQ(info.sectors, 1000);
	UK_EXPECT(info.is_readonly);
	UK_EXPECT_EQ(uk_blk_reconfigure(&a, "other", why), -ENODEV);
	UK_EXPECT_EQ(uk_blk_reconfigure(&a, "LABEL=other", why), -EINVAL);
	UK_EXPECT(strstr(why, "needs a detach first"));
	UK_EXPECT_EQ(uk_blk_reconfigure(&a, "other:big", why), -ENODEV);
	uk_blk_close(&a);
	uk_blk_close(&b);
}

UK_TEST(blkdev, test_range_does_not_overflow)
{
	struct uk_blk blk = { .is_readonly = true };

	fresh();
	UK_EXPECT_EQ(uk_blk_open(&blk, "null:a", why), 0);
	UK_EXPECT(uk_blk_has_range(&blk, 0, 100));
	UK_EXPECT(uk_blk_has_range(&blk, 100, 0));
	UK_EXPECT(!uk_blk_has_range(&blk, 100, 1));
	UK_EXPECT(!uk_blk_has_range(&blk, 1, 100));
	UK_EXPECT(!uk_blk_has_range(&blk, UINT64_MAX, 2));
	UK_EXPECT(!uk_blk_has_range(&blk, 2, UINT64_MAX));
	uk_blk_close(&blk);
}
