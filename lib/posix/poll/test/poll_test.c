/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <unistd.h>

#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

static void post_later(void *arg)
{
	uk_thread_sleep_ns(2000000);
	eventfd_write(*(int *)arg, 1);
}

UK_TEST(poll, test_timeout_passes)
{
	uint64_t before = uk_plat_mono_ns();
	struct pollfd p = { .fd = eventfd(0, 0), .events = POLLIN };

	UK_EXPECT_EQ(poll(&p, 1, 5), 0);
	UK_EXPECT(uk_plat_mono_ns() - before >= 5000000);
	UK_EXPECT_EQ(poll(&p, 1, 0), 0);
	close(p.fd);
}

UK_TEST(poll, test_poll_wakes_when_a_file_is_ready)
{
	int fd = eventfd(0, 0);
	struct pollfd p[2] = { { .fd = -1, .events = POLLIN }, { .fd = fd, .events = POLLIN } };

	UK_EXPECT(uk_thread_create("poster", post_later, &fd, 0));
	UK_EXPECT_EQ(poll(p, 2, -1), 1);
	UK_EXPECT_EQ(p[0].revents, 0);
	UK_EXPECT_EQ(p[1].revents, POLLIN);
	p[1].events = POLLIN | POLLOUT;
	UK_EXPECT_EQ(poll(p, 2, -1), 1);
	UK_EXPECT_EQ(p[1].revents, POLLIN | POLLOUT);
	close(fd);
	UK_EXPECT_EQ(poll(p, 2, -1), 1);
	UK_EXPECT_EQ(p[1].revents, POLLNVAL);
}

/* Who always finds something ready hears of threads, timers and events all the same */
UK_TEST(poll, test_who_polls_in_a_loop_lets_others_run)
{
	struct pollfd p[2] = { { .fd = eventfd(1, 0), .events = POLLIN },
			       { .fd = eventfd(0, 0), .events = POLLIN } };
	uint64_t limit = uk_plat_mono_ns() + 1000000000;
	int n = 0;

	UK_EXPECT(uk_thread_create("poster", post_later, &p[1].fd, 0));
	while (uk_plat_mono_ns() < limit && !p[1].revents)
		UK_EXPECT(poll(p, 2, n++ % 2 ? 0 : -1) >= 1);
	UK_EXPECT_EQ(p[1].revents, POLLIN);
	/* The poster's descriptor is read until it has ended */
	uk_thread_sleep_ns(1000);
	close(p[0].fd);
	close(p[1].fd);
}

UK_TEST(poll, test_hang_up_is_told_unasked)
{
	struct pollfd p;
	int fd[2];

	UK_EXPECT_EQ(pipe(fd), 0);
	p = (struct pollfd){ .fd = fd[0] };
	UK_EXPECT_EQ(poll(&p, 1, 0), 0);
	close(fd[1]);
	UK_EXPECT_EQ(poll(&p, 1, 0), 1);
	UK_EXPECT_EQ(p.revents, POLLHUP);
	close(fd[0]);
}

UK_TEST(poll, test_select_leaves_what_is_ready)
{
	int a = eventfd(0, 0), b = eventfd(1, 0);
	struct timeval tv = { .tv_usec = 1000 };
	fd_set in, out;

	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(a, &in);
	UK_EXPECT_EQ(select(a + 1, &in, NULL, NULL, &tv), 0);
	UK_EXPECT(!FD_ISSET(a, &in));
	FD_SET(a, &in);
	FD_SET(b, &in);
	FD_SET(b, &out);
	UK_EXPECT_EQ(select(b + 1, &in, &out, NULL, NULL), 2);
	UK_EXPECT(!FD_ISSET(a, &in));
	UK_EXPECT(FD_ISSET(b, &in));
	UK_EXPECT(FD_ISSET(b, &out));
	close(a);
	close(b);
	UK_EXPECT_EQ(select(b + 1, &in, NULL, NULL, NULL), -1);
	UK_EXPECT_EQ(errno, EBADF);
}

UK_TEST(poll, test_epoll_serves_all_in_turn)
{
	int ep = epoll_create1(0), fd[3], seen = 0;
	struct epoll_event ev = { .events = EPOLLIN };

	for (int i = 0; i < 3; i++) {
		fd[i] = eventfd(1, 0);
		ev.data.u32 = i;
		UK_EXPECT_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, fd[i], &ev), 0);
	}
	UK_EXPECT_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, fd[0], &ev), -1);
	UK_EXPECT_EQ(errno, EEXIST);
	/* One at a time, and nobody is starved by those before it */
	for (int i = 0; i < 3; i++) {
		UK_EXPECT_EQ(epoll_wait(ep, &ev, 1, -1), 1);
		seen |= 1 << ev.data.u32;
	}
	UK_EXPECT_EQ(seen, 7);
	UK_EXPECT_EQ(epoll_ctl(ep, EPOLL_CTL_DEL, fd[0], NULL), 0);
	close(fd[1]);
	UK_EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 1);
	UK_EXPECT_EQ(ev.data.u32, 2);
	close(fd[2]);
	UK_EXPECT_EQ(epoll_wait(ep, &ev, 1, 1), 0);
	close(fd[0]);
	close(ep);
}

UK_TEST(poll, test_epoll_once_and_edges)
{
	int ep = epoll_create1(0), fd = eventfd(1, 0);
	struct epoll_event ev = { .events = EPOLLIN | EPOLLONESHOT };

	UK_EXPECT_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev), 0);
	UK_EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 1);
	UK_EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	ev.events = EPOLLIN;
	UK_EXPECT_EQ(epoll_ctl(ep, EPOLL_CTL_MOD, fd, &ev), 0);
	UK_EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 1);
	ev.events = EPOLLIN | EPOLLET;
	UK_EXPECT_EQ(epoll_ctl(ep, EPOLL_CTL_MOD, fd, &ev), -1);
	UK_EXPECT_EQ(errno, EINVAL);
	close(fd);
	close(ep);
}

UK_TEST(poll, test_epoll_wakes)
{
	int ep = epoll_create1(0), fd = eventfd(0, 0);
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	UK_EXPECT_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev), 0);
	UK_EXPECT(uk_thread_create("poster", post_later, &fd, 0));
	ev.data.fd = 0;
	UK_EXPECT_EQ(epoll_wait(ep, &ev, 1, -1), 1);
	UK_EXPECT_EQ(ev.data.fd, fd);
	close(fd);
	close(ep);
}
