/* SPDX-License-Identifier: BSD-3-Clause */
/* With a kind of file of its own: 16 bytes of memory with positions. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uk/fd.h>
#include <uk/test.h>

#define SIZE 16

struct mem {
	struct uk_file file;
	char data[SIZE];
	int n_released;
};

static ssize_t mem_read_at(struct uk_file *f, void *buf, size_t len, off_t pos)
{
	struct mem *m = UK_CONTAINER_OF(f, struct mem, file);

	if (pos >= SIZE)
		return 0;
	len = UK_MIN(len, (size_t)(SIZE - pos));
	memcpy(buf, m->data + pos, len);
	return len;
}

static ssize_t mem_write_at(struct uk_file *f, const void *buf, size_t len, off_t pos)
{
	struct mem *m = UK_CONTAINER_OF(f, struct mem, file);

	if (pos >= SIZE)
		return -ENOSPC;
	len = UK_MIN(len, (size_t)(SIZE - pos));
	memcpy(m->data + pos, buf, len);
	return len;
}

static int mem_stat(struct uk_file *f, struct stat *st)
{
	(void)f;
	st->st_size = SIZE;
	return 0;
}

static void mem_release(struct uk_file *f)
{
	UK_CONTAINER_OF(f, struct mem, file)->n_released++;
}

static const struct uk_file_ops mem_ops = {
	.read_at = mem_read_at,
	.write_at = mem_write_at,
	.stat = mem_stat,
	.release = mem_release,
};

static int open_mem(struct mem *m, int flags)
{
	memcpy(m->data, "0123456789abcdef", SIZE);
	m->n_released = 0;
	uk_file_init(&m->file, &mem_ops, flags);
	return uk_fd_give(&m->file, false);
}

UK_TEST(fd, test_position_moves_and_is_shared_by_dup)
{
	struct mem m;
	char buf[SIZE];
	int fd = open_mem(&m, O_RDWR), other = dup(fd);

	UK_EXPECT_EQ(read(fd, buf, 4), 4);
	UK_EXPECT_EQ(read(other, buf, 4), 4);
	UK_EXPECT(!memcmp(buf, "4567", 4));
	UK_EXPECT_EQ(lseek(fd, -2, SEEK_END), 14);
	UK_EXPECT_EQ(read(other, buf, SIZE), 2);
	UK_EXPECT_EQ(read(fd, buf, SIZE), 0);
	UK_EXPECT_EQ(pread(fd, buf, 3, 1), 3);
	UK_EXPECT(!memcmp(buf, "123", 3));
	UK_EXPECT_EQ(lseek(fd, 0, SEEK_CUR), SIZE);
	UK_EXPECT_EQ(lseek(fd, -1, SEEK_SET), -1);
	close(fd);
	UK_EXPECT_EQ(m.n_released, 0);
	close(other);
	UK_EXPECT_EQ(m.n_released, 1);
	UK_EXPECT_EQ(close(other), -1);
	UK_EXPECT_EQ(errno, EBADF);
}

UK_TEST(fd, test_lowest_free_descriptor_is_used)
{
	struct mem m;
	int a = open_mem(&m, O_RDWR), b = dup(a), c = dup(a);

	UK_EXPECT_EQ(b, a + 1);
	close(b);
	UK_EXPECT_EQ(dup(a), b);
	UK_EXPECT_EQ(fcntl(a, F_DUPFD, c + 5), c + 5);
	UK_EXPECT_EQ(dup2(a, c), c);
	UK_EXPECT_EQ(dup2(a, a), a);
	UK_EXPECT_EQ(dup2(a, CONFIG_LIBFD_MAX), -1);
	UK_EXPECT_EQ(m.file.refs, 4);
	close(a);
	close(b);
	close(c);
	close(c + 5);
	UK_EXPECT_EQ(m.n_released, 1);
}

UK_TEST(fd, test_table_fills_and_says_so)
{
	struct mem m;
	int first = open_mem(&m, O_RDWR), last = first, fd;

	while ((fd = dup(first)) >= 0)
		last = fd;
	UK_EXPECT_EQ(errno, EMFILE);
	UK_EXPECT_EQ(last, CONFIG_LIBFD_MAX - 1);
	for (fd = first; fd <= last; fd++)
		close(fd);
	UK_EXPECT_EQ(m.n_released, 1);
}

UK_TEST(fd, test_mode_of_a_file_without_one)
{
	struct mem m;
	int fd = open_mem(&m, O_RDWR);

	UK_EXPECT_EQ(fchmod(fd, 0600), -1);
	UK_EXPECT_EQ(errno, EINVAL);
	close(fd);
	UK_EXPECT_EQ(fchmod(fd, 0600), -1);
	UK_EXPECT_EQ(errno, EBADF);
}

UK_TEST(fd, test_direction_is_kept)
{
	struct mem m;
	char c = 'x';
	int fd = open_mem(&m, O_RDONLY);

	UK_EXPECT_EQ(write(fd, &c, 1), -1);
	UK_EXPECT_EQ(errno, EBADF);
	close(fd);
	fd = open_mem(&m, O_WRONLY | O_APPEND);
	UK_EXPECT_EQ(read(fd, &c, 1), -1);
	UK_EXPECT_EQ(write(fd, &c, 1), -1);	/* appended: past the end */
	UK_EXPECT_EQ(errno, ENOSPC);
	close(fd);
}

