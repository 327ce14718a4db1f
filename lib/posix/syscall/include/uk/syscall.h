/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System calls, with Linux' names, numbers, arguments and results, as function
 * calls.
 *
 * Rules
 * - A library implements a call by defining its function, uk_sys_<name>(). Of a
 *   call that nobody implements the function is there too: it returns -ENOSYS
 *   and, with LIBSYSCALL_NAMES, says so once in the log.
 * - A call whose number the compiler knows becomes a direct call of that
 *   function; the C library's are. uk_syscall() is for the others, and brings
 *   every call of the list into the image.
 * - Functions return a result or -errno. They may block, unless they say that
 *   they do not, and are not for event context.
 * - Pointers are trusted: the caller lives in the same address space. NULL
 *   gives -EFAULT only where Linux says so for a reason of its own.
 */
#ifndef UK_SYSCALL_H
#define UK_SYSCALL_H

#include <sys/syscall.h>

#define UK_ARGS_0 void
#define UK_ARGS_1 long a
#define UK_ARGS_2 UK_ARGS_1, long b
#define UK_ARGS_3 UK_ARGS_2, long c
#define UK_ARGS_4 UK_ARGS_3, long d
#define UK_ARGS_5 UK_ARGS_4, long e
#define UK_ARGS_6 UK_ARGS_5, long f

#define UK_CALL(name, n) long uk_sys_##name(UK_ARGS_##n);
#include <uk/syscall_list.h>

/** The call of that number, which is not known before it runs. */
long uk_syscall(long nr, long a, long b, long c, long d, long e, long f);

/** What a call returns that is not there. */
long uk_syscall_missing(long nr);

#define UK_PASS_0
#define UK_PASS_1 a
#define UK_PASS_2 UK_PASS_1, b
#define UK_PASS_3 UK_PASS_2, c
#define UK_PASS_4 UK_PASS_3, d
#define UK_PASS_5 UK_PASS_4, e
#define UK_PASS_6 UK_PASS_5, f

/** As uk_syscall(); for numbers that the compiler knows, a direct call. */
static inline __attribute__((always_inline)) long
uk_syscall_fold(long nr, long a, long b, long c, long d, long e, long f)
{
	if (!__builtin_constant_p(nr))
		return uk_syscall(nr, a, b, c, d, e, f);
	switch (nr) {
#define UK_CALL(name, n) case __NR_##name: return uk_sys_##name(UK_PASS_##n);
#include <uk/syscall_list.h>
	default:
		return uk_syscall_missing(nr);
	}
}

#endif /* UK_SYSCALL_H */
