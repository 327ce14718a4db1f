/* SPDX-License-Identifier: BSD-3-Clause */
/* The harness itself: what other tests rely on. */
#include "sim.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <uk/test.h>
#include <uk/xensim.h>

/* Upstream's default for --timeout watch-event */
#define EVENT_TIMEOUT_MS 20000

static struct sim_domain *guest(domid_t id)
{
	struct sim_domain *d = sim_domain_new(id);

	UK_EXPECT_EQ(sim_introduce(d), 0);
	UK_EXPECT_EQ(sim_give_home(d), 0);
	return d;
}

UK_TEST(sim, test_permissions_are_those_of_the_domain)
{
	struct sim_domain *d = guest(1);
	const char *path = "/local/domain/0/data";
	char value[16];

	UK_EXPECT_EQ(sim_write(d, 0, path, "x"), -EACCES);
	UK_EXPECT_EQ(sim_write(sim_dom0(), 0, path, "for you"), 0);
	UK_EXPECT_EQ(sim_read(d, 0, path, value, sizeof(value)), -EACCES);
	UK_EXPECT_EQ(sim_set_perms(sim_dom0(), 0, path, "n0", "b1", NULL), 0);
	UK_EXPECT_EQ(sim_read(d, 0, path, value, sizeof(value)), 7);
	UK_EXPECT_STR(value, "for you");
	UK_EXPECT_EQ(sim_write(d, 0, path, "thanks"), 0);
	UK_EXPECT_EQ(sim_read(sim_dom0(), 0, path, value, 3), -E2BIG);
	UK_EXPECT_EQ(sim_read(sim_dom0(), 0, path, value, sizeof(value)), 6);
	UK_EXPECT_EQ(sim_reset(), 0);
}

UK_TEST(sim, test_events_and_replies_are_told_apart)
{
	struct sim_domain *d = guest(1);
	static char path[XENSTORE_PAYLOAD_MAX + 1];
	const char *token;

	UK_EXPECT_EQ(sim_watch(d, "w", "t"), 0);
	UK_EXPECT_EQ(sim_write(d, 0, "w/x", "1"), 0);
	UK_EXPECT(sim_take_event(d, path, &token));
	UK_EXPECT_STR(path, "w");
	UK_EXPECT_STR(token, "t");
	UK_EXPECT(sim_take_event(d, path, NULL));
	UK_EXPECT_STR(path, "w/x");
	UK_EXPECT(!sim_take_event(d, path, NULL));
	UK_EXPECT_EQ(sim_unwatch(d, "w", "t"), 0);
	UK_EXPECT_EQ(sim_unwatch(d, "w", "t"), -ENOENT);
	UK_EXPECT_EQ(sim_reset(), 0);
}

UK_TEST(sim, test_message_in_pieces_is_answered_when_complete)
{
	struct { struct xsd_sockmsg hdr; char path[6]; } req = {
		.hdr = { .type = XS_MKDIR, .req_id = 77, .len = sizeof(req.path) },
		.path = "/tool",
	};
	struct sim_domain *d = guest(1);
	static struct sim_msg m;
	const char *bytes = (const char *)&req;

	for (size_t i = 0; i < sizeof(req.hdr) + sizeof(req.path); i++) {
		UK_EXPECT(!sim_take(d, &m));
		UK_EXPECT_EQ(sim_put(d, bytes + i, 1), 1);
		sim_step();
	}
	UK_EXPECT(sim_take(d, &m));
	UK_EXPECT_EQ(m.hdr.req_id, 77);
	UK_EXPECT_EQ(m.hdr.type, XS_ERROR);
	UK_EXPECT_STR(m.payload, "EACCES");
	UK_EXPECT_EQ(sim_reset(), 0);
}

