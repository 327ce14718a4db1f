/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SCHED_PRIV_H
#define SCHED_PRIV_H

#include <stdint.h>

#include <uk/list.h>
#include <uk/thread.h>

/* timer.c */

/** Deadline of the next timer; UK_FOREVER when there is none. */
uint64_t timer_next_ns(void);
/** Call what has expired. */
void timer_run(void);

/* stack.c */

/** Memory of a thread: guard page, stack, and on top of it the struct, whose
 *  stack and stack_bytes are set. NULL: out of memory. */
struct uk_thread *stack_get(size_t stack_bytes);
void stack_put(struct uk_thread *t);

#endif /* SCHED_PRIV_H */
