/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds the device of a target and keeps account of who has a device open.
 * Requests go straight from the user to the driver.
 */
#include "blkdev_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/assert.h>
#include <uk/param.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/wait.h>

/* Whether a disk answers now */
#define RETRY_NS (250 * UK_NSEC_PER_MSEC)

static struct uk_list drivers = UK_LIST_INIT(drivers);
static struct uk_list disks = UK_LIST_INIT(disks);

uint64_t blkdev_settle_ms = 3000;
UK_PARAM(blkdev_settle_ms, "blkdev.settle_ms", UK_PARAM_U64, &blkdev_settle_ms,
	 "how long after the start a disk may appear for which an attach waits, ms");
static uint64_t settled_ns;
static unsigned int n_searches;
static struct uk_list coming = UK_LIST_INIT(coming);
static uint64_t coming_until_ns;
static struct uk_wait_queue appeared = UK_WAIT_QUEUE_INIT(appeared);
void (*blkdev_on_appearance)(void);

/* ---- What there is ---- */

void uk_blkdev_register(struct uk_blkdev_driver *drv)
{
	uk_list_add_tail(&drivers, &drv->node);
}

static void look_again(void)
{
	uk_wait_wake_all(&appeared);
	if (blkdev_on_appearance)
		blkdev_on_appearance();
}

void uk_blkdev_add(struct uk_blkdev *dev)
{
	uk_list_del(&dev->node);
	uk_list_add_tail(&disks, &dev->node);
	uk_pr_info("blkdev: %s: %llu MiB, sectors of %u bytes%s\n", dev->name,
		   (unsigned long long)dev->info.sectors >> (20 - UK_BLK_SECTOR_SHIFT),
		   dev->info.sector_bytes, dev->info.is_readonly ? ", read-only" : "");
	look_again();
}

static void close_if_unused(struct uk_blkdev *dev)
{
	if (uk_list_is_empty(&dev->users) && dev->ops->close)
		dev->ops->close(dev);
}

void uk_blkdev_remove(struct uk_blkdev *dev)
{
	uk_list_del(&dev->node);
	look_again();
	close_if_unused(dev);
}

void uk_blkdev_expect(void)
{
	settled_ns = uk_plat_mono_ns() + blkdev_settle_ms * UK_NSEC_PER_MSEC;
}

/* Where one controller was there may be another, whose turn comes now. */
void uk_blkdev_search(bool is_begun)
{
	n_searches += is_begun ? 1 : -1u;
	if (n_searches)
		return;
	uk_blkdev_expect();
	look_again();
}

void uk_blkdev_announce(struct uk_blkdev *dev, uint64_t patience_ns)
{
	uint64_t until_ns = uk_plat_mono_ns() + patience_ns;

	uk_list_del(&dev->node);
	uk_list_add_tail(&coming, &dev->node);
	coming_until_ns = UK_MAX(coming_until_ns, until_ns);
}

struct uk_blkdev *blkdev_find(const char *name, size_t len)
{
	struct uk_blkdev *dev;

	UK_LIST_FOREACH(dev, &disks, node)
		if (strlen(dev->name) == len && !memcmp(dev->name, name, len))
			return dev;
	return NULL;
}

struct uk_blkdev *blkdev_next(struct uk_blkdev *dev)
{
	struct uk_list *next = dev ? dev->node.next : disks.next;

	return next == &disks ? NULL : UK_LIST_ENTRY(next, struct uk_blkdev, node);
}

static struct uk_blkdev_driver *find_driver(const char *target, const char **options)
{
	const char *colon = strchr(target, ':');
	struct uk_blkdev_driver *drv;

	UK_LIST_FOREACH(drv, &drivers, node) {
		size_t len = strlen(drv->prefix);

		if (colon && len == (size_t)(colon - target) && !memcmp(drv->prefix, target, len)) {
			*options = colon + 1;
			return drv;
		}
	}
	return NULL;
}

static int unknown(const char *target, char *why)
{
	if (strchr(target, ':'))
		uk_blk_because(why, "target \"%.60s\": no such driver in this image", target);
	else
		uk_blk_because(why, "target \"%.40s\": no such disk, and not <driver>:<options>",
			       target);
	return -ENODEV;
}

/* ---- Opening and closing ---- */

/* Many readers or one writer, of each sector */
static int may_share(struct uk_blkdev *dev, const struct uk_blk *blk, char *why)
{
	struct uk_blk *other;

	if (!blk->is_readonly && dev->info.is_readonly) {
		uk_blk_because(why, "the device is read-only: attach it with access=ro");
		return -EROFS;
	}
	UK_LIST_FOREACH(other, &dev->users, users) {
		if (other->claim_start >= blk->claim_end || blk->claim_start >= other->claim_end)
			continue;
		if (!blk->is_readonly || !other->is_readonly) {
			uk_blk_because(why, "the device%s is in use %s",
				       other->claim_end == UINT64_MAX ? "" : ", or a part of it,",
				       other->is_readonly ? "by a reader" : "by a writer");
			return -EBUSY;
		}
	}
	return 0;
}

