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
	uint64_t x[31];		/* x29: frame pointer, x30: link register */
	uint64_t sp, pc, pstate;
};

/** Address of the {frame pointer, return address} pair of the caller. */
static inline uintptr_t uk_arch_current_fp(void)
{
	return (uintptr_t)__builtin_frame_address(0);
}

#endif /* UK_ARCH_REGS_DEF_H */
