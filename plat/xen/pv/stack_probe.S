/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/arch/asm.h>

/* How far ahead of a function's return address: not more than the guard page,
 * or the probe could step over it. Of this, Xen's frame and the registers that
 * a trap saves take 256 bytes, the rest is for the function. */
#define AHEAD 4096

/*
 * Called by the compiler's code before the first instruction of each function
 * (PLAT_XENPV_STACK_PROBE): changes nothing but flags.
 */
UK_ENTRY uk_stack_probe
	testb $0, 8 - AHEAD(%rsp)
	ret
UK_END uk_stack_probe

UK_ASM_END
