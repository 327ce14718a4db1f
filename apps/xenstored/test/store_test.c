/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests that upstream's daemon did not stand, or could have not. */
#include "sim.h"

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
}
