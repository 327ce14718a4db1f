/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What musl's start code would set up from the arguments of a process.
 *
 * The descriptor of the main thread is static and complete, so that libraries
 * may use the C library before anything has run. Threads that were not made by
 * pthread_create() use it too: they share errno, which no switch of threads
 * separates from the call that set it.
 */
#include <stdlib.h>
#include <unistd.h>

#include "libc.h"
#include "locale_impl.h"
#include "pthread_impl.h"

#include <uk/arch/page.h>
#include <uk/boot.h>

#include "glue.h"

hidden void __stdio_exit(void);
hidden void __funcs_on_exit(void);

/* In the place that tls.ld has for it */
static struct pthread main_thread __attribute__((section(".uk_main_thread"), aligned(64))) = {
	.self = &main_thread,
	.prev = &main_thread,
	.next = &main_thread,
	.tid = 1,
	.detach_state = DT_JOINABLE,
	.locale = &__libc.global_locale,
	.robust_list.head = &main_thread.robust_list.head,
	.tsd = __pthread_tsd_main,
};

uintptr_t uk_thread_tp = (uintptr_t)&main_thread;

static char *no_environment[] = { NULL };

/* The functions of atexit(), then the streams' buffers; see exit.c */
static void at_end(void *arg)
{
	(void)arg;
	__funcs_on_exit();
	__stdio_exit();
}

static int start(void)
{
	__environ = no_environment;
	__progname = __progname_full = (char *)CONFIG_UK_NAME;
	__libc.can_do_threads = 1;
	__libc.page_size = UK_PAGE_SIZE;
	__default_stacksize = CONFIG_LIBTHREAD_STACK_SIZE;
	__default_guardsize = UK_PAGE_SIZE;
	musl_tls_init(&main_thread);
	return uk_atexit(at_end, NULL);
}
UK_INIT_CORE(start);
