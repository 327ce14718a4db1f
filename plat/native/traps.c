/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Exceptions are fatal and go to the crash screen. Interrupts set a bit that
 * native_irq_dispatch() acts upon, see native.h.
 *
 * Exceptions that may come of a broken stack have a stack of their own. When
 * the crash screen itself faults, the next level must not overwrite the
 * frames of the first: it gets the next stack.
 */
#include "native.h"

#include <uk/arch/page.h>
#include <uk/arch/regs.h>
#include <uk/crash.h>
#include <uk/util.h>

#include "x86.h"

#define IST_CRASH 1
#define CRASH_STACK_BYTES 4096
#define N_CRASH_STACKS 2

#define PF_PRESENT	0x01
#define PF_WRITE	0x02
#define PF_EXEC		0x10

struct gate {
	uint16_t offset_0;
	uint16_t selector;
	uint8_t ist;
	uint8_t type;
	uint16_t offset_16;
	uint32_t offset_32;
	uint32_t reserved;
};

struct tss {
	uint32_t reserved_0;
	uint64_t rsp[3];
	uint64_t reserved_1;
	uint64_t ist[7];
	uint64_t reserved_2;
	uint16_t reserved_3;
	uint16_t io_map;
} uk_packed;

struct table_ptr {
	uint16_t limit;
	uint64_t base;
} uk_packed;

/* Interrupt gate, present, privilege 0 */
#define GATE_TYPE 0x8e

extern char native_vectors[];
extern char native_irq_hlt[], native_irq_awake[];	/* within native_irq_sleep() */
void native_trap(struct uk_arch_regs *regs);

/* The CPU sets the "busy" bit of the last descriptor: not read-only */
uint64_t native_gdt[] = {
	[GDT_CODE / 8] = 0x00af9b000000ffff,
	[GDT_DATA / 8] = 0x00cf93000000ffff,
	[GDT_TSS / 8] = 0x0000890000000000 | (sizeof(struct tss) - 1),
	[GDT_TSS / 8 + 1] = 0,
};

/* Loaded in 32-bit mode, where the upper half of the base is not read */
const struct table_ptr native_gdt_ptr = { sizeof(native_gdt) - 1, (uintptr_t)native_gdt };

static struct gate idt[N_VECTORS] uk_aligned(16);
static struct tss tss;
static char crash_stacks[N_CRASH_STACKS][CRASH_STACK_BYTES] uk_aligned(16);
static unsigned int n_crash_stacks_used;

static uint32_t irqs_taken;
static void (*irq_handlers[N_IRQS])(unsigned int irq);
static bool is_used;
static void (*irq_eoi)(void);
/* Not acknowledged at once: after the handler; never */
static uint32_t irqs_level, irqs_no_eoi;

static const char *const exception_names[] = {
	[0] = "divide error", [1] = "debug exception", [2] = "NMI", [3] = "breakpoint",
	[4] = "overflow", [5] = "bound range", [6] = "invalid opcode", [7] = "no FPU",
	[8] = "double fault", [10] = "invalid TSS", [11] = "segment not present",
	[12] = "stack segment fault", [13] = "general protection fault", [16] = "FPU error",
	[17] = "alignment check", [18] = "machine check", [19] = "SIMD error",
};

static void next_crash_stack(void)
{
	unsigned int i = UK_MIN(n_crash_stacks_used, N_CRASH_STACKS - 1U);

	tss.ist[IST_CRASH - 1] = (uintptr_t)crash_stacks[i] + CRASH_STACK_BYTES;
	n_crash_stacks_used = i + 1;
}

static void uk_noreturn page_fault(const struct uk_arch_regs *regs)
{
	uintptr_t addr;

	__asm__ __volatile__("movq %%cr2, %0" : "=r"(addr));
	if (addr - (uintptr_t)native_boot_guard < UK_PAGE_SIZE)
		uk_crash(regs, addr, "boot stack overflow at %p", (void *)addr);
	uk_crash(regs, addr, "page fault: %s 0x%lx (%s)",
		 regs->error & PF_EXEC	? "execution of" :
		 regs->error & PF_WRITE ? "write to" : "read of",
		 addr, regs->error & PF_PRESENT ? "protection" : "not present");
}

