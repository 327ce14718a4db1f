/* SPDX-License-Identifier: BSD-3-Clause */
/* A pipe: two files, one for each end, in one block of memory. */
#include <uk/fd.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/syscall.h>

#define SIZE 4096

struct pipe {
	struct uk_file in, out;		/* to read from, to write to */
	bool has_in, has_out;
	size_t head, n;			/* oldest byte, number of bytes */
	char buf[SIZE];
};

static struct pipe *of_in(struct uk_file *f)
{
	return UK_CONTAINER_OF(f, struct pipe, in);
}

static struct pipe *of_out(struct uk_file *f)
{
	return UK_CONTAINER_OF(f, struct pipe, out);
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t ab = UK_MIN(a, b);

	return UK_MIN(ab, c);
}

static size_t take(struct pipe *p, char *buf, size_t len)
{
	size_t done = 0, n;

	while (done < len && p->n) {
		n = min3(len - done, p->n, SIZE - p->head);
		memcpy(buf + done, p->buf + p->head, n);
		p->head = (p->head + n) % SIZE;
		p->n -= n;
		done += n;
	}
	return done;
}

static size_t put(struct pipe *p, const char *buf, size_t len)
{
	size_t done = 0, tail, n;

	while (done < len && p->n < SIZE) {
		tail = (p->head + p->n) % SIZE;
		n = min3(len - done, SIZE - p->n, SIZE - tail);
		memcpy(p->buf + tail, buf + done, n);
		p->n += n;
		done += n;
	}
	return done;
}

static ssize_t pipe_read(struct uk_file *f, void *buf, size_t len)
{
	struct pipe *p = of_in(f);
	size_t n;
	int err;

	while (!p->n && p->has_out && len) {
		err = uk_file_wait(f);
		if (err < 0)
			return err;
	}
	n = take(p, buf, len);
	if (n && p->has_out)
		uk_file_wake(&p->out);
	return n;
}

/* Up to PIPE_BUF bytes go in one piece or not at all */
static ssize_t pipe_write(struct uk_file *f, const void *buf, size_t len)
{
	struct pipe *p = of_out(f);
	size_t done = 0, room;
	int err;

	while (done < len) {
		if (!p->has_in)
			return done ? (ssize_t)done : -EPIPE;
		room = SIZE - p->n;
		if (room && (len > PIPE_BUF || room >= len)) {
			done += put(p, (const char *)buf + done, len - done);
			uk_file_wake(&p->in);
			continue;
		}
		err = uk_file_wait(f);
		if (err < 0)
			return done ? (ssize_t)done : err;
	}
	return done;
}

static short in_poll(struct uk_file *f)
{
	struct pipe *p = of_in(f);

	return (p->n ? POLLIN : 0) | (p->has_out ? 0 : POLLHUP);
}

static short out_poll(struct uk_file *f)
{
	struct pipe *p = of_out(f);

	if (!p->has_in)
		return POLLOUT | POLLERR;
	return SIZE - p->n >= PIPE_BUF ? POLLOUT : 0;
}

static int pipe_stat(struct uk_file *f, struct stat *st)
{
	(void)f;
	st->st_mode = S_IFIFO | 0600;
	return 0;
}

static void in_release(struct uk_file *f)
{
	struct pipe *p = of_in(f);

	p->has_in = false;
	if (p->has_out)
		uk_file_wake(&p->out);
	else
		uk_free(p);
}

static void out_release(struct uk_file *f)
{
	struct pipe *p = of_out(f);

	p->has_out = false;
	if (p->has_in)
		uk_file_wake(&p->in);
	else
		uk_free(p);
}

static const struct uk_file_ops in_ops = {
	.read = pipe_read,
	.poll = in_poll,
	.stat = pipe_stat,
	.release = in_release,
};

static const struct uk_file_ops out_ops = {
	.write = pipe_write,
	.poll = out_poll,
	.stat = pipe_stat,
	.release = out_release,
};

long uk_sys_pipe2(long fds, long flags)
{
	struct pipe *p;
	int *fd = (int *)fds, in, out;

	if (flags & ~(long)(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	p = uk_malloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	uk_file_init(&p->in, &in_ops, O_RDONLY | (flags & O_NONBLOCK));
	uk_file_init(&p->out, &out_ops, O_WRONLY | (flags & O_NONBLOCK));
	p->has_in = p->has_out = true;
	p->head = p->n = 0;
	in = uk_fd_give(&p->in, flags & O_CLOEXEC);
	out = uk_fd_give(&p->out, flags & O_CLOEXEC);
	if (in >= 0 && out >= 0) {
		fd[0] = in;
		fd[1] = out;
		return 0;
	}
	if (in >= 0)
		uk_fd_close(in);
	return -EMFILE;
}

long uk_sys_pipe(long fds)
{
	return uk_sys_pipe2(fds, 0);
}
