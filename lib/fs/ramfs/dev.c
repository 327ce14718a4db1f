/* SPDX-License-Identifier: BSD-3-Clause */
/* What libraries put into the tree, and /dev. */
#include "ramfs_priv.h"

#include <errno.h>
#include <fcntl.h>

#include <uk/boot.h>
#include <uk/ramfs.h>

int uk_ramfs_mkdir(const char *path, mode_t mode)
{
	struct place pl;
	int err;
	struct node *n = path_find(AT_FDCWD, path, &err);

	if (n)
		return is_dir(n) ? 0 : -ENOTDIR;
	if (err != -ENOENT)
		return err;
	err = path_place(AT_FDCWD, path, &pl);
	if (err < 0)
		return err;
	return node_new(pl.dir, pl.name, pl.len, S_IFDIR | (mode & 07777), &err) ? 0 : err;
}

/* A new node in the place of what is there. */
static struct node *put_node(const char *path, mode_t mode, int *err)
{
	struct place pl;
	struct node *old = path_find(AT_FDCWD, path, err);

	if (old && is_dir(old)) {
		*err = -EISDIR;
		return NULL;
	}
	if (old)
		node_remove(old);
	*err = path_place(AT_FDCWD, path, &pl);
	return *err < 0 ? NULL : node_new(pl.dir, pl.name, pl.len, mode, err);
}

int uk_ramfs_add(const char *path, mode_t mode, const void *data, size_t len)
{
	int err;
	struct node *n = put_node(path, S_IFREG | (mode & 07777), &err);

	if (!n)
		return err;
	n->data = (char *)data;
	n->size = len;
	return 0;
}

int uk_ramfs_device(const char *path, struct uk_file *(*open)(int flags, int *err))
{
	int err;
	struct node *n = put_node(path, S_IFCHR | 0666, &err);

	if (!n)
		return err;
	n->open = open;
	return 0;
}

static ssize_t null_read(struct uk_file *f, void *buf, size_t len)
{
	(void)f;
	(void)buf;
	(void)len;
	return 0;
}

static ssize_t null_write(struct uk_file *f, const void *buf, size_t len)
{
	(void)f;
	(void)buf;
	return len;
}

static int null_stat(struct uk_file *f, struct stat *st)
{
	(void)f;
	st->st_mode = S_IFCHR | 0666;
	return 0;
}

static const struct uk_file_ops null_ops = {
	.read = null_read,
	.write = null_write,
	.stat = null_stat,
};

static struct uk_file null_file = UK_FILE_INIT(null_file, &null_ops, O_RDWR);

static struct uk_file *open_null(int flags, int *err)
{
	(void)flags;
	(void)err;
	uk_file_get(&null_file);
	return &null_file;
}

/* lib/posix/console, when it is in the image */
extern struct uk_file uk_console_file __attribute__((weak));

static struct uk_file *open_console(int flags, int *err)
{
	(void)flags;
	(void)err;
	uk_file_get(&uk_console_file);
	return &uk_console_file;
}

static int make_dev(void)
{
	int err = uk_ramfs_mkdir("/dev", 0755);

	if (!err)
		err = uk_ramfs_device("/dev/null", open_null);
	if (!err && &uk_console_file)
		err = uk_ramfs_device("/dev/console", open_console);
	return err;
}
UK_INIT_CORE(make_dev);
