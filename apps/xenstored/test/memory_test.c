/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where memory ends: guests that take all there is, and who is served then. Run
 * with --memory 8M: there is less than the quotas of all together. Built with
 * LIBHEAP_DEBUG=n: what is freed has to be there for the next at once.
 */
#include "sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <uk/assert.h>
#include <uk/pages.h>
#include <uk/test.h>

#define N_GUESTS SIM_MAX_GUESTS
#define FIRST_ID 11
/* Guests with 1,000 large nodes each; one test has one guest less */
#define QUOTAS_PAGES ((N_GUESTS - 1) * 2000000U / 4096)
#define NODE_BYTES 2048	/* quota */

static struct sim_domain *guests[N_GUESTS];
static bool is_slow;	/* writers are held back when somebody has a transaction */

/* Why the test would be none here; NULL: it is one. */
static const char *unfit(void)
{
	struct uk_pages_stats st;

	uk_pages_stats(&st);
	if (IS_ENABLED(CONFIG_LIBHEAP_DEBUG))
		return "LIBHEAP_DEBUG keeps what is given back: build with LIBHEAP_DEBUG=n";
	if (st.total_pages > QUOTAS_PAGES)
		return "there is memory for the quotas of all: --memory 8M";
	return NULL;
}

/* @return false: the test is none. */
static bool make_guests(void)
{
	const char *why = unfit();

	if (why) {
		uk_test_skip(why);
		return false;
	}
	for (unsigned int i = 0; i < N_GUESTS; i++) {
		guests[i] = sim_domain_new((domid_t)(FIRST_ID + i));
		uk_bug_on(!guests[i]);
		UK_EXPECT_EQ(sim_introduce(guests[i]), 0);
		UK_EXPECT_EQ(sim_give_home(guests[i]), 0);
	}
	return true;
}

/* A node of the guest's with a value of @len bytes, below a directory for each
 * hundred: a node's size includes its children's names */
static int put(struct sim_domain *d, const char *name, unsigned int n, size_t len)
{
	static char value[NODE_BYTES];
	char path[24];

	memset(value, 'v', sizeof(value));
	value[len] = '\0';
	snprintf(path, sizeof(path), "%s%u/n%u", name, n / 100, n);
	if (is_slow)
		sim_advance_ms(100);
	return sim_write(d, 0, path, value);
}

/* Nodes until there are too many, or memory ends: @return the error. */
static int fill(struct sim_domain *d, const char *name, size_t len)
{
	int err = 0;

	for (unsigned int n = 0; !err; n++)
		err = put(d, name, n, len);
	return err;
}

/* Large nodes of guests from @first on, then smaller ones in what is left. */
static void take_all(unsigned int first)
{
	static const struct {
		const char *name;
		size_t len;
	} sizes[] = { { "large", NODE_BYTES - 100 }, { "medium", 400 }, { "small", 1 } };
	int err = 0;

	for (unsigned int k = 0; k < UK_ARRAY_SIZE(sizes); k++)
		for (unsigned int i = first; i < N_GUESTS; i++)
			err = fill(guests[i], sizes[k].name, sizes[k].len);
	/* Before the record is to be stored, or then */
	UK_EXPECT(err == -ENOMEM || err == -EIO);
}

/* All that a toolstack does */
static void expect_host_is_served(void)
{
	struct sim_domain *d = sim_dom0();
	char path[64], value[16];

	for (unsigned int i = 0; i < 60; i++) {
		snprintf(path, sizeof(path), "/host/%u/state", i);
		UK_EXPECT_EQ(sim_write(d, 0, path, "4"), 0);
	}
	UK_EXPECT_EQ(sim_read(d, 0, "/host/59/state", value, sizeof(value)), 1);
	UK_EXPECT_EQ(sim_watch(d, "/host", "token"), 0);
	UK_EXPECT_EQ(sim_rm(d, 0, "/host/3"), 0);
	UK_EXPECT_EQ(sim_unwatch(d, "/host", "token"), 0);
	UK_EXPECT_EQ(sim_rm(d, 0, "/host"), 0);
}

static void expect_all_is_as_before(void)
{
	UK_EXPECT_EQ(sim_reset(), 0);
	UK_EXPECT_EQ(sim_records(), 3);
	UK_EXPECT_EQ(sim_corruptions(), 0);
}

