/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The crash screen. Whatever is broken may break the printing too: a fault
 * inside comes back here and goes on with the next step, so each step is tried
 * once and the image ends, or starts again (LIBRESTART), in any case.
 */
#include <uk/crash.h>

#include <uk/arch/barrier.h>
#include <uk/assert.h>
#include <uk/plat/boot.h>
#include <uk/plat/console.h>
#include <uk/plat/shutdown.h>
#include <uk/print.h>
#include <uk/restart.h>
#include <uk/thread.h>

#include "crash_priv.h"

enum step {
	STEP_BANNER,
	STEP_REGS,
	STEP_BACKTRACE,
	STEP_LOG,
	STEP_RESTART,
	STEP_END,
	STEP_END_AGAIN,
	STEP_DEAD,
};

/* The first fault is the one that is shown to its end. Its registers are a
 * copy: a second fault may come on the same exception stack. */
static struct crash {
	bool is_taken;
	bool has_regs;
	struct uk_arch_regs regs;
	uintptr_t fault_addr;
	uintptr_t caller_fp;
} first;

/* Where we are; a second fault goes on from here */
static enum step step;

static void banner(const char *fmt, va_list ap)
{
	struct uk_thread *t;
	char what[160];

	uk_console_printf("\ncrash: %s on %s: ", CONFIG_UK_NAME, uk_plat_name());
	uk_vsnprintf(what, sizeof(what), fmt, ap);
	uk_console_printf("%s\n", what);
	uk_restart_note_end(what);
	t = first.fault_addr ? uk_thread_of_guard(first.fault_addr) : NULL;
	if (t)
		uk_console_printf("stack overflow in thread %s (stack of %zu bytes)\n", t->name,
				  t->stack_bytes);
	t = uk_thread_current();
	uk_console_printf("thread: %s\n", t ? t->name : "none");
}

static void registers(void)
{
	char line[100];

	if (!first.has_regs)
		return;
	for (unsigned int i = 0; uk_arch_regs_format(&first.regs, i, line, sizeof(line)); i++)
		uk_console_printf("%s\n", line);
}

static void backtrace(void)
{
	if (first.has_regs)
		crash_walk(uk_arch_regs_pc(&first.regs), uk_arch_regs_fp(&first.regs));
	else
		crash_walk(0, first.caller_fp);
}

static void log_tail(void)
{
	if (!CONFIG_LIBCRASH_LOG_LINES || uk_log_is_empty())
		return;
	uk_console_printf("last messages:\n");
	uk_log_dump(CONFIG_LIBCRASH_LOG_LINES);
}

static void uk_noreturn finish(void)
{
	static const struct {
		enum step step;
		void (*fn)(void);
	} rest[] = {
		{ STEP_REGS, registers },
		{ STEP_BACKTRACE, backtrace },
		{ STEP_LOG, log_tail },
	};

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(rest); i++) {
		if (step >= rest[i].step)
			continue;
		step = rest[i].step;
		rest[i].fn();
	}
	if (step < STEP_RESTART) {
		step = STEP_RESTART;
		uk_restart_after_crash();
	}
	if (step < STEP_END_AGAIN) {
		step = step < STEP_END ? STEP_END : STEP_END_AGAIN;
		uk_plat_shutdown(UK_SHUTDOWN_CRASH, 1);
	}
	step = STEP_DEAD;
	for (;;)
		uk_barrier();
}

void uk_crash(const struct uk_arch_regs *regs, uintptr_t fault_addr, const char *fmt, ...)
{
	/* Said once: it must not be what faults for ever */
	static bool is_second_said;
	va_list ap;

	/* It may be these variables that were written over */
	if (step > STEP_DEAD) {
		step = STEP_BANNER;
		first.is_taken = false;
	}
	if (!first.is_taken) {
		first.is_taken = true;
		first.fault_addr = fault_addr;
		first.caller_fp = uk_arch_current_fp();
		if (regs)
			first.regs = *regs;
		first.has_regs = regs != NULL;
		va_start(ap, fmt);
		banner(fmt, ap);
		va_end(ap);
	} else if (!is_second_said) {
		is_second_said = true;
		uk_console_printf("\ncrash: second fault at %p\n",
				  regs ? (void *)uk_arch_regs_pc(regs) : NULL);
	}
	finish();
}

void uk_bug_at(const char *file, int line, const char *what)
{
	uk_crash(NULL, 0, "bug: %s:%d: %s", file, line, what);
}
