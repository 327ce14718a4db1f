/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every trap ends in the crash screen. Xen delivers traps on the stack in use;
 * PLAT_XENPV_STACK_PROBE sees to it that it has room (README.md).
 */
#include <stdint.h>

#include <xen/callback.h>

#include <uk/arch/regs.h>
#include <uk/crash.h>
#include <uk/plat/shutdown.h>
#include <uk/util.h>

#include "../hypercall.h"
#include "../xen_priv.h"
#include "pv_priv.h"

#define TRAP_PAGE_FAULT 14

#define FAULT_PRESENT 1
#define FAULT_WRITE 2
#define FAULT_FETCH 16

extern const struct trap_info xenpv_trap_table[];
void xenpv_upcall(void);
void xenpv_failsafe(void);
void xenpv_trap(struct uk_arch_regs *regs) uk_noreturn;

static const char *const names[] = {
	[0] = "divide error", [1] = "debug exception", [2] = "NMI", [3] = "breakpoint",
	[4] = "overflow", [5] = "bound range", [6] = "invalid opcode",
	[7] = "no FPU", [8] = "double fault", [10] = "invalid TSS",
	[11] = "segment not present", [12] = "stack segment fault",
	[13] = "general protection fault", [16] = "FPU error",
	[17] = "alignment check", [18] = "machine check", [19] = "SIMD error",
};

static void uk_noreturn page_fault(const struct uk_arch_regs *regs)
{
	uintptr_t addr = xen_vcpu_info()->arch.cr2;
	const char *access = "read of";

	if (regs->error & FAULT_FETCH)
		access = "execution of";
	else if (regs->error & FAULT_WRITE)
		access = "write to";
	uk_crash(regs, addr, "page fault: %s 0x%lx (%s)", access, addr,
		 regs->error & FAULT_PRESENT ? "protection" : "not present");
}

void xenpv_trap(struct uk_arch_regs *regs)
{
	const char *name = NULL;

	/* Xen keeps the upcall mask in the upper half */
	regs->cs &= 0xffff;
	if (regs->vector == TRAP_PAGE_FAULT)
		page_fault(regs);
	if (regs->vector < UK_ARRAY_SIZE(names))
		name = names[regs->vector];
	uk_crash(regs, 0, "%s (trap %u, error 0x%x)", name ? name : "trap",
		 (unsigned int)regs->vector, (unsigned int)regs->error);
}

void xenpv_traps_init(void)
{
	long err;

	err = xen_hypercall1(__HYPERVISOR_set_trap_table, (unsigned long)xenpv_trap_table);
	err |= xen_hypercall3(__HYPERVISOR_set_callbacks, (unsigned long)xenpv_upcall,
			      (unsigned long)xenpv_failsafe, 0);
	if (err)
		uk_plat_shutdown(UK_SHUTDOWN_CRASH, 1);
}
