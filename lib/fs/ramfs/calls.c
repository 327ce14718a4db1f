/* SPDX-License-Identifier: BSD-3-Clause */
/* System calls about names. User 0 may do everything: modes are kept, not
 * asked. */
#include "ramfs_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <uk/syscall.h>

long uk_sys_newfstatat(long dirfd, long path, long st, long flags)
{
	int err;
	struct node *n;

	if (flags & AT_EMPTY_PATH && !*(const char *)path)
		return uk_sys_fstat(dirfd, st);
	n = path_find(dirfd, (const char *)path, &err);
	if (!n)
		return err;
	node_stat(n, (struct stat *)st);
	return 0;
}

long uk_sys_stat(long path, long st)
{
	return uk_sys_newfstatat(AT_FDCWD, path, st, 0);
}

long uk_sys_lstat(long path, long st)
{
	return uk_sys_newfstatat(AT_FDCWD, path, st, 0);
}

long uk_sys_faccessat(long dirfd, long path, long how)
{
	int err;
	struct node *n = path_find(dirfd, (const char *)path, &err);

	if (!n)
		return err;
	return how & X_OK && !is_dir(n) && !(n->mode & 0111) ? -EACCES : 0;
}

long uk_sys_faccessat2(long dirfd, long path, long how, long flags)
{
	(void)flags;
	return uk_sys_faccessat(dirfd, path, how);
}

long uk_sys_access(long path, long how)
{
	return uk_sys_faccessat(AT_FDCWD, path, how);
}

long uk_sys_truncate(long path, long len)
{
	int err;
	struct node *n = path_find(AT_FDCWD, (const char *)path, &err);

	if (!n)
		return err;
	if (is_dir(n))
		return -EISDIR;
	return S_ISREG(n->mode) && len >= 0 ? node_resize(n, len) : -EINVAL;
}

static int remove_name(int dirfd, const char *path, bool want_dir)
{
	int err;
	struct node *n = path_find(dirfd, path, &err);

	if (!n)
		return err;
	if (n == &ramfs_root)
		return -EBUSY;
	if (is_dir(n) != want_dir)
		return want_dir ? -ENOTDIR : -EISDIR;
	if (!uk_list_is_empty(&n->children))
		return -ENOTEMPTY;
	node_remove(n);
	return 0;
}

long uk_sys_unlinkat(long dirfd, long path, long flags)
{
	return remove_name(dirfd, (const char *)path, flags & AT_REMOVEDIR);
}

long uk_sys_unlink(long path)
{
	return remove_name(AT_FDCWD, (const char *)path, false);
}

long uk_sys_rmdir(long path)
{
	return remove_name(AT_FDCWD, (const char *)path, true);
}

static bool is_below(const struct node *n, const struct node *dir)
{
	for (; n != &ramfs_root; n = n->parent) {
		if (n == dir)
			return true;
	}
	return dir == &ramfs_root;
}

/* May @n take the place of @old? */
static int check_replace(const struct node *n, const struct node *old)
{
	if (is_dir(n) != is_dir(old))
		return is_dir(n) ? -ENOTDIR : -EISDIR;
	return uk_list_is_empty(&old->children) ? 0 : -ENOTEMPTY;
}

/* A new node with the new name would need no undoing, but files that are open
 * keep their node: so the name is changed, when nothing can fail any more. */
static int rename_node(struct node *n, const struct place *to)
{
	struct node *old = node_find(to->dir, to->name, to->len), *new;
	char *name;
	int err = 0;

	if (is_below(to->dir, n))
		return -EINVAL;
	if (old == n)
		return 0;
	if (old)
		err = check_replace(n, old);
	if (err < 0)
		return err;
	new = node_new(to->dir, to->name, to->len, 0, &err);
	if (!new)
		return err;
	if (old)
		node_remove(old);
	name = n->name;
	n->name = new->name;
	new->name = name;
	uk_list_del(&n->list);
	n->parent = to->dir;
	uk_list_add_tail(&to->dir->children, &n->list);
	node_remove(new);
	return 0;
}

long uk_sys_renameat2(long from_fd, long from, long to_fd, long to, long flags)
{
	struct place pl;
	struct node *n;
	int err;

	if (flags)
		return -EINVAL;
	n = path_find(from_fd, (const char *)from, &err);
	if (!n)
		return err;
	err = path_place(to_fd, (const char *)to, &pl);
	if (err < 0)
		return err;
	if (n == &ramfs_root || !pl.len || !strncmp(pl.name, "..", pl.len))
		return -EBUSY;
	if (pl.must_be_dir && !is_dir(n))
		return -ENOTDIR;
	return rename_node(n, &pl);
}

long uk_sys_renameat(long from_fd, long from, long to_fd, long to)
{
	return uk_sys_renameat2(from_fd, from, to_fd, to, 0);
}

long uk_sys_rename(long from, long to)
{
	return uk_sys_renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

long uk_sys_fchmodat(long dirfd, long path, long mode)
{
	int err;
	struct node *n = path_find(dirfd, (const char *)path, &err);

	if (!n)
		return err;
	n->mode = (n->mode & S_IFMT) | (mode & 07777);
	return 0;
}

long uk_sys_chmod(long path, long mode)
{
	return uk_sys_fchmodat(AT_FDCWD, path, mode);
}