static void uk_noreturn exception(const struct uk_arch_regs *regs)
{
	const char *name = NULL;

	next_crash_stack();
	if (regs->vector == VEC_PF)
		page_fault(regs);
	if (regs->vector < UK_ARRAY_SIZE(exception_names))
		name = exception_names[regs->vector];
	uk_crash(regs, 0, "%s (exception %u, error 0x%x)", name ? name : "exception",
		 (unsigned int)regs->vector, (unsigned int)regs->error);
}

void native_trap(struct uk_arch_regs *regs)
{
	uint32_t irq;

	if (regs->vector < VEC_IRQ)
		exception(regs);
	/* One at a time: Xen's upcall stays raised until somebody looks */
	regs->rflags &= ~(uint64_t)RFLAGS_IF;
	/* A halt with interrupts off would last for ever; Xen ends the domain */
	if (regs->rip == (uintptr_t)native_irq_hlt)
		regs->rip = (uintptr_t)native_irq_awake;
	irq = 1U << (regs->vector - VEC_IRQ);
	irqs_taken |= irq;
	if (irq_eoi && !(irq & (irqs_level | irqs_no_eoi)))
		irq_eoi();
}

void native_traps_init(void)
{
	struct table_ptr idt_ptr = { sizeof(idt) - 1, (uintptr_t)idt };
	uint32_t stub = (uint32_t)(uintptr_t)native_vectors;

	for (unsigned int i = 0; i < N_VECTORS; i++) {
		idt[i].offset_0 = (uint16_t)stub;
		idt[i].offset_16 = (uint16_t)(stub >> 16);
		idt[i].selector = GDT_CODE;
		idt[i].type = GATE_TYPE;
		stub += VECTOR_STUB_BYTES;
	}
	idt[VEC_NMI].ist = IST_CRASH;
	idt[VEC_DF].ist = IST_CRASH;
	idt[VEC_PF].ist = IST_CRASH;
	idt[VEC_MC].ist = IST_CRASH;
	next_crash_stack();
	tss.io_map = sizeof(tss);
	/* Base of the TSS: bits 16 to 39 of its descriptor; it lies below 4 GiB,
	 * bits 24 to 31 go to the top */
	native_gdt[GDT_TSS / 8] |= ((uintptr_t)&tss & 0xffffff) << 16 |
				   ((uintptr_t)&tss & 0xff000000) << 32;
	__asm__ __volatile__("lidt %0; ltr %w1" ::"m"(idt_ptr), "r"(GDT_TSS));
}

void native_irq_set_eoi(void (*eoi)(void))
{
	irq_eoi = eoi;
}

void native_irq_set(unsigned int irq, void (*fn)(unsigned int irq))
{
	irq_handlers[irq] = fn;
	is_used = true;
}

bool native_irq_is_used(void)
{
	return is_used;
}

void native_irq_set_level(unsigned int irq)
{
	irqs_level |= 1U << irq;
}

void native_irq_set_no_eoi(unsigned int irq)
{
	irqs_no_eoi |= 1U << irq;
}

void native_irq_poll(void)
{
	x86_irq_window();
}

bool native_irq_dispatch(void)
{
	uint32_t taken = irqs_taken;

	irqs_taken = 0;
	for (uint32_t left = taken; left; left &= left - 1) {
		unsigned int irq = (unsigned int)__builtin_ctz(left);

		if (irq_handlers[irq])
			irq_handlers[irq](irq);
		/* It cannot come again before, nor can another: all are of one
		 * priority. So it is the one that the controller means. */
		if (irq_eoi && 1U << irq & irqs_level)
			irq_eoi();
	}
	return taken;
}
