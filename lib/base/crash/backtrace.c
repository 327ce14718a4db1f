/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The frame-pointer walk. Frames may be corrupt: each is checked to be
 * readable, above the last, and on the stack the walk began on.
 */
#include "crash_priv.h"

#include <stdbool.h>
#include <stddef.h>

#include <uk/arch/regs.h>
#include <uk/crash.h>
#include <uk/plat/memory.h>
#include <uk/print.h>
#include <uk/thread.h>
#ifdef CONFIG_LIBSYMTAB
#include <uk/symtab.h>
#endif

/* Lines shown; steps taken, since a recursion repeats one address */
#define MAX_LINES 24
#define MAX_STEPS 10000

#ifndef CONFIG_LIBSYMTAB
static bool uk_symtab_lookup(uintptr_t pc uk_unused, char *name uk_unused, size_t size uk_unused,
			     size_t *offset uk_unused)
{
	return false;
}
#endif

/* @is_return: @pc is where a call returns to, maybe the first byte of the
 * next function. */
static void show(unsigned int n, uintptr_t pc, bool is_return)
{
	char name[64];
	size_t offset = 0;

	if (uk_symtab_lookup(pc - is_return, name, sizeof(name), &offset))
		uk_console_printf("  #%u %p %s+0x%zx\n", n, (void *)pc, name, offset + is_return);
	else
		uk_console_printf("  #%u %p\n", n, (void *)pc);
}

static bool step(uintptr_t *fp, uintptr_t *pc, const struct uk_thread *stack_of)
{
	return *fp % sizeof(*fp) == 0 && uk_plat_mem_is_readable(*fp, 2 * sizeof(*fp)) &&
	       uk_thread_of_stack(*fp) == stack_of && uk_arch_unwind(fp, pc);
}

void crash_walk(uintptr_t pc, uintptr_t fp)
{
	struct uk_thread *t = uk_thread_of_stack(fp);
	unsigned int n_lines = 0, n_same = 0;
	uintptr_t before = 0;

	uk_console_printf("backtrace%s%s:\n", t ? " of thread " : "", t ? t->name : "");
	if (pc)
		show(n_lines++, pc, false);
	for (unsigned int n = 1; n < MAX_STEPS && n_lines < MAX_LINES; n++) {
		bool is_end = !step(&fp, &pc, t);

		if (!is_end && pc == before) {
			n_same++;
			continue;
		}
		if (n_same)
			uk_console_printf("  and %u more times\n", n_same);
		if (is_end)
			break;
		show(n, pc, true);
		n_lines++;
		n_same = 0;
		before = pc;
	}
}

void uk_backtrace(void)
{
	crash_walk(0, uk_arch_current_fp());
	/* No tail call: the frame that the walk begins at has to stay */
	__asm__ volatile("");
}
