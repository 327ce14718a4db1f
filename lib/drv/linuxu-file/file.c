/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files of the host as disks: the target is "file:" and a path. A device exists
 * while it is open; who opens the same path again has the same device. It grows
 * when its target is written again and the file has grown.
 */
#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/blkdev_driver.h>
#include <uk/boot.h>
#include <uk/host/disk.h>
#include <uk/util.h>

#define PATH_BYTES 256

struct file {
	struct uk_blkdev dev;
	struct uk_list node;
	int host;
	char path[PATH_BYTES];
};

static struct uk_list files = UK_LIST_INIT(files);

static struct file *of(struct uk_blkdev *dev)
{
	return UK_CONTAINER_OF(dev, struct file, dev);
}

/* ---- Requests ---- */

static int transfer(int host, const struct uk_blk_req *req)
{
	uint64_t at = req->sector * UK_BLK_SECTOR;
	int err = 0;

	for (unsigned int i = 0; i < req->n_sg && !err; i++) {
		const struct uk_blk_sg *sg = &req->sg[i];

		if (req->op == UK_BLK_READ)
			err = uk_host_disk_read(host, sg->va, sg->len_bytes, at);
		else
			err = uk_host_disk_write(host, sg->va, sg->len_bytes, at);
		at += sg->len_bytes;
	}
	return err;
}

static int serve(int host, const struct uk_blk_req *req)
{
	switch (req->op) {
	case UK_BLK_READ:
	case UK_BLK_WRITE:
		return transfer(host, req);
	case UK_BLK_FLUSH:
		return uk_host_disk_flush(host);
	default:
		return uk_host_disk_punch(host, req->sector * UK_BLK_SECTOR,
					  req->n_sectors * UK_BLK_SECTOR);
	}
}

static void file_submit(struct uk_blkdev *dev, struct uk_blk_req *req)
{
	req->done(req, serve(of(dev)->host, req));
}

/* ---- Opening and closing ---- */

static int file_reconfigure(struct uk_blkdev *dev, const char *options, char *why)
{
	uint64_t len;
	int err;

	if (strcmp(options, of(dev)->path)) {
		uk_blk_because(why, "file: another path needs a detach first");
		return -EINVAL;
	}
	err = uk_host_disk_size(of(dev)->host, &len);
	if (!err && len / UK_BLK_SECTOR < dev->info.sectors) {
		uk_blk_because(why, "file: the file has become shorter");
		return -EINVAL;
	}
	if (!err && len / UK_BLK_SECTOR > dev->info.sectors)
		uk_blkdev_resized(dev, len / UK_BLK_SECTOR);
	return err;
}

static void file_close(struct uk_blkdev *dev)
{
	uk_list_del(&of(dev)->node);
	uk_host_disk_close(of(dev)->host);
	uk_free(of(dev));
}

static const struct uk_blkdev_ops ops = {
	.submit = file_submit, .reconfigure = file_reconfigure, .close = file_close,
};

/* The host's disk, for writing if it lets us. */
static int open_host(struct file *f, char *why)
{
	uint64_t len;
	int err;

	f->host = uk_host_disk_open(f->path, false);
	if (f->host == -EACCES || f->host == -EROFS) {
		f->dev.info.is_readonly = true;
		f->host = uk_host_disk_open(f->path, true);
	}
	if (f->host < 0) {
		uk_blk_because(why, "file: %.90s cannot be opened (%d)", f->path, f->host);
		return f->host;
	}
	err = uk_host_disk_size(f->host, &len);
	if (!err && len < UK_BLK_SECTOR) {
		uk_blk_because(why, "file: %.80s has no sector of %u bytes", f->path,
			       UK_BLK_SECTOR);
		err = -EINVAL;
	}
	if (err)
		uk_host_disk_close(f->host);
	f->dev.info.sectors = len / UK_BLK_SECTOR;
	return err;
}

static int create(const char *path, struct uk_blkdev **dev, char *why)
{
	struct file *f = uk_calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	uk_blkdev_init(&f->dev, &ops);
	f->dev.info.can_flush = f->dev.info.can_discard = f->dev.info.can_zero = true;
	f->dev.info.discard_bytes = UK_BLK_SECTOR;
	strlcpy(f->path, path, sizeof(f->path));
	err = open_host(f, why);
	if (err) {
		uk_free(f);
		return err;
	}
	uk_list_add_tail(&files, &f->node);
	*dev = &f->dev;
	return 0;
}

static int file_open(const char *options, bool is_readonly uk_unused, struct uk_blkdev **dev,
		     char *why)
{
	struct file *f;

	if (!options[0] || strlen(options) >= PATH_BYTES) {
		uk_blk_because(why, "file: a path of 1 to %d bytes", PATH_BYTES - 1);
		return -EINVAL;
	}
	UK_LIST_FOREACH(f, &files, node) {
		if (!strcmp(f->path, options)) {
			*dev = &f->dev;
			return 0;
		}
	}
	return create(options, dev, why);
}

static struct uk_blkdev_driver driver = { .prefix = "file", .open = file_open };

static int file_init(void)
{
	uk_blkdev_register(&driver);
	return 0;
}

UK_INIT_DEV(file_init);
