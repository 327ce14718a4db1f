/* SPDX-License-Identifier: BSD-3-Clause */
/* AAPCS32, 6.1.1: the callee preserves r4 to r11, and d8 to d15, which code
 * for general registers never changes. */
#include <uk/arch/asm.h>

/*
 * void uk_arch_ctx_switch(struct uk_arch_ctx *from,
 *			   const struct uk_arch_ctx *to)
 *
 * A suspended context's stack, from its stack pointer up (struct ctx_frame in
 * ctx.c): r4 … r11, a word that keeps the stack aligned, return address.
 */
UK_ENTRY uk_arch_ctx_switch
	push {r4-r12, lr}
	str sp, [r0]
	ldr sp, [r1]
	pop {r4-r12, pc}
UK_END uk_arch_ctx_switch

/*
 * The first code of a context. Entry: r4 = function, r5 = its argument,
 * r11 = 0 so that frames end here, sp 8-byte aligned.
 */
UK_ENTRY uk_arch_ctx_start
	mov r0, r5
	blx r4
	udf #1
UK_END uk_arch_ctx_start

UK_ASM_END
