/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stream sockets of the host as sockets of the image.
 *
 * What was not ready when it was last looked at is watched, and as long as it is
 * watched it is not ready: poll() then asks the host nothing. An event ends the
 * watch, and the next poll() asks. That there is room stays true until something is
 * sent: who was told so of a socket that blocks must not block.
 *
 * Bytes and addresses of a peer are passed on and mean nothing here.
 */
#include "unix_priv.h"

#include <errno.h>
#include <poll.h>

#include <uk/alloc.h>
#include <uk/host/socket.h>
#include <uk/socket.h>

_Static_assert(POLLIN == UK_HOST_IN && POLLOUT == UK_HOST_OUT && POLLERR == UK_HOST_ERR &&
	       POLLHUP == UK_HOST_HUP, "events are handed through");

struct unix_socket {
	struct uk_socket socket;
	int host;
	short watched;		/* of POLLIN, POLLOUT */
	short out;		/* POLLOUT, or 0, when the host was last asked */
	bool has_sent;		/* since then */
	struct unix_name *name;
};

static const struct uk_socket_ops unix_ops;

static struct unix_socket *of(struct uk_socket *s)
{
	return UK_CONTAINER_OF(s, struct unix_socket, socket);
}

/* Takes over the host's socket, in failure too. @host: may be an error. */
static int new_socket(int host, struct uk_socket **out)
{
	struct unix_socket *u;

	if (host < 0)
		return host;
	u = uk_calloc(1, sizeof(*u));
	if (!u) {
		uk_host_socket_close(host);
		return -ENOMEM;
	}
	uk_socket_init(&u->socket, &unix_ops, AF_UNIX, SOCK_STREAM);
	u->host = host;
	*out = &u->socket;
	return 0;
}

/* ---- What is ready ------------------------------------------------------- */

static void on_event(int host, unsigned int events, void *arg)
{
	struct unix_socket *u = arg;

	uk_host_socket_watch(host, 0, NULL, NULL);
	u->watched = 0;
	u->out |= events & POLLOUT;
	uk_file_wake(&u->socket.file);
}

static void watch(struct unix_socket *u, short events)
{
	if (events == u->watched)
		return;
	u->watched = events;
	uk_host_socket_watch(u->host, events, on_event, u);
}

/* The host has said so of @event; what was not ready before may not be forgotten */
static void not_ready(struct unix_socket *u, short event)
{
	u->out &= ~event;
	watch(u, u->watched | event | (POLLOUT & ~u->out));
}

static short unix_poll(struct uk_socket *s)
{
	struct unix_socket *u = of(s);
	short ready;

	if (u->watched & POLLIN && !u->has_sent)
		return u->out;
	ready = uk_host_socket_poll(u->host);
	u->out = ready & POLLOUT;
	u->has_sent = false;
	/* What is over will not become ready */
	watch(u, ready & (POLLHUP | POLLERR) ? 0 : (POLLIN | POLLOUT) & ~ready);
	return ready;
}

/* ---- Connections --------------------------------------------------------- */

static int unix_bind_to(struct uk_socket *s, const struct sockaddr *addr, socklen_t len)
{
	struct unix_socket *u = of(s);

	return u->name ? -EINVAL : unix_bind(u->host, addr, len, &u->name);
}

static int unix_listen(struct uk_socket *s, int backlog)
{
	return uk_host_socket_listen(of(s)->host, backlog);
}

static int unix_accept(struct uk_socket *s, struct uk_socket **out)
{
	struct unix_socket *u = of(s);
	int host = uk_host_socket_accept(u->host);

	if (host == -EAGAIN)
		not_ready(u, POLLIN);
	return new_socket(host, out);
}

/* Here and now or not at all: the host says -EAGAIN when too many wait there */
static int unix_connect(struct uk_socket *s, const struct sockaddr *addr, socklen_t len)
{
	return uk_host_socket_connect(of(s)->host, addr, len);
}

static int unix_shutdown(struct uk_socket *s, int how)
{
	return uk_host_socket_shutdown(of(s)->host, how);
}

static int unix_get_name(struct uk_socket *s, bool is_peer, struct sockaddr *addr, socklen_t *len)
{
	return uk_host_socket_name(of(s)->host, is_peer, addr, len);
}

static int unix_chmod(struct uk_socket *s, mode_t mode)
{
	return uk_host_socket_chmod(of(s)->host, mode);
}

