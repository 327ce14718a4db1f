/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For assembler sources; the offsets also for the C source that asserts them.
 *
 * Rules
 * - A function stands between UK_ENTRY or UK_LOCAL and UK_END, with its C prototype
 *   or its entry state above. A file ends with UK_ASM_END.
 * - The macros that save and restore build the general part of struct uk_arch_regs
 *   (<uk/arch/regs_def.h>), above which lie, from the top: ss rsp rflags cs rip error
 *   vector.
 */
#ifndef UK_ARCH_ASM_H
#define UK_ARCH_ASM_H

/* Offsets in struct uk_arch_regs; arch/x86_64/regs.c asserts them. */
#define UK_REGS_RDI	112
#define UK_REGS_VECTOR	120
#define UK_REGS_ERROR	128
#define UK_REGS_RIP	136
#define UK_REGS_CS	144
#define UK_REGS_RFLAGS	152
#define UK_REGS_RSP	160
#define UK_REGS_SS	168
#define UK_REGS_SIZE	176

#ifdef __ASSEMBLER__

/* A function: global (UK_ENTRY) or of this file (UK_LOCAL), each in a section
 * of its own so that the link can drop it. */
.macro UK_LOCAL name, section=.text
	.section \section\().\name, "ax", @progbits
	.balign 16
	.type \name, @function
\name:
.endm

.macro UK_ENTRY name, section=.text
	.globl \name
	UK_LOCAL \name, \section
.endm

.macro UK_END name
	.size \name, . - \name
.endm

#define UK_ASM_END .section .note.GNU-stack, "", @progbits

/* On entry %rsp points to `vector`; afterwards to a struct uk_arch_regs. No
 * register changes but %rsp. */
.macro UK_SAVE_REGS
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %rax
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
.endm

/* Undoes UK_SAVE_REGS and drops vector and error: what lies at %rsp then is
 * what iretq takes. */
.macro UK_RESTORE_REGS
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
	addq $16, %rsp
.endm

#endif /* __ASSEMBLER__ */
#endif /* UK_ARCH_ASM_H */
