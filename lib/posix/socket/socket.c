/* SPDX-License-Identifier: BSD-3-Clause */
/* Sockets as files, and how they are made. */
#include "socket_priv.h"

#include <errno.h>
#include <fcntl.h>

#include <uk/syscall.h>

#define TYPE_FLAGS (SOCK_NONBLOCK | SOCK_CLOEXEC)

_Static_assert(SOCK_NONBLOCK == O_NONBLOCK, "flags of a type become flags of a file");

extern const struct uk_socket_family uk_sockettab_start[], uk_sockettab_end[];

static ssize_t file_read(struct uk_file *f, void *buf, size_t len)
{
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	return socket_recv(socket_of(f), &m, 0);
}

static ssize_t file_write(struct uk_file *f, const void *buf, size_t len)
{
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	return socket_send(socket_of(f), &m, 0);
}

static short file_poll(struct uk_file *f)
{
	return socket_of(f)->ops->poll(socket_of(f));
}

static int file_stat(struct uk_file *f, struct stat *st)
{
	(void)f;
	st->st_mode = S_IFSOCK | 0777;
	return 0;
}

static int file_chmod(struct uk_file *f, mode_t mode)
{
	struct uk_socket *s = socket_of(f);

	return s->ops->chmod ? s->ops->chmod(s, mode) : -EOPNOTSUPP;
}

static void file_release(struct uk_file *f)
{
	socket_of(f)->ops->release(socket_of(f));
}

static const struct uk_file_ops socket_file_ops = {
	.read = file_read,
	.write = file_write,
	.poll = file_poll,
	.stat = file_stat,
	.chmod = file_chmod,
	.release = file_release,
};

void uk_socket_init(struct uk_socket *s, const struct uk_socket_ops *ops, int family, int type)
{
	uk_file_init(&s->file, &socket_file_ops, O_RDWR);
	s->ops = ops;
	s->family = family;
	s->type = type;
}

struct uk_socket *socket_get(int fd, int *err)
{
	struct uk_file *f = uk_fd_get(fd);

	*err = f ? -ENOTSOCK : -EBADF;
	if (f && f->ops == &socket_file_ops)
		return socket_of(f);
	if (f)
		uk_file_put(f);
	return NULL;
}

static const struct uk_socket_family *find_family(int family)
{
	for (const struct uk_socket_family *f = uk_sockettab_start; f < uk_sockettab_end; f++)
		if (f->family == family)
			return f;
	return NULL;
}

/* Takes over the caller's reference */
static int give(struct uk_socket *s, int type_flags)
{
	s->file.flags |= type_flags & SOCK_NONBLOCK;
	return uk_fd_give(&s->file, type_flags & SOCK_CLOEXEC);
}

long uk_sys_socket(long family, long type, long protocol)
{
	const struct uk_socket_family *f = find_family(family);
	struct uk_socket *s;
	int err;

	if (!f)
		return -EAFNOSUPPORT;
	err = f->create(type & ~TYPE_FLAGS, protocol, &s);
	return err < 0 ? err : give(s, type);
}

long uk_sys_socketpair(long family, long type, long protocol, long fds)
{
	const struct uk_socket_family *f = find_family(family);
	struct uk_socket *s[2];
	int *fd = (int *)fds, err;

	if (!f)
		return -EAFNOSUPPORT;
	if (!f->pair)
		return -EOPNOTSUPP;
	err = f->pair(type & ~TYPE_FLAGS, protocol, s);
	if (err < 0)
		return err;
	fd[0] = give(s[0], type);
	fd[1] = give(s[1], type);
	if (fd[0] >= 0 && fd[1] >= 0)
		return 0;
	uk_fd_close(fd[0]);
	return -EMFILE;
}

static int accept_wait(struct uk_socket *s, struct uk_socket **out)
{
	int err;

	if (!s->ops->accept)
		return -EOPNOTSUPP;
	while ((err = s->ops->accept(s, out)) == -EAGAIN) {
		err = uk_file_wait(&s->file);
		if (err < 0)
			break;
	}
	return err;
}

/* A connection that gets no descriptor is closed */
long uk_sys_accept4(long fd, long addr, long len, long flags)
{
	struct uk_socket *s, *new;
	int err;

	if (flags & ~(long)TYPE_FLAGS)
		return -EINVAL;
	s = socket_get(fd, &err);
	if (!s)
		return err;
	err = accept_wait(s, &new);
	socket_put(s);
	if (err < 0)
		return err;
	if (addr)
		err = new->ops->name ? new->ops->name(new, true, (void *)addr, (void *)len)
				     : -EOPNOTSUPP;
	if (err < 0) {
		socket_put(new);
		return err;
	}
	return give(new, flags);
}

long uk_sys_accept(long fd, long addr, long len)
{
	return uk_sys_accept4(fd, addr, len, 0);
}
