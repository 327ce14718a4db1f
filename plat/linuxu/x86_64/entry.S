/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/arch/asm.h>

/*
 * Entry state (System V ABI for x86-64, 3.4.1): rsp is 16-byte aligned and
 * points to argc, argv[0] … NULL, envp[0] … NULL, auxiliary vector.
 *
 * Calls void uk_linuxu_main(int argc, char **argv), which does not return.
 */
UK_ENTRY _start, .text.entry
	xorl %ebp, %ebp			/* the backtrace ends here */
	movl (%rsp), %edi
	leaq 8(%rsp), %rsi
	call uk_linuxu_main
	ud2
UK_END _start

UK_ASM_END
