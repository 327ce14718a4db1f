/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The orderly end: exit hooks, then the platform; and the answer to somebody
 * outside who asks for it.
 */
#include <uk/boot.h>

#include <errno.h>

#include <uk/alloc.h>
#include <uk/plat/event.h>
#include <uk/plat/shutdown.h>
#include <uk/print.h>
#include <uk/thread.h>

struct hook {
	struct hook *next;
	void (*fn)(void *arg);
	void *arg;
};

static struct hook *hooks;
static bool is_ending;
static struct uk_thread *ender;

static void default_shutdown(int is_reboot)
{
	if (is_reboot)
		uk_reboot();
	uk_exit(0);
}

static void (*shutdown_handler)(int is_reboot) = default_shutdown;

static void uk_noreturn end(enum uk_shutdown why, int status)
{
	struct uk_thread *self = uk_thread_current();
	struct hook *h;

	/* The first to come decides; a hook may call again, and the rest of the
	 * hooks then run from there. */
	if (is_ending && ender != self)
		for (;;)
			uk_thread_block_until(UK_FOREVER);
	is_ending = true;
	ender = self;
	while ((h = hooks)) {
		hooks = h->next;
		h->fn(h->arg);
	}
	uk_plat_shutdown(why, status);
}

void uk_exit(int status)
{
	if (status)
		uk_pr_info("boot: exit status %d\n", status);
	end(UK_SHUTDOWN_POWEROFF, status);
}

void uk_reboot(void)
{
	end(UK_SHUTDOWN_REBOOT, 0);
}

int uk_atexit(void (*fn)(void *arg), void *arg)
{
	struct hook *h = uk_malloc(sizeof(*h));

	if (!h)
		return -ENOMEM;
	*h = (struct hook){ .next = hooks, .fn = fn, .arg = arg };
	hooks = h;
	return 0;
}

static void shutdown_thread(void *arg)
{
	shutdown_handler(arg != NULL);
}

/* Creating a thread from event context is against the rules of <uk/thread.h>.
 * Here it is worth it: events are handed out by the scheduler, never from
 * inside an allocator, and a thread that waited for a request all the time
 * would cost every image a stack. */
void uk_shutdown_request(int is_reboot)
{
	static char is_reboot_mark;
	static bool is_requested;

	if (is_requested)
		return;
	is_requested = true;
	uk_pr_info("boot: %s requested\n", is_reboot ? "reboot" : "shutdown");
	if (uk_thread_create("shutdown", shutdown_thread, is_reboot ? &is_reboot_mark : NULL, 0))
		return;
	uk_pr_err("boot: no memory for a thread: ending at once\n");
	uk_plat_shutdown(is_reboot ? UK_SHUTDOWN_REBOOT : UK_SHUTDOWN_POWEROFF, 0);
}

void uk_shutdown_set_handler(void (*fn)(int is_reboot))
{
	shutdown_handler = fn;
}
