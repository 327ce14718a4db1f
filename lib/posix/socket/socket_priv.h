/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SOCKET_PRIV_H
#define SOCKET_PRIV_H

#include <uk/socket.h>

/** The socket of a descriptor, with a reference for the caller; NULL with *@err
 *  set: -EBADF, -ENOTSOCK. */
struct uk_socket *socket_get(int fd, int *err);

static inline void socket_put(struct uk_socket *s)
{
	uk_file_put(&s->file);
}

static inline struct uk_socket *socket_of(struct uk_file *f)
{
	return UK_CONTAINER_OF(f, struct uk_socket, file);
}

/** @flags: of sendmsg(). On a stream, all of @m unless the socket does not block.
 *  @return bytes. */
ssize_t socket_send(struct uk_socket *s, struct msghdr *m, int flags);
/** @flags: of recvmsg(). @return bytes, 0 at the end. */
ssize_t socket_recv(struct uk_socket *s, struct msghdr *m, int flags);

#endif /* SOCKET_PRIV_H */
