/* SPDX-License-Identifier: BSD-3-Clause */
/* Directories and files: a tree of nodes with counts of references. */
#include "ramfs_priv.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include <uk/alloc.h>
#include <uk/plat/time.h>

static ino_t last_ino = 1;

struct node ramfs_root = {
	.list = UK_LIST_INIT(ramfs_root.list),
	.parent = &ramfs_root,
	.refs = 2,		/* one is of the working directory */
	.name = (char *)"",
	.mode = S_IFDIR | 0755,
	.ino = 1,
	.children = UK_LIST_INIT(ramfs_root.children),
};

struct node *node_find(const struct node *dir, const char *name, size_t len)
{
	struct node *n;

	UK_LIST_FOREACH (n, &dir->children, list) {
		if (!strncmp(n->name, name, len) && !n->name[len])
			return n;
	}
	return NULL;
}

struct node *node_new(struct node *dir, const char *name, size_t len, mode_t mode, int *err)
{
	struct node *n;

	*err = len > NAME_MAX ? -ENAMETOOLONG : is_removed(dir) ? -ENOENT : 0;
	if (*err < 0)
		return NULL;
	*err = -ENOSPC;
	n = uk_calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	n->name = uk_malloc(len + 1);
	if (!n->name) {
		uk_free(n);
		return NULL;
	}
	memcpy(n->name, name, len);
	n->name[len] = 0;
	n->mode = mode;
	n->ino = ++last_ino;
	n->refs = 1;
	n->parent = dir;
	uk_list_init(&n->children);
	uk_list_add_tail(&dir->children, &n->list);
	node_touch(n);
	node_touch(dir);
	return n;
}

void node_put(struct node *n)
{
	if (--n->refs)
		return;
	if (n->room)
		uk_free(n->data);
	uk_free(n->name);
	uk_free(n);
}

void node_remove(struct node *n)
{
	node_touch(n->parent);
	uk_list_del(&n->list);
	/* ".." of a removed directory that somebody is still in */
	n->parent = &ramfs_root;
	node_put(n);
}

int node_own_data(struct node *n, size_t room)
{
	char *data;

	if (room <= n->room)
		return 0;
	/* Twice as much, so that a file written piece by piece is not copied
	 * each time; exactly as much if that cannot be had */
	data = uk_realloc(n->room ? n->data : NULL, UK_MAX(room, 2 * n->size));
	if (data) {
		room = UK_MAX(room, 2 * n->size);
	} else {
		data = uk_realloc(n->room ? n->data : NULL, room);
		if (!data)
			return -ENOSPC;
	}
	if (!n->room)
		memcpy(data, n->data, n->size);
	n->data = data;
	n->room = room;
	return 0;
}

int node_resize(struct node *n, size_t size)
{
	int err;

	if (size > SSIZE_MAX / 4)
		return -EFBIG;
	if (size > n->size) {
		err = node_own_data(n, size);
		if (err < 0)
			return err;
		memset(n->data + n->size, 0, size - n->size);
	}
	n->size = size;
	node_touch(n);
	return 0;
}

void node_touch(struct node *n)
{
	uint64_t ns = uk_plat_wall_ns();

	n->mtime = (struct timespec){ .tv_sec = ns / UK_NSEC_PER_SEC, .tv_nsec = ns % UK_NSEC_PER_SEC };
}

void node_stat(const struct node *n, struct stat *st)
{
	*st = (struct stat){
		.st_dev = 1,
		.st_ino = n->ino,
		.st_mode = n->mode,
		.st_nlink = is_dir(n) ? 2 : 1,
		.st_size = n->size,
		.st_blksize = 4096,
		.st_blocks = (n->room + 511) / 512,
		.st_atim = n->mtime,
		.st_mtim = n->mtime,
		.st_ctim = n->mtime,
	};
}
