/* SPDX-License-Identifier: BSD-3-Clause */
/* Domain 1's ring, and what is checked of every attack. */
#include "advisory.h"


#include <string.h>

#include <uk/plat/time.h>
#include <uk/test.h>

#define HARD_QUOTA (2560 << 10)		/* bytes the daemon accounts a domain with */
/* What that may be in truth: patches/0040 */
#define REAL_BYTES (HARD_QUOTA * 3 / 2)
#define OUTSTANDING 20
/* The daemon's tables grow and do not shrink */
#define LEFT_BYTES (64 << 10)

struct sim_domain *one, *two;
struct wire wire;
void (*host)(void);

static size_t bytes_before;
static unsigned int records_before, corruptions_before;

struct sim_domain *guest(domid_t id)
{
	struct sim_domain *d = sim_domain_new(id);

	UK_EXPECT_EQ(sim_introduce(d), 0);
	UK_EXPECT_EQ(sim_give_home(d), 0);
	return d;
}

/* ---- The attacker's ring -------------------------------------------------- */

static void kick(struct wire *w)
{
	(void)w;
	sim_kick(one);
}

static void wait(struct wire *w, uint64_t deadline_ns)
{
	uint32_t rsp = w->page->rsp_prod, req = w->page->req_cons;
	void (*act)(void) = host;

	sim_step();
	if (w->page->rsp_prod != rsp || w->page->req_cons != req || w->page->error)
		return;
	host = NULL;
	if (act)
		act();
	else
		sim_advance_ms((unsigned int)((deadline_ns - uk_plat_mono_ns()) / 1000000) + 1);
}

/* ---- What holds at any time ----------------------------------------------- */

void expect_service(void)
{
	char value[8];

	UK_EXPECT_EQ(sim_write(sim_dom0(), 0, "/tool/alive", "yes"), 0);
	UK_EXPECT_EQ(sim_read(two, 0, "data", value, sizeof(value)), 3);
	UK_EXPECT_EQ(sim_write(two, 0, "data", "two"), 0);
}

void expect_bounds(void)
{
	UK_EXPECT(sim_account(one, "memory") < HARD_QUOTA);
	UK_EXPECT(sim_memory().used_bytes < bytes_before + REAL_BYTES);
	UK_EXPECT(sim_account(one, "outstanding") <= OUTSTANDING);
	UK_EXPECT(sim_account(one, "nodes") <= 1000);
	expect_service();
}

void set_up(void)
{
	/* With the same credit for writes, whatever ran before */
	UK_EXPECT_EQ(sim_reset(), 0);
	two = guest(2);
	UK_EXPECT_EQ(sim_write(two, 0, "data", "two"), 0);
	UK_EXPECT_EQ(sim_write(sim_dom0(), 0, "/tool/alive", "yes"), 0);
	bytes_before = sim_memory().used_bytes;
	records_before = sim_records();
	corruptions_before = sim_corruptions();
	one = guest(1);
	one->is_deaf = true;
	wire = (struct wire) { .page = one->ring, .kick = kick, .wait = wait };
	host = expect_bounds;
	wire_expect(&wire, "write", wire_write(&wire, 0, "data", ""), 0);
}

void tear_down(void)
{
	host = NULL;
	UK_EXPECT_STR(wire.why, "");
	expect_bounds();
	UK_EXPECT(sim_domain_end(one));
	expect_service();
	UK_EXPECT_EQ(sim_rm(sim_dom0(), 0, "/local/domain/1"), 0);
	UK_EXPECT_EQ(sim_control(NULL, "check", NULL), 0);
	UK_EXPECT_EQ(sim_corruptions(), corruptions_before);
	UK_EXPECT_EQ(sim_records(), records_before);
	UK_EXPECT(sim_memory().used_bytes < bytes_before + LEFT_BYTES);
	UK_EXPECT_EQ(sim_reset(), 0);
}

void run(void (*attack)(struct wire *w))
{
	set_up();
	attack(&wire);
	expect_bounds();
	tear_down();
}

/* ---- Events --------------------------------------------------------------- */

unsigned int events_of(struct sim_domain *d, const char *path)
{
	static char got[XENSTORE_PAYLOAD_MAX + 1];
	unsigned int n = 0;

	while (sim_take_event(d, got, NULL))
		n += !strcmp(got, path);
	return n;
}

void watch(struct sim_domain *d, const char *path)
{
	UK_EXPECT_EQ(sim_watch(d, path, "token"), 0);
	UK_EXPECT_EQ(events_of(d, path), 1);
}

