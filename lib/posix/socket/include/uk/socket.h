/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sockets, and what a family of addresses provides.
 *
 * Rules
 * - A socket is a struct of its family's with a struct uk_socket in it, which is
 *   a file (<uk/fd.h>): references, flags and uk_file_wake() are the file's.
 * - A family is in the image's table: a constant named by UK_SOCKET_FAMILY().
 *   A family nobody provides is -EAFNOSUPPORT.
 * - Operations never block and do not look at O_NONBLOCK: they return -EAGAIN,
 *   see to it that uk_file_wake() is called when it is worth trying again, and
 *   this library waits. One that is NULL gives -EOPNOTSUPP.
 * - Addresses come from the program with their length, which is at most that of
 *   a struct sockaddr_storage; nothing else about them has been checked.
 * - Flags of a message: sending has none; receiving may have MSG_PEEK. A message
 *   has no ancillary data.
 */
#ifndef UK_SOCKET_H
#define UK_SOCKET_H

#include <sys/socket.h>

#include <uk/fd.h>
#include <uk/util.h>

struct uk_socket;

struct uk_socket_ops {
	int (*bind)(struct uk_socket *s, const struct sockaddr *addr, socklen_t len);
	int (*listen)(struct uk_socket *s, int backlog);
	/** @out: a new socket, with one reference, the caller's. */
	int (*accept)(struct uk_socket *s, struct uk_socket **out);
	/** -EINPROGRESS: begun. It is then called again, after each
	 *  uk_file_wake(), until it says something else; -EALREADY counts as
	 *  the same. -EAGAIN is the caller's: it cannot be begun now. */
	int (*connect)(struct uk_socket *s, const struct sockaddr *addr, socklen_t len);
	/** @how: SHUT_RD, SHUT_WR or SHUT_RDWR. */
	int (*shutdown)(struct uk_socket *s, int how);
	/** The socket's own address, or its peer's. *@len: room at @addr, then
	 *  the whole length, even if less was stored. */
	int (*name)(struct uk_socket *s, bool is_peer, struct sockaddr *addr, socklen_t *len);
	/** @return bytes, which may be less than there are in @m. */
	ssize_t (*send)(struct uk_socket *s, const struct msghdr *m, int flags);
	/** Also sets m->msg_namelen and m->msg_flags. @return bytes, 0 at the end. */
	ssize_t (*recv)(struct uk_socket *s, struct msghdr *m, int flags);
	/** All but SO_TYPE and SO_DOMAIN. *@len: room, then length. */
	int (*get_option)(struct uk_socket *s, int level, int name, void *value, socklen_t *len);
	int (*set_option)(struct uk_socket *s, int level, int name, const void *value,
			  socklen_t len);
	/** As fchmod(). */
	int (*chmod)(struct uk_socket *s, mode_t mode);
	/** As that of struct uk_file_ops. Never NULL. */
	short (*poll)(struct uk_socket *s);
	/** The last reference is gone. Never NULL. */
	void (*release)(struct uk_socket *s);
};

struct uk_socket {
	struct uk_file file;
	const struct uk_socket_ops *ops;
	int family, type;		/* AF_*; SOCK_* without flags */
};

struct uk_socket_family {
	int family;
	/** @type: without flags. @out: with one reference, the caller's.
	 *  @return 0; -ESOCKTNOSUPPORT, -EPROTONOSUPPORT; -ENOMEM, -ENFILE. */
	int (*create)(int type, int protocol, struct uk_socket **out);
	/** Two that are connected. NULL: -EOPNOTSUPP. */
	int (*pair)(int type, int protocol, struct uk_socket *out[2]);
};

/** UK_SOCKET_FAMILY(unix) = { .family = AF_UNIX, … }; */
#define UK_SOCKET_FAMILY(name)						\
	static const struct uk_socket_family uk_socket_family_##name	\
	uk_table_entry(sockettab, #name)

/** One reference, the caller's. */
void uk_socket_init(struct uk_socket *s, const struct uk_socket_ops *ops, int family, int type);

#endif /* UK_SOCKET_H */
