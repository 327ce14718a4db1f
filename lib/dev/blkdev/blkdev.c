/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds the driver of a target and keeps account of who has a device open.
 * Requests go straight from the user to the driver.
 */
#include <uk/blkdev_driver.h>

#include <errno.h>
#include <string.h>

#include <uk/assert.h>
#include <uk/print.h>

static struct uk_list drivers = UK_LIST_INIT(drivers);

void uk_blkdev_register(struct uk_blkdev_driver *drv)
{
	uk_list_add_tail(&drivers, &drv->node);
}

static struct uk_blkdev_driver *find_driver(const char *target, const char **options, char *why)
{
	const char *colon = strchr(target, ':');
	struct uk_blkdev_driver *drv;

	if (!colon) {
		uk_blk_because(why, "target \"%.60s\" is not <driver>:<options>", target);
		return NULL;
	}
	UK_LIST_FOREACH(drv, &drivers, node) {
		size_t len = strlen(drv->prefix);

		if (len == (size_t)(colon - target) && !memcmp(drv->prefix, target, len)) {
			*options = colon + 1;
			return drv;
		}
	}
	uk_blk_because(why, "target \"%.60s\": no such driver in this image", target);
	return NULL;
}

/* Many readers or one writer */
static int may_share(struct uk_blkdev *dev, const struct uk_blk *blk, char *why)
{
	struct uk_blk *other;

	if (!blk->is_readonly && dev->info.is_readonly) {
		uk_blk_because(why, "the device is read-only: attach it with access=ro");
		return -EROFS;
	}
	UK_LIST_FOREACH(other, &dev->users, users) {
		if (!blk->is_readonly || !other->is_readonly) {
			uk_blk_because(why, "the device is in use %s",
				       other->is_readonly ? "by a reader" : "by a writer");
			return -EBUSY;
		}
	}
	return 0;
}

int uk_blk_open(struct uk_blk *blk, const char *target, char *why)
{
	struct uk_blkdev_driver *drv;
	struct uk_blkdev *dev;
	const char *options;
	int err;

	blk->dev = NULL;
	why[0] = '\0';
	drv = find_driver(target, &options, why);
	if (!drv)
		return -ENODEV;
	err = drv->open(options, blk->is_readonly, &dev, why);
	if (err)
		return err;
	err = may_share(dev, blk, why);
	if (!err && dev->ops->reconfigure)
		err = dev->ops->reconfigure(dev, options, why);
	if (err) {
		if (uk_list_is_empty(&dev->users))
			dev->ops->close(dev);
		return err;
	}
	uk_list_add_tail(&dev->users, &blk->users);
	dev->drv = drv;
	blk->dev = dev;
	return 0;
}

void uk_blk_close(struct uk_blk *blk)
{
	struct uk_blkdev *dev = blk->dev;

	uk_list_del(&blk->users);
	blk->dev = NULL;
	if (uk_list_is_empty(&dev->users))
		dev->ops->close(dev);
}

int uk_blk_reconfigure(struct uk_blk *blk, const char *target, char *why)
{
	struct uk_blkdev *dev = blk->dev;
	struct uk_blkdev_driver *drv;
	const char *options;

	why[0] = '\0';
	drv = find_driver(target, &options, why);
	if (!drv)
		return -ENODEV;
	if (drv != dev->drv) {
		uk_blk_because(why, "another kind of device needs a detach first");
		return -EINVAL;
	}
	if (!dev->ops->reconfigure) {
		uk_blk_because(why, "this kind of device cannot be changed");
		return -ENOSYS;
	}
	return dev->ops->reconfigure(dev, options, why);
}

void uk_blkdev_resized(struct uk_blkdev *dev, uint64_t sectors)
{
	struct uk_blk *blk;

	uk_bug_on(sectors < dev->info.sectors);
	dev->info.sectors = sectors;
	UK_LIST_FOREACH(blk, &dev->users, users)
		if (blk->resized)
			blk->resized(blk);
}

void uk_blk_info(const struct uk_blk *blk, struct uk_blk_info *info)
{
	*info = blk->dev->info;
	info->is_readonly |= blk->is_readonly;
}

bool uk_blk_has_range(const struct uk_blk *blk, uint64_t sector, uint64_t n)
{
	uint64_t sectors = blk->dev->info.sectors;

	return n <= sectors && sector <= sectors - n;
}

void uk_blk_submit(struct uk_blk *blk, struct uk_blk_req *req)
{
	blk->dev->ops->submit(blk->dev, req);
}

bool uk_blk_is_memory(const struct uk_blk *blk)
{
	return blk->dev->ops->window;
}

void *uk_blk_window(struct uk_blk *blk, uint64_t offset, bool is_write, size_t *len_bytes)
{
	return blk->dev->ops->window(blk->dev, offset, is_write, len_bytes);
}
