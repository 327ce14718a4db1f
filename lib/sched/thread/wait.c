/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Wait queues, mutexes and semaphores.
 *
 * Whoever wakes a waiter takes it out of the queue and marks it as granted; a
 * mutex or a semaphore's unit is handed over at that moment, so that nobody
 * can overtake. A waiter that is woken by uk_thread_wake() meanwhile, or by
 * nobody, goes on waiting in its place.
 */
#include <uk/wait.h>

#include <errno.h>

#include <uk/assert.h>

void uk_wait_init(struct uk_wait_queue *wq)
{
	uk_list_init(&wq->waiters);
}

bool uk_wait_once(struct uk_wait_queue *wq, uint64_t deadline_ns)
{
	struct uk_thread *t = uk_thread_current();
	bool is_in_time = true;

	t->is_granted = false;
	uk_list_add_tail(&wq->waiters, &t->wait);
	while (is_in_time && !t->is_granted)
		is_in_time = uk_thread_block_until(deadline_ns);
	return t->is_granted;
}

/* Wake the first waiter. @return NULL: there is none. */
static struct uk_thread *grant(struct uk_wait_queue *wq)
{
	struct uk_list *n = uk_list_pop(&wq->waiters);
	struct uk_thread *t;

	if (!n)
		return NULL;
	t = UK_LIST_ENTRY(n, struct uk_thread, wait);
	t->is_granted = true;
	uk_thread_wake(t);
	return t;
}

void uk_wait_wake_one(struct uk_wait_queue *wq)
{
	grant(wq);
}

void uk_wait_wake_all(struct uk_wait_queue *wq)
{
	while (grant(wq))
		;
}

void uk_mutex_init(struct uk_mutex *m)
{
	m->owner = NULL;
	uk_wait_init(&m->wq);
}

bool uk_mutex_trylock(struct uk_mutex *m)
{
	if (m->owner)
		return false;
	m->owner = uk_thread_current();
	return true;
}

void uk_mutex_lock(struct uk_mutex *m)
{
	if (uk_mutex_trylock(m))
		return;
	uk_bug_on(m->owner == uk_thread_current());
	uk_wait_once(&m->wq, UK_FOREVER);
}

void uk_mutex_unlock(struct uk_mutex *m)
{
	uk_bug_on(m->owner != uk_thread_current());
	m->owner = grant(&m->wq);
}

void uk_sem_init(struct uk_sem *s, unsigned int count)
{
	s->count = count;
	uk_wait_init(&s->wq);
}

int uk_sem_down_until(struct uk_sem *s, uint64_t deadline_ns)
{
	if (s->count > 0) {
		s->count--;
		return 0;
	}
	return uk_wait_once(&s->wq, deadline_ns) ? 0 : -ETIMEDOUT;
}

void uk_sem_up(struct uk_sem *s)
{
	if (!grant(&s->wq))
		s->count++;
}
