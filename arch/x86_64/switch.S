/* SPDX-License-Identifier: BSD-3-Clause */
/* System V ABI for x86-64, 3.2.1: the callee preserves rbx, rbp, r12 to r15 and
 * the control bits of MXCSR and the x87 control word, which nobody changes in
 * an image without floating point. */
#include <uk/arch/asm.h>

/*
 * void uk_arch_ctx_switch(struct uk_arch_ctx *from,
 *			   const struct uk_arch_ctx *to)
 *
 * A suspended context's stack, from its stack pointer up (struct ctx_frame in
 * ctx.c): with floating point MXCSR and the x87 control word, a doubleword
 * each; r15 r14 r13 r12 rbx rbp, return address.
 */
UK_ENTRY uk_arch_ctx_switch
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
#ifdef CONFIG_HAVE_FPU
	subq $8, %rsp
	stmxcsr (%rsp)
	fnstcw 4(%rsp)
#endif
	movq %rsp, (%rdi)
	movq (%rsi), %rsp
#ifdef CONFIG_HAVE_FPU
	ldmxcsr (%rsp)
	fldcw 4(%rsp)
	addq $8, %rsp
#endif
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret
UK_END uk_arch_ctx_switch

/*
 * The first code of a context. Entry: rbx = function, r12 = its argument,
 * rbp = 0 so that frames end here, rsp 16-byte aligned.
 */
UK_ENTRY uk_arch_ctx_start
	movq %r12, %rdi
	call *%rbx
	ud2
UK_END uk_arch_ctx_start

UK_ASM_END
