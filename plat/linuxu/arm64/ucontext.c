/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernel's struct ucontext: asm/ucontext.h, asm/sigcontext.h. */
#include "../linuxu_priv.h"

struct ucontext {
	uint64_t flags, link;
	uint64_t stack[3];
	uint8_t sigmask[128];
	uint8_t pad[8];
	uint64_t fault_address;
	uint64_t x[31];
	uint64_t sp, pc, pstate;
	uint8_t records[4096] uk_aligned(16);
};

/* A record of sigcontext; the list ends with magic 0. */
struct record {
	uint32_t magic, size;
	uint64_t esr;			/* of ESR_MAGIC */
};

#define ESR_MAGIC 0x45535201
/* Arm ARM, ESR_ELx: exception class, write-not-read */
#define ESR_EC(esr) (((esr) >> 26) & 0x3f)
#define EC_INSTRUCTION_ABORT 0x20
#define EC_DATA_ABORT 0x24
#define ESR_WNR (1u << 6)

static enum linuxu_access access_of(uint64_t esr)
{
	if (ESR_EC(esr) == EC_INSTRUCTION_ABORT)
		return LINUXU_ACCESS_EXEC;
	if (ESR_EC(esr) != EC_DATA_ABORT)
		return LINUXU_ACCESS_UNKNOWN;
	return esr & ESR_WNR ? LINUXU_ACCESS_WRITE : LINUXU_ACCESS_READ;
}

enum linuxu_access linuxu_regs_load(struct uk_arch_regs *regs, const void *uc)
{
	const struct ucontext *c = uc;
	const uint8_t *p = c->records;

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(regs->x); i++)
		regs->x[i] = c->x[i];
	regs->sp = c->sp;
	regs->pc = c->pc;
	regs->pstate = c->pstate;
	for (;;) {
		const struct record *r = (const struct record *)p;

		if (r->magic == ESR_MAGIC)
			return access_of(r->esr);
		if (!r->magic || r->size < 8 ||
		    r->size > (size_t)(c->records + sizeof(c->records) - p) - sizeof(*r))
			return LINUXU_ACCESS_UNKNOWN;
		p += r->size;
	}
}
