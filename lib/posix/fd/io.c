/* SPDX-License-Identifier: BSD-3-Clause */
/* System calls that move data through a descriptor. */
#include <uk/fd.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/uio.h>
#include <unistd.h>

#include <uk/syscall.h>

enum dir { DIR_READ, DIR_WRITE };

static bool is_open_for(const struct uk_file *f, enum dir dir)
{
	return (f->flags & O_ACCMODE) != (dir == DIR_READ ? O_WRONLY : O_RDONLY);
}

static off_t size_of(struct uk_file *f)
{
	struct stat st = { 0 };

	return f->ops->stat && f->ops->stat(f, &st) == 0 ? st.st_size : 0;
}

static ssize_t move_at(struct uk_file *f, enum dir dir, void *buf, size_t len, off_t pos)
{
	if (!f->ops->read_at && !f->ops->write_at)
		return -ESPIPE;
	if (pos < 0)
		return -EINVAL;
	if (dir == DIR_READ)
		return f->ops->read_at ? f->ops->read_at(f, buf, len, pos) : -EINVAL;
	return f->ops->write_at ? f->ops->write_at(f, buf, len, pos) : -EINVAL;
}

/* At the file's own position, which moves along */
static ssize_t move(struct uk_file *f, enum dir dir, void *buf, size_t len)
{
	ssize_t n;

	if (dir == DIR_READ && f->ops->read)
		return f->ops->read(f, buf, len);
	if (dir == DIR_WRITE && f->ops->write)
		return f->ops->write(f, buf, len);
	if (!f->ops->read_at && !f->ops->write_at)
		return -EINVAL;
	if (dir == DIR_WRITE && f->flags & O_APPEND)
		f->pos = size_of(f);
	n = move_at(f, dir, buf, len, f->pos);
	if (n > 0)
		f->pos += n;
	return n;
}

/* @pos: NULL for the file's own */
static ssize_t transfer(int fd, enum dir dir, void *buf, size_t len, const off_t *pos)
{
	struct uk_file *f = uk_fd_get(fd);
	ssize_t n = -EBADF;

	if (!f)
		return -EBADF;
	len = UK_MIN(len, (size_t)INT_MAX);
	if (is_open_for(f, dir))
		n = pos ? move_at(f, dir, buf, len, *pos) : move(f, dir, buf, len);
	uk_file_put(f);
	return n;
}

static bool is_countable(const struct iovec *iov, long n_iov)
{
	ssize_t total = 0;

	for (long i = 0; i < n_iov; i++)
		if (iov[i].iov_len > SSIZE_MAX ||
		    __builtin_add_overflow(total, (ssize_t)iov[i].iov_len, &total))
			return false;
	return true;
}

static ssize_t transfer_vec(int fd, enum dir dir, const struct iovec *iov, long n_iov, off_t *pos)
{
	ssize_t total = 0, n;

	if (n_iov < 0 || n_iov > IOV_MAX || !is_countable(iov, n_iov))
		return -EINVAL;
	if (n_iov == 0)
		return transfer(fd, dir, NULL, 0, pos);
	for (long i = 0; i < n_iov; i++) {
		/* A part of no length is not asked for: a stream would block */
		if (!iov[i].iov_len && i + 1 < n_iov)
			continue;
		if (!iov[i].iov_len && total)
			break;
		n = transfer(fd, dir, iov[i].iov_base, iov[i].iov_len, pos);
		if (n < 0)
			return total ? total : n;
		total += n;
		if (pos)
			*pos += n;
		if ((size_t)n < iov[i].iov_len)
			break;
	}
	return total;
}

long uk_sys_read(long fd, long buf, long len)
{
	return transfer(fd, DIR_READ, (void *)buf, len, NULL);
}

long uk_sys_write(long fd, long buf, long len)
{
	return transfer(fd, DIR_WRITE, (void *)buf, len, NULL);
}

long uk_sys_pread64(long fd, long buf, long len, long pos)
{
	off_t at = pos;

	return transfer(fd, DIR_READ, (void *)buf, len, &at);
}

long uk_sys_pwrite64(long fd, long buf, long len, long pos)
{
	off_t at = pos;

	return transfer(fd, DIR_WRITE, (void *)buf, len, &at);
}

long uk_sys_readv(long fd, long iov, long n)
{
	return transfer_vec(fd, DIR_READ, (struct iovec *)iov, n, NULL);
}

long uk_sys_writev(long fd, long iov, long n)
{
	return transfer_vec(fd, DIR_WRITE, (struct iovec *)iov, n, NULL);
}

/* A 64-bit position needs no second register: the last argument is 0 */
long uk_sys_preadv(long fd, long iov, long n, long pos, long high)
{
	off_t at = pos;

	(void)high;
	return transfer_vec(fd, DIR_READ, (struct iovec *)iov, n, &at);
}

long uk_sys_pwritev(long fd, long iov, long n, long pos, long high)
{
	off_t at = pos;

	(void)high;
	return transfer_vec(fd, DIR_WRITE, (struct iovec *)iov, n, &at);
}

static off_t seek(struct uk_file *f, off_t off, int whence)
{
	off_t base = 0, pos;

	if (!f->ops->read_at && !f->ops->write_at && !f->ops->list)
		return -ESPIPE;
	if (whence == SEEK_CUR)
		base = f->pos;
	else if (whence == SEEK_END)
		base = size_of(f);
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (__builtin_add_overflow(base, off, &pos) || pos < 0)
		return -EINVAL;
	f->pos = pos;
	return pos;
}

long uk_sys_lseek(long fd, long off, long whence)
{
	struct uk_file *f = uk_fd_get(fd);
	long pos;

	if (!f)
		return -EBADF;
	pos = seek(f, off, whence);
	uk_file_put(f);
	return pos;
}
