/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The calls that are not there. Each function is weak: the library that
 * implements the call defines it again, and the linker drops this one.
 */
#include <uk/syscall.h>

#include <errno.h>

#ifndef CONFIG_LIBSYSCALL_NAMES
long uk_syscall_missing(long nr)
{
	(void)nr;
	return -ENOSYS;
}
#endif

/* The parameters have names only in the calls that are there */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#define UK_CALL(name, n)						\
	__attribute__((weak)) long uk_sys_##name(UK_ARGS_##n)		\
	{								\
		return uk_syscall_missing(__NR_##name);			\
	}
#include <uk/syscall_list.h>
