/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Traps and upcalls as Xen delivers them to a 64-bit PV kernel, on the stack
 * in use:
 *
 *	56 (64)	ss
 *	48 (56)	rsp
 *	40 (48)	rflags
 *	32 (40)	cs, and the saved upcall mask in its upper half
 *	24 (32)	rip
 *	-- (16)	error code, of those traps that have one
 *	 8	r11
 *	 0	rcx
 */
#include <uk/arch/asm.h>

#include "layout.h"

/* Fetch rcx and r11, make up an error code, go on */
.macro TRAP vector, has_error=0
UK_LOCAL trap_\vector
	popq %rcx
	popq %r11
	.if !\has_error
	pushq $0
	.endif
	pushq $\vector
	jmp trap_common
UK_END trap_\vector
.endm

	TRAP 0
	TRAP 1
	TRAP 2
	TRAP 3
	TRAP 4
	TRAP 5
	TRAP 6
	TRAP 7
	TRAP 8, 1
	TRAP 10, 1
	TRAP 11, 1
	TRAP 12, 1
	TRAP 13, 1
	TRAP 14, 1
	TRAP 16
	TRAP 17, 1
	TRAP 18
	TRAP 19

/* void xenpv_trap(struct uk_arch_regs *regs), on a stack of its own: there may
 * be no room left on the one in use. A trap in a trap goes on below. */
UK_LOCAL trap_common
	UK_SAVE_REGS
	cld
	movq %rsp, %rdi
	leaq trap_stack_top(%rip), %rax
	leaq trap_stack(%rip), %rdx
	cmpq %rdx, %rsp
	jb 1f
	cmpq %rax, %rsp
	jb 2f
1:	movq %rax, %rsp
2:	andq $-16, %rsp
	xorl %ebp, %ebp
	call xenpv_trap
	ud2
UK_END trap_common

/* An event is pending: uk_plat_wait() wanted to know no more. Xen has masked
 * upcalls and said ring 0; iretq wants the ring we are in. */
UK_ENTRY xenpv_upcall
	popq %rcx
	popq %r11
	orb $3, 8(%rsp)
	iretq
UK_END xenpv_upcall

/* Xen could not load a segment of ours on return; nobody has changed any */
UK_ENTRY xenpv_failsafe
	ud2
UK_END xenpv_failsafe

/* struct trap_info[], ended by an address of 0. Specification:
 * xen/arch-x86/xen.h. Flags: privilege level 3 for int3 and into, 4 masks
 * upcalls. */
.macro INFO vector, flags=4
	.byte \vector, \flags
	.short 0xe033
	.balign 8
	.quad trap_\vector
.endm

	.section .rodata.xenpv_trap_table, "a", @progbits
	.globl xenpv_trap_table
	.balign 8
	.type xenpv_trap_table, @object
xenpv_trap_table:
	.irp v, 0, 1, 2, 5, 6, 7, 8, 10, 11, 12, 13, 14, 16, 17, 18, 19
	INFO \v
	.endr
	INFO 3, 7
	INFO 4, 7
	.quad 0, 0
	.size xenpv_trap_table, . - xenpv_trap_table

	.section .bss.xenpv_trap_stack, "aw", @nobits
	.balign 16
trap_stack:
	.skip 0x2000
trap_stack_top:

UK_ASM_END