UK_TEST(sim, test_wrong_index_costs_that_domain_its_connection)
{
	struct sim_domain *d = guest(1), *other = guest(2);
	char value[8];

	d->ring->req_prod += XENSTORE_RING_SIZE + 1;
	sim_kick(d);
	sim_step();
	UK_EXPECT_EQ(d->ring->error, XENSTORE_ERROR_RINGIDX);
	UK_EXPECT_EQ(sim_write(other, 0, "x", "y"), 0);
	UK_EXPECT_EQ(sim_read(other, 0, "x", value, sizeof(value)), 1);
	/* The toolstack may connect it anew */
	UK_EXPECT_EQ(sim_introduce(d), 0);
	UK_EXPECT_EQ(sim_write(d, 0, "x", "y"), -ETIMEDOUT);
	UK_EXPECT_EQ(sim_reset(), 0);
}

UK_TEST(sim, test_end_of_a_domain_is_noticed)
{
	struct sim_domain *d = guest(1), *other = guest(2);
	static char path[XENSTORE_PAYLOAD_MAX + 1];
	char value[8];

	UK_EXPECT_EQ(sim_watch(sim_dom0(), "@releaseDomain", "t"), 0);
	sim_forget(sim_dom0());
	sim_shutdown(other);
	UK_EXPECT(sim_take_event(sim_dom0(), path, NULL));
	UK_EXPECT_EQ(sim_account(other, "nodes"), 1);
	UK_EXPECT(sim_domain_end(d));
	UK_EXPECT(sim_take_event(sim_dom0(), path, NULL));
	UK_EXPECT_STR(path, "@releaseDomain");
	UK_EXPECT_EQ(sim_read(sim_dom0(), 0, "/local/domain/1", value, sizeof(value)), -ENOENT);
	UK_EXPECT(!sim_domain_find(1));
	sim_dying(other);
	UK_EXPECT(sim_take_event(sim_dom0(), path, NULL));
	UK_EXPECT_EQ(sim_account(other, "nodes"), INT_MIN);
	UK_EXPECT_EQ(sim_reset(), 0);
}

UK_TEST(sim, test_time_passes_when_told)
{
	struct sim_domain *d = guest(1);
	int idle = sim_account(d, "memory"), full;

	UK_EXPECT_EQ(sim_watch(d, "x", "t"), 0);
	d->is_deaf = true;
	for (int i = 0; i < 100; i++) {
		char path[40];

		snprintf(path, sizeof(path), "/local/domain/1/x/%d", i);
		UK_EXPECT_EQ(sim_write(sim_dom0(), 0, path, ""), 0);
	}
	full = sim_account(d, "memory");
	UK_EXPECT(full > idle);
	sim_advance_ms(EVENT_TIMEOUT_MS - 1000);
	UK_EXPECT_EQ(sim_account(d, "memory"), full);
	sim_advance_ms(2000);
	UK_EXPECT(sim_account(d, "memory") < full);
	UK_EXPECT_EQ(sim_reset(), 0);
}

UK_TEST(sim, test_reset_leaves_what_was_there_at_first)
{
	struct uk_heap_stats before;
	unsigned int records;
	uint32_t tx;

	UK_EXPECT_EQ(sim_reset(), 0);
	before = sim_memory();
	records = sim_records();
	for (domid_t i = 1; i <= 3; i++) {
		struct sim_domain *d = guest(i);

		UK_EXPECT_EQ(sim_begin(d, &tx), 0);
		UK_EXPECT_EQ(sim_write(d, tx, "a/b/c", "d"), 0);
		UK_EXPECT_EQ(sim_watch(d, "a", "t"), 0);
		sim_post(d, XS_READ, tx, "a", 2);
	}
	UK_EXPECT_EQ(sim_set_target(sim_domain_find(1), sim_domain_find(2)), 0);
	UK_EXPECT_EQ(sim_write(sim_dom0(), 0, "/mine/and/yours", "d"), 0);
	UK_EXPECT(sim_records() > records);
	UK_EXPECT_EQ(sim_reset(), 0);
	UK_EXPECT_EQ(sim_records(), records);
	UK_EXPECT_EQ(sim_memory().n_allocs, before.n_allocs);
	UK_EXPECT_EQ(sim_corruptions(), 0);
}
