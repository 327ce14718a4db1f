/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SCHED_PRIV_H
#define SCHED_PRIV_H

#include <stdint.h>

#include <uk/list.h>
#include <uk/plat/tls.h>
#include <uk/thread.h>

#ifdef CONFIG_HAVE_THREAD_TP
static inline void switch_tp(struct uk_thread *from, struct uk_thread *to)
{
	from->tp = uk_thread_tp;
	uk_thread_tp = to->tp;
	if (uk_thread_has_tls && from->tp != to->tp)
		uk_plat_tls_set(to->tp);
}

static inline void set_tp(struct uk_thread *t, uintptr_t tp)
{
	t->tp = tp;
	t->release = NULL;
}

/* Give back what the thread lay in, when it is not ours. @return whether. */
static inline bool release(struct uk_thread *t)
{
	if (!t->release)
		return false;
	t->release(t);
	return true;
}

static inline uintptr_t get_tp(void)
{
	return uk_thread_tp;
}
#else
static inline void switch_tp(struct uk_thread *from, struct uk_thread *to)
{
	(void)from;
	(void)to;
}

static inline void set_tp(struct uk_thread *t, uintptr_t tp)
{
	(void)t;
	(void)tp;
}

static inline bool release(struct uk_thread *t)
{
	(void)t;
	return false;
}

static inline uintptr_t get_tp(void)
{
	return 0;
}
#endif

/* timer.c */

/** Deadline of the next timer; UK_FOREVER when there is none. */
uint64_t timer_next_ns(void);
/** Call what has expired. @is_time: the next one may have. */
void timer_run(bool is_time);

/* stack.c */

/** Memory of a thread: guard page, stack, and on top of it the struct, whose
 *  stack and stack_bytes are set. NULL: out of memory. */
struct uk_thread *stack_get(size_t stack_bytes);
void stack_put(struct uk_thread *t);

#endif /* SCHED_PRIV_H */
