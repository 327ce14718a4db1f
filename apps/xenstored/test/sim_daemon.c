/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The daemon's thread, its time, and what can be seen of it from outside. An
 * image's only clock moves when all threads wait: who sleeps here for a
 * microsecond wakes when the daemon has nothing more to do.
 */
#include "sim_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

#include <uk/assert.h>
#include <uk/thread.h>
#include <uk/util.h>
/* After ours: upstream's headers define short names */
#include "tdb.h"
#include "utils.h"

#define STEP_NS 1000
#define REST_MS 60000
/* Frames are several times larger under the sanitizers */
#define STACK_BYTES (512 << 10)

int uk_xenstored_main(int argc, char **argv);
void sim_syslog(int priority, const char *fmt, ...) uk_printf_like(2, 3);
extern TDB_CONTEXT *tdb_ctx;

static struct sim_domain *dom0;
static unsigned int n_corruptions;

/* ---- The daemon ---------------------------------------------------------- */

/* What the daemon says of every bad request goes to syslog() too, or is noise. */
static void say_nothing(const char *fmt, ...)
{
	(void)fmt;
}

static void run(void *arg)
{
	static char name[] = "xenstored", event[] = "--event", port[12];
	static char *argv[] = { name, event, port, NULL };
	const struct sim_domain *d = arg;

	snprintf(port, sizeof(port), "%u", (unsigned int)d->port);
	xprintf = say_nothing;
	uk_xenstored_main(UK_ARRAY_SIZE(argv) - 1, argv);
	uk_bug("the daemon has ended");
}

void sim_start(void)
{
	if (dom0)
		return;
	dom0 = sim_domain_make(0);
	uk_bug_on(!dom0 || !uk_thread_create("xenstored", run, dom0, STACK_BYTES));
	sim_step();
}

struct sim_domain *sim_dom0(void)
{
	sim_start();
	return dom0;
}

/* In the place of syslog() for upstream's core. */
void sim_syslog(int priority, const char *fmt, ...)
{
	static const char *const bad[] = { "corruption detected", "is orphaned!", "not found",
					   "is duplicated!", "without a reply" };
	char text[224];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < UK_ARRAY_SIZE(bad); i++)
		n_corruptions += strstr(text, bad[i]) != NULL;
	syslog(priority, "%s", text);
}

unsigned int sim_corruptions(void)
{
	return n_corruptions;
}

unsigned int sim_records(void)
{
	sim_start();
	return (unsigned int)tdb_traverse(tdb_ctx, NULL, NULL);
}

struct uk_heap_stats sim_memory(void)
{
	struct uk_heap_stats st;

	uk_heap_stats(&st);
	return st;
}

/* ---- Time ---------------------------------------------------------------- */

void sim_step(void)
{
	do
		uk_thread_sleep_ns(STEP_NS);
	while (sim_drain_all());
}

void sim_advance_ms(unsigned int ms)
{
	uk_thread_sleep_ns(ms * UK_NSEC_PER_MSEC);
	sim_step();
}

/* ---- Back to the start --------------------------------------------------- */

static int restore(const char *path, bool has_data)
{
	int err = has_data ? sim_write(dom0, 0, path, "") : 0;

	return err ? err : sim_set_perms(dom0, 0, path, "n0", NULL);
}

/* Remove all children of @parent but @keep. */
static int prune(const char *parent, const char *keep)
{
	static struct sim_msg names;
	char path[XENSTORE_ABS_PATH_MAX + 1];
	size_t at = 0;
	int err;

	err = sim_ask(dom0, XS_DIRECTORY, 0, &names, parent, NULL);
	for (; !err && at < names.hdr.len; at += strlen(names.payload + at) + 1) {
		if (!strcmp(names.payload + at, keep))
			continue;
		snprintf(path, sizeof(path), "%s/%s", strcmp(parent, "/") ? parent : "",
			 names.payload + at);
		err = sim_rm(dom0, 0, path);
	}
	return err;
}

int sim_reset(void)
{
	int err;

	sim_start();
	while (sim_domain_next(NULL))
		sim_domain_end(sim_domain_next(NULL));
	err = sim_request(dom0, XS_RESET_WATCHES, 0, "", 1, NULL);
	err = err ? err : prune("/", "tool");
	err = err ? err : prune("/tool", "xenstored");
	err = err ? err : prune("/tool/xenstored", "");
	err = err ? err : restore("/", true);
	err = err ? err : restore("/tool", true);
	err = err ? err : restore("/tool/xenstored", true);
	err = err ? err : restore("@introduceDomain", false);
	err = err ? err : restore("@releaseDomain", false);
	sim_advance_ms(REST_MS);
	sim_forget(dom0);
	return err ? err : sim_domain_bury() ? -EBUSY : 0;
}
