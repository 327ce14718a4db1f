/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CPU faults arrive as signals, on a stack of their own, and never return: the
 * crash screen ends the process. The signal is not blocked meanwhile, so that
 * a second fault inside the crash screen comes here too.
 */
#include "linuxu_priv.h"

#include <uk/crash.h>
#include <uk/linuxu/sys.h>

#define ALT_STACK_BYTES 32768

/* signal(7), sigaction(2) */
#define SIGILL 4
#define SIGTRAP 5
#define SIGBUS 7
#define SIGFPE 8
#define SIGSEGV 11
#define SA_SIGINFO 0x4
#define SA_RESTORER 0x04000000
#define SA_ONSTACK 0x08000000
#define SA_NODEFER 0x40000000
#define SEGV_ACCERR 2
#define FPE_INTDIV 1
#define SI_KERNEL 0x80

struct siginfo {
	int signo, error, code;
	uintptr_t addr;
};

struct sigaction {
	void (*handler)(int signo, const struct siginfo *info, const void *uc);
	unsigned long flags;
	void (*restorer)(void);
	uint32_t mask[2];
};

struct stack {
	void *sp;
	int flags;
	size_t size;
};

static char alt_stack[ALT_STACK_BYTES] uk_aligned(16);

static const char *const access_name[] = {
	[LINUXU_ACCESS_UNKNOWN] = "access to",
	[LINUXU_ACCESS_READ] = "read of",
	[LINUXU_ACCESS_WRITE] = "write to",
	[LINUXU_ACCESS_EXEC] = "execution of",
};

static void uk_noreturn on_segv(const struct uk_arch_regs *regs, const struct siginfo *info,
				enum linuxu_access access)
{
	if (info->code == SI_KERNEL)
		uk_crash(regs, 0, "general protection fault");
	uk_crash(regs, info->addr, "page fault: %s 0x%lx (%s)", access_name[access],
		 (unsigned long)info->addr,
		 info->code == SEGV_ACCERR ? "protection" : "not present");
}

static void on_fault(int signo, const struct siginfo *info, const void *uc)
{
	struct uk_arch_regs regs;
	enum linuxu_access access = linuxu_regs_load(&regs, uc);

	switch (signo) {
	case SIGSEGV:
		on_segv(&regs, info, access);
	case SIGBUS:
		uk_crash(&regs, info->addr, "bus error: %s 0x%lx", access_name[access],
			 (unsigned long)info->addr);
	case SIGFPE:
		uk_crash(&regs, 0, info->code == FPE_INTDIV ? "divide error" : "arithmetic error");
	case SIGTRAP:
		uk_crash(&regs, 0, "breakpoint");
	default:
		uk_crash(&regs, 0, "invalid opcode");
	}
}

/* The handler does not return; the kernel wants an address to return to. */
static void never(void)
{
	__builtin_trap();
}

void linuxu_trap_init(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
	const struct stack stack = { .sp = alt_stack, .size = sizeof(alt_stack) };
	const struct sigaction sa = {
		.handler = on_fault,
		.flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTORER,
		.restorer = never,
	};

	uk_linuxu_call3(UK_LINUXU_NR_SIGALTSTACK, &stack, 0, 0);
	for (size_t i = 0; i < UK_ARRAY_SIZE(signals); i++)
		uk_linuxu_call4(UK_LINUXU_NR_RT_SIGACTION, signals[i], &sa, 0, sizeof(sa.mask));
}
