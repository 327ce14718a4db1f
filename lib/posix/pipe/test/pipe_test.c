/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <uk/test.h>
#include <uk/thread.h>

UK_TEST(pipe, test_bytes_come_out_in_order)
{
	char out[1000], in[1000];
	int fd[2], sum = 0;

	if (!UK_EXPECT_EQ(pipe2(fd, O_NONBLOCK), 0))
		return;
	for (int i = 0; i < 20; i++) {
		memset(out, i, sizeof(out));
		UK_EXPECT_EQ(write(fd[1], out, sizeof(out)), sizeof(out));
		UK_EXPECT_EQ(read(fd[0], in, sizeof(in)), sizeof(in));
		sum += !memcmp(in, out, sizeof(in));
	}
	UK_EXPECT_EQ(sum, 20);
	UK_EXPECT_EQ(read(fd[0], in, 1), -1);
	UK_EXPECT_EQ(errno, EAGAIN);
	close(fd[0]);
	close(fd[1]);
}

UK_TEST(pipe, test_small_writes_are_whole_large_ones_not)
{
	static char buf[2 * PIPE_BUF];
	int fd[2];

	if (!UK_EXPECT_EQ(pipe2(fd, O_NONBLOCK), 0))
		return;
	UK_EXPECT_EQ(write(fd[1], buf, 100), 100);
	UK_EXPECT_EQ(write(fd[1], buf, PIPE_BUF), -1);
	UK_EXPECT_EQ(errno, EAGAIN);
	UK_EXPECT_EQ(write(fd[1], buf, sizeof(buf)), PIPE_BUF - 100);
	close(fd[0]);
	close(fd[1]);
}

UK_TEST(pipe, test_closed_ends_are_noticed)
{
	char c = 'x';
	int fd[2];

	UK_EXPECT_EQ(pipe(fd), 0);
	UK_EXPECT_EQ(write(fd[1], &c, 1), 1);
	close(fd[1]);
	UK_EXPECT_EQ(read(fd[0], &c, 1), 1);
	UK_EXPECT_EQ(read(fd[0], &c, 1), 0);
	close(fd[0]);
	UK_EXPECT_EQ(pipe(fd), 0);
	close(fd[0]);
	UK_EXPECT_EQ(write(fd[1], &c, 1), -1);
	UK_EXPECT_EQ(errno, EPIPE);
	close(fd[1]);
}

static void write_much(void *arg)
{
	static char buf[3 * PIPE_BUF];
	int fd = *(int *)arg;

	UK_EXPECT_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	close(fd);
}

UK_TEST(pipe, test_reader_and_writer_wait_for_each_other)
{
	char buf[777];
	int fd[2];
	ssize_t n, total = 0;

	UK_EXPECT_EQ(pipe(fd), 0);
	UK_EXPECT(uk_thread_create("writer", write_much, &fd[1], 0));
	while ((n = read(fd[0], buf, sizeof(buf))) > 0)
		total += n;
	UK_EXPECT_EQ(n, 0);
	UK_EXPECT_EQ(total, 3 * PIPE_BUF);
	close(fd[0]);
}

UK_TEST(pipe, test_event_counts_and_resets)
{
	int fd = eventfd(3, EFD_NONBLOCK);
	eventfd_t v;

	UK_EXPECT_EQ(eventfd_write(fd, 4), 0);
	UK_EXPECT_EQ(eventfd_read(fd, &v), 0);
	UK_EXPECT_EQ(v, 7);
	UK_EXPECT_EQ(eventfd_read(fd, &v), -1);
	UK_EXPECT_EQ(errno, EAGAIN);
	UK_EXPECT_EQ(eventfd_write(fd, UINT64_MAX), -1);
	UK_EXPECT_EQ(eventfd_write(fd, UINT64_MAX - 1), 0);
	UK_EXPECT_EQ(eventfd_write(fd, 1), -1);
	UK_EXPECT_EQ(errno, EAGAIN);
	close(fd);
	fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
	UK_EXPECT_EQ(eventfd_read(fd, &v), 0);
	UK_EXPECT_EQ(v, 1);
	close(fd);
}
