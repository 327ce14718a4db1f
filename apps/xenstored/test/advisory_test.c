/* SPDX-License-Identifier: BSD-3-Clause */
/* Advisories about permissions, single requests and broken rings. */
#include "advisory.h"

#include <uk/test.h>

/* ---- XSA-115, 322, 417: whose permissions --------------------------------- */

static void act_in_secret(void)
{
	struct sim_domain *dom0 = sim_dom0();

	UK_EXPECT_EQ(sim_write(dom0, 0, ATTACK_SECRET, "x"), 0);
	UK_EXPECT_EQ(sim_set_perms(dom0, 0, ATTACK_SECRET, "n0", "r2", NULL), 0);
	UK_EXPECT_EQ(sim_write(dom0, 0, ATTACK_SECRET "/child", "x"), 0);
	UK_EXPECT_EQ(sim_write(two, 0, "private", "x"), 0);
	UK_EXPECT_EQ(sim_rm(dom0, 0, ATTACK_SECRET "/child"), 0);
	UK_EXPECT(sim_domain_end(guest(3)));
	/* This one it may see: the watch works */
	UK_EXPECT_EQ(sim_set_perms(two, 0, "data", "n2", "r1", NULL), 0);
	UK_EXPECT_EQ(sim_write(dom0, 0, "/local/domain/1/data/look", ""), 0);
}

UK_TEST(advisory, xsa_115_events_of_nodes_that_are_not_readable)
{
	set_up();
	host = act_in_secret;
	attack_watch_others(&wire);
	UK_EXPECT_EQ(wire_count_events(&wire, "/local/domain/2/private"), 0);
	UK_EXPECT_EQ(wire_count_events(&wire, "/local/domain/2/data"), 1);
	UK_EXPECT_EQ(sim_rm(sim_dom0(), 0, ATTACK_SECRET), 0);
	UK_EXPECT_EQ(sim_rm(sim_dom0(), 0, "/local/domain/2/private"), 0);
	UK_EXPECT_EQ(sim_rm(sim_dom0(), 0, "/local/domain/3"), 0);
	tear_down();
}

/* A node that domain 1 may read, whoever that is just now */
static void share_vault(void)
{
	UK_EXPECT_EQ(sim_write(sim_dom0(), 0, "/vault", "x"), 0);
	UK_EXPECT_EQ(sim_set_perms(sim_dom0(), 0, "/vault", "n0", "r1", NULL), 0);
	UK_EXPECT_EQ(sim_read(one, 0, "/vault", wire.payload, 8), 1);
}

static void begin_with_vault(void)
{
	two = guest(2);
	one = guest(1);
	share_vault();
}

UK_TEST(advisory, xsa_322_permissions_of_a_domid_used_again)
{
	begin_with_vault();
	UK_EXPECT_EQ(sim_set_perms(sim_dom0(), 0, "@releaseDomain", "n0", "r1", NULL), 0);
	UK_EXPECT(sim_domain_end(one));
	one = guest(1);
	UK_EXPECT_EQ(sim_read(one, 0, "/vault", wire.payload, 8), -EACCES);
	watch(one, "@releaseDomain");
	watch(one, "/vault");
	UK_EXPECT_EQ(sim_write(sim_dom0(), 0, "/vault", "y"), 0);
	UK_EXPECT(sim_domain_end(two));
	UK_EXPECT(!sim_take_event(one, wire.payload, NULL));
	UK_EXPECT_EQ(sim_reset(), 0);
}

UK_TEST(advisory, xsa_417_permissions_renewed_before_the_introduction)
{
	begin_with_vault();
	UK_EXPECT(sim_domain_end(one));
	one = sim_domain_new(1);
	/* Xen knows the new domain, the daemon does not */
	UK_EXPECT_EQ(sim_write(sim_dom0(), 0, "/vault", "y"), 0);
	UK_EXPECT_EQ(sim_introduce(one), 0);
	UK_EXPECT_EQ(sim_read(one, 0, "/vault", wire.payload, 8), -EACCES);
	UK_EXPECT_EQ(sim_reset(), 0);
}

UK_TEST(advisory, xsa_417_permissions_of_a_domain_to_come)
{
	struct sim_domain *nine;

	begin_with_vault();
	UK_EXPECT_EQ(sim_set_perms(sim_dom0(), 0, "/vault", "n0", "r9", NULL), 0);
	/* Which has no generation to tell by */
	UK_EXPECT_EQ(sim_set_perms(sim_dom0(), 0, "@releaseDomain", "n0", "r9", NULL), 0);
	nine = guest(9);
	UK_EXPECT_EQ(sim_read(nine, 0, "/vault", wire.payload, 8), -EACCES);
	watch(nine, "@releaseDomain");
	UK_EXPECT(sim_domain_end(two));
	UK_EXPECT(!sim_take_event(nine, wire.payload, NULL));
	UK_EXPECT_EQ(sim_reset(), 0);
}

/* ---- XSA-324, 353, 481, 484: single requests ------------------------------- */

UK_TEST(advisory, xsa_324_event_longer_than_a_message)
{
	run(attack_long_token);
}

UK_TEST(advisory, xsa_353_root_node)
{
	run(attack_root);
}

UK_TEST(advisory, xsa_481_path_without_a_domid)
{
	run(attack_empty_domid);
}

UK_TEST(advisory, xsa_484_reset_watches_in_a_transaction)
{
	run(attack_reset_watches);
}

/* ---- XSA-325: broken rings ------------------------------------------------- */

/* Watchers hear of a domain's end when it ends, and only then */
static void run_to_release(void (*attack)(struct wire *w))
{
	set_up();
	watch(sim_dom0(), "@releaseDomain");
	attack(&wire);
	expect_bounds();
	UK_EXPECT_EQ(events_of(sim_dom0(), "@releaseDomain"), 0);
	sim_shutdown(one);
	UK_EXPECT_EQ(events_of(sim_dom0(), "@releaseDomain"), 1);
	sim_dying(one);
	UK_EXPECT_EQ(events_of(sim_dom0(), "@releaseDomain"), 1);
	UK_EXPECT_EQ(sim_unwatch(sim_dom0(), "@releaseDomain", "token"), 0);
	UK_EXPECT_STR(wire.why, "");
	UK_EXPECT(sim_domain_end(one));
	expect_service();
	UK_EXPECT_EQ(sim_reset(), 0);
}

UK_TEST(advisory, xsa_325_message_too_long)
{
	run_to_release(attack_long_message);
}

UK_TEST(advisory, xsa_325_request_index)
{
	run_to_release(attack_request_index);
}

UK_TEST(advisory, xsa_325_reply_index)
{
	run_to_release(attack_reply_index);
}

UK_TEST(advisory, end_in_the_middle_of_a_message)
{
	run(attack_half_message);
}
