/* SPDX-License-Identifier: BSD-3-Clause */
/* The common part of all files. */
#include <uk/fd.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

struct uk_wait_queue uk_poll_queue = UK_WAIT_QUEUE_INIT(uk_poll_queue);

void uk_file_init(struct uk_file *f, const struct uk_file_ops *ops, int flags)
{
	f->ops = ops;
	f->refs = 1;
	f->flags = flags & (O_ACCMODE | O_NONBLOCK | O_APPEND);
	f->pos = 0;
	uk_wait_init(&f->wq);
}

void uk_file_put(struct uk_file *f)
{
	if (--f->refs == 0 && f->ops->release)
		f->ops->release(f);
}

void uk_file_wake(struct uk_file *f)
{
	uk_wait_wake_all(&f->wq);
	uk_wait_wake_all(&uk_poll_queue);
}

int uk_file_wait(struct uk_file *f)
{
	if (f->flags & O_NONBLOCK)
		return -EAGAIN;
	uk_wait_once(&f->wq, UK_FOREVER);
	return 0;
}

short uk_file_poll(struct uk_file *f)
{
	return f->ops->poll ? f->ops->poll(f) : POLLIN | POLLOUT;
}
