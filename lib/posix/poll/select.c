/* SPDX-License-Identifier: BSD-3-Clause */
#include "poll_priv.h"

#include <errno.h>
#include <poll.h>
#include <sys/select.h>

#include <uk/fd.h>
#include <uk/syscall.h>

struct set {
	int n;
	fd_set *sets[3];	/* read, write, error; NULL: not asked */
	fd_set found[3];
};

static const short meaning[3] = { POLLIN | POLLHUP | POLLERR, POLLOUT | POLLERR, POLLPRI };

static int look(struct set *s, int fd)
{
	struct uk_file *f = uk_fd_get(fd);
	short ready;
	int n = 0;

	if (!f)
		return -EBADF;
	ready = uk_file_poll(f);
	uk_file_put(f);
	for (int i = 0; i < 3; i++) {
		if (!s->sets[i] || !FD_ISSET(fd, s->sets[i]) || !(ready & meaning[i]))
			continue;
		FD_SET(fd, &s->found[i]);
		n++;
	}
	return n;
}

static bool is_asked(const struct set *s, int fd)
{
	for (int i = 0; i < 3; i++) {
		if (s->sets[i] && FD_ISSET(fd, s->sets[i]))
			return true;
	}
	return false;
}

static int scan(void *arg)
{
	struct set *s = arg;
	int total = 0, n;

	for (int fd = 0; fd < s->n; fd++) {
		if (!is_asked(s, fd))
			continue;
		n = look(s, fd);
		if (n < 0)
			return n;
		total += n;
	}
	return total;
}

static long select_files(long n, long in, long out, long err, uint64_t deadline_ns)
{
	struct set s = { .n = n, .sets = { (fd_set *)in, (fd_set *)out, (fd_set *)err } };
	int ready;

	if (n < 0 || n > FD_SETSIZE)
		return -EINVAL;
	ready = poll_until(deadline_ns, scan, &s);
	if (ready < 0)
		return ready;
	for (int i = 0; i < 3; i++) {
		if (s.sets[i])
			*s.sets[i] = s.found[i];
	}
	return ready;
}

long uk_sys_select(long n, long in, long out, long err, long timeout)
{
	const struct timeval *tv = (const struct timeval *)timeout;
	struct timespec ts;
	uint64_t deadline_ns = UK_FOREVER;
	int bad = 0;

	if (tv) {
		ts = (struct timespec){ .tv_sec = tv->tv_sec + tv->tv_usec / 1000000,
					.tv_nsec = tv->tv_usec % 1000000 * 1000 };
		bad = poll_deadline(&ts, &deadline_ns);
	}
	return bad < 0 ? bad : select_files(n, in, out, err, deadline_ns);
}

/* There are no signals: a mask of them changes nothing */
long uk_sys_pselect6(long n, long in, long out, long err, long timeout, long mask)
{
	uint64_t deadline_ns;
	int bad = poll_deadline((const struct timespec *)timeout, &deadline_ns);

	(void)mask;
	return bad < 0 ? bad : select_files(n, in, out, err, deadline_ns);
}
