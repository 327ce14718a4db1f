/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stream sockets of the family AF_UNIX of the system that the image is a process
 * of, below lib/posix/unix.
 *
 * Rules
 * - Provider: linuxu. Service word: host-sockets.
 * - A socket is a number, 0 or more. Nothing blocks: -EAGAIN instead. Nothing
 *   raises a signal. Other errors are the host's.
 * - Addresses and options are bytes as the host has them, handed through.
 * - Thread context; the handler runs in event context.
 */
#ifndef UK_HOST_SOCKET_H
#define UK_HOST_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* poll(2)'s values */
#define UK_HOST_IN 0x01
#define UK_HOST_OUT 0x04
#define UK_HOST_ERR 0x08
#define UK_HOST_HUP 0x10

/** @return a socket, or -ENFILE: more than there may be. */
int uk_host_socket(void);
int uk_host_socket_pair(int s[2]);
/** The next connection. @return a socket; -EAGAIN; -ENFILE. */
int uk_host_socket_accept(int s);
void uk_host_socket_close(int s);

int uk_host_socket_bind(int s, const void *addr, size_t len);
int uk_host_socket_listen(int s, int backlog);
int uk_host_socket_connect(int s, const void *addr, size_t len);
int uk_host_socket_shutdown(int s, int how);
/** *@len: room, then the whole length. */
int uk_host_socket_name(int s, bool is_peer, void *addr, uint32_t *len);
int uk_host_socket_get_option(int s, int level, int name, void *value, uint32_t *len);
int uk_host_socket_set_option(int s, int level, int name, const void *value, size_t len);
/** Access to the name that a later bind() makes. */
int uk_host_socket_chmod(int s, mode_t mode);

/** @return bytes taken, at least 1; -EAGAIN, -EPIPE. */
ssize_t uk_host_socket_send(int s, const void *buf, size_t len);
/** @is_peek: what is read stays. @return bytes, 0 at the end, -EAGAIN. */
ssize_t uk_host_socket_recv(int s, void *buf, size_t len, bool is_peek);

/** What is ready now: UK_HOST_*. */
short uk_host_socket_poll(int s);

/** Called again and again until what it was watched for has been dealt with, or it
 *  is watched no more. @events: what is ready. */
typedef void (*uk_host_socket_fn_t)(int s, unsigned int events, void *arg);

/** Call @fn(…, @arg) when @s is ready for one of @events, or has an error or a
 *  hang-up. 0 for @events ends it, and so does closing. */
void uk_host_socket_watch(int s, short events, uk_host_socket_fn_t fn, void *arg);

/* ---- Names in the host's file system ---- */

/** Which file a name is: the same numbers, the same file. */
struct uk_host_file {
	uint64_t ino;
	uint32_t dev[2];
};

/** The socket that has the name @path. @return 0; -ENOTSOCK: another kind of
 *  file; -ENOENT. */
int uk_host_socket_file(const char *path, struct uk_host_file *file);

/** Remove a name. */
int uk_host_unlink(const char *path);

#endif /* UK_HOST_SOCKET_H */
