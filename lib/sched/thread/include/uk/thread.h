/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cooperative threads.
 *
 * Rules
 * - A thread runs until it yields, sleeps, waits or ends. Code between two
 *   such calls is atomic with respect to other threads and to event handlers.
 * - When no thread is ready the scheduler calls uk_plat_wait() with the
 *   deadline of the next timer. The thread that blocked last waits there, on
 *   its own stack: when it is the one that wakes, there is no switch at all.
 * - Each stack has a guard page below it; the struct lies on top of it.
 * - Only uk_thread_wake() may be called from event context.
 */
#ifndef UK_THREAD_H
#define UK_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uk/arch/ctx.h>
#include <uk/list.h>
#include <uk/util.h>

enum uk_thread_state {
	UK_THREAD_READY,
	UK_THREAD_RUNNING,
	UK_THREAD_BLOCKED,
	UK_THREAD_DEAD,
};

struct uk_thread {
	struct uk_arch_ctx ctx;
	struct uk_list run;		/* ready queue */
	struct uk_list wait;		/* wait queue */
	struct uk_list all;
	enum uk_thread_state state;
	char name[16];
	void *stack;			/* lowest usable address */
	size_t stack_bytes;
	void (*fn)(void *arg);
	void *arg;
	bool is_timed_out;		/* result of the last timed wait */
	bool is_granted;		/* a wait queue has woken it */
#ifdef CONFIG_HAVE_THREAD_TP
	uintptr_t tp;			/* uk_thread_tp while it does not run */
	void (*release)(struct uk_thread *t);	/* NULL: the memory is ours */
#endif
};

/**
 * The C library's descriptor of the running thread. Defined by a C library
 * that has one (HAVE_THREAD_TP), with the main thread's as its first value;
 * threads made by uk_thread_create() have that one too.
 */
extern uintptr_t uk_thread_tp;

/** Whether the image has thread-local variables of the compiler; the C
 *  library's too. Without them a switch leaves the register alone. */
extern bool uk_thread_has_tls;

/** The running thread; NULL before the scheduler runs. */
struct uk_thread *uk_thread_current(void);

/**
 * Create a thread that calls @fn(@arg); ready at once. It ends when @fn
 * returns; its memory is then freed by the scheduler.
 * @name: copied, cut to 15 characters.
 * @stack_bytes: 0 for CONFIG_LIBTHREAD_STACK_SIZE.
 * @return NULL: out of memory.
 */
struct uk_thread *uk_thread_create(const char *name, void (*fn)(void *arg),
				   void *arg, size_t stack_bytes);

#ifdef CONFIG_HAVE_THREAD_TP
/**
 * As uk_thread_create(), in memory of the caller: @t, and the stack of
 * @stack_bytes from @stack on.
 * @release: called when the thread has ended and uses neither any more, in
 *	another thread; must not block.
 */
void uk_thread_create_in(struct uk_thread *t, const char *name, void (*fn)(void *arg), void *arg,
			 void *stack, size_t stack_bytes, void (*release)(struct uk_thread *t));
#endif

/** Let the other ready threads run, and pending events be handled (once each
 *  time that all of them have run). */
void uk_thread_yield(void);

/** End the calling thread. */
void uk_thread_exit(void) uk_noreturn;

/** Block until uk_thread_wake(), or @deadline_ns (UK_FOREVER: none). Spurious
 *  returns do not happen. @return whether woken (false: timed out). */
bool uk_thread_block_until(uint64_t deadline_ns);

/** Make a thread ready that is in uk_thread_block_until(); no effect on any
 *  other, nor on one that waits in a wait queue, mutex or semaphore. */
void uk_thread_wake(struct uk_thread *t);

/** Sleep for @ns nanoseconds at least. */
void uk_thread_sleep_ns(uint64_t ns);

/** Which thread's guard page holds @addr? NULL: none. For the crash screen. */
struct uk_thread *uk_thread_of_guard(uintptr_t addr);

/** Thread whose stack holds @addr, else NULL. */
struct uk_thread *uk_thread_of_stack(uintptr_t addr);

#endif /* UK_THREAD_H */
