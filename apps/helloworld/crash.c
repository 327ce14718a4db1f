/* SPDX-License-Identifier: BSD-3-Clause */
/* Ways to break an image: each shows another side of the crash screen. */
#include "hello.h"

#include <string.h>

#include <uk/assert.h>
#include <uk/crash.h>
#include <uk/param.h>
#include <uk/print.h>
#include <uk/thread.h>

static const char *kind;

UK_PARAM(hello_crash, "hello.crash", UK_PARAM_STR, &kind,
	 "null, stack, text, exec, canary, bounds, bug, thread or twice");

static void *hide(void *p)
{
	__asm__("" : "+r"(p));
	return p;
}

static void write_null(void)
{
	*(volatile int *)hide(NULL) = 1;
}

static int recurse(volatile char *above)
{
	volatile char frame[256];

	frame[0] = above[0];
	return frame[0] ? 0 : recurse(frame) + frame[0];
}

static void overflow_stack(void)
{
	char c = 0;

	recurse(&c);
}

static void write_text(void)
{
	*(volatile char *)hide((void *)write_null) = 0;
}

static void exec_data(void)
{
	static unsigned char code[16];

	((void (*)(void))hide(code))();
}

static void smash_frame(void)
{
	char buf[16];

	memset(hide(buf), 'x', 64);
	/* Not the last call, which could take the place of this frame */
	__asm__ volatile("" ::"r"(buf) : "memory");
}

static void index_out(void)
{
	static int table[4];
	volatile int i = 4;

	table[i] = 1;
	__asm__ volatile("" ::"r"(table[i]));
}

static void call_bug(void)
{
	uk_bug_on(kind != NULL);
}

/* The crash screen itself faults: there is no text at 8 */
static void crash_twice(void)
{
	uk_crash(NULL, 0, "%s", (const char *)hide((void *)8));
}

static void uk_noreturn in_thread(void *arg)
{
	(void)arg;
	overflow_stack();
	__builtin_unreachable();
}

static void overflow_thread(void)
{
	uk_thread_create("deep", in_thread, NULL, 0);
	for (;;)
		uk_thread_yield();
}

static const struct {
	const char *name;
	void (*fn)(void);
} kinds[] = {
	{ "null", write_null },	  { "stack", overflow_stack }, { "text", write_text },
	{ "exec", exec_data },	  { "canary", smash_frame },   { "bounds", index_out },
	{ "bug", call_bug },	  { "thread", overflow_thread },
	{ "twice", crash_twice },
};

void crash_on_demand(void)
{
	if (!kind)
		return;
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(kinds); i++)
		if (!strcmp(kind, kinds[i].name))
			kinds[i].fn();
	uk_pr_err("hello: crash=%s: no such kind\n", kind);
}
