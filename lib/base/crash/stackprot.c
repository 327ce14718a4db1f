/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the compiler's stack protector needs. The guard starts with a constant,
 * for the code before uk_boot(), and is then seeded from the clocks: enough
 * against an overflow that happens, and against an attacker who cannot read
 * our memory or our clock to the nanosecond. The lowest byte is 0, so that a
 * string function that runs over cannot write it.
 */
#include <uk/crash.h>

#include <uk/plat/time.h>

void __stack_chk_fail(void) uk_noreturn;

uintptr_t __stack_chk_guard = (uintptr_t)0x9d1c6b5ae3f27400;

/* Changes the guard under the feet of its callers: those must not return. */
__attribute__((no_stack_protector)) void uk_stack_guard_seed(void)
{
	uint64_t v = uk_plat_mono_ns() * 0x9e3779b97f4a7c15 ^ uk_plat_wall_ns();

	v *= 0xbf58476d1ce4e5b9;
	v ^= v >> 31;
	__stack_chk_guard = (uintptr_t)v & ~(uintptr_t)0xff;
}

void __stack_chk_fail(void)
{
	uk_crash(NULL, 0, "stack protector: a function wrote past its frame");
}
