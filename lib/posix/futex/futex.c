/* SPDX-License-Identifier: BSD-3-Clause */
/* futex: a list of who waits, with the address of the word. There is one
 * address space, so a private futex is like any other. */
#include <uk/syscall.h>

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <time.h>

#include <uk/list.h>
#include <uk/plat/event.h>
#include <uk/plat/time.h>
#include <uk/thread.h>

/* Linux' uapi, <linux/futex.h> */
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define FUTEX_REQUEUE 3
#define FUTEX_PRIVATE 128

struct waiter {
	struct uk_list list;
	const int *word;
	struct uk_thread *thread;
	bool is_woken;
};

static struct uk_list waiters = UK_LIST_INIT(waiters);

static int deadline(const struct timespec *ts, uint64_t *ns)
{
	*ns = UK_FOREVER;
	if (!ts)
		return 0;
	if (ts->tv_sec < 0 || ts->tv_nsec < 0 || ts->tv_nsec >= (long)UK_NSEC_PER_SEC)
		return -EINVAL;
	if (__builtin_mul_overflow((uint64_t)ts->tv_sec, UK_NSEC_PER_SEC, ns) ||
	    __builtin_add_overflow(*ns, uk_plat_mono_ns() + ts->tv_nsec, ns))
		*ns = UK_FOREVER;
	return 0;
}

static int futex_wait(const int *word, int value, const struct timespec *timeout)
{
	struct waiter w = { .word = word, .thread = uk_thread_current() };
	uint64_t deadline_ns;
	int err = deadline(timeout, &deadline_ns);

	if (err < 0)
		return err;
	if (*(const volatile int *)word != value)
		return -EAGAIN;
	uk_list_add_tail(&waiters, &w.list);
	while (!w.is_woken && uk_thread_block_until(deadline_ns))
		;
	if (w.is_woken)
		return 0;
	uk_list_del(&w.list);
	return -ETIMEDOUT;
}

/* Wake @n_wake of those that wait for @word, and have @n_move others wait for
 * @to. @return how many were woken and moved. */
static int futex_wake(const int *word, int n_wake, const int *to, int n_move)
{
	struct uk_list *i, *next;
	int n_woken = 0, n_moved = 0;

	for (i = waiters.next; i != &waiters && (n_woken < n_wake || n_moved < n_move); i = next) {
		struct waiter *w = UK_LIST_ENTRY(i, struct waiter, list);

		next = i->next;
		if (w->word != word)
			continue;
		if (n_woken < n_wake) {
			uk_list_del(i);
			w->is_woken = true;
			uk_thread_wake(w->thread);
			n_woken++;
		} else {
			w->word = to;
			n_moved++;
		}
	}
	return n_woken + n_moved;
}

long uk_sys_futex(long word, long op, long value, long timeout, long to, long value3)
{
	(void)value3;
	switch (op & ~(long)FUTEX_PRIVATE) {
	case FUTEX_WAIT:
		return futex_wait((const int *)word, value, (const struct timespec *)timeout);
	case FUTEX_WAKE:
		return futex_wake((const int *)word, value, NULL, 0);
	case FUTEX_REQUEUE:
		return futex_wake((const int *)word, value, (const int *)to, (int)timeout);
	default:
		return -ENOSYS;
	}
}
