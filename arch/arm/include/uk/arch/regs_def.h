/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Register file of an interrupted context.
 *
 * Rules: those of <uk/arch/regs.h>, by which it is included.
 */
#ifndef UK_ARCH_REGS_DEF_H
#define UK_ARCH_REGS_DEF_H

#include <stdint.h>

struct uk_arch_regs {
	uint32_t r[16];		/* r11: frame pointer, 13: sp, 14: lr, 15: pc */
	uint32_t cpsr;
};

/* A function pushes {r11, lr}. GCC lets r11 point to the second word of the
 * pair, clang to the first. */
#ifdef __clang__
#define UK_ARCH_FP_OFFSET 0
#else
#define UK_ARCH_FP_OFFSET 4
#endif

/** Address of the {frame pointer, return address} pair of the caller. */
static inline uintptr_t uk_arch_current_fp(void)
{
	return (uintptr_t)__builtin_frame_address(0) - UK_ARCH_FP_OFFSET;
}

#endif /* UK_ARCH_REGS_DEF_H */
