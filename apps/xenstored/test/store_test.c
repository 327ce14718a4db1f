/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests that upstream's daemon did not stand, or could have not. */
#include "sim.h"

#include <stdio.h>

#include <uk/test.h>

static struct sim_domain *guest(domid_t id)
{
	struct sim_domain *d = sim_domain_new(id);

	UK_EXPECT_EQ(sim_introduce(d), 0);
	UK_EXPECT_EQ(sim_give_home(d), 0);
	return d;
}

/* patches/0030: errno was 0 after a removal, and no error was sent */
UK_TEST(store, test_path_without_nul_is_an_error)
{
	static const uint32_t types[] = { XS_READ, XS_DIRECTORY, XS_GET_PERMS, XS_MKDIR, XS_RM };
	struct sim_domain *d = guest(1);

	for (size_t i = 0; i < UK_ARRAY_SIZE(types); i++) {
		UK_EXPECT_EQ(sim_mkdir(d, 0, "a"), 0);
		UK_EXPECT_EQ(sim_rm(d, 0, "a"), 0);
		UK_EXPECT_EQ(sim_request(d, types[i], 0, "a", 1, NULL), -EINVAL);
	}
	UK_EXPECT_EQ(sim_reset(), 0);
	UK_EXPECT_EQ(sim_corruptions(), 0);
}

/* patches/0031: the rest went to freed memory */
UK_TEST(store, test_message_begun_before_an_introduction_is_gone)
{
	struct xsd_sockmsg hdr = { .type = XS_WRITE, .req_id = 9, .len = 6 };
	struct sim_domain *d = guest(1);
	static struct sim_msg m;

	sim_put(d, &hdr, sizeof(hdr));
	sim_put(d, "a", 2);
	sim_step();
	UK_EXPECT_EQ(sim_introduce(d), 0);
	sim_forget(d);
	UK_EXPECT_EQ(sim_write(d, 0, "a", "value"), 0);
	UK_EXPECT(!sim_take(d, &m));
	UK_EXPECT_EQ(sim_reset(), 0);
}

/* patches/0032: the daemon followed the NULL that is the connection of the first */
UK_TEST(store, test_number_of_a_target_that_is_kept_is_busy)
{
	struct sim_domain *d = guest(1), *model = guest(2);

	UK_EXPECT_EQ(sim_set_target(model, d), 0);
	UK_EXPECT(!sim_domain_end(d));
	d = sim_domain_new(1);
	UK_EXPECT_EQ(sim_introduce(d), -EBUSY);
	UK_EXPECT(sim_domain_end(model));
	UK_EXPECT_EQ(sim_introduce(d), 0);
	UK_EXPECT_EQ(sim_reset(), 0);
}

/* patches/0033: the main loop went on with the freed target */
UK_TEST(store, test_owner_of_a_target_that_is_kept_may_be_released)
{
	struct sim_domain *d = guest(1), *model = guest(2);

	UK_EXPECT_EQ(sim_set_target(model, d), 0);
	UK_EXPECT(!sim_domain_end(d));
	UK_EXPECT_EQ(sim_release(model), 0);
	UK_EXPECT_EQ(sim_reset(), 0);
}

/* patches/0034: permissions were checked with what had been the target */
UK_TEST(store, test_target_that_is_released_twice_is_none)
{
	struct sim_domain *d = guest(1), *model = guest(2);
	const char *path = "/local/domain/1/x";
	char value[8];

	UK_EXPECT_EQ(sim_set_target(model, d), 0);
	UK_EXPECT_EQ(sim_write(model, 0, path, "1"), 0);
	UK_EXPECT_EQ(sim_release(d), 0);
	UK_EXPECT_EQ(sim_release(d), 0);
	UK_EXPECT_EQ(sim_read(model, 0, "/local/domain/1", value, sizeof(value)), -EACCES);
	UK_EXPECT_EQ(sim_reset(), 0);
}

