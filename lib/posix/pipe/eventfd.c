/* SPDX-License-Identifier: BSD-3-Clause */
/* eventfd: a counter that can be waited for. */
#include <uk/fd.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

#include <uk/alloc.h>
#include <uk/syscall.h>

#define MAX (UINT64_MAX - 1)

struct event {
	struct uk_file file;
	uint64_t count;
	bool is_semaphore;
};

static ssize_t event_read(struct uk_file *f, void *buf, size_t len)
{
	struct event *e = UK_CONTAINER_OF(f, struct event, file);
	uint64_t value;
	int err;

	if (len < sizeof(value))
		return -EINVAL;
	while (!e->count) {
		err = uk_file_wait(f);
		if (err < 0)
			return err;
	}
	value = e->is_semaphore ? 1 : e->count;
	e->count -= value;
	memcpy(buf, &value, sizeof(value));
	uk_file_wake(f);
	return sizeof(value);
}

static ssize_t event_write(struct uk_file *f, const void *buf, size_t len)
{
	struct event *e = UK_CONTAINER_OF(f, struct event, file);
	uint64_t value;
	int err;

	if (len < sizeof(value))
		return -EINVAL;
	memcpy(&value, buf, sizeof(value));
	if (value > MAX)
		return -EINVAL;
	while (value > MAX - e->count) {
		err = uk_file_wait(f);
		if (err < 0)
			return err;
	}
	e->count += value;
	if (value)
		uk_file_wake(f);
	return sizeof(value);
}

static short event_poll(struct uk_file *f)
{
	struct event *e = UK_CONTAINER_OF(f, struct event, file);

	return (e->count ? POLLIN : 0) | (e->count < MAX ? POLLOUT : 0);
}

static void event_release(struct uk_file *f)
{
	uk_free(UK_CONTAINER_OF(f, struct event, file));
}

static const struct uk_file_ops event_ops = {
	.read = event_read,
	.write = event_write,
	.poll = event_poll,
	.release = event_release,
};

long uk_sys_eventfd2(long count, long flags)
{
	struct event *e;

	if (flags & ~(long)(EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE))
		return -EINVAL;
	e = uk_malloc(sizeof(*e));
	if (!e)
		return -ENOMEM;
	uk_file_init(&e->file, &event_ops, O_RDWR | (flags & O_NONBLOCK));
	e->count = (unsigned int)count;
	e->is_semaphore = flags & EFD_SEMAPHORE;
	return uk_fd_give(&e->file, flags & EFD_CLOEXEC);
}

long uk_sys_eventfd(long count)
{
	return uk_sys_eventfd2(count, 0);
}
