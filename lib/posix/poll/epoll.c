/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * epoll, level-triggered: a list of entries that each wait looks through. A
 * descriptor that is closed leaves the set when that is noticed, at the next
 * wait, provided that its number then means another file or none.
 */
#include "poll_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>

#include <uk/alloc.h>
#include <uk/fd.h>
#include <uk/list.h>
#include <uk/syscall.h>

#define EVENTS (EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLERR | EPOLLHUP | EPOLLRDHUP | \
		EPOLLRDNORM | EPOLLWRNORM | EPOLLRDBAND | EPOLLWRBAND | EPOLLONESHOT)
#define ALWAYS (EPOLLERR | EPOLLHUP)

struct entry {
	struct uk_list list;
	int fd;
	const struct uk_file *file;	/* to recognise it; not referenced */
	uint32_t events;		/* 0: EPOLLONESHOT has fired */
	epoll_data_t data;
};

struct epoll {
	struct uk_file file;
	struct uk_list entries;
};

struct wait {
	struct epoll *ep;
	struct epoll_event *out;
	int max;
};

static void drop(struct entry *e)
{
	uk_list_del(&e->list);
	uk_free(e);
}

/* @return what is ready and asked for; -1: it is not that file any more. */
static int look(struct entry *e)
{
	struct uk_file *f = uk_fd_get(e->fd);
	int ready = -1;

	if (f == e->file && f)
		ready = e->events ? (uint16_t)uk_file_poll(f) & (e->events | ALWAYS) : 0;
	if (f)
		uk_file_put(f);
	return ready;
}

/* Who was served goes to the end, so that a full @out starves nobody. */
static int scan(void *arg)
{
	struct wait *w = arg;
	struct uk_list served = UK_LIST_INIT(served), *i, *next;
	int n = 0, ready;

	for (i = w->ep->entries.next; i != &w->ep->entries && n < w->max; i = next) {
		struct entry *e = UK_LIST_ENTRY(i, struct entry, list);

		next = i->next;
		ready = look(e);
		if (ready < 0) {
			drop(e);
		} else if (ready) {
			w->out[n++] = (struct epoll_event){ .events = ready, .data = e->data };
			if (e->events & EPOLLONESHOT)
				e->events = 0;
			uk_list_del(i);
			uk_list_add_tail(&served, i);
		}
	}
	while ((i = uk_list_pop(&served)))
		uk_list_add_tail(&w->ep->entries, i);
	return n;
}

static short epoll_poll(struct uk_file *f)
{
	struct epoll *ep = UK_CONTAINER_OF(f, struct epoll, file);
	struct entry *e;

	UK_LIST_FOREACH (e, &ep->entries, list) {
		if (look(e) > 0)
			return POLLIN;
	}
	return 0;
}

static void epoll_release(struct uk_file *f)
{
	struct epoll *ep = UK_CONTAINER_OF(f, struct epoll, file);
	struct uk_list *i;

	while ((i = uk_list_pop(&ep->entries)))
		uk_free(UK_LIST_ENTRY(i, struct entry, list));
	uk_free(ep);
}

static const struct uk_file_ops epoll_ops = { .poll = epoll_poll, .release = epoll_release };

long uk_sys_epoll_create1(long flags)
{
	struct epoll *ep;

	if (flags & ~(long)EPOLL_CLOEXEC)
		return -EINVAL;
	ep = uk_malloc(sizeof(*ep));
	if (!ep)
		return -ENOMEM;
	uk_file_init(&ep->file, &epoll_ops, O_RDWR);
	uk_list_init(&ep->entries);
	return uk_fd_give(&ep->file, flags & EPOLL_CLOEXEC);
}

long uk_sys_epoll_create(long size)
{
	return size > 0 ? uk_sys_epoll_create1(0) : -EINVAL;
}

static struct entry *find(struct epoll *ep, int fd, const struct uk_file *file)
{
	struct entry *e;

	UK_LIST_FOREACH (e, &ep->entries, list) {
		if (e->fd == fd && e->file == file)
			return e;
	}
	return NULL;
}

static int control(struct epoll *ep, int op, int fd, const struct uk_file *file,
		   const struct epoll_event *ev)
{
	struct entry *e = find(ep, fd, file);

	if (op != EPOLL_CTL_ADD && !e)
		return -ENOENT;
	if (op == EPOLL_CTL_DEL) {
		drop(e);
		return 0;
	}
	if (ev->events & ~EVENTS || file == &ep->file)
		return -EINVAL;
	if (op == EPOLL_CTL_ADD) {
		if (e)
			return -EEXIST;
		e = uk_malloc(sizeof(*e));
		if (!e)
			return -ENOMEM;
		e->fd = fd;
		e->file = file;
		uk_list_add_tail(&ep->entries, &e->list);
	} else if (op != EPOLL_CTL_MOD) {
		return -EINVAL;
	}
	e->events = ev->events | ALWAYS;
	e->data = ev->data;
	uk_wait_wake_all(&uk_poll_queue);
	return 0;
}

/* @return the set behind a descriptor, with a reference, or NULL. */
static struct epoll *get(int fd)
{
	struct uk_file *f = uk_fd_get(fd);

	if (f && f->ops == &epoll_ops)
		return UK_CONTAINER_OF(f, struct epoll, file);
	if (f)
		uk_file_put(f);
	return NULL;
}

long uk_sys_epoll_ctl(long epfd, long op, long fd, long ev)
{
	struct epoll *ep = get(epfd);
	struct uk_file *f;
	int err = -EBADF;

	if (!ep)
		return -EINVAL;
	f = uk_fd_get(fd);
	if (f) {
		err = control(ep, op, fd, f, (const struct epoll_event *)ev);
		uk_file_put(f);
	}
	uk_file_put(&ep->file);
	return err;
}

long uk_sys_epoll_wait(long epfd, long out, long max, long timeout_ms)
{
	struct wait w = { .ep = get(epfd), .out = (struct epoll_event *)out, .max = max };
	int n;

	if (!w.ep)
		return -EINVAL;
	n = max > 0 ? poll_until(poll_deadline_ms(timeout_ms), scan, &w) : -EINVAL;
	uk_file_put(&w.ep->file);
	return n;
}

/* There are no signals: a mask of them changes nothing */
long uk_sys_epoll_pwait(long epfd, long out, long max, long timeout_ms, long mask, long bytes)
{
	(void)mask;
	(void)bytes;
	return uk_sys_epoll_wait(epfd, out, max, timeout_ms);
}
