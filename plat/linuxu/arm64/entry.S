/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/arch/asm.h>

/*
 * Entry state (Linux, binfmt_elf): sp is 16-byte aligned and points to argc,
 * argv[0] … NULL, envp[0] … NULL, auxiliary vector.
 *
 * Calls void uk_linuxu_main(int argc, char **argv), which does not return.
 */
UK_ENTRY _start, .text.entry
	mov x29, #0			/* the backtrace ends here */
	mov x30, #0
	ldr w0, [sp]
	add x1, sp, #8
	bl uk_linuxu_main
	brk #1
UK_END _start

UK_ASM_END
