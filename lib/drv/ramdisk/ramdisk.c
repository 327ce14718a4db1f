/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Disks in memory. A disk with a name lives until the image ends, or until its
 * last user has gone when it was asked for with keep=0; one without a name
 * lives as long as it is open. Several disks may start from the same boot
 * module: its pages are copied when they are written.
 *
 * Requests come from blkdev, which has checked their range.
 */
#include "ramdisk_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/blkdev_driver.h>
#include <uk/boot.h>
#include <uk/plat/boot.h>
#include <uk/print.h>
#include <uk/util.h>

#define SECTORS_PER_PAGE (UK_PAGE_SIZE / UK_BLK_SECTOR)

struct ramdisk {
	struct uk_blkdev dev;
	struct ramdisk_store store;
	struct ramdisk_kept kept;
	struct ramdisk_options opt;
	struct uk_list node;		/* linked when it has a name */
};

static struct uk_list named = UK_LIST_INIT(named);

static struct ramdisk *of(struct uk_blkdev *dev)
{
	return UK_CONTAINER_OF(dev, struct ramdisk, dev);
}

static struct ramdisk *find(const char *name)
{
	struct ramdisk *rd;

	UK_LIST_FOREACH(rd, &named, node)
		if (!strcmp(rd->opt.name, name))
			return rd;
	return NULL;
}

static void destroy(struct ramdisk *rd)
{
	uk_list_del(&rd->node);
	if (IS_ENABLED(CONFIG_LIBRAMDISK_KEEP) && rd->store.kept)
		ramdisk_kept_close(&rd->kept);
	ramdisk_store_free(&rd->store);
	uk_free(rd);
}

static void *ramdisk_window(struct uk_blkdev *dev, uint64_t offset, bool is_write,
			    size_t *len_bytes)
{
	size_t in_page = (size_t)offset % UK_PAGE_SIZE;
	char *page = ramdisk_store_page(&of(dev)->store, offset / UK_PAGE_SIZE, is_write);

	if (!page)
		return NULL;
	*len_bytes = UK_PAGE_SIZE - in_page;
	return page + in_page;
}

static int copy_sg(struct uk_blkdev *dev, const struct uk_blk_sg *sg, uint64_t offset,
		   bool is_write)
{
	size_t len;

	for (size_t at = 0; at < sg->len_bytes; at += len) {
		char *disk = ramdisk_window(dev, offset + at, is_write, &len);

		if (!disk)
			return -ENOSPC;
		len = UK_MIN(len, sg->len_bytes - at);
		if (is_write)
			memcpy(disk, (char *)sg->va + at, len);
		else
			memcpy((char *)sg->va + at, disk, len);
	}
	return 0;
}

static int transfer(struct uk_blkdev *dev, const struct uk_blk_req *req)
{
	uint64_t offset = req->sector * UK_BLK_SECTOR;
	int err = 0;

	for (unsigned int i = 0; i < req->n_sg && !err; i++) {
		err = copy_sg(dev, &req->sg[i], offset, req->op == UK_BLK_WRITE);
		offset += req->sg[i].len_bytes;
	}
	return err;
}

/* Sectors [@sector, @end), within a page */
static int zero_part(struct uk_blkdev *dev, uint64_t sector, uint64_t end)
{
	size_t len;
	char *disk;

	if (sector >= end)
		return 0;
	disk = ramdisk_window(dev, sector * UK_BLK_SECTOR, true, &len);
	if (!disk)
		return -ENOSPC;
	memset(disk, 0, (size_t)(end - sector) * UK_BLK_SECTOR);
	return 0;
}

