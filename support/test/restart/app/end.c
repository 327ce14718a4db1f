/* SPDX-License-Identifier: BSD-3-Clause */
/* Ways to end a life. */
#include "restarttest.h"

#include <string.h>

#include <uk/assert.h>
#include <uk/crash.h>
#include <uk/plat/sections.h>
#include <uk/print.h>
#include <uk/restart.h>
#include <uk/thread.h>
#include <uk/xen/xenstore.h>

static void *hide(void *p)
{
	__asm__("" : "+r"(p));
	return p;
}

static void end_null(void)
{
	*(volatile int *)hide(NULL) = 1;
}

static void end_bug(void)
{
	uk_bug_on(hide((void *)1) != NULL);
}

static int recurse(volatile char *above)
{
	volatile char frame[256];

	frame[0] = above[0];
	return frame[0] ? 0 : recurse(frame) + frame[0];
}

static void end_stack(void)
{
	char c = 0;

	recurse(&c);
}

static void uk_noreturn deep(void *arg uk_unused)
{
	end_stack();
	__builtin_unreachable();
}

static void end_thread(void)
{
	uk_thread_create("deep", deep, NULL, 0);
	for (;;)
		uk_thread_yield();
}

/* The crash screen itself faults */
static void end_twice(void)
{
	uk_crash(NULL, 0, "%s", (const char *)hide((void *)8));
}

/* Everything that begins as 0 is written over first */
static void end_wild(void)
{
	memset(hide(uk_kept_end), 0x5a, (size_t)(uk_pristine - uk_kept_end));
	end_null();
}

static void end_restart(void)
{
	uk_restart("the test asks for it");
}

/* A stopper that faults is not called again */
static void fault(void *arg uk_unused)
{
	end_null();
}

static void end_stopper(void)
{
	static struct uk_restart_stop stop = { .fn = fault };

	uk_restart_at_stop(&stop);
	uk_restart("a stopper faults");
}

/* In the middle of traffic with xenstored: requests under way, one of them sent
 * in part because the ring is full, and events that nobody has read */
static void end_traffic(void)
{
	static struct uk_xs_req reqs[8];
	static struct uk_xs_watch watches[10];
	static struct uk_xs_req watch_reqs[10];
	static char value[2000];
	uk_xs_tx_t tx;

	memset(value, 'v', sizeof(value));
	uk_xs_tx_start(&tx);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(watches); i++)
		uk_xs_watch_submit(&watches[i], "data", NULL, &watch_reqs[i], NULL);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(reqs); i++) {
		uk_xs_req_init(&reqs[i], XS_WRITE, UK_XS_NO_TX, NULL, 0, NULL);
		uk_xs_req_add_path(&reqs[i], "data", "traffic");
		uk_xs_req_add(&reqs[i], value, sizeof(value));
		uk_xs_submit(&reqs[i]);
	}
	end_null();
}

/* In the middle of a reply that is longer than the ring */
static void end_reading(void)
{
	static struct uk_xs_req req;
	static char value[2000];

	uk_xs_req_init(&req, XS_READ, UK_XS_NO_TX, value, sizeof(value), NULL);
	uk_xs_req_add_path(&req, "data", "traffic");
	uk_xs_submit(&req);
	while (!value[0] && !req.is_done)
		uk_thread_yield();
	uk_console_printf("of the reply, %s is there\n", req.is_done ? "all" : "a part");
	end_null();
}

static const struct {
	const char *name;
	void (*fn)(void);
} kinds[] = {
	{ "null", end_null },	    { "bug", end_bug },		{ "stack", end_stack },
	{ "thread", end_thread },   { "twice", end_twice },	{ "wild", end_wild },
	{ "restart", end_restart }, { "stopper", end_stopper }, { "traffic", end_traffic },
	{ "reading", end_reading },
};

void end(const char *kind)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(kinds); i++)
		if (!strcmp(kind, kinds[i].name))
			kinds[i].fn();
}
