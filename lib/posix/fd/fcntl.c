/* SPDX-License-Identifier: BSD-3-Clause */
/* System calls about descriptors and the files behind them. */
#include "fd_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#include <uk/syscall.h>

#define SETTABLE (O_NONBLOCK | O_APPEND)

long uk_sys_close(long fd)
{
	return uk_fd_close(fd);
}

static int dup_min(int fd, int min, bool is_cloexec)
{
	struct uk_file *f = uk_fd_get(fd);
	int new;

	if (!f)
		return -EBADF;
	new = uk_fd_install(f, min, is_cloexec);
	uk_file_put(f);
	return new;
}

static int dup_to(int fd, int new, bool is_cloexec)
{
	struct uk_file *f = uk_fd_get(fd);
	int err;

	if (!f)
		return -EBADF;
	err = fd_replace(new, f, is_cloexec);
	uk_file_put(f);
	return err < 0 ? err : new;
}

long uk_sys_dup(long fd)
{
	return dup_min(fd, 0, false);
}

long uk_sys_dup2(long fd, long new)
{
	struct uk_file *f;

	if (fd != new)
		return dup_to(fd, new, false);
	f = uk_fd_get(fd);
	if (!f)
		return -EBADF;
	uk_file_put(f);
	return new;
}

long uk_sys_dup3(long fd, long new, long flags)
{
	if (fd == new || flags & ~(long)O_CLOEXEC)
		return -EINVAL;
	return dup_to(fd, new, flags & O_CLOEXEC);
}

static long control(struct uk_file *f, int fd, int cmd, long arg)
{
	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return uk_fd_install(f, arg, cmd == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return fd_cloexec(fd) ? FD_CLOEXEC : 0;
	case F_SETFD:
		fd_set_cloexec(fd, arg & FD_CLOEXEC);
		return 0;
	case F_GETFL:
		return f->flags;
	case F_SETFL:
		f->flags = (f->flags & ~SETTABLE) | (arg & SETTABLE);
		return 0;
	default:
		return -EINVAL;
	}
}

long uk_sys_fcntl(long fd, long cmd, long arg)
{
	struct uk_file *f = uk_fd_get(fd);
	long ret;

	if (!f)
		return -EBADF;
	ret = control(f, fd, cmd, arg);
	uk_file_put(f);
	return ret;
}

long uk_sys_ioctl(long fd, long request, long arg)
{
	struct uk_file *f = uk_fd_get(fd);
	long ret = 0;

	if (!f)
		return -EBADF;
	if (request == FIONBIO)
		f->flags = *(int *)arg ? f->flags | O_NONBLOCK : f->flags & ~O_NONBLOCK;
	else
		ret = f->ops->ioctl ? f->ops->ioctl(f, request, (void *)arg) : -ENOTTY;
	uk_file_put(f);
	return ret;
}

long uk_sys_fstat(long fd, long st)
{
	struct uk_file *f = uk_fd_get(fd);
	int err = -EBADF;

	if (!f)
		return -EBADF;
	*(struct stat *)st = (struct stat){ .st_blksize = 4096, .st_nlink = 1 };
	if (f->ops->stat)
		err = f->ops->stat(f, (struct stat *)st);
	uk_file_put(f);
	return err;
}

long uk_sys_ftruncate(long fd, long len)
{
	struct uk_file *f = uk_fd_get(fd);
	int err = -EINVAL;

	if (!f)
		return -EBADF;
	if (f->ops->truncate && (f->flags & O_ACCMODE) != O_RDONLY && len >= 0)
		err = f->ops->truncate(f, len);
	uk_file_put(f);
	return err;
}

long uk_sys_fchmod(long fd, long mode)
{
	struct uk_file *f = uk_fd_get(fd);
	int err;

	if (!f)
		return -EBADF;
	err = f->ops->chmod ? f->ops->chmod(f, mode & 07777) : -EINVAL;
	uk_file_put(f);
	return err;
}

/* What is written is where it can be: in memory */
static long check_open(int fd)
{
	struct uk_file *f = uk_fd_get(fd);

	if (!f)
		return -EBADF;
	uk_file_put(f);
	return 0;
}

long uk_sys_fsync(long fd)
{
	return check_open(fd);
}

long uk_sys_fdatasync(long fd)
{
	return check_open(fd);
}

long uk_sys_getdents64(long fd, long buf, long len)
{
	struct uk_file *f = uk_fd_get(fd);
	long n;

	if (!f)
		return -EBADF;
	n = f->ops->list ? f->ops->list(f, (void *)buf, len) : -ENOTDIR;
	uk_file_put(f);
	return n;
}
