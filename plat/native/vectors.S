/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where exceptions and interrupts come in. Vector n has its stub at
 * native_vectors + n * VECTOR_STUB_BYTES.
 */
#include <uk/arch/asm.h>

#include "x86.h"

/* Entry state: the CPU's interrupt frame at %rsp, for the vectors below with
 * an error code under it. */
#define HAS_ERROR(n) ((1 << (n)) & 0x60227d00)	/* 8, 10 to 14, 17, 21, 29, 30 */

UK_ENTRY native_vectors
.set n, 0
.rept N_VECTORS
	.balign VECTOR_STUB_BYTES
.if n >= VEC_IRQ
	pushq $0
.elseif !HAS_ERROR(n)
	pushq $0
.endif
	pushq $n
	jmp common
.set n, n + 1
.endr

/* Calls void native_trap(struct uk_arch_regs *regs), which returns from
 * interrupts only. Stack: aligned to 16 by the CPU, 22 words pushed since. */
common:
	UK_SAVE_REGS
	cld
	movq %rsp, %rdi
	call native_trap
	UK_RESTORE_REGS
	iretq
UK_END native_vectors

/* void native_irq_sleep(void), with interrupts off. Sti keeps them off for one
 * more instruction, but a CPU may forget that on the way through an NMI or a
 * hypervisor: native_trap() sees to it that hlt is not executed after one. */
UK_ENTRY native_irq_sleep
	sti
	.globl native_irq_hlt
native_irq_hlt:
	hlt
	.globl native_irq_awake
native_irq_awake:
	cli
	ret
UK_END native_irq_sleep

UK_ASM_END