void blkdev_hold(struct uk_blk *held, struct uk_blkdev *disk)
{
	*held = (struct uk_blk) { .dev = disk, .is_readonly = true };
	uk_list_add_tail(&disk->users, &held->users);
}

int blkdev_claim(struct uk_blkdev *dev, struct uk_blk *blk, char *why)
{
	int err = may_share(dev, blk, why);

	if (err)
		return err;
	uk_list_add_tail(&dev->users, &blk->users);
	blk->dev = dev;
	blk->n_written = blk->n_flushed = blk->n_lost = blk->n_told = 0;
	return 0;
}

/* Find or make the device; @options: NULL, or for its reconfigure(). */
static int find_device(const char *target, bool is_readonly, struct uk_blkdev **dev,
		       const char **options, char *why)
{
	struct uk_blkdev_driver *drv;
	int err;

	*options = NULL;
	*dev = blkdev_find(target, strlen(target));
	if (*dev)
		return 0;
	if (blkdev_part_is_target(target))
		return blkdev_part_open(target, is_readonly, dev, why);
	drv = find_driver(target, options);
	if (!drv)
		return unknown(target, why);
	err = drv->open(*options, is_readonly, dev, why);
	if (!err)
		(*dev)->drv = drv;
	return err;
}

/* May @target be, or be on, a disk that was announced? */
static bool is_coming(const char *target)
{
	struct uk_blkdev *dev;

	UK_LIST_FOREACH(dev, &coming, node)
		if (!strncmp(target, dev->name, strlen(dev->name)) || strchr(target, '='))
			return true;
	return false;
}

/* How long it is of use to look again for what is not there */
static uint64_t patience_ns(const char *target)
{
	if (n_searches)
		return UK_FOREVER;
	return is_coming(target) ? UK_MAX(settled_ns, coming_until_ns) : settled_ns;
}

/* -EINPROGRESS: a disk does not answer */
static int try_open(struct uk_blk *blk, const char *target, char *why)
{
	struct uk_blkdev *dev;
	const char *options;
	int err;

	blk->dev = NULL;
	blk->claim_start = 0;
	blk->claim_end = UINT64_MAX;
	why[0] = '\0';
	err = find_device(target, blk->is_readonly, &dev, &options, why);
	if ((err == -ENODEV || err == -ENOENT) && !options &&
	    uk_plat_mono_ns() < patience_ns(target))
		return -EAGAIN;
	if (err)
		return err;
	err = may_share(dev, blk, why);
	if (!err)
		err = blkdev_whole_open(dev, blk, why);
	if (!err && options && dev->ops->reconfigure)
		err = dev->ops->reconfigure(dev, options, why);
	if (err) {
		close_if_unused(dev);
		return err;
	}
	return blkdev_claim(dev, blk, why);
}

int uk_blk_try_open(struct uk_blk *blk, const char *target, char *why)
{
	int err = try_open(blk, target, why);

	return err == -EINPROGRESS ? -EAGAIN : err;
}

int uk_blk_open(struct uk_blk *blk, const char *target, char *why)
{
	int err;

	while ((err = try_open(blk, target, why)) == -EAGAIN || err == -EINPROGRESS)
		uk_wait_once(&appeared, err == -EAGAIN ? patience_ns(target)
						       : uk_plat_mono_ns() + RETRY_NS);
	return err;
}

void uk_blk_on_appearance(void (*fn)(void))
{
	blkdev_on_appearance = fn;
}

void uk_blk_close(struct uk_blk *blk)
{
	struct uk_blkdev *dev = blk->dev;

	blkdev_whole_close(blk);
	uk_list_del(&blk->users);
	blk->dev = NULL;
	close_if_unused(dev);
}

int uk_blk_reconfigure(struct uk_blk *blk, const char *target, char *why)
{
	struct uk_blkdev *dev = blk->dev;
	struct uk_blkdev_driver *drv;
	const char *options;

	why[0] = '\0';
	if (!dev->drv && !strcmp(target, dev->name))
		return 0;
	drv = find_driver(target, &options);
	if (!drv && dev->drv && !blkdev_find(target, strlen(target)) &&
	    !blkdev_part_is_target(target))
		return unknown(target, why);
	if (!drv || drv != dev->drv) {
		uk_blk_because(why, "another device needs a detach first");
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

const char *uk_blk_name(const struct uk_blk *blk)
{
	return blk->dev->name;
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
	req->blk = blk;
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
