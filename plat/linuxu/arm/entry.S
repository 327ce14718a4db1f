/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/arch/asm.h>

/*
 * Entry state (Linux, binfmt_elf): sp is 8-byte aligned and points to argc,
 * argv[0] … NULL, envp[0] … NULL, auxiliary vector.
 *
 * Calls void uk_linuxu_main(int argc, char **argv), which does not return.
 */
UK_ENTRY _start, .text.entry
	mov r11, #0			/* the backtrace ends here */
	mov lr, #0
	ldr r0, [sp]
	add r1, sp, #4
	bl uk_linuxu_main
	udf #1
UK_END _start

UK_ASM_END
