/* SPDX-License-Identifier: BSD-3-Clause */
/* AAPCS64, 6.1.1: the callee preserves x19 to x28, x29 and x30 as they were at
 * the call, and d8 to d15, which code for general registers never changes. */
#include <uk/arch/asm.h>

/*
 * void uk_arch_ctx_switch(struct uk_arch_ctx *from,
 *			   const struct uk_arch_ctx *to)
 *
 * A suspended context's stack, from its stack pointer up (struct ctx_frame in
 * ctx.c): x19 … x28, x29, return address.
 */
UK_ENTRY uk_arch_ctx_switch
	stp x29, x30, [sp, #-16]!
	stp x27, x28, [sp, #-16]!
	stp x25, x26, [sp, #-16]!
	stp x23, x24, [sp, #-16]!
	stp x21, x22, [sp, #-16]!
	stp x19, x20, [sp, #-16]!
	mov x9, sp
	str x9, [x0]
	ldr x9, [x1]
	mov sp, x9
	ldp x19, x20, [sp], #16
	ldp x21, x22, [sp], #16
	ldp x23, x24, [sp], #16
	ldp x25, x26, [sp], #16
	ldp x27, x28, [sp], #16
	ldp x29, x30, [sp], #16
	ret
UK_END uk_arch_ctx_switch

/*
 * The first code of a context. Entry: x19 = function, x20 = its argument,
 * x29 = 0 so that frames end here, sp 16-byte aligned.
 */
UK_ENTRY uk_arch_ctx_start
	mov x0, x20
	blr x19
	brk #1
UK_END uk_arch_ctx_start

UK_ASM_END
