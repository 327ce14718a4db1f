/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Events are file descriptors that become ready; signals that ask us to end
 * come as one of them. Slots do not move, so that a handler may add and remove
 * while the table is gone through: both leave a slot without results. A free
 * slot has fd -1, which the kernel skips.
 */
#include <uk/plat/event.h>

#include "linuxu_priv.h"

#include <errno.h>

#include <uk/boot.h>
#include <uk/linuxu/fd.h>
#include <uk/linuxu/sys.h>
#include <uk/plat/time.h>

/* poll(2) */
struct pollfd {
	int fd;
	int16_t events, revents;
};

struct timespec64 {
	int64_t sec, nsec;
};

static struct pollfd fds[UK_LINUXU_MAX_FDS];
static struct {
	uk_linuxu_fd_handler_t fn;
	void *arg;
} handlers[UK_LINUXU_MAX_FDS];
static unsigned int n_slots;	/* slots in use lie below */

static int find(int fd)
{
	for (unsigned int i = 0; i < n_slots; i++)
		if (fds[i].fd == fd)
			return (int)i;
	return -1;
}

int uk_linuxu_fd_add(int fd, unsigned int events, uk_linuxu_fd_handler_t handler, void *arg)
{
	int i;

	if (find(fd) >= 0)
		return -EEXIST;
	i = find(-1);
	if (i < 0) {
		if (n_slots == UK_LINUXU_MAX_FDS)
			return -ENOSPC;
		i = (int)n_slots++;
	}
	fds[i] = (struct pollfd) { .fd = fd, .events = (int16_t)events };
	handlers[i].fn = handler;
	handlers[i].arg = arg;
	return 0;
}

void uk_linuxu_fd_mod(int fd, unsigned int events)
{
	int i = find(fd);

	if (i >= 0)
		fds[i].events = (int16_t)events;
}

void uk_linuxu_fd_del(int fd)
{
	int i = find(fd);

	if (i >= 0)
		fds[i] = (struct pollfd) { .fd = -1 };
	while (n_slots && fds[n_slots - 1].fd == -1)
		n_slots--;
}

unsigned int uk_linuxu_fd_ready(int fd, unsigned int events, unsigned int sec)
{
	struct pollfd p = { .fd = fd, .events = (int16_t)events };
	const struct timespec64 timeout = { .sec = sec };
	long n = uk_linuxu_call6(UK_LINUXU_NR_PPOLL, &p, 1, &timeout, 0, 8, 0);

	return n > 0 ? (uint16_t)p.revents : 0;
}

/* @timeout: NULL waits without limit. */
static bool poll_and_handle(const struct timespec64 *timeout)
{
	long n;

	/* A profiler's or fuzzer's signal is no event */
	do
		n = uk_linuxu_call6(UK_LINUXU_NR_PPOLL, fds, n_slots, timeout, 0, 8, 0);
	while (n == -EINTR);
	if (n <= 0)
		return false;
	for (unsigned int i = 0; i < n_slots; i++) {
		unsigned int events = (uint16_t)fds[i].revents;

		if (events)
			handlers[i].fn(fds[i].fd, events, handlers[i].arg);
	}
	return true;
}

bool uk_plat_poll(void)
{
	const struct timespec64 none = { 0, 0 };

	return poll_and_handle(&none);
}

bool uk_plat_wait(uint64_t deadline_ns)
{
	struct timespec64 t;
	uint64_t now, left;

	if (deadline_ns == UK_FOREVER) {
		poll_and_handle(NULL);
		return false;
	}
	if (IS_ENABLED(CONFIG_PLAT_LINUXU_VIRTUAL_TIME)) {
		if (!uk_plat_poll())
			linuxu_time_set(deadline_ns);
		return true;
	}
	now = uk_plat_mono_ns();
	left = deadline_ns > now ? deadline_ns - now : 0;
	t.sec = (int64_t)(left / UK_NSEC_PER_SEC);
	t.nsec = (int64_t)(left % UK_NSEC_PER_SEC);
	poll_and_handle(&t);
	return true;
}

/* ---- Signals that ask us to end ---- */
/* signal(7), signalfd(2) */
#define SIG_BLOCK 0
#define SIGINT 2
#define SIGTERM 15
#define SIGINFO_BYTES 128
#define SIGNAL_BIT(n) (1u << ((n) - 1))

static void on_signal(int fd, unsigned int events uk_unused, void *arg uk_unused)
{
	char info[SIGINFO_BYTES];

	if (uk_linuxu_read(fd, info, sizeof(info)) > 0)
		uk_shutdown_request(0);
}

int linuxu_signals_init(void)
{
	const uint32_t mask[2] = { SIGNAL_BIT(SIGINT) | SIGNAL_BIT(SIGTERM), 0 };
	long fd;

	fd = uk_linuxu_call4(UK_LINUXU_NR_SIGNALFD4, -1, mask, sizeof(mask),
			     UK_LINUXU_O_CLOEXEC | UK_LINUXU_O_NONBLOCK);
	if (fd < 0)
		return (int)fd;
	uk_linuxu_call4(UK_LINUXU_NR_RT_SIGPROCMASK, SIG_BLOCK, mask, 0, sizeof(mask));
	return uk_linuxu_fd_add((int)fd, UK_LINUXU_IN, on_signal, NULL);
}
