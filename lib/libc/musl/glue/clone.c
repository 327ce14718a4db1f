/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bottom of musl's threads: one is made here, on the stack that
 * pthread_create() has mapped, and ends here. What the kernel would do when a
 * thread ends (CLONE_CHILD_CLEARTID, the last step of munmap()) is done by
 * whichever thread runs next.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>

#include "pthread_impl.h"

#include <uk/alloc.h>
#include <uk/thread.h>

struct pthread_thread {
	struct uk_thread thread;
	int (*fn)(void *arg);
	void *arg;
	void *map;		/* to unmap afterwards; NULL: whoever joins does */
	size_t map_bytes;
};

static void run(void *arg)
{
	struct pthread_thread *t = arg;

	t->fn(t->arg);
	uk_thread_exit();
}

static void release(struct uk_thread *thread)
{
	struct pthread_thread *t = UK_CONTAINER_OF(thread, struct pthread_thread, thread);

	if (t->map)
		uk_sys_munmap((long)t->map, t->map_bytes);
	uk_free(t);
}

/* Arguments as of Linux' clone(): parent's tid, thread pointer, child's tid.
 * pthread_create() passes all of them; posix_spawn(), and with it popen() and
 * system(), wants a process and passes none. */
int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
{
	static int last_tid = 1;
	struct pthread_thread *t;
	struct pthread *desc;
	char *lowest;
	int *tid;
	va_list ap;

	if (!(flags & CLONE_THREAD))
		return -ENOSYS;
	t = uk_malloc(sizeof(*t));
	if (!t)
		return -EAGAIN;
	va_start(ap, arg);
	tid = va_arg(ap, int *);
	desc = va_arg(ap, struct pthread *);
	va_end(ap);
	*tid = ++last_tid;
	t->fn = fn;
	t->arg = arg;
	t->map = NULL;
	lowest = (char *)desc->stack - desc->stack_size;
	uk_thread_create_in(&t->thread, "pthread", run, t, lowest, (char *)stack - lowest, release);
	t->thread.tp = (uintptr_t)desc;
	return last_tid;
}

/* musl holds its lock of the list of threads; at the end it is to be open */
static _Noreturn void end(void)
{
	__thread_list_lock = 0;
	__wake(&__thread_list_lock, 1, 0);
	uk_thread_exit();
}

long uk_sys_exit(long status)
{
	(void)status;
	end();
}

void __unmapself(void *base, size_t size)
{
	struct pthread_thread *t = UK_CONTAINER_OF(uk_thread_current(), struct pthread_thread, thread);

	t->map = base;
	t->map_bytes = size;
	end();
}

volatile int __thread_list_lock;

