/* SPDX-License-Identifier: BSD-3-Clause */
/* Learning, ageing and flooding. */
#include "../bridge_priv.h"
#include "../../../dev/netdev/test/fake.h"

#include <errno.h>

#include <uk/test.h>

#define CAN (UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_FOREIGN)

UK_TEST(bridge, test_unknown_address_goes_to_all_known_to_one)
{
	struct fake a, b, c;

	fake_attach(&a, "a", 1, CAN);
	fake_attach(&b, "b", 2, CAN);
	fake_attach(&c, "c", 3, CAN);
	fake_receive(&a, fake_frame(0x22, 0x11, 60));
	UK_EXPECT_EQ(fake_take(&a), 0);
	UK_EXPECT_EQ(fake_take(&b), 1);
	UK_EXPECT_EQ(fake_take(&c), 1);
	fake_receive(&b, fake_frame(0x11, 0x22, 60));
	UK_EXPECT_EQ(fake_take(&a), 1);
	UK_EXPECT_EQ(fake_take(&c), 0);
	fake_end(&a);
	fake_end(&b);
	fake_end(&c);
	UK_EXPECT_EQ(fake_n_pkts, 0);
}
