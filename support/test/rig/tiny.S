/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The smallest PVH image that shows how its domain was started: it writes one
 * character to the hypervisor's debug port and ends with the shutdown reason
 * given at assembly time.
 *
 * Entered at start in 32-bit protected mode, flat segments, paging off,
 * %ebx = start info. Uses AMD's hypercall instruction, the bench's CPU is one.
 */
#define HYPERVISOR_sched_op	29
#define SCHEDOP_shutdown	2
#define XEN_ELFNOTE_PHYS32_ENTRY 18
#define DEBUG_PORT		0xe9

	.code32
	.text
	.globl start
start:
	cmpl	$0x336ec578, (%ebx)	/* XEN_HVM_START_MAGIC_VALUE */
	jne	2f
	movl	$message, %esi
1:	lodsb
	outb	%al, $DEBUG_PORT
	testb	%al, %al
	jnz	1b
2:	movl	$HYPERVISOR_sched_op, %eax
	movl	$SCHEDOP_shutdown, %ebx
	movl	$reason, %ecx
	vmmcall
3:	hlt
	jmp	3b

	.data
reason:	.long REASON
message: .asciz "tiny image entered\n"

	.section .note.Xen, "a", @note
	.long	4, 4, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.long	start

	.section .note.GNU-stack, "", @progbits