/* Whole pages are given back; what is left of others is zeroed, if it has to be. */
static int clear(struct uk_blkdev *dev, const struct uk_blk_req *req)
{
	bool is_zero = req->op == UK_BLK_ZERO;
	uint64_t end = req->sector + req->n_sectors;
	uint64_t first = UK_MIN(UK_ALIGN_UP(req->sector, SECTORS_PER_PAGE), end);
	uint64_t last = UK_MAX(UK_ALIGN_DOWN(end, SECTORS_PER_PAGE), first);
	int err = is_zero ? zero_part(dev, req->sector, first) : 0;

	if (!err && last > first)
		err = ramdisk_store_clear(&of(dev)->store, first / SECTORS_PER_PAGE,
					  (last - first) / SECTORS_PER_PAGE, is_zero);
	if (!err && is_zero)
		err = zero_part(dev, last, end);
	return err;
}

static void ramdisk_submit(struct uk_blkdev *dev, struct uk_blk_req *req)
{
	int err = 0;

	switch (req->op) {
	case UK_BLK_READ:
	case UK_BLK_WRITE:
		err = transfer(dev, req);
		break;
	case UK_BLK_DISCARD:
	case UK_BLK_ZERO:
		err = clear(dev, req);
		break;
	case UK_BLK_FLUSH:
		break;
	}
	req->done(req, err);
}

/* ---- Making and changing disks ---- */

static int no_room(uint64_t n_pages, char *why)
{
	uk_blk_because(why, "ram: %llu KiB are not to be had, %llu KiB are left",
		       (unsigned long long)n_pages * (UK_PAGE_SIZE / 1024),
		       (unsigned long long)ramdisk_store_available() * (UK_PAGE_SIZE / 1024));
	return -ENOMEM;
}

static int find_image(struct ramdisk_options *opt, const char **image, uint64_t *n_pages,
		      char *why)
{
	void *base;
	size_t len;

	if (uk_plat_boot_module((unsigned int)opt->image, &base, &len)) {
		uk_blk_because(why, "ram: image=module%d: the image was started without it (ramdisk=)",
			       opt->image);
		return -ENOENT;
	}
	if (!opt->size_bytes)
		opt->size_bytes = len;
	if (opt->size_bytes < len) {
		uk_blk_because(why, "ram: size= is less than the %zu bytes of module%d", len,
			       opt->image);
		return -EINVAL;
	}
	/* The rest of the last page is ours, and must not show what was there */
	if (len % UK_PAGE_SIZE)
		memset((char *)base + len, 0, UK_PAGE_SIZE - len % UK_PAGE_SIZE);
	*image = base;
	*n_pages = UK_DIV_ROUND_UP(len, UK_PAGE_SIZE);
	return 0;
}

static int ramdisk_reconfigure(struct uk_blkdev *dev, const char *options, char *why);
static void ramdisk_close(struct uk_blkdev *dev);

static const struct uk_blkdev_ops ops = {
	.submit = ramdisk_submit,
	.window = ramdisk_window,
	.reconfigure = ramdisk_reconfigure,
	.close = ramdisk_close,
};

/* In kept memory. @return whether it is. */
static bool keep(struct ramdisk *rd, const struct ramdisk_options *opt, uint64_t n_pages,
		 const char *image, uint64_t image_pages)
{
	if (!IS_ENABLED(CONFIG_LIBRAMDISK_KEEP) || !opt->name[0] ||
	    !ramdisk_kept_open(&rd->kept, opt->name, n_pages))
		return false;
	rd->store.kept = rd->kept.contents;
	rd->store.n_pages = *rd->kept.n_pages;
	if (rd->kept.is_new && image)
		memcpy(rd->store.kept, image,
		       UK_MIN(image_pages, rd->store.n_pages) * UK_PAGE_SIZE);
	return true;
}

static int make_store(struct ramdisk *rd, const struct ramdisk_options *opt,
		      const char *image, uint64_t image_pages, char *why)
{
	uint64_t n_pages = UK_DIV_ROUND_UP(opt->size_bytes, UK_PAGE_SIZE);

	if (keep(rd, opt, n_pages, image, image_pages))
		return 0;
	rd->kept.is_new = true;
	if (!n_pages) {
		uk_blk_because(why, "ram: there is no disk %s, and no size= to make one",
			       opt->name);
		return -ENOENT;
	}
	if (ramdisk_store_init(&rd->store, n_pages))
		return no_room(n_pages, why);
	rd->store.image = image;
	rd->store.image_pages = image_pages;
	return 0;
}

