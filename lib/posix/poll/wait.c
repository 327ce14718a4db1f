/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All that wait for descriptors do so in one queue: whichever file becomes
 * ready, they look at theirs again. With the one or two threads that poll in an
 * image this is cheaper than an entry in a queue of each file.
 */
#include "poll_priv.h"

#include <errno.h>

#include <uk/fd.h>
#include <uk/thread.h>

uint64_t poll_deadline_ms(int timeout_ms)
{
	if (!timeout_ms)
		return 0;
	return timeout_ms < 0 ? UK_FOREVER : uk_plat_mono_ns() + timeout_ms * UK_NSEC_PER_MSEC;
}

int poll_deadline(const struct timespec *ts, uint64_t *deadline_ns)
{
	uint64_t ns;

	*deadline_ns = UK_FOREVER;
	if (!ts)
		return 0;
	if (ts->tv_sec < 0 || ts->tv_nsec < 0 || ts->tv_nsec >= (long)UK_NSEC_PER_SEC)
		return -EINVAL;
	if (!__builtin_mul_overflow((uint64_t)ts->tv_sec, UK_NSEC_PER_SEC, &ns) &&
	    !__builtin_add_overflow(ns, uk_plat_mono_ns() + ts->tv_nsec, &ns))
		*deadline_ns = ns;
	return 0;
}

/* A look at the clock may be a trap: not where the answer is known */
static bool is_over(uint64_t deadline_ns)
{
	return !deadline_ns || (deadline_ns != UK_FOREVER && uk_plat_mono_ns() >= deadline_ns);
}

int poll_until(uint64_t deadline_ns, int (*scan)(void *arg), void *arg)
{
	int n;

	/* Events reach the files when the scheduler looks for them: a program
	 * that always finds something ready would never hear of the others. */
	uk_thread_yield();
	for (;;) {
		n = scan(arg);
		if (n || is_over(deadline_ns))
			return n;
		uk_wait_once(&uk_poll_queue, deadline_ns);
	}
}
