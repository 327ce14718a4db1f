/* SPDX-License-Identifier: BSD-3-Clause */
/* Sockets of Linux, by system calls. */
#include <uk/host/socket.h>

#include <errno.h>

#include <uk/linuxu/fd.h>
#include <uk/linuxu/sys.h>

/* All of them may be watched at a time; the rest is for others */
#define MAX_SOCKETS (UK_LINUXU_MAX_FDS - 64)

/* socket(2), send(2) */
#define AF_UNIX 1
#define SOCK_STREAM 1
#define TYPE (SOCK_STREAM | UK_LINUXU_O_NONBLOCK | UK_LINUXU_O_CLOEXEC)
#define MSG_PEEK 0x02
#define MSG_DONTWAIT 0x40
#define MSG_NOSIGNAL 0x4000

/* statx(2), inode(7), openat(2) */
#define AT_FDCWD (-100)
#define AT_SYMLINK_NOFOLLOW 0x100
#define STATX_TYPE 0x001
#define STATX_INO 0x100
#define S_IFMT 0170000
#define S_IFSOCK 0140000

struct statx {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad;
	uint64_t ino;
	uint8_t sizes_and_times[88];
	uint32_t rdev[2];
	uint32_t dev[2];
	uint8_t rest[112];
};
_Static_assert(sizeof(struct statx) == 256 && offsetof(struct statx, dev) == 136, "statx(2)");

static unsigned int n_sockets;

/* A socket or a pair has been made, or not (@ret) */
static int made(long ret, unsigned int n)
{
	if (ret < 0)
		return ret == -EMFILE ? -ENFILE : (int)ret;
	n_sockets += n;
	return (int)ret;
}

int uk_host_socket(void)
{
	if (n_sockets >= MAX_SOCKETS)
		return -ENFILE;
	return made(uk_linuxu_call3(UK_LINUXU_NR_SOCKET, AF_UNIX, TYPE, 0), 1);
}

int uk_host_socket_pair(int s[2])
{
	if (n_sockets + 1 >= MAX_SOCKETS)
		return -ENFILE;
	return made(uk_linuxu_call4(UK_LINUXU_NR_SOCKETPAIR, AF_UNIX, TYPE, 0, s), 2);
}

int uk_host_socket_accept(int s)
{
	const int flags = UK_LINUXU_O_NONBLOCK | UK_LINUXU_O_CLOEXEC;

	if (n_sockets >= MAX_SOCKETS)
		return -ENFILE;
	return made(uk_linuxu_call4(UK_LINUXU_NR_ACCEPT4, s, 0, 0, flags), 1);
}

void uk_host_socket_close(int s)
{
	uk_linuxu_fd_del(s);
	(void)uk_linuxu_close(s);
	n_sockets--;
}

int uk_host_socket_bind(int s, const void *addr, size_t len)
{
	return (int)uk_linuxu_call3(UK_LINUXU_NR_BIND, s, addr, len);
}

int uk_host_socket_listen(int s, int backlog)
{
	return (int)uk_linuxu_call3(UK_LINUXU_NR_LISTEN, s, backlog, 0);
}

int uk_host_socket_connect(int s, const void *addr, size_t len)
{
	return (int)uk_linuxu_call3(UK_LINUXU_NR_CONNECT, s, addr, len);
}

int uk_host_socket_shutdown(int s, int how)
{
	return (int)uk_linuxu_call3(UK_LINUXU_NR_SHUTDOWN, s, how, 0);
}

int uk_host_socket_name(int s, bool is_peer, void *addr, uint32_t *len)
{
	return (int)uk_linuxu_call3(is_peer ? UK_LINUXU_NR_GETPEERNAME : UK_LINUXU_NR_GETSOCKNAME,
				    s, addr, len);
}

int uk_host_socket_get_option(int s, int level, int name, void *value, uint32_t *len)
{
	return (int)uk_linuxu_call6(UK_LINUXU_NR_GETSOCKOPT, s, level, name, value, len, 0);
}

int uk_host_socket_set_option(int s, int level, int name, const void *value, size_t len)
{
	return (int)uk_linuxu_call6(UK_LINUXU_NR_SETSOCKOPT, s, level, name, value, len, 0);
}

int uk_host_socket_chmod(int s, mode_t mode)
{
	return (int)uk_linuxu_call3(UK_LINUXU_NR_FCHMOD, s, mode, 0);
}

ssize_t uk_host_socket_send(int s, const void *buf, size_t len)
{
	return uk_linuxu_call6(UK_LINUXU_NR_SENDTO, s, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0);
}

ssize_t uk_host_socket_recv(int s, void *buf, size_t len, bool is_peek)
{
	return uk_linuxu_call6(UK_LINUXU_NR_RECVFROM, s, buf, len,
			       MSG_DONTWAIT | (is_peek ? MSG_PEEK : 0), 0, 0);
}

short uk_host_socket_poll(int s)
{
	return (short)uk_linuxu_fd_ready(s, UK_LINUXU_IN | UK_LINUXU_OUT, 0);
}

void uk_host_socket_watch(int s, short events, uk_host_socket_fn_t fn, void *arg)
{
	if (!events)
		uk_linuxu_fd_del(s);
	else if (uk_linuxu_fd_add(s, (unsigned int)events, fn, arg) == -EEXIST)
		uk_linuxu_fd_mod(s, (unsigned int)events);
}

/* ---- Names --------------------------------------------------------------- */

int uk_host_socket_file(const char *path, struct uk_host_file *file)
{
	struct statx st;
	long err = uk_linuxu_call6(UK_LINUXU_NR_STATX, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW,
				   STATX_TYPE | STATX_INO, &st, 0);

	if (err < 0)
		return (int)err;
	*file = (struct uk_host_file) { .ino = st.ino, .dev = { st.dev[0], st.dev[1] } };
	return (st.mode & S_IFMT) == S_IFSOCK ? 0 : -ENOTSOCK;
}

int uk_host_unlink(const char *path)
{
	return (int)uk_linuxu_call3(UK_LINUXU_NR_UNLINKAT, AT_FDCWD, path, 0);
}
