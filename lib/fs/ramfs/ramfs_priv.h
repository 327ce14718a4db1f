/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RAMFS_PRIV_H
#define RAMFS_PRIV_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <uk/fd.h>
#include <uk/list.h>

struct node {
	struct uk_list list;		/* in the directory; alone when removed */
	struct node *parent;		/* the root's is the root */
	unsigned int refs;		/* its place in the directory, and each use */
	char *name;
	mode_t mode;
	ino_t ino;
	struct timespec mtime;
	struct uk_list children;	/* a directory's, in order of creation */
	char *data;			/* a file's; not ours while room is 0 */
	size_t size, room;
	struct uk_file *(*open)(int flags, int *err);	/* a device's */
};

extern struct node ramfs_root;

/* node.c */

struct node *node_new(struct node *dir, const char *name, size_t len, mode_t mode, int *err);
void node_put(struct node *n);
/** Take it out of its directory. Who uses it may go on. */
void node_remove(struct node *n);
struct node *node_find(const struct node *dir, const char *name, size_t len);
/** Make the file @size bytes long; new ones are zero. @return 0, -ENOSPC or -EFBIG. */
int node_resize(struct node *n, size_t size);
/** @return 0 or -ENOSPC. */
int node_own_data(struct node *n, size_t room);
void node_touch(struct node *n);
void node_stat(const struct node *n, struct stat *st);

static inline bool is_dir(const struct node *n)
{
	return S_ISDIR(n->mode);
}

static inline bool is_removed(const struct node *n)
{
	return n != &ramfs_root && uk_list_is_empty(&n->list);
}

/* path.c: names are resolved from @dirfd, AT_FDCWD or a directory's */

struct place {
	struct node *dir;
	const char *name;		/* last component; len 0: the directory itself */
	size_t len;
	bool must_be_dir;		/* the path ends in a slash */
};

/** Where @path leads, all but the last step. @return 0 or -errno. */
int path_place(int dirfd, const char *path, struct place *pl);
/** What is there; NULL and *err (-ENOENT, -ENOTDIR, …). No reference. */
struct node *path_find(int dirfd, const char *path, int *err);

/* open.c */

/** The directory behind a descriptor; NULL: it is not one of ours. */
struct node *open_dir_of(int fd);

#endif /* RAMFS_PRIV_H */
