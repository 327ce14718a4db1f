/* SPDX-License-Identifier: BSD-3-Clause */
/* System calls that move data through a socket. */
#include "socket_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include <uk/syscall.h>

/* Nothing raises a signal here, so that MSG_NOSIGNAL says what is true anyway */
#define SEND_FLAGS (MSG_DONTWAIT | MSG_NOSIGNAL)
#define RECV_FLAGS (MSG_DONTWAIT | MSG_NOSIGNAL | MSG_PEEK)

/* @return 0: try again */
static int wait(struct uk_socket *s, int flags)
{
	return flags & MSG_DONTWAIT ? -EAGAIN : uk_file_wait(&s->file);
}

static ssize_t send_once(struct uk_socket *s, const struct msghdr *m, int flags)
{
	ssize_t n;
	int err;

	while ((n = s->ops->send(s, m, 0)) == -EAGAIN) {
		err = wait(s, flags);
		if (err < 0)
			return err;
	}
	return n;
}

/* What is taken in part goes on: who blocks expects all to be sent */
static ssize_t send_stream(struct uk_socket *s, const struct msghdr *m, int flags)
{
	struct iovec rest;
	struct msghdr part = *m;
	size_t done = 0;
	ssize_t n;

	part.msg_iov = &rest;
	part.msg_iovlen = 1;
	for (int i = 0; i < (int)m->msg_iovlen; i++) {
		rest = m->msg_iov[i];
		while (rest.iov_len) {
			n = send_once(s, &part, flags);
			if (n < 0)
				return done ? (ssize_t)done : n;
			done += n;
			rest.iov_base = (char *)rest.iov_base + n;
			rest.iov_len -= n;
		}
	}
	return done;
}

ssize_t socket_send(struct uk_socket *s, struct msghdr *m, int flags)
{
	if (!s->ops->send || flags & ~SEND_FLAGS || m->msg_controllen)
		return -EOPNOTSUPP;
	return s->type == SOCK_STREAM ? send_stream(s, m, flags) : send_once(s, m, flags);
}

ssize_t socket_recv(struct uk_socket *s, struct msghdr *m, int flags)
{
	ssize_t n;
	int err;

	if (!s->ops->recv || flags & ~RECV_FLAGS)
		return -EOPNOTSUPP;
	m->msg_controllen = 0;
	while ((n = s->ops->recv(s, m, flags & MSG_PEEK)) == -EAGAIN) {
		err = wait(s, flags);
		if (err < 0)
			return err;
	}
	return n;
}

static struct iovec iov_of(long buf, long len)
{
	return (struct iovec) { .iov_base = (void *)buf,
				.iov_len = UK_MIN((size_t)len, (size_t)INT_MAX) };
}

long uk_sys_sendto(long fd, long buf, long len, long flags, long addr, long addr_len)
{
	struct iovec iov = iov_of(buf, len);
	struct msghdr m = { .msg_name = (void *)addr, .msg_namelen = addr ? addr_len : 0,
			    .msg_iov = &iov, .msg_iovlen = 1 };

	return uk_sys_sendmsg(fd, (long)&m, flags);
}

long uk_sys_recvfrom(long fd, long buf, long len, long flags, long addr, long addr_len)
{
	struct iovec iov = iov_of(buf, len);
	struct msghdr m = { .msg_name = (void *)addr,
			    .msg_namelen = addr ? *(socklen_t *)addr_len : 0,
			    .msg_iov = &iov, .msg_iovlen = 1 };
	long n = uk_sys_recvmsg(fd, (long)&m, flags);

	if (n >= 0 && addr)
		*(socklen_t *)addr_len = m.msg_namelen;
	return n;
}

/* Could a number of bytes be returned that is the sum of all lengths? */
static bool is_countable(const struct iovec *iov, int n_iov)
{
	ssize_t total = 0;

	for (int i = 0; i < n_iov; i++)
		if (iov[i].iov_len > SSIZE_MAX ||
		    __builtin_add_overflow(total, (ssize_t)iov[i].iov_len, &total))
			return false;
	return true;
}

static int check(const struct msghdr *m)
{
	if ((unsigned int)m->msg_iovlen > IOV_MAX)
		return -EMSGSIZE;
	return m->msg_namelen <= sizeof(struct sockaddr_storage) &&
		is_countable(m->msg_iov, m->msg_iovlen) ? 0 : -EINVAL;
}

static long transfer(int fd, struct msghdr *m, int flags,
		     ssize_t (*fn)(struct uk_socket *s, struct msghdr *m, int flags))
{
	int err;
	struct uk_socket *s = socket_get(fd, &err);
	ssize_t n;

	if (!s)
		return err;
	n = check(m);
	if (!n)
		n = fn(s, m, flags);
	socket_put(s);
	return n;
}

long uk_sys_sendmsg(long fd, long msg, long flags)
{
	return transfer(fd, (struct msghdr *)msg, flags, socket_send);
}

long uk_sys_recvmsg(long fd, long msg, long flags)
{
	return transfer(fd, (struct msghdr *)msg, flags, socket_recv);
}
