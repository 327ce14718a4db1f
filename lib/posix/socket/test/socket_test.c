/* SPDX-License-Identifier: BSD-3-Clause */
/* The calls, with a family whose sockets do what a test tells them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <uk/socket.h>
#include <uk/syscall.h>
#include <uk/test.h>
#include <uk/thread.h>

/* A family that no system has used for long */
#define FAMILY AF_ECONET

static struct {
	struct uk_socket *last;		/* made last */
	int n_sockets;
	int answer, name_answer;	/* of calls that only answer */
	int n_busy;			/* so often: -EAGAIN or -EINPROGRESS first */
	int n_wakes;
	size_t room;			/* send() takes as much at a time */
	char data[64];
	size_t n_data;
} play;

static struct uk_socket *make(int type);

static int wait_or(int err)
{
	return play.n_busy-- > 0 ? err : play.answer;
}

static int play_accept(struct uk_socket *s, struct uk_socket **out)
{
	int err = wait_or(-EAGAIN);

	(void)s;
	if (!err)
		*out = make(SOCK_STREAM);
	return err;
}

static int play_connect(struct uk_socket *s, const struct sockaddr *addr, socklen_t len)
{
	(void)s;
	(void)addr;
	(void)len;
	return wait_or(-EINPROGRESS);
}

static int play_name(struct uk_socket *s, bool is_peer, struct sockaddr *addr, socklen_t *len)
{
	(void)s;
	if (*len)
		*(char *)addr = is_peer ? 'p' : 'o';
	*len = 5;
	return play.name_answer;
}

static ssize_t play_send(struct uk_socket *s, const struct msghdr *m, int flags)
{
	ssize_t n = UK_MIN(m->msg_iov->iov_len, play.room);
	int err = wait_or(-EAGAIN);

	(void)s;
	(void)flags;
	if (err)
		return err;
	memcpy(play.data + play.n_data, m->msg_iov->iov_base, n);
	play.n_data += n;
	return n;
}

static ssize_t play_recv(struct uk_socket *s, struct msghdr *m, int flags)
{
	ssize_t n = UK_MIN(m->msg_iov->iov_len, play.n_data);
	int err = wait_or(-EAGAIN);

	(void)s;
	if (err)
		return err;
	memcpy(m->msg_iov->iov_base, play.data, n);
	if (m->msg_name)
		memcpy(m->msg_name, "from", 4);
	m->msg_namelen = 4;
	m->msg_flags = MSG_TRUNC;
	if (!(flags & MSG_PEEK))
		play.n_data = 0;
	return n;
}

static short play_poll(struct uk_socket *s)
{
	(void)s;
	return play.n_data ? POLLIN : 0;
}

static void play_release(struct uk_socket *s)
{
	(void)s;
	play.n_sockets--;
}

static const struct uk_socket_ops play_ops = {
	.accept = play_accept,
	.connect = play_connect,
	.name = play_name,
	.send = play_send,
	.recv = play_recv,
	.poll = play_poll,
	.release = play_release,
};

static struct uk_socket *make(int type)
{
	static struct uk_socket pool[8];
	struct uk_socket *s = &pool[play.n_sockets++];

	uk_socket_init(s, &play_ops, FAMILY, type);
	play.last = s;
	return s;
}

static int play_create(int type, int protocol, struct uk_socket **out)
{
	if (protocol)
		return -EPROTONOSUPPORT;
	*out = make(type);
	return 0;
}

UK_SOCKET_FAMILY(play) = { .family = FAMILY, .create = play_create };

static int open_one(int type)
{
	memset(&play, 0, sizeof(play));
	play.room = sizeof(play.data);
	return socket(FAMILY, type, 0);
}

/* The next calls find nothing @n_busy times, and are woken each time */
static void wake_later(void *arg)
{
	for (; play.n_wakes; play.n_wakes--) {
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
		uk_file_wake(arg);
	}
}

static void be_busy(int n)
{
	play.n_busy = play.n_wakes = n;
	UK_EXPECT(uk_thread_create("waker", wake_later, &play.last->file, 0));
}

