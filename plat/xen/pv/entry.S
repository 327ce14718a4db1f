/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/arch/asm.h>
#include <xen/elfnote.h>

#include "layout.h"

/*
 * What the domain builder has to know. Specification: xen/elfnote.h.
 */
.macro NOTE type, desc:vararg
	.balign 4
	.long 2f - 1f, 4f - 3f, \type
1:	.asciz "Xen"
2:	.balign 4
3:	\desc
4:	.balign 4
.endm

	.section .note.Xen, "a", @note
	NOTE XEN_ELFNOTE_GUEST_OS, .asciz "Unicore"
	NOTE XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0"
	NOTE XEN_ELFNOTE_LOADER, .asciz "generic"
	NOTE XEN_ELFNOTE_VIRT_BASE, .quad XENPV_VIRT_BASE
	NOTE XEN_ELFNOTE_PADDR_OFFSET, .quad XENPV_VIRT_BASE
	NOTE XEN_ELFNOTE_ENTRY, .quad _start
	NOTE XEN_ELFNOTE_HYPERCALL_PAGE, .quad xen_hypercall_page

/*
 * void _start(void): entered by Xen in ring 3, 64-bit mode, on the page tables
 * and the stack of the domain builder, events masked; %rsi: start info.
 */
UK_ENTRY _start, .text.entry
	cld
	rdtsc
	shlq $32, %rdx
	orq %rdx, %rax
	movl $XENPV_STACK_TOP, %esp
	xorl %ebp, %ebp
	movq %rsi, %rdi
	movq %rax, %rsi
	call xenpv_setup		/* (start info, TSC), does not return */
	ud2
UK_END _start

UK_ASM_END
