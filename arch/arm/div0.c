/* SPDX-License-Identifier: BSD-3-Clause */
/* The processor has no trap for a division by zero; the run-time ABI for ARM
 * (4.3.1) lets libgcc's division functions call these instead. */
#include <uk/util.h>

int __aeabi_idiv0(int value);
long long __aeabi_ldiv0(long long value);

int __aeabi_idiv0(int value uk_unused)
{
	__builtin_trap();
}

long long __aeabi_ldiv0(long long value uk_unused)
{
	__builtin_trap();
}
