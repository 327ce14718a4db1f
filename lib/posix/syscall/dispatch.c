/* SPDX-License-Identifier: BSD-3-Clause */
/* A call by its number. In a file of its own: who needs it needs them all. */
#include <uk/syscall.h>

long uk_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	switch (nr) {
#define UK_CALL(name, n) case __NR_##name: return uk_sys_##name(UK_PASS_##n);
#include <uk/syscall_list.h>
	default:
		return uk_syscall_missing(nr);
	}
}
