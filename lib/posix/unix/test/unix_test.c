/* SPDX-License-Identifier: BSD-3-Clause */
/* The image talks to itself through the host. Names are of the abstract kind that
 * the host makes up, so that nothing is left and tests may run side by side. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

#define MANY 200

static short ready(int fd, short events, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, timeout_ms) > 0 ? p.revents : 0;
}

static int listen_at(struct sockaddr_un *addr, socklen_t *len, int backlog)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	*addr = (struct sockaddr_un) { .sun_family = AF_UNIX };
	*len = sizeof(*addr);
	UK_EXPECT_EQ(bind(fd, (void *)addr, sizeof(addr->sun_family)), 0);
	UK_EXPECT_EQ(getsockname(fd, (void *)addr, len), 0);
	UK_EXPECT_EQ(listen(fd, backlog), 0);
	return fd;
}

static int connect_to(const struct sockaddr_un *addr, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	UK_EXPECT_EQ(connect(fd, (const void *)addr, len), 0);
	return fd;
}

UK_TEST(unix, test_pair_carries_bytes_both_ways)
{
	struct iovec iov[2];
	char a[3], b[8];
	int fd[2];

	if (!UK_EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0))
		return;
	UK_EXPECT_EQ(write(fd[0], "hello", 5), 5);
	UK_EXPECT_EQ(recv(fd[1], b, sizeof(b), MSG_PEEK), 5);
	iov[0] = (struct iovec) { .iov_base = a, .iov_len = sizeof(a) };
	iov[1] = (struct iovec) { .iov_base = b, .iov_len = sizeof(b) };
	UK_EXPECT_EQ(recvmsg(fd[1], &(struct msghdr) { .msg_iov = iov, .msg_iovlen = 2 }, 0), 5);
	UK_EXPECT(!memcmp(a, "hel", 3) && !memcmp(b, "lo", 2));
	UK_EXPECT_EQ(write(fd[0], "abc", 3), 3);
	UK_EXPECT_EQ(recvmsg(fd[1], &(struct msghdr) { .msg_iov = iov, .msg_iovlen = 2 }, 0), 3);
	UK_EXPECT_EQ(recv(fd[1], b, 1, MSG_DONTWAIT), -1);
	UK_EXPECT_EQ(errno, EAGAIN);
	UK_EXPECT_EQ(write(fd[1], "x", 1), 1);
	UK_EXPECT_EQ(read(fd[0], b, sizeof(b)), 1);
	UK_EXPECT_EQ(shutdown(fd[0], SHUT_WR), 0);
	UK_EXPECT_EQ(read(fd[1], b, sizeof(b)), 0);
	close(fd[0]);
	UK_EXPECT_EQ(write(fd[1], "x", 1), -1);
	UK_EXPECT_EQ(errno, EPIPE);
	close(fd[1]);
}

UK_TEST(unix, test_poll_says_no_more_than_is_true)
{
	int fd[2];
	char c;

	UK_EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	UK_EXPECT_EQ(ready(fd[0], POLLIN | POLLOUT, 0), POLLOUT);
	UK_EXPECT_EQ(ready(fd[0], POLLIN, 10), 0);
	UK_EXPECT_EQ(write(fd[1], "ab", 2), 2);
	UK_EXPECT_EQ(ready(fd[0], POLLIN, 1000), POLLIN);
	UK_EXPECT_EQ(read(fd[0], &c, 1), 1);
	UK_EXPECT_EQ(ready(fd[0], POLLIN, 0), POLLIN);
	UK_EXPECT_EQ(read(fd[0], &c, 1), 1);
	UK_EXPECT_EQ(ready(fd[0], POLLIN, 0), 0);
	close(fd[1]);
	UK_EXPECT_EQ(ready(fd[0], POLLIN, 1000), POLLIN | POLLHUP);
	UK_EXPECT_EQ(ready(fd[0], 0, 0), POLLHUP);
	UK_EXPECT_EQ(read(fd[0], &c, 1), 0);
	close(fd[0]);
}

static void send_much(void *arg)
{
	static char much[1 << 20];
	int fd = *(int *)arg;

	UK_EXPECT_EQ(write(fd, much, sizeof(much)), sizeof(much));
	close(fd);
}

UK_TEST(unix, test_reader_and_writer_wait_for_each_other)
{
	static char buf[5000];
	ssize_t n, total = 0;
	int fd[2];

	UK_EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	UK_EXPECT(uk_thread_create("sender", send_much, &fd[1], 0));
	while ((n = read(fd[0], buf, sizeof(buf))) > 0)
		total += n;
	UK_EXPECT_EQ(n, 0);
	UK_EXPECT_EQ(total, 1 << 20);
	close(fd[0]);
}

static ssize_t filled;

/* Just as much: another event would wake who waits for this one */
static void drain_later(void *arg)
{
	static char buf[65536];

	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	while (filled > 0)
		filled -= recv(*(int *)arg, buf, UK_MIN((size_t)filled, sizeof(buf)), 0);
}

