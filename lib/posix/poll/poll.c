/* SPDX-License-Identifier: BSD-3-Clause */
#include "poll_priv.h"

#include <errno.h>
#include <poll.h>

#include <uk/fd.h>
#include <uk/syscall.h>

#define ALWAYS (POLLERR | POLLHUP | POLLNVAL)

struct set {
	struct pollfd *fds;
	nfds_t n;
};

static short look(const struct pollfd *p)
{
	struct uk_file *f = uk_fd_get(p->fd);
	short ready;

	if (!f)
		return POLLNVAL;
	ready = uk_file_poll(f) & (p->events | ALWAYS);
	uk_file_put(f);
	return ready;
}

static int scan(void *arg)
{
	struct set *s = arg;
	int n = 0;

	for (nfds_t i = 0; i < s->n; i++) {
		s->fds[i].revents = s->fds[i].fd < 0 ? 0 : look(&s->fds[i]);
		n += s->fds[i].revents != 0;
	}
	return n;
}

static long poll_files(long fds, long n, uint64_t deadline_ns)
{
	struct set s = { .fds = (struct pollfd *)fds, .n = n };

	if ((unsigned long)n > CONFIG_LIBFD_MAX)
		return -EINVAL;
	return poll_until(deadline_ns, scan, &s);
}

long uk_sys_poll(long fds, long n, long timeout_ms)
{
	return poll_files(fds, n, poll_deadline_ms(timeout_ms));
}

/* There are no signals: a mask of them changes nothing */
long uk_sys_ppoll(long fds, long n, long timeout, long mask, long mask_bytes)
{
	uint64_t deadline_ns;
	int err = poll_deadline((const struct timespec *)timeout, &deadline_ns);

	(void)mask;
	(void)mask_bytes;
	return err < 0 ? err : poll_files(fds, n, deadline_ns);
}
