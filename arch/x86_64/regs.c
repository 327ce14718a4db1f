/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/arch/regs.h>

#include <uk/arch/asm.h>

#include "regs_format.h"

#define OFFSET(r) offsetof(struct uk_arch_regs, r)

_Static_assert(OFFSET(rdi) == UK_REGS_RDI, "asm.h");
_Static_assert(OFFSET(vector) == UK_REGS_VECTOR, "asm.h");
_Static_assert(OFFSET(error) == UK_REGS_ERROR, "asm.h");
_Static_assert(OFFSET(rip) == UK_REGS_RIP, "asm.h");
_Static_assert(OFFSET(cs) == UK_REGS_CS, "asm.h");
_Static_assert(OFFSET(rflags) == UK_REGS_RFLAGS, "asm.h");
_Static_assert(OFFSET(rsp) == UK_REGS_RSP, "asm.h");
_Static_assert(OFFSET(ss) == UK_REGS_SS, "asm.h");
_Static_assert(sizeof(struct uk_arch_regs) == UK_REGS_SIZE, "asm.h");

const struct uk_arch_reg_name uk_arch_reg_names[] = {
	{ "rip", OFFSET(rip) },	{ "rsp", OFFSET(rsp) },
	{ "rfl", OFFSET(rflags) },
	{ "rax", OFFSET(rax) },	{ "rbx", OFFSET(rbx) },	{ "rcx", OFFSET(rcx) },
	{ "rdx", OFFSET(rdx) },	{ "rsi", OFFSET(rsi) },	{ "rdi", OFFSET(rdi) },
	{ "rbp", OFFSET(rbp) },	{ "r8", OFFSET(r8) },	{ "r9", OFFSET(r9) },
	{ "r10", OFFSET(r10) },	{ "r11", OFFSET(r11) },	{ "r12", OFFSET(r12) },
	{ "r13", OFFSET(r13) },	{ "r14", OFFSET(r14) },	{ "r15", OFFSET(r15) },
	{ "cs", OFFSET(cs) },	{ "ss", OFFSET(ss) },	{ "err", OFFSET(error) },
};
const unsigned int uk_arch_n_reg_names =
	sizeof(uk_arch_reg_names) / sizeof(uk_arch_reg_names[0]);

uintptr_t uk_arch_regs_pc(const struct uk_arch_regs *regs)
{
	return regs->rip;
}

uintptr_t uk_arch_regs_sp(const struct uk_arch_regs *regs)
{
	return regs->rsp;
}

uintptr_t uk_arch_regs_fp(const struct uk_arch_regs *regs)
{
	return regs->rbp;
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
