/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Wait queues, and what is built on them: mutexes and semaphores.
 *
 * Rules
 * - Waiting only in thread context; uk_wait_wake_*() and uk_sem_up() also in
 *   event context. First come, first served.
 * - Timeouts are absolute, in uk_plat_mono_ns() time; UK_FOREVER for none.
 */
#ifndef UK_WAIT_H
#define UK_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include <uk/list.h>
#include <uk/plat/event.h>
#include <uk/plat/time.h>
#include <uk/thread.h>

struct uk_wait_queue {
	struct uk_list waiters;
};

#define UK_WAIT_QUEUE_INIT(name) { .waiters = UK_LIST_INIT((name).waiters) }

void uk_wait_init(struct uk_wait_queue *wq);

/** Block once. @return false: @deadline_ns passed. */
bool uk_wait_once(struct uk_wait_queue *wq, uint64_t deadline_ns);

void uk_wait_wake_one(struct uk_wait_queue *wq);
void uk_wait_wake_all(struct uk_wait_queue *wq);

/** Wait until @cond is true. Value: 0, or -ETIMEDOUT. */
#define uk_wait_event_until(wq, cond, deadline_ns)			\
	({								\
		int wait_ret_ = 0;					\
		while (!(cond)) {					\
			if (!uk_wait_once((wq), (deadline_ns)) && !(cond)) { \
				wait_ret_ = -110 /* ETIMEDOUT */;	\
				break;					\
			}						\
		}							\
		wait_ret_;						\
	})
#define uk_wait_event(wq, cond) \
	((void)uk_wait_event_until((wq), (cond), UK_FOREVER))

struct uk_mutex {
	struct uk_thread *owner;
	struct uk_wait_queue wq;
};

#define UK_MUTEX_INIT(name) \
	{ .owner = NULL, .wq = UK_WAIT_QUEUE_INIT((name).wq) }

void uk_mutex_init(struct uk_mutex *m);
/** Not recursive: locking one's own mutex is a bug. */
void uk_mutex_lock(struct uk_mutex *m);
bool uk_mutex_trylock(struct uk_mutex *m);
void uk_mutex_unlock(struct uk_mutex *m);

struct uk_sem {
	unsigned int count;
	struct uk_wait_queue wq;
};

void uk_sem_init(struct uk_sem *s, unsigned int count);
/** @return 0 or -ETIMEDOUT. */
int uk_sem_down_until(struct uk_sem *s, uint64_t deadline_ns);
void uk_sem_up(struct uk_sem *s);

#endif /* UK_WAIT_H */
