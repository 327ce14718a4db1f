/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Register file of an interrupted context, in the order in which a trap entry
 * pushes it; the same offsets for assembler are in <uk/arch/asm.h>.
 *
 * Rules: those of <uk/arch/regs.h>, by which it is included.
 */
#ifndef UK_ARCH_REGS_DEF_H
#define UK_ARCH_REGS_DEF_H

#include <stdint.h>

struct uk_arch_regs {
	uint64_t r15, r14, r13, r12, rbp, rbx;		/* callee-saved */
	uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t vector;		/* set by the entry stub */
	uint64_t error;			/* by the CPU, else 0 */
	uint64_t rip, cs, rflags, rsp, ss;	/* by the CPU */
};

/** Address of the {frame pointer, return address} pair of the caller. */
static inline uintptr_t uk_arch_current_fp(void)
{
	return (uintptr_t)__builtin_frame_address(0);
}

#endif /* UK_ARCH_REGS_DEF_H */
