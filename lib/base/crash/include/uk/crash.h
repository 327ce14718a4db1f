/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The crash screen: what happened, registers, symbolised backtrace, the last
 * log lines; then uk_plat_shutdown(UK_SHUTDOWN_CRASH).
 *
 * Rules
 * - Called by a platform's trap handlers and by uk_bug(). Allocates nothing,
 *   survives a second fault inside itself (prints less, then ends).
 */
#ifndef UK_CRASH_H
#define UK_CRASH_H

#include <stdint.h>

#include <uk/arch/regs.h>
#include <uk/util.h>

/**
 * @regs: interrupted state, or NULL to walk the caller's own stack.
 * @fault_addr: address of a memory fault, or 0. When it lies in a guard page
 *	of a known stack the screen says "stack overflow in thread <name>".
 * @fmt: one line: "page fault: write to 0x10 (not present)"
 */
void uk_crash(const struct uk_arch_regs *regs, uintptr_t fault_addr,
	      const char *fmt, ...) uk_noreturn uk_printf_like(3, 4);

/** Print a symbolised backtrace of the caller to the console. */
void uk_backtrace(void);

/** Seed the stack protector. For lib/base/boot: changes the guard of all
 *  frames there are, so no function that is running may return after it. */
void uk_stack_guard_seed(void);

#endif /* UK_CRASH_H */
