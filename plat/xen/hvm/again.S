/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Starting again: out of long mode, to a state as the loader left it, with
 * everything that is initialised as it was then; _start does the rest.
 */
#include <uk/arch/asm.h>
#include <uk/arch/page.h>

#include "x86.h"

/* Fill with what %esi points to, or with 0: [\from, \to) */
.macro RANGE from, to
	movl $\from, %edi
	movl $\to, %ecx
	subl %edi, %ecx
.endm

/*
 * void hvm_again(const void *info): on the page tables and in the segments of
 * native/entry.S, interrupts off. Uses no stack but two words: it may be any.
 */
UK_ENTRY hvm_again
	cli
	cld
	movl $native_boot_stack + BOOT_STACK_BYTES, %esp
	movl %edi, %ebx
	lgdt flat_gdt_ptr
	pushq $GDT_CODE
	pushq $flat
	lretq

	.code32
flat:
	movl $GDT_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl $CR0_ET | CR0_PE, %eax
	movl %eax, %cr0
	xorl %eax, %eax
	xorl %edx, %edx
	movl $MSR_EFER, %ecx
	wrmsr
	movl %eax, %cr4

	movl $uk_pristine, %esi
	RANGE uk_rodata_end, uk_bss_start
	rep movsb
	RANGE uk_kept_end, uk_pristine
	rep stosb
	RANGE native_pts, uk_image_end
	shrl $2, %ecx
	rep stosl
	jmp _start
UK_END hvm_again

	.section .rodata.hvm_flat, "a", @progbits
	.balign 8
/* "Accessed" is set already: the CPU does not write here */
flat_gdt:
	.quad 0
	.quad 0x00cf9b000000ffff	/* GDT_CODE */
	.quad 0x00cf93000000ffff	/* GDT_DATA */
flat_gdt_end:
flat_gdt_ptr:
	.short flat_gdt_end - flat_gdt - 1
	.quad flat_gdt

UK_ASM_END
