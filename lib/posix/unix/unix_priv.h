/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef UNIX_PRIV_H
#define UNIX_PRIV_H

#include <sys/socket.h>

struct unix_name;

/**
 * Bind socket @host of the host's. A name that is left of a socket nobody listens
 * at any more is taken over.
 * @out: what unix_unbind() wants; NULL when @addr is no name of a file.
 * @return 0 or -errno, -EADDRINUSE: somebody listens there, or it is a file of
 *	another kind.
 */
int unix_bind(int host, const struct sockaddr *addr, socklen_t len, struct unix_name **out);

/** Remove the name from the host's file system, unless it is another socket's by
 *  now. @name: may be NULL. */
void unix_unbind(struct unix_name *name);

#endif /* UNIX_PRIV_H */
