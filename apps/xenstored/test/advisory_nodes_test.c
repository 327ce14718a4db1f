/* SPDX-License-Identifier: BSD-3-Clause */
/* Advisories about nodes: how they are made, counted and left. */
#include "advisory.h"

#include <uk/test.h>

UK_TEST(advisory, xsa_414_creation_beyond_the_quota)
{
	run(attack_create_over_quota);
}

UK_TEST(advisory, xsa_415_orphans_of_a_transaction)
{
	run(attack_orphans);
}

UK_TEST(advisory, xsa_418_many_levels)
{
	run(attack_deep_tree);
}

UK_TEST(advisory, xsa_419_nodes_of_a_domain_that_has_gone)
{
	struct sim_msg names;

	set_up();
	UK_EXPECT_EQ(sim_mkdir(sim_dom0(), 0, ATTACK_SHARED), 0);
	UK_EXPECT_EQ(sim_set_perms(sim_dom0(), 0, ATTACK_SHARED, "n2", "b1", NULL), 0);
	for (unsigned int i = 0; i < 3; i++) {
		attack_strange_nodes(&wire);
		UK_EXPECT_STR(wire.why, "");
		UK_EXPECT(sim_domain_end(one));
		UK_EXPECT_EQ(sim_ask(two, XS_DIRECTORY, 0, &names, ATTACK_SHARED, NULL), 0);
		UK_EXPECT_EQ(names.hdr.len, 0);
		one = guest(1);
		one->is_deaf = true;
		wire.page = one->ring;
		UK_EXPECT_EQ(sim_set_perms(two, 0, ATTACK_SHARED, "n2", "b1", NULL), 0);
	}
	UK_EXPECT_EQ(sim_rm(sim_dom0(), 0, ATTACK_SHARED), 0);
	tear_down();
}

UK_TEST(advisory, xsa_421_created_and_deleted_in_a_transaction)
{
	run(attack_create_and_delete);
}

UK_TEST(advisory, xsa_421_nodes_beyond_the_quota)
{
	run(attack_uncounted_nodes);
}

UK_TEST(advisory, xsa_440_count_below_nothing)
{
	run(attack_negative_count);
}

/* dom0 has the daemon forget a domain that is the next one it would serve, with
 * all that a connection can have */
static void release_busy(domid_t id)
{
	struct sim_domain *d = guest(id);
	uint32_t tx;

	UK_EXPECT_EQ(sim_watch(d, "data", "token"), 0);
	UK_EXPECT_EQ(sim_begin(d, &tx), 0);
	UK_EXPECT_EQ(sim_write(d, tx, "data/a", "x"), 0);
	d->is_deaf = true;
	UK_EXPECT(sim_post(d, XS_READ, tx, "data/a", 7));
	UK_EXPECT(sim_put(d, "half", 4) == 4);
	UK_EXPECT_EQ(sim_release(d), 0);
	expect_service();
	UK_EXPECT(sim_domain_end(d));
}

UK_TEST(advisory, xsa_425_release)
{
	set_up();
	UK_EXPECT_EQ(sim_release(two), 0);
	UK_EXPECT(sim_domain_end(two));
	UK_EXPECT_EQ(wire_write(&wire, 0, "data", "x"), 0);
	two = guest(4);
	UK_EXPECT_EQ(sim_write(two, 0, "data", "two"), 0);
	release_busy(3);
	/* The first of all guests, and the one behind it */
	UK_EXPECT_EQ(sim_release(one), 0);
	expect_service();
	UK_EXPECT(sim_domain_end(one));
	release_busy(5);
	UK_EXPECT_EQ(sim_reset(), 0);
}
