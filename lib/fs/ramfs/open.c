/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening, and what can be done with an open file or directory. */
#include "ramfs_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <uk/alloc.h>
#include <uk/syscall.h>

struct open {
	struct uk_file file;
	struct node *node;
};

static struct node *node_of(struct uk_file *f)
{
	return UK_CONTAINER_OF(f, struct open, file)->node;
}

static ssize_t file_read_at(struct uk_file *f, void *buf, size_t len, off_t pos)
{
	struct node *n = node_of(f);

	if ((size_t)pos >= n->size)
		return 0;
	len = UK_MIN(len, n->size - pos);
	memcpy(buf, n->data + pos, len);
	return len;
}

static ssize_t file_write_at(struct uk_file *f, const void *buf, size_t len, off_t pos)
{
	struct node *n = node_of(f);
	size_t end = (size_t)pos + len;
	int err;

	if (!len)
		return 0;
	err = end > n->size ? node_resize(n, end) : node_own_data(n, n->size);
	if (err < 0)
		return err;
	memcpy(n->data + pos, buf, len);
	node_touch(n);
	return len;
}

static int file_truncate(struct uk_file *f, off_t len)
{
	return node_resize(node_of(f), len);
}

static int node_file_stat(struct uk_file *f, struct stat *st)
{
	node_stat(node_of(f), st);
	return 0;
}

static int node_file_chmod(struct uk_file *f, mode_t mode)
{
	struct node *n = node_of(f);

	n->mode = (n->mode & S_IFMT) | mode;
	return 0;
}

static void open_release(struct uk_file *f)
{
	node_put(node_of(f));
	uk_free(UK_CONTAINER_OF(f, struct open, file));
}

/* @return whether it fitted. */
static bool add_entry(char **to, char *end, const struct node *n, const char *name, off_t next)
{
	size_t len = strlen(name) + 1;
	size_t reclen = UK_ALIGN_UP(offsetof(struct dirent, d_name) + len, 8);
	struct dirent *d = (struct dirent *)*to;

	if (reclen > (size_t)(end - *to))
		return false;
	d->d_ino = n->ino;
	d->d_off = next;
	d->d_reclen = reclen;
	d->d_type = n->mode >> 12 & 15;
	memcpy(d->d_name, name, len);
	*to += reclen;
	return true;
}

/* The position is the number of the entry, "." and ".." being the first two: who
 * removes entries while reading may miss one. */
static ssize_t dir_list(struct uk_file *f, void *buf, size_t len)
{
	struct node *dir = node_of(f), *n;
	char *to = buf, *end = to + len;
	off_t pos = 2;
	bool has_room = true;

	if (f->pos == 0 && (has_room = add_entry(&to, end, dir, ".", 1)))
		f->pos = 1;
	if (f->pos == 1 && (has_room = add_entry(&to, end, dir->parent, "..", 2)))
		f->pos = 2;
	UK_LIST_FOREACH (n, &dir->children, list) {
		if (!has_room)
			break;
		if (pos++ < f->pos)
			continue;
		has_room = add_entry(&to, end, n, n->name, pos);
		if (has_room)
			f->pos = pos;
	}
	return has_room || to > (char *)buf ? to - (char *)buf : -EINVAL;
}

static const struct uk_file_ops file_ops = {
	.read_at = file_read_at,
	.write_at = file_write_at,
	.truncate = file_truncate,
	.stat = node_file_stat,
	.chmod = node_file_chmod,
	.release = open_release,
};

static const struct uk_file_ops dir_ops = {
	.list = dir_list,
	.stat = node_file_stat,
	.chmod = node_file_chmod,
	.release = open_release,
};

struct node *open_dir_of(int fd)
{
	struct uk_file *f = uk_fd_get(fd);
	struct node *n = NULL;

	if (!f)
		return NULL;
	if (f->ops == &dir_ops)
		n = node_of(f);
	uk_file_put(f);
	return n;
}

static struct uk_file *open_node(struct node *n, int flags, int *err)
{
	struct open *o;

	if (n->open)
		return n->open(flags, err);
	o = uk_malloc(sizeof(*o));
	if (!o) {
		*err = -ENOMEM;
		return NULL;
	}
	uk_file_init(&o->file, is_dir(n) ? &dir_ops : &file_ops, flags);
	o->node = n;
	n->refs++;
	return &o->file;
}

/* The node that @flags ask for, made if they say so. */
static struct node *get_node(int dirfd, const char *path, int flags, mode_t mode, int *err)
{
	struct node *n = path_find(dirfd, path, err);
	struct place pl;

	if (!n && *err == -ENOENT && flags & O_CREAT) {
		*err = path_place(dirfd, path, &pl);
		if (*err < 0)
			return NULL;
		if (pl.must_be_dir) {
			*err = -EISDIR;
			return NULL;
		}
		return node_new(pl.dir, pl.name, pl.len, S_IFREG | (mode & 07777), err);
	}
	if (!n)
		return NULL;
	*err = 0;
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		*err = -EEXIST;
	else if (flags & O_DIRECTORY && !is_dir(n))
		*err = -ENOTDIR;
	else if (is_dir(n) && (flags & O_ACCMODE) != O_RDONLY)
		*err = -EISDIR;
	else if (flags & O_TRUNC && S_ISREG(n->mode) && (flags & O_ACCMODE) != O_RDONLY)
		*err = node_resize(n, 0);
	return *err < 0 ? NULL : n;
}

static mode_t file_mask = 022;

long uk_sys_umask(long mask)
{
	mode_t old = file_mask;

	file_mask = mask & 0777;
	return old;
}

long uk_sys_openat(long dirfd, long path, long flags, long mode)
{
	struct node *n;
	struct uk_file *f;
	int err;

	n = get_node(dirfd, (const char *)path, flags, mode & ~file_mask, &err);
	if (!n)
		return err;
	f = open_node(n, flags, &err);
	return f ? uk_fd_give(f, flags & O_CLOEXEC) : err;
}

long uk_sys_open(long path, long flags, long mode)
{
	return uk_sys_openat(AT_FDCWD, path, flags, mode);
}

long uk_sys_creat(long path, long mode)
{
	return uk_sys_open(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

long uk_sys_mkdirat(long dirfd, long path, long mode)
{
	struct place pl;
	int err;

	if (path_find(dirfd, (const char *)path, &err))
		return -EEXIST;
	if (err != -ENOENT)
		return err;
	err = path_place(dirfd, (const char *)path, &pl);
	if (err < 0)
		return err;
	return node_new(pl.dir, pl.name, pl.len, S_IFDIR | (mode & 07777 & ~file_mask), &err) ? 0 : err;
}

long uk_sys_mkdir(long path, long mode)
{
	return uk_sys_mkdirat(AT_FDCWD, path, mode);
}
