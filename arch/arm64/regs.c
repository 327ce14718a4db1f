/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/arch/regs.h>

#include "regs_format.h"

#define FP 29

#define OFFSET(r) offsetof(struct uk_arch_regs, r)
#define X(n) { "x" #n, OFFSET(x[n]) }

const struct uk_arch_reg_name uk_arch_reg_names[] = {
	{ "pc", OFFSET(pc) },	{ "sp", OFFSET(sp) },	{ "pst", OFFSET(pstate) },
	X(0),  X(1),  X(2),  X(3),  X(4),  X(5),  X(6),  X(7),
	X(8),  X(9),  X(10), X(11), X(12), X(13), X(14), X(15),
	X(16), X(17), X(18), X(19), X(20), X(21), X(22), X(23),
	X(24), X(25), X(26), X(27), X(28),
	{ "fp", OFFSET(x[FP]) }, { "lr", OFFSET(x[30]) },
};
const unsigned int uk_arch_n_reg_names =
	sizeof(uk_arch_reg_names) / sizeof(uk_arch_reg_names[0]);

uintptr_t uk_arch_regs_pc(const struct uk_arch_regs *regs)
{
	return regs->pc;
}

uintptr_t uk_arch_regs_sp(const struct uk_arch_regs *regs)
{
	return regs->sp;
}

uintptr_t uk_arch_regs_fp(const struct uk_arch_regs *regs)
{
	return regs->x[FP];
}

bool uk_arch_unwind(uintptr_t *fp, uintptr_t *pc)
{
	const uintptr_t *pair = (const uintptr_t *)*fp;

	if (pair[0] <= *fp || pair[0] % sizeof(*pair))
		return false;
	*fp = pair[0];
	*pc = pair[1];
	return true;
}
