/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For assembler sources only.
 *
 * Rules
 * - A function stands between UK_ENTRY or UK_LOCAL and UK_END, with its C prototype
 *   or its entry state above. A file ends with UK_ASM_END.
 */
#ifndef UK_ARCH_ASM_H
#define UK_ARCH_ASM_H

#ifdef __ASSEMBLER__

/* A function: global (UK_ENTRY) or of this file (UK_LOCAL), each in a section
 * of its own so that the link can drop it. */
.macro UK_LOCAL name, section=.text
	.section \section\().\name, "ax", %progbits
	.balign 4
	.type \name, %function
\name:
.endm

.macro UK_ENTRY name, section=.text
	.globl \name
	UK_LOCAL \name, \section
.endm

.macro UK_END name
	.size \name, . - \name
.endm

#define UK_ASM_END .section .note.GNU-stack, "", %progbits

#endif /* __ASSEMBLER__ */
#endif /* UK_ARCH_ASM_H */
