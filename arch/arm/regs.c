/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/arch/regs.h>

#include "regs_format.h"

#define OFFSET(r) offsetof(struct uk_arch_regs, r)
#define R(n) { "r" #n, OFFSET(r[n]) }

#define MAX_STACK_BYTES (1u << 20)

enum { FP = 11, SP = 13, LR = 14, PC = 15 };

const struct uk_arch_reg_name uk_arch_reg_names[] = {
	{ "pc", OFFSET(r[PC]) }, { "sp", OFFSET(r[SP]) },
	{ "lr", OFFSET(r[LR]) }, { "cpsr", OFFSET(cpsr) },
	R(0), R(1), R(2), R(3), R(4), R(5), R(6), R(7),
	R(8), R(9), R(10), { "fp", OFFSET(r[FP]) }, { "ip", OFFSET(r[12]) },
};
const unsigned int uk_arch_n_reg_names =
	sizeof(uk_arch_reg_names) / sizeof(uk_arch_reg_names[0]);

uintptr_t uk_arch_regs_pc(const struct uk_arch_regs *regs)
{
	return regs->r[PC];
}

uintptr_t uk_arch_regs_sp(const struct uk_arch_regs *regs)
{
	return regs->r[SP];
}

uintptr_t uk_arch_regs_fp(const struct uk_arch_regs *regs)
{
	return regs->r[FP] - UK_ARCH_FP_OFFSET;
}

static bool is_above(uintptr_t fp, uintptr_t caller)
{
	return caller > fp && caller - fp < MAX_STACK_BYTES && caller % sizeof(fp) == 0;
}

/*
 * At -O2, GCC lets a function that calls nobody save the frame pointer alone,
 * in the word where others have the return address. A stack address there
 * tells; the way back is in a register then and we go on one caller up.
 */
bool uk_arch_unwind(uintptr_t *fp, uintptr_t *pc)
{
	const uintptr_t *pair = (const uintptr_t *)*fp;

	if (UK_ARCH_FP_OFFSET && is_above(*fp, pair[1] - UK_ARCH_FP_OFFSET)) {
		*fp = pair[1] - UK_ARCH_FP_OFFSET;
		pair = (const uintptr_t *)*fp;
	}
	if (!pair[0] || !is_above(*fp, pair[0] - UK_ARCH_FP_OFFSET))
		return false;
	*fp = pair[0] - UK_ARCH_FP_OFFSET;
	*pc = pair[1];
	return true;
}
