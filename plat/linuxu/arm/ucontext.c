/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernel's struct ucontext: asm/ucontext.h, asm/sigcontext.h. */
#include "../linuxu_priv.h"

struct ucontext {
	uint32_t flags, link;
	uint32_t stack[3];
	uint32_t trap_no, error_code, oldmask;
	uint32_t r[16];
	uint32_t cpsr;
	uint32_t fault_address;
};

/* Arm ARM (ARMv7-A), DFSR: status and write-not-read. The kernel sets bit 31
 * for a fault of an instruction fetch. */
#define FSR_STATUS(e) (((e) & 0xf) | (((e) >> 6) & 0x10))
#define FSR_WNR (1u << 11)
#define FSR_FETCH (1u << 31)

enum linuxu_access linuxu_regs_load(struct uk_arch_regs *regs, const void *uc)
{
	const struct ucontext *c = uc;

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(regs->r); i++)
		regs->r[i] = c->r[i];
	regs->cpsr = c->cpsr;
	if (!FSR_STATUS(c->error_code))
		return LINUXU_ACCESS_UNKNOWN;	/* an emulator that does not say */
	if (c->error_code & FSR_FETCH)
		return LINUXU_ACCESS_EXEC;
	return c->error_code & FSR_WNR ? LINUXU_ACCESS_WRITE : LINUXU_ACCESS_READ;
}