UK_TEST(socket, test_unknown_families_and_files_are_refused)
{
	int fd = open_one(SOCK_STREAM), other[2];

	UK_EXPECT(fd > 2);
	UK_EXPECT_EQ(socket(AF_APPLETALK, SOCK_STREAM, 0), -1);
	UK_EXPECT_EQ(errno, EAFNOSUPPORT);
	UK_EXPECT_EQ(socket(FAMILY, SOCK_STREAM, 7), -1);
	UK_EXPECT_EQ(errno, EPROTONOSUPPORT);
	UK_EXPECT_EQ(socketpair(FAMILY, SOCK_STREAM, 0, other), -1);
	UK_EXPECT_EQ(errno, EOPNOTSUPP);
	UK_EXPECT_EQ(listen(fd, 1), -1);
	UK_EXPECT_EQ(errno, EOPNOTSUPP);
	UK_EXPECT_EQ(listen(1, 1), -1);
	UK_EXPECT_EQ(errno, ENOTSOCK);
	UK_EXPECT_EQ(listen(99, 1), -1);
	UK_EXPECT_EQ(errno, EBADF);
	close(fd);
	UK_EXPECT_EQ(play.n_sockets, 0);
}

UK_TEST(socket, test_a_socket_is_a_file)
{
	int fd = open_one(SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC), type;
	socklen_t len = sizeof(type);
	struct stat st;

	UK_EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
	UK_EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	UK_EXPECT_EQ(fstat(fd, &st), 0);
	UK_EXPECT(S_ISSOCK(st.st_mode));
	UK_EXPECT_EQ(fchmod(fd, 0600), -1);
	UK_EXPECT_EQ(errno, EOPNOTSUPP);
	UK_EXPECT_EQ(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len), 0);
	UK_EXPECT_EQ(type, SOCK_STREAM);
	UK_EXPECT_EQ(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &type, &len), 0);
	UK_EXPECT_EQ(type, FAMILY);
	UK_EXPECT_EQ(getsockopt(fd, SOL_SOCKET, SO_LINGER, &type, &len), -1);
	UK_EXPECT_EQ(errno, ENOPROTOOPT);
	close(fd);
}

UK_TEST(socket, test_sending_blocks_until_a_stream_has_taken_all)
{
	struct iovec iov[2] = { { "abc", 3 }, { "defg", 4 } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };
	int fd = open_one(SOCK_STREAM);

	play.room = 2;
	be_busy(3);
	UK_EXPECT_EQ(sendmsg(fd, &m, MSG_NOSIGNAL), 7);
	UK_EXPECT(!memcmp(play.data, "abcdefg", 7));
	play.n_busy = 1;
	UK_EXPECT_EQ(send(fd, "x", 1, MSG_DONTWAIT), -1);
	UK_EXPECT_EQ(errno, EAGAIN);
	UK_EXPECT_EQ(send(fd, "x", 1, MSG_OOB), -1);
	UK_EXPECT_EQ(errno, EOPNOTSUPP);
	close(fd);
}

UK_TEST(socket, test_a_datagram_is_sent_once)
{
	int fd = open_one(SOCK_DGRAM);

	play.room = 2;
	UK_EXPECT_EQ(write(fd, "abcd", 4), 2);
	UK_EXPECT_EQ(play.n_data, 2);
	close(fd);
}

UK_TEST(socket, test_receiving_waits_and_says_from_whom)
{
	char buf[8], from[8] = "";
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = buf,
			    .msg_controllen = sizeof(buf) };
	socklen_t len = sizeof(from);
	int fd = open_one(SOCK_STREAM);

	UK_EXPECT_EQ(send(fd, "abc", 3, 0), 3);
	be_busy(2);
	UK_EXPECT_EQ(recvfrom(fd, buf, sizeof(buf), MSG_PEEK, (void *)from, &len), 3);
	UK_EXPECT(len == 4 && !memcmp(from, "from", 4) && !memcmp(buf, "abc", 3));
	UK_EXPECT_EQ(recvmsg(fd, &m, 0), 3);
	UK_EXPECT(m.msg_flags == MSG_TRUNC && !m.msg_controllen);
	UK_EXPECT_EQ(read(fd, buf, sizeof(buf)), 0);
	play.n_busy = 1;
	UK_EXPECT_EQ(recv(fd, buf, 1, MSG_DONTWAIT), -1);
	UK_EXPECT_EQ(errno, EAGAIN);
	UK_EXPECT_EQ(recv(fd, buf, 1, MSG_WAITALL), -1);
	UK_EXPECT_EQ(errno, EOPNOTSUPP);
	close(fd);
}