UK_TEST(memory, test_host_is_served_when_guests_have_taken_all)
{
	uint32_t tx;

	if (!make_guests())
		return;
	take_all(0);
	expect_host_is_served();
	/* Again and again: what it used came back */
	for (unsigned int i = 0; i < 20; i++)
		expect_host_is_served();
	UK_EXPECT_EQ(sim_begin(sim_dom0(), &tx), 0);
	UK_EXPECT_EQ(sim_write(sim_dom0(), tx, "/host/a", "b"), 0);
	UK_EXPECT_EQ(sim_end(sim_dom0(), tx, true), 0);
	UK_EXPECT_EQ(sim_rm(sim_dom0(), 0, "/local/domain/11"), 0);
	UK_EXPECT(sim_domain_end(guests[1]));
	UK_EXPECT_EQ(put(guests[N_GUESTS - 1], "new", 0, 500), 0);
	expect_all_is_as_before();
}

UK_TEST(memory, test_guest_can_remove_when_all_is_taken)
{
	char path[24];

	if (!make_guests())
		return;
	take_all(0);
	for (unsigned int i = 0; i < 2; i++)
		for (unsigned int n = 0; n < 2; n++) {
			snprintf(path, sizeof(path), "large%u", n);
			UK_EXPECT_EQ(sim_rm(guests[i], 0, path), 0);
		}
	for (unsigned int i = 0; i < 2; i++)
		UK_EXPECT_EQ(put(guests[i], "new", 0, 1000), 0);
	expect_all_is_as_before();
}

/* It comes as a reply, not to a console that loses most of it */
UK_TEST(memory, test_report_has_the_reserve)
{
	static struct sim_msg m;

	UK_EXPECT_EQ(sim_control(&m, "memreport", NULL), 0);
	UK_EXPECT(strstr(m.payload, "\nreserve of dom0  : "));
	UK_EXPECT(strstr(m.payload, "\nleast free       : "));
}

UK_TEST(memory, test_new_domain_when_all_is_taken)
{
	struct sim_domain *d;

	if (!make_guests())
		return;
	UK_EXPECT(sim_domain_end(guests[1]));
	d = sim_domain_new(40);
	guests[1] = guests[0];
	take_all(0);
	UK_EXPECT_EQ(sim_introduce(d), 0);
	UK_EXPECT_EQ(sim_give_home(d), 0);
	UK_EXPECT(sim_domain_end(d));
	expect_host_is_served();
	expect_all_is_as_before();
}

UK_TEST(memory, test_host_hears_of_what_guests_do_when_all_is_taken)
{
	static char path[XENSTORE_PAYLOAD_MAX + 1];

	if (!make_guests())
		return;
	UK_EXPECT_EQ(sim_watch(sim_dom0(), "/local/domain/11", "token"), 0);
	take_all(0);
	sim_forget(sim_dom0());
	UK_EXPECT_EQ(sim_rm(guests[0], 0, "large1"), 0);
	UK_EXPECT(sim_take_event(sim_dom0(), path, NULL));
	UK_EXPECT(strstr(path, "/local/domain/11/large1"));
	expect_all_is_as_before();
}

/* What was accepted is done wholly or not at all */
UK_TEST(memory, test_transaction_ends_when_all_is_taken)
{
	unsigned int n_there = 0;
	uint32_t tx, lost;
	char value[16], path[16];
	int err;

	if (!make_guests())
		return;
	UK_EXPECT_EQ(sim_begin(guests[0], &tx), 0);
	for (unsigned int i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), "t%u", i);
		UK_EXPECT_EQ(sim_write(guests[0], tx, path, "value"), 0);
	}
	UK_EXPECT_EQ(sim_begin(guests[0], &lost), 0);
	UK_EXPECT_EQ(sim_write(guests[0], lost, "u", "value"), 0);
	is_slow = true;
	take_all(1);
	is_slow = false;
	UK_EXPECT_EQ(sim_end(guests[0], lost, false), 0);
	err = sim_end(guests[0], tx, true);
	UK_EXPECT_EQ(err, 0);
	for (unsigned int i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), "t%u", i);
		n_there += sim_read(sim_dom0(), 0, path, value, sizeof(value)) > 0;
		snprintf(path, sizeof(path), "t%u", i);
		n_there += sim_rm(guests[0], 0, path) == 0;
	}
	UK_EXPECT_EQ(n_there, err ? 0 : 20);
	expect_all_is_as_before();
}
