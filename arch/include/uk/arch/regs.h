/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The register file of an interrupted context, as the crash screen and a
 * debugger want it.
 *
 * Rules
 * - `struct uk_arch_regs` is defined by the architecture in
 *   <uk/arch/regs_def.h>; portable code uses only the functions below.
 * - Nothing here allocates, blocks or faults.
 */
#ifndef UK_ARCH_REGS_H
#define UK_ARCH_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uk/arch/regs_def.h>

/** Program counter, stack pointer and frame pointer of @regs. */
uintptr_t uk_arch_regs_pc(const struct uk_arch_regs *regs);
uintptr_t uk_arch_regs_sp(const struct uk_arch_regs *regs);
uintptr_t uk_arch_regs_fp(const struct uk_arch_regs *regs);

/**
 * Write the @line'th line of the register dump (several registers a line, no
 * newline) into @buf, NUL-terminated.
 * @return length, or 0 when there is no such line.
 */
size_t uk_arch_regs_format(const struct uk_arch_regs *regs, unsigned int line,
			   char *buf, size_t size);

/**
 * One step of a frame-pointer walk: from the frame at *@fp to its caller.
 * A frame is named by the address of its pair of saved frame pointer and
 * return address; uk_arch_regs_fp() and uk_arch_current_fp() (an inline
 * function of <uk/arch/regs_def.h>, for the calling function) give such.
 * The caller of this function has checked that [*@fp, *@fp + 2 words) is
 * readable (it lies in the current stack) and that *@fp is word aligned.
 * @pc: set to the return address.
 * @return false at the end of the chain (saved frame pointer 0 or not
 *	ascending); then nothing is set.
 */
bool uk_arch_unwind(uintptr_t *fp, uintptr_t *pc);

#endif /* UK_ARCH_REGS_H */
