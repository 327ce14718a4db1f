/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The cooperative scheduler: one queue of ready threads, served in order.
 *
 * In that queue there is one entry that is no thread, `events`: when it comes
 * to the front, all threads that were ready have had their turn, and it is
 * time to look for events. When nothing else is in the queue, the image
 * sleeps until an event or the next timer. There is no idle thread.
 */
#include <uk/sched.h>
#include <uk/thread.h>

#include <string.h>

#include <uk/arch/page.h>
#include <uk/asan.h>
#include <uk/assert.h>
#include <uk/plat/event.h>
#include <uk/plat/time.h>
#include <uk/timer.h>

#include "sched_priv.h"

static struct uk_list events = UK_LIST_INIT(events);
static struct uk_list ready = UK_LIST_INIT(ready);
static struct uk_list all_threads = UK_LIST_INIT(all_threads);
static struct uk_thread *current;
static uintptr_t main_tp;	/* what new threads have for uk_thread_tp */
static struct uk_thread *dead;	/* its stack is given back by its successor */

struct uk_thread *uk_thread_current(void)
{
	return current;
}

static void bury(void)
{
	struct uk_thread *t = dead;

	if (!t)
		return;
	dead = NULL;
	uk_list_del(&t->all);
	if (!release(t))
		stack_put(t);
}

static struct uk_thread *next_ready(void)
{
	for (;;) {
		struct uk_list *n = uk_list_pop(&ready);
		bool is_time = true;

		if (n && n != &events)
			return UK_LIST_ENTRY(n, struct uk_thread, run);
		if (uk_list_is_empty(&ready))
			is_time = uk_plat_wait(timer_next_ns());
		else
			uk_plat_poll();
		timer_run(is_time);
		uk_list_add_tail(&ready, &events);
	}
}

/* Go on with the next ready thread; returns when the caller is it again. */
static void schedule(void)
{
	struct uk_thread *from = current, *to = next_ready();
	void *fake_stack = NULL;

	to->state = UK_THREAD_RUNNING;
	if (to == from)
		return;
	current = to;
	switch_tp(from, to);
	uk_asan_switch(from == dead ? NULL : &fake_stack, to->stack,
		       to->stack_bytes);
	uk_arch_ctx_switch(&from->ctx, &to->ctx);
	uk_asan_switched(fake_stack);
	bury();
}

static void thread_main(void *arg)
{
	struct uk_thread *t = arg;

	uk_asan_switched(NULL);
	bury();
	t->fn(t->arg);
	uk_thread_exit();
}

/* @stack_top: of a thread whose stack and stack_bytes are set */
static void init(struct uk_thread *t, const char *name, void (*fn)(void *arg), void *arg,
		 void *stack_top)
{
	strlcpy(t->name, name, sizeof(t->name));
	t->fn = fn;
	t->arg = arg;
	set_tp(t, main_tp);
	uk_list_init(&t->wait);
	uk_list_add_tail(&all_threads, &t->all);
	uk_arch_ctx_init(&t->ctx, stack_top, thread_main, t);
	t->state = UK_THREAD_READY;
	uk_list_add_tail(&ready, &t->run);
}

struct uk_thread *uk_thread_create(const char *name, void (*fn)(void *arg),
				   void *arg, size_t stack_bytes)
{
	struct uk_thread *t = stack_get(stack_bytes);

	if (t)
		init(t, name, fn, arg, t);
	return t;
}

#ifdef CONFIG_HAVE_THREAD_TP
void uk_thread_create_in(struct uk_thread *t, const char *name, void (*fn)(void *arg), void *arg,
			 void *stack, size_t stack_bytes, void (*release_fn)(struct uk_thread *t))
{
	t->stack = stack;
	t->stack_bytes = stack_bytes;
	init(t, name, fn, arg, (char *)stack + stack_bytes);
	t->release = release_fn;
}
#endif

void uk_thread_yield(void)
{
	current->state = UK_THREAD_READY;
	uk_list_add_tail(&ready, &current->run);
	schedule();
}

void uk_thread_exit(void)
{
	current->state = UK_THREAD_DEAD;
	dead = current;
	schedule();
	uk_bug("a dead thread runs");
}

void uk_thread_wake(struct uk_thread *t)
{
	if (t->state != UK_THREAD_BLOCKED)
		return;
	t->state = UK_THREAD_READY;
	uk_list_add_tail(&ready, &t->run);
}

struct timeout {
	struct uk_timer timer;
	struct uk_thread *thread;
};

static void on_timeout(struct uk_timer *timer)
{
	struct uk_thread *t = UK_CONTAINER_OF(timer, struct timeout,
					      timer)->thread;

	if (t->state != UK_THREAD_BLOCKED)
		return;
	t->is_timed_out = true;
	/* Nobody shall wake it from a queue in vain */
	uk_list_del(&t->wait);
	uk_thread_wake(t);
}

bool uk_thread_block_until(uint64_t deadline_ns)
{
	struct timeout timeout = { .thread = current };

	current->is_timed_out = false;
	current->state = UK_THREAD_BLOCKED;
	if (deadline_ns == UK_FOREVER) {
		schedule();
		return true;
	}
	uk_timer_init(&timeout.timer, on_timeout);
	uk_timer_start(&timeout.timer, deadline_ns);
	schedule();
	uk_timer_stop(&timeout.timer);
	return !current->is_timed_out;
}

void uk_thread_sleep_ns(uint64_t ns)
{
	uint64_t deadline_ns;

	if (__builtin_add_overflow(uk_plat_mono_ns(), ns, &deadline_ns))
		deadline_ns = UK_FOREVER;
	while (uk_thread_block_until(deadline_ns))
		;
}

struct uk_thread *uk_thread_of_guard(uintptr_t addr)
{
	struct uk_thread *t;

	UK_LIST_FOREACH (t, &all_threads, all) {
		if ((uintptr_t)t->stack - addr - 1 < UK_PAGE_SIZE)
			return t;
	}
	return NULL;
}

struct uk_thread *uk_thread_of_stack(uintptr_t addr)
{
	struct uk_thread *t;

	UK_LIST_FOREACH (t, &all_threads, all) {
		if (addr - (uintptr_t)t->stack < t->stack_bytes)
			return t;
	}
	return NULL;
}

void uk_sched_start(void (*main_fn)(void *), void *arg)
{
	struct uk_arch_ctx boot;

	main_tp = get_tp();
	uk_list_add_tail(&ready, &events);
	current = uk_thread_create("main", main_fn, arg, 0);
	if (!current)
		uk_bug("no memory for the main thread");
	uk_list_del(&current->run);
	current->state = UK_THREAD_RUNNING;
	uk_asan_switch(NULL, current->stack, current->stack_bytes);
	uk_arch_ctx_switch(&boot, &current->ctx);
	__builtin_unreachable();
}