/* patches/0035 */
UK_TEST(store, test_special_node_of_another_is_refused)
{
	static const struct { const char *name; int err; } nodes[] = {
		{ "@nothing", -EINVAL }, { "@releaseDomain", -EACCES },
	};
	struct sim_domain *d = guest(1);

	for (size_t i = 0; i < UK_ARRAY_SIZE(nodes); i++) {
		UK_EXPECT_EQ(sim_mkdir(d, 0, "a"), 0);
		UK_EXPECT_EQ(sim_rm(d, 0, "a"), 0);
		UK_EXPECT_EQ(sim_set_perms(d, 0, nodes[i].name, "n1", NULL), nodes[i].err);
	}
	UK_EXPECT_EQ(sim_reset(), 0);
	UK_EXPECT_EQ(sim_corruptions(), 0);
}

/* patches/0060: the whole store was checked, as for one that is corrupt */
UK_TEST(store, test_removal_beyond_the_quota_fails_its_transaction)
{
	struct sim_domain *d = guest(1);
	unsigned int corruptions = sim_corruptions();
	char path[16], value[8];
	uint32_t tx;

	for (int i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), "a/%d", i);
		UK_EXPECT_EQ(sim_write(d, 0, path, "v"), 0);
	}
	UK_EXPECT_EQ(sim_control(NULL, "quota", "set", "transaction-nodes", "16", NULL), 0);
	UK_EXPECT_EQ(sim_begin(d, &tx), 0);
	UK_EXPECT_EQ(sim_rm(d, tx, "a"), -ENOSPC);
	UK_EXPECT_EQ(sim_end(d, tx, true), -ENOMEM);
	UK_EXPECT_EQ(sim_control(NULL, "quota", "set", "transaction-nodes", "1024", NULL), 0);
	UK_EXPECT_EQ(sim_corruptions(), corruptions);
	UK_EXPECT_EQ(sim_read(d, 0, "a/19", value, sizeof(value)), 1);
	UK_EXPECT_EQ(sim_reset(), 0);
}

/* patches/0061 */
UK_TEST(store, test_node_made_or_removed_beside_a_transaction_is_a_conflict)
{
	struct sim_domain *d = guest(1);
	unsigned int corruptions = sim_corruptions();
	uint32_t tx;

	UK_EXPECT_EQ(sim_begin(d, &tx), 0);
	UK_EXPECT_EQ(sim_rm(d, tx, "a"), 0);
	UK_EXPECT_EQ(sim_write(d, 0, "a", "v"), 0);
	UK_EXPECT_EQ(sim_rm(d, tx, "a"), 0);
	UK_EXPECT_EQ(sim_end(d, tx, true), -EAGAIN);
	UK_EXPECT_EQ(sim_write(d, 0, "a/b", "v"), 0);
	UK_EXPECT_EQ(sim_begin(d, &tx), 0);
	UK_EXPECT_EQ(sim_ask(d, XS_DIRECTORY, tx, NULL, "a", NULL), 0);
	UK_EXPECT_EQ(sim_rm(d, 0, "a/b"), 0);
	UK_EXPECT_EQ(sim_rm(d, tx, "a"), -EIO);
	UK_EXPECT_EQ(sim_end(d, tx, true), -EAGAIN);
	UK_EXPECT_EQ(sim_corruptions(), corruptions);
	UK_EXPECT_EQ(sim_reset(), 0);
}

/* patches/0033: the end of one took what had become the other's */
UK_TEST(store, test_target_of_two_ends_with_the_last)
{
	struct sim_domain *d = guest(1), *a = guest(2), *b = guest(3);

	UK_EXPECT_EQ(sim_set_target(a, d), 0);
	UK_EXPECT_EQ(sim_release(d), 0);
	UK_EXPECT_EQ(sim_set_target(b, d), 0);
	UK_EXPECT(!sim_domain_end(d));
	UK_EXPECT(sim_domain_end(a));
	UK_EXPECT(sim_domain_end(b));
	UK_EXPECT_EQ(sim_reset(), 0);
}

/* patches/0062: of the references only one was given back */
UK_TEST(store, test_target_set_again_is_the_same)
{
	struct sim_domain *d = guest(1), *other = guest(2), *model = guest(3);

	for (int i = 0; i < 3; i++)
		UK_EXPECT_EQ(sim_set_target(model, d), 0);
	UK_EXPECT_EQ(sim_set_target(model, other), -EEXIST);
	UK_EXPECT(!sim_domain_end(d));
	UK_EXPECT_EQ(sim_release(model), 0);
	UK_EXPECT_EQ(sim_reset(), 0);
}