static int create(struct ramdisk_options *opt, struct ramdisk **out, char *why)
{
	const char *image = NULL;
	uint64_t image_pages = 0;
	struct ramdisk *rd;
	int err;

	if (opt->image != NO_IMAGE) {
		err = find_image(opt, &image, &image_pages, why);
		if (err)
			return err;
	}
	rd = uk_calloc(1, sizeof(*rd));
	if (!rd)
		return no_room(1, why);
	err = make_store(rd, opt, image, image_pages, why);
	if (err) {
		uk_free(rd);
		return err;
	}
	rd->opt = *opt;
	uk_blkdev_init(&rd->dev, &ops);
	strlcpy(rd->dev.name, opt->name, sizeof(rd->dev.name));
	rd->dev.info.sectors = rd->store.n_pages * SECTORS_PER_PAGE;
	rd->dev.info.is_new = rd->kept.is_new;
	rd->dev.info.can_flush = rd->dev.info.can_discard = rd->dev.info.can_zero = true;
	rd->dev.info.discard_bytes = UK_PAGE_SIZE;
	rd->dev.info.can_erase = true;
	uk_list_init(&rd->node);
	if (opt->name[0])
		uk_list_add_tail(&named, &rd->node);
	*out = rd;
	return 0;
}

static int change(struct ramdisk *rd, const struct ramdisk_options *opt, char *why)
{
	uint64_t n_pages = UK_DIV_ROUND_UP(opt->size_bytes, UK_PAGE_SIZE);

	if (opt->image != NO_IMAGE && opt->image != rd->opt.image) {
		uk_blk_because(why, "ram: the disk exists and was made from another image");
		return -EINVAL;
	}
	if (opt->size_bytes && n_pages < rd->store.n_pages) {
		uk_blk_because(why, "ram: the disk has %llu KiB already and cannot shrink",
			       (unsigned long long)rd->store.n_pages * (UK_PAGE_SIZE / 1024));
		return -EINVAL;
	}
	if (opt->size_bytes && n_pages > rd->store.n_pages) {
		if (ramdisk_store_grow(&rd->store, n_pages))
			return no_room(n_pages, why);
		uk_blkdev_resized(&rd->dev, n_pages * SECTORS_PER_PAGE);
	}
	rd->opt.is_kept = opt->is_kept;
	return 0;
}

static int ramdisk_reconfigure(struct uk_blkdev *dev, const char *options, char *why)
{
	struct ramdisk *rd = of(dev);
	struct ramdisk_options opt;
	int err = ramdisk_parse(options, &opt, why);

	if (err)
		return err;
	if (strcmp(opt.name, rd->opt.name)) {
		uk_blk_because(why, "ram: another name= needs a detach first");
		return -EINVAL;
	}
	return change(rd, &opt, why);
}

static void ramdisk_close(struct uk_blkdev *dev)
{
	if (!of(dev)->opt.is_kept)
		destroy(of(dev));
}

static int ramdisk_open(const char *options, bool is_readonly uk_unused, struct uk_blkdev **dev,
			char *why)
{
	struct ramdisk_options opt;
	struct ramdisk *rd;
	int err;

	err = ramdisk_parse(options, &opt, why);
	if (err)
		return err;
	rd = opt.name[0] ? find(opt.name) : NULL;
	if (!rd)
		err = create(&opt, &rd, why);
	if (!err)
		*dev = &rd->dev;
	return err;
}

static struct uk_blkdev_driver driver = { .prefix = "ram", .open = ramdisk_open };

static int ramdisk_init(void)
{
	uk_blkdev_register(&driver);
	return 0;
}

UK_INIT_DEV(ramdisk_init);
