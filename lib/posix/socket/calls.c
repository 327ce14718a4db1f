/* SPDX-License-Identifier: BSD-3-Clause */
/* System calls about addresses, connections and options. */
#include "socket_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <uk/syscall.h>

static bool is_length(long len)
{
	return len >= 0 && (unsigned long)len <= sizeof(struct sockaddr_storage);
}

long uk_sys_bind(long fd, long addr, long len)
{
	int err;
	struct uk_socket *s = socket_get(fd, &err);

	if (!s)
		return err;
	if (!s->ops->bind)
		err = -EOPNOTSUPP;
	else
		err = is_length(len) ? s->ops->bind(s, (const void *)addr, len) : -EINVAL;
	socket_put(s);
	return err;
}

long uk_sys_listen(long fd, long backlog)
{
	int err;
	struct uk_socket *s = socket_get(fd, &err);

	if (!s)
		return err;
	err = s->ops->listen ? s->ops->listen(s, backlog) : -EOPNOTSUPP;
	socket_put(s);
	return err;
}

static int connect_wait(struct uk_socket *s, const struct sockaddr *addr, socklen_t len)
{
	int err = s->ops->connect(s, addr, len);

	while (!(s->file.flags & O_NONBLOCK) && (err == -EINPROGRESS || err == -EALREADY)) {
		uk_file_wait(&s->file);
		err = s->ops->connect(s, addr, len);
	}
	return err;
}

long uk_sys_connect(long fd, long addr, long len)
{
	int err;
	struct uk_socket *s = socket_get(fd, &err);

	if (!s)
		return err;
	if (!s->ops->connect)
		err = -EOPNOTSUPP;
	else
		err = is_length(len) ? connect_wait(s, (const void *)addr, len) : -EINVAL;
	socket_put(s);
	return err;
}

long uk_sys_shutdown(long fd, long how)
{
	int err;
	struct uk_socket *s = socket_get(fd, &err);

	if (!s)
		return err;
	if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
		err = -EINVAL;
	else
		err = s->ops->shutdown ? s->ops->shutdown(s, how) : -EOPNOTSUPP;
	socket_put(s);
	return err;
}

static int get_name(int fd, bool is_peer, struct sockaddr *addr, socklen_t *len)
{
	int err;
	struct uk_socket *s = socket_get(fd, &err);

	if (!s)
		return err;
	err = s->ops->name ? s->ops->name(s, is_peer, addr, len) : -EOPNOTSUPP;
	socket_put(s);
	return err;
}

long uk_sys_getsockname(long fd, long addr, long len)
{
	return get_name(fd, false, (void *)addr, (void *)len);
}

long uk_sys_getpeername(long fd, long addr, long len)
{
	return get_name(fd, true, (void *)addr, (void *)len);
}

static int get_int(int from, void *value, socklen_t *len)
{
	*len = UK_MIN(*len, (socklen_t)sizeof(from));
	memcpy(value, &from, *len);
	return 0;
}

static int get_option(struct uk_socket *s, int level, int name, void *value, socklen_t *len)
{
	if (level == SOL_SOCKET && name == SO_TYPE)
		return get_int(s->type, value, len);
	if (level == SOL_SOCKET && name == SO_DOMAIN)
		return get_int(s->family, value, len);
	return s->ops->get_option ? s->ops->get_option(s, level, name, value, len) : -ENOPROTOOPT;
}

long uk_sys_getsockopt(long fd, long level, long name, long value, long len)
{
	int err;
	struct uk_socket *s = socket_get(fd, &err);

	if (!s)
		return err;
	err = get_option(s, level, name, (void *)value, (void *)len);
	socket_put(s);
	return err;
}

long uk_sys_setsockopt(long fd, long level, long name, long value, long len)
{
	int err;
	struct uk_socket *s = socket_get(fd, &err);

	if (!s)
		return err;
	err = s->ops->set_option ? s->ops->set_option(s, level, name, (const void *)value, len)
				 : -ENOPROTOOPT;
	socket_put(s);
	return err;
}