static void unix_release(struct uk_socket *s)
{
	struct unix_socket *u = of(s);

	unix_unbind(u->name);
	uk_host_socket_close(u->host);
	uk_free(u);
}

/* ---- Data ---------------------------------------------------------------- */

static ssize_t unix_send(struct uk_socket *s, const struct msghdr *m, int flags)
{
	struct unix_socket *u = of(s);
	ssize_t n;

	(void)flags;
	if (m->msg_namelen)
		return -EISCONN;
	if (!m->msg_iovlen || !m->msg_iov->iov_len)
		return 0;
	n = uk_host_socket_send(u->host, m->msg_iov->iov_base, m->msg_iov->iov_len);
	if (n == -EAGAIN)
		not_ready(u, POLLOUT);
	u->has_sent = true;
	return n;
}

/* Of several parts of a peek only the first is filled: the next would be filled
 * with the same */
static ssize_t unix_recv(struct uk_socket *s, struct msghdr *m, int flags)
{
	struct unix_socket *u = of(s);
	int n_iov = flags & MSG_PEEK ? UK_MIN(m->msg_iovlen, 1) : m->msg_iovlen;
	ssize_t total = 0, n;

	m->msg_namelen = 0;
	m->msg_flags = 0;
	for (int i = 0; i < n_iov; i++) {
		const struct iovec *iov = &m->msg_iov[i];

		if (!iov->iov_len)
			continue;
		n = uk_host_socket_recv(u->host, iov->iov_base, iov->iov_len, flags & MSG_PEEK);
		if (n == -EAGAIN)
			not_ready(u, POLLIN);
		if (n < 0)
			return total ? total : n;
		total += n;
		if ((size_t)n < iov->iov_len)
			break;
	}
	return total;
}

/* ---- Options ------------------------------------------------------------- */

/* Those that say or do for us what they do for the host. Timeouts, for one, would
 * not: it never waits for us. */
static bool is_handed_through(int level, int name)
{
	static const unsigned char names[] = {
		SO_ERROR, SO_SNDBUF, SO_RCVBUF, SO_PEERCRED, SO_ACCEPTCONN, SO_PROTOCOL,
	};

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(names); i++)
		if (level == SOL_SOCKET && name == names[i])
			return true;
	return false;
}

static int unix_get_option(struct uk_socket *s, int level, int name, void *value, socklen_t *len)
{
	if (!is_handed_through(level, name))
		return -ENOPROTOOPT;
	return uk_host_socket_get_option(of(s)->host, level, name, value, len);
}

static int unix_set_option(struct uk_socket *s, int level, int name, const void *value,
			   socklen_t len)
{
	if (!is_handed_through(level, name))
		return -ENOPROTOOPT;
	return uk_host_socket_set_option(of(s)->host, level, name, value, len);
}

static const struct uk_socket_ops unix_ops = {
	.bind = unix_bind_to,
	.listen = unix_listen,
	.accept = unix_accept,
	.connect = unix_connect,
	.shutdown = unix_shutdown,
	.name = unix_get_name,
	.send = unix_send,
	.recv = unix_recv,
	.get_option = unix_get_option,
	.set_option = unix_set_option,
	.chmod = unix_chmod,
	.poll = unix_poll,
	.release = unix_release,
};

/* ---- The family ---------------------------------------------------------- */

static int check(int type, int protocol)
{
	if (type != SOCK_STREAM)
		return -ESOCKTNOSUPPORT;
	return protocol && protocol != PF_UNIX ? -EPROTONOSUPPORT : 0;
}

static int unix_create(int type, int protocol, struct uk_socket **out)
{
	int err = check(type, protocol);

	return err ? err : new_socket(uk_host_socket(), out);
}

static int unix_pair(int type, int protocol, struct uk_socket *out[2])
{
	int host[2], err = check(type, protocol);

	if (!err)
		err = uk_host_socket_pair(host);
	if (err)
		return err;
	err = new_socket(host[0], &out[0]);
	if (err) {
		uk_host_socket_close(host[1]);
		return err;
	}
	err = new_socket(host[1], &out[1]);
	if (err)
		uk_file_put(&out[0]->file);
	return err;
}

UK_SOCKET_FAMILY(unix) = {
	.family = AF_UNIX,
	.create = unix_create,
	.pair = unix_pair,
};