UK_TEST(fd, test_vector_ends_where_the_file_does)
{
	struct mem m;
	char a[10], b[10], c[10];
	struct iovec iov[] = { { a, 10 }, { NULL, 0 }, { b, 10 }, { c, 10 } };
	int fd = open_mem(&m, O_RDWR);

	UK_EXPECT_EQ(readv(fd, iov, 4), SIZE);
	UK_EXPECT(!memcmp(b, "abcdef", 6));
	UK_EXPECT_EQ(preadv(fd, iov, 1, 6), 10);
	UK_EXPECT_EQ(a[0], '6');
	UK_EXPECT_EQ(readv(fd, iov, -1), -1);
	close(fd);
}

/* Nothing moves when what would be returned is no ssize_t */
UK_TEST(fd, test_vector_longer_than_ssize_is_refused)
{
	struct mem m;
	char a[1] = { 'A' }, b[SIZE] = "B";
	struct iovec negative[] = { { a, SIZE_MAX }, { b, 1 } };
	struct iovec much[] = { { a, 1 }, { b, SSIZE_MAX } };
	int fd = open_mem(&m, O_RDWR);

	errno = 0;
	UK_EXPECT_EQ(writev(fd, negative, 2), -1);
	UK_EXPECT_EQ(errno, EINVAL);
	UK_EXPECT_EQ(pwritev(fd, much, 2, 0), -1);
	UK_EXPECT_EQ(readv(fd, negative, 2), -1);
	UK_EXPECT_EQ(preadv(fd, much, 2, 0), -1);
	UK_EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
	UK_EXPECT_EQ(m.data[0], '0');
	UK_EXPECT_EQ(a[0], 'A');
	much[1].iov_len--;
	UK_EXPECT_EQ(readv(fd, much, 2), SIZE);
	close(fd);
}

UK_TEST(fd, test_flags_can_be_changed_direction_not)
{
	struct mem m;
	int fd = open_mem(&m, O_RDWR);

	UK_EXPECT_EQ(fcntl(fd, F_SETFL, O_NONBLOCK | O_WRONLY), 0);
	UK_EXPECT_EQ(fcntl(fd, F_GETFL), O_NONBLOCK | O_RDWR);
	UK_EXPECT_EQ(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
	UK_EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	UK_EXPECT_EQ(isatty(fd), 0);
	close(fd);
	UK_EXPECT_EQ(fcntl(fd, F_GETFL), -1);
}
