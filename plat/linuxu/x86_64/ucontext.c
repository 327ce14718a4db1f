/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernel's struct ucontext: asm/ucontext.h, asm/sigcontext.h. */
#include "../linuxu_priv.h"

struct ucontext {
	uint64_t flags, link;
	uint64_t stack[3];
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	uint16_t cs, gs, fs, ss;
	uint64_t error, trapno;
};

#define TRAP_PAGE_FAULT 14
#define ERROR_WRITE (1u << 1)
#define ERROR_FETCH (1u << 4)

enum linuxu_access linuxu_regs_load(struct uk_arch_regs *regs, const void *uc)
{
	const struct ucontext *c = uc;

	*regs = (struct uk_arch_regs) {
		.r15 = c->r15, .r14 = c->r14, .r13 = c->r13, .r12 = c->r12,
		.r11 = c->r11, .r10 = c->r10, .r9 = c->r9, .r8 = c->r8,
		.rax = c->rax, .rbx = c->rbx, .rcx = c->rcx, .rdx = c->rdx,
		.rsi = c->rsi, .rdi = c->rdi, .rbp = c->rbp, .rsp = c->rsp,
		.rip = c->rip, .rflags = c->rflags, .cs = c->cs, .ss = c->ss,
		.vector = c->trapno, .error = c->error,
	};
	if (c->trapno != TRAP_PAGE_FAULT)
		return LINUXU_ACCESS_UNKNOWN;
	if (c->error & ERROR_FETCH)
		return LINUXU_ACCESS_EXEC;
	return c->error & ERROR_WRITE ? LINUXU_ACCESS_WRITE : LINUXU_ACCESS_READ;
}