static void fill(int fd)
{
	static char buf[65536];
	ssize_t n;

	filled = 0;
	while ((n = send(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		filled += n;
	UK_EXPECT(n == -1 && errno == EAGAIN && filled > 0);
	UK_EXPECT_EQ(ready(fd, POLLOUT, 10), 0);
}

static void wait_for_room(int fd[2])
{
	uint64_t start_ns = uk_plat_mono_ns();

	UK_EXPECT(uk_thread_create("drain", drain_later, &fd[1], 0));
	UK_EXPECT_EQ(ready(fd[0], POLLOUT, 5000), POLLOUT);
	/* Told, and not found at the end of the time */
	UK_EXPECT(uk_plat_mono_ns() - start_ns < 4 * UK_NSEC_PER_SEC);
}

UK_TEST(unix, test_full_socket_can_be_waited_for)
{
	int fd[2];

	UK_EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	UK_EXPECT_EQ(ready(fd[0], POLLIN | POLLOUT, 0), POLLOUT);
	fill(fd[0]);
	wait_for_room(fd);
	close(fd[0]);
	close(fd[1]);
}

UK_TEST(unix, test_who_is_told_of_room_does_not_block)
{
	static char buf[4096];
	int fd[2], n = 0;

	UK_EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	while (n < 10000 && ready(fd[0], POLLIN | POLLOUT, 0) == POLLOUT) {
		if (!UK_EXPECT_EQ(send(fd[0], buf, sizeof(buf), MSG_DONTWAIT), sizeof(buf)))
			break;
		n++;
	}
	UK_EXPECT(n > 1 && n < 10000);
	close(fd[0]);
	close(fd[1]);
}

UK_TEST(unix, test_input_does_not_hide_that_there_is_room)
{
	int fd[2];
	char c;

	UK_EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	UK_EXPECT_EQ(write(fd[1], "x", 1), 1);
	UK_EXPECT_EQ(ready(fd[0], POLLIN, 1000), POLLIN);
	fill(fd[0]);
	wait_for_room(fd);
	UK_EXPECT_EQ(read(fd[0], &c, 1), 1);
	/* It comes while the socket is full, and is read unasked */
	fill(fd[0]);
	UK_EXPECT_EQ(write(fd[1], "x", 1), 1);
	uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(read(fd[0], &c, 1), 1);
	UK_EXPECT_EQ(recv(fd[0], &c, 1, MSG_DONTWAIT), -1);
	wait_for_room(fd);
	close(fd[0]);
	close(fd[1]);
}

static void connect_and_greet(void *arg)
{
	const struct sockaddr_un *addr = arg;
	int fd = connect_to(addr, offsetof(struct sockaddr_un, sun_path) + 6);

	UK_EXPECT_EQ(send(fd, "hi", 2, 0), 2);
	close(fd);
}

UK_TEST(unix, test_accept_waits_for_a_connection)
{
	struct sockaddr_un addr, peer;
	socklen_t len, peer_len = sizeof(peer);
	int fd = listen_at(&addr, &len, 5), new;
	char buf[4];

	/* What the host makes up: a zero and five digits */
	UK_EXPECT_EQ(len, offsetof(struct sockaddr_un, sun_path) + 6);
	UK_EXPECT(uk_thread_create("client", connect_and_greet, &addr, 0));
	new = accept(fd, (void *)&peer, &peer_len);
	UK_EXPECT(new > fd && peer_len == sizeof(peer.sun_family));
	UK_EXPECT_EQ(read(new, buf, sizeof(buf)), 2);
	UK_EXPECT_EQ(read(new, buf, sizeof(buf)), 0);
	UK_EXPECT_EQ(getpeername(fd, (void *)&peer, &peer_len), -1);
	UK_EXPECT_EQ(errno, ENOTCONN);
	close(new);
	close(fd);
	new = socket(AF_UNIX, SOCK_STREAM, 0);
	UK_EXPECT_EQ(connect(new, (void *)&addr, len), -1);
	UK_EXPECT_EQ(errno, ECONNREFUSED);
	close(new);
}

UK_TEST(unix, test_many_are_watched_at_once)
{
	static int from[MANY], to[MANY];
	struct pollfd p[MANY];
	struct sockaddr_un addr;
	socklen_t len;
	int fd = listen_at(&addr, &len, MANY), n;
	char c = 'x';

	/* Descriptors for as many are not there */
	for (n = 0; n < MANY && n < (CONFIG_LIBFD_MAX - 10) / 2; n++) {
		from[n] = connect_to(&addr, len);
		to[n] = accept(fd, NULL, NULL);
		p[n] = (struct pollfd) { .fd = to[n], .events = POLLIN };
	}
	UK_EXPECT_EQ(poll(p, n, 0), 0);
	for (int i = 0; i < n; i += 7)
		UK_EXPECT_EQ(write(from[i], &c, 1), 1);
	UK_EXPECT_EQ(poll(p, n, 1000), (n + 6) / 7);
	for (int i = 0; i < n; i++) {
		UK_EXPECT_EQ(p[i].revents, i % 7 ? 0 : POLLIN);
		close(from[i]);
	}
	UK_EXPECT_EQ(poll(p, n, 1000), n);
	for (int i = 0; i < n; i++)
		close(to[i]);
	close(fd);
}

UK_TEST(unix, test_options_that_would_do_nothing_are_refused)
{
	struct timeval tv = { .tv_sec = 1 };
	int fd[2], size = 0, err = 1;
	socklen_t len = sizeof(size);

	UK_EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	UK_EXPECT_EQ(getsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &size, &len), 0);
	UK_EXPECT(size > 1000);
	UK_EXPECT_EQ(getsockopt(fd[0], SOL_SOCKET, SO_ERROR, &err, &len), 0);
	UK_EXPECT_EQ(err, 0);
	UK_EXPECT_EQ(setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	UK_EXPECT_EQ(setsockopt(fd[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), -1);
	UK_EXPECT_EQ(errno, ENOPROTOOPT);
	close(fd[0]);
	close(fd[1]);
	UK_EXPECT_EQ(socket(AF_UNIX, SOCK_DGRAM, 0), -1);
	UK_EXPECT_EQ(errno, ESOCKTNOSUPPORT);
	UK_EXPECT_EQ(socket(AF_UNIX, SOCK_STREAM, 6), -1);
	UK_EXPECT_EQ(errno, EPROTONOSUPPORT);
}
