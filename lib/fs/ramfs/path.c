/* SPDX-License-Identifier: BSD-3-Clause */
/* From names to nodes. */
#include "ramfs_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <uk/syscall.h>

static struct node *cwd = &ramfs_root;

static struct node *start_of(int dirfd, const char *path)
{
	if (*path == '/')
		return &ramfs_root;
	return dirfd == AT_FDCWD ? cwd : open_dir_of(dirfd);
}

/* One step; NULL: there is no such name. */
static struct node *step(struct node *dir, const char *name, size_t len)
{
	if (len == 1 && name[0] == '.')
		return dir;
	if (len == 2 && name[0] == '.' && name[1] == '.')
		return dir->parent;
	return node_find(dir, name, len);
}

int path_place(int dirfd, const char *path, struct place *pl)
{
	struct node *n = start_of(dirfd, path);

	if (!*path)
		return -ENOENT;
	if (!n)
		return -EBADF;
	if (strnlen(path, PATH_MAX) == PATH_MAX)
		return -ENAMETOOLONG;
	*pl = (struct place){ .dir = n, .name = path };
	for (;;) {
		path += strspn(path, "/");
		if (!*path) {
			pl->must_be_dir = true;
			return 0;
		}
		/* What was the last component is a step on the way */
		if (pl->len) {
			n = step(pl->dir, pl->name, pl->len);
			if (!n)
				return -ENOENT;
			if (!is_dir(n))
				return -ENOTDIR;
			pl->dir = n;
		}
		pl->name = path;
		pl->len = strcspn(path, "/");
		path += pl->len;
		if (!*path)
			return 0;
	}
}

struct node *path_find(int dirfd, const char *path, int *err)
{
	struct place pl;
	struct node *n;

	*err = path_place(dirfd, path, &pl);
	if (*err < 0)
		return NULL;
	n = pl.len ? step(pl.dir, pl.name, pl.len) : pl.dir;
	if (!n)
		*err = -ENOENT;
	else if (pl.must_be_dir && !is_dir(n))
		*err = -ENOTDIR;
	return *err < 0 ? NULL : n;
}

static int set_cwd(struct node *n)
{
	if (!is_dir(n))
		return -ENOTDIR;
	n->refs++;
	node_put(cwd);
	cwd = n;
	return 0;
}

long uk_sys_chdir(long path)
{
	int err;
	struct node *n = path_find(AT_FDCWD, (const char *)path, &err);

	return n ? set_cwd(n) : err;
}

long uk_sys_fchdir(long fd)
{
	struct node *n = open_dir_of(fd);

	return n ? set_cwd(n) : -EBADF;
}

/* From the end of the buffer to the front, then moved */
long uk_sys_getcwd(long buf, long size)
{
	char *to = (char *)buf, *p;
	size_t len;

	if (size < 2)
		return -ERANGE;
	p = to + size;
	*--p = 0;
	for (struct node *n = cwd; n != &ramfs_root; n = n->parent) {
		if (is_removed(n))
			return -ENOENT;
		len = strlen(n->name);
		if ((size_t)(p - to) < len + 1)
			return -ERANGE;
		p -= len;
		memcpy(p, n->name, len);
		*--p = '/';
	}
	if (!*p) {
		if (p == to)
			return -ERANGE;
		*--p = '/';
	}
	len = to + size - p;
	memmove(to, p, len);
	return len;
}
