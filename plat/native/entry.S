/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From the loader to C: page tables for the image, long mode, a stack.
 *
 * Loaders: PVH (docs/misc/pvh.pandoc of Xen) and multiboot 1. Both enter in
 * 32-bit protected mode without paging, with flat segments and interrupts
 * off; %ebx points to the loader's information. Its first word tells which
 * loader it was. A processor without long mode gets no further than a line on
 * the first serial port.
 */
#include <uk/arch/asm.h>
#include <uk/arch/page.h>

#include "x86.h"

#define MULTIBOOT_MAGIC		0x1badb002
#define MULTIBOOT_FLAGS		0x00010003	/* page aligned modules, memory map, addresses below */
#define XEN_ELFNOTE_PHYS32_ENTRY 18

#define EFLAGS_ID		0x00200000	/* can be changed: there is cpuid */
#define COM1			0x3f8
#define COM1_LSR		(COM1 + 5)
#define LSR_TX_EMPTY		0x20
#define PATIENCE		100000		/* accesses of a microsecond */

	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 4, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
	.long _start

#ifdef __PLAT_KVM__
/* QEMU prefers it to PVH, and has to: SeaBIOS on a PC clears all memory below
 * 576 KiB after a PVH image has been put there. */
	.section .text.multiboot, "ax", @progbits
	.balign 4
multiboot_header:
	.long MULTIBOOT_MAGIC
	.long MULTIBOOT_FLAGS
	.long -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)
	.long multiboot_header
	.long uk_image_start
	.long native_load_end
	.long uk_image_end
	.long _start
#endif

/* Fill page table entries for [%esi, \end) with flags %ebp and, above bit 31,
 * %edx; %edi: where the entries go. Changes both. */
.macro MAP_UP_TO end
1:	cmpl $\end, %esi
	jae 2f
	leal (%esi, %ebp), %eax
	movl %eax, (%edi)
	movl %edx, 4(%edi)
	addl $8, %edi
	addl $UK_PAGE_SIZE, %esi
	jmp 1b
2:
.endm

/*
 * Entry state: see above. No prototype: a loader jumps here. Calls
 * void native_start(const void *info), which does not return.
 */
	.code32
UK_ENTRY _start, .text.entry
	cld
	movl $native_boot_stack + BOOT_STACK_BYTES, %esp
	movl %ebx, %ebp

	/* Is there cpuid, and long mode? Older processors have no rdtsc either */
	pushfl
	popl %ecx
	movl %ecx, %eax
	xorl $EFLAGS_ID, %eax
	pushl %eax
	popfl
	pushfl
	popl %eax
	cmpl %ecx, %eax
	je no_long_mode
	movl $0x80000000, %eax
	cpuid
	cmpl $0x80000001, %eax
	jb no_long_mode
	movl $0x80000001, %eax
	cpuid
	testl $CPUID_80000001_EDX_LM, %edx
	jz no_long_mode
	movl %edx, %esi
	rdtsc
	movl %eax, native_entry_tsc
	movl %edx, native_entry_tsc + 4

	/* Is there a no-execute bit? %ecx: EFER */
	movl %ebp, %ebx
	movl %esi, %edx
	movl $EFER_LME, %ecx
	andl $CPUID_80000001_EDX_NX, %edx
	jz 1f
	orl $EFER_NXE, %ecx
	movl $PTE_NX >> 32, %edx
	movl %edx, native_nx + 4
1:
	/* Page tables: the image, each part with its rights */
	movl $uk_image_start, %esi
	movl %esi, %edi
	shrl $UK_PAGE_SHIFT - 3, %edi
	addl $native_pts, %edi
	movl $PTE_P, %ebp
	movl %edx, %esp
	xorl %edx, %edx
	MAP_UP_TO uk_text_end
	movl %esp, %edx
	MAP_UP_TO uk_rodata_end
	movl $PTE_P | PTE_W, %ebp
	MAP_UP_TO uk_image_end
	movl $native_pts + PTE_P + PTE_W, %eax
	movl $native_pd, %edi
	movl $native_n_pts, %edx
1:	movl %eax, (%edi)
	addl $UK_PAGE_SIZE, %eax
	addl $8, %edi
	decl %edx
	jnz 1b
	movl $native_pd + PTE_P + PTE_W, native_pdpt
	movl $native_pdpt + PTE_P + PTE_W, native_pml4

	/* Long mode */
	movl $native_pml4, %eax
	movl %eax, %cr3
	movl $CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT, %eax
	movl %eax, %cr4
	movl %ecx, %eax
	xorl %edx, %edx
	movl $MSR_EFER, %ecx
	wrmsr
	movl $CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE, %eax
	movl %eax, %cr0
	lgdt native_gdt_ptr
	ljmp $GDT_CODE, $start64

/* With a driver of its own for the serial port: that of C is 64-bit code. */
no_long_mode:
	movl $serial_setup, %esi
	movl $(serial_setup_end - serial_setup) / 2, %ecx
1:	lodsw
	movw $COM1, %dx
	addb %ah, %dl
	outb %al, %dx
	loop 1b
	movl $why, %esi
2:	movw $COM1_LSR, %dx
	movl $PATIENCE, %ecx
3:	inb %dx, %al
	testb $LSR_TX_EMPTY, %al
	loopz 3b
	movw $COM1, %dx
	lodsb
	outb %al, %dx
	cmpl $why_end, %esi
	jb 2b
4:	cli
	hlt
	jmp 4b

	.code64
start64:
	movl $GDT_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %ebp, %ebp
	movl %ebp, %fs
	movl %ebp, %gs
	movl $native_boot_stack + BOOT_STACK_BYTES, %esp
	movl %ebx, %edi
	call native_start
	ud2
UK_END _start

	.section .rodata.no_long_mode, "a", @progbits
/* Pairs of value and register: 115200 8N1, FIFO cleared */
serial_setup:
	.byte 0x80, 3, 1, 0, 0, 1, 0x03, 3, 0x07, 2
serial_setup_end:
why:
	.ascii "\r\nThis image needs a 64-bit processor (long mode); this one has none.\r\n"
	.ascii "With QEMU: -cpu max, or qemu64.\r\n"
why_end:

UK_ASM_END