UK_TEST(socket, test_ancillary_data_and_long_names_are_refused)
{
	char control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec iov = { .iov_base = "a", .iov_len = 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	int fd = open_one(SOCK_STREAM);

	UK_EXPECT_EQ(sendmsg(fd, &m, 0), -1);
	UK_EXPECT_EQ(errno, EOPNOTSUPP);
	m.msg_controllen = 0;
	m.msg_namelen = sizeof(struct sockaddr_storage) + 1;
	UK_EXPECT_EQ(sendmsg(fd, &m, 0), -1);
	UK_EXPECT_EQ(errno, EINVAL);
	UK_EXPECT_EQ(connect(fd, (void *)control, m.msg_namelen), -1);
	UK_EXPECT_EQ(errno, EINVAL);
	UK_EXPECT_EQ(play.n_data, 0);
	close(fd);
}

UK_TEST(socket, test_lengths_whose_sum_is_no_ssize_t_are_refused)
{
	char a[4] = "abc", b[4];
	struct iovec iov[2] = { { a, 1 }, { b, SSIZE_MAX } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };
	int fd = open_one(SOCK_STREAM);

	UK_EXPECT_EQ(send(fd, a, 3, 0), 3);
	UK_EXPECT_EQ(sendmsg(fd, &m, 0), -1);
	UK_EXPECT_EQ(errno, EINVAL);
	UK_EXPECT_EQ(recvmsg(fd, &m, 0), -1);
	UK_EXPECT_EQ(errno, EINVAL);
	iov[0].iov_len = SIZE_MAX;
	m.msg_iovlen = 1;
	UK_EXPECT_EQ(sendmsg(fd, &m, 0), -1);
	UK_EXPECT_EQ(errno, EINVAL);
	UK_EXPECT_EQ(play.n_data, 3);
	close(fd);
}

UK_TEST(socket, test_accept_waits_names_the_peer_and_sets_flags)
{
	int fd = open_one(SOCK_STREAM), new;
	char addr[8];
	socklen_t len = sizeof(addr);

	be_busy(2);
	new = accept4(fd, (void *)addr, &len, SOCK_NONBLOCK);
	UK_EXPECT(new > fd && len == 5 && addr[0] == 'p');
	UK_EXPECT_EQ(fcntl(new, F_GETFL), O_RDWR | O_NONBLOCK);
	close(new);
	play.answer = -ECONNABORTED;
	UK_EXPECT_EQ(accept(fd, NULL, NULL), -1);
	UK_EXPECT_EQ(errno, ECONNABORTED);
	/* The C library tries again without flags */
	UK_EXPECT_EQ(uk_sys_accept4(fd, 0, 0, O_APPEND), -EINVAL);
	play.answer = 0;
	play.name_answer = -ENOTCONN;
	UK_EXPECT_EQ(accept(fd, (void *)addr, &len), -1);
	UK_EXPECT_EQ(errno, ENOTCONN);
	UK_EXPECT_EQ(play.n_sockets, 1);
	UK_EXPECT_EQ(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	play.n_busy = 1;
	UK_EXPECT_EQ(accept(fd, NULL, NULL), -1);
	UK_EXPECT_EQ(errno, EAGAIN);
	close(fd);
}

UK_TEST(socket, test_connect_goes_on_until_it_is_decided)
{
	int fd = open_one(SOCK_STREAM);
	struct sockaddr addr = { .sa_family = FAMILY };

	be_busy(3);
	UK_EXPECT_EQ(connect(fd, &addr, 2), 0);
	play.answer = -ECONNREFUSED;
	be_busy(1);
	UK_EXPECT_EQ(connect(fd, &addr, 2), -1);
	UK_EXPECT_EQ(errno, ECONNREFUSED);
	UK_EXPECT_EQ(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	play.n_busy = 1;
	UK_EXPECT_EQ(connect(fd, &addr, 2), -1);
	UK_EXPECT_EQ(errno, EINPROGRESS);
	close(fd);
}

UK_TEST(socket, test_a_connection_without_descriptor_is_closed)
{
	int fd = open_one(SOCK_STREAM), full[CONFIG_LIBFD_MAX], n = 0;

	while ((full[n] = dup(fd)) >= 0)
		n++;
	UK_EXPECT_EQ(accept(fd, NULL, NULL), -1);
	UK_EXPECT_EQ(errno, EMFILE);
	UK_EXPECT_EQ(play.n_sockets, 1);
	while (n)
		close(full[--n]);
	close(fd);
	UK_EXPECT_EQ(play.n_sockets, 0);
}
