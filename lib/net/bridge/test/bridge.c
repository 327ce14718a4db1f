/* SPDX-License-Identifier: BSD-3-Clause */
/* Learning, ageing and flooding; many bridges; what an administrator sees. */
#include "ports.h"

#include <errno.h>

#include <uk/print.h>
#include <uk/test.h>

static char why[UK_NET_WHY_BYTES];

UK_TEST(bridge, test_unknown_address_goes_to_all_known_to_one)
{
	ports_begin(3, 0);
	UK_EXPECT_EQ(frame_goes_to(0, 0x22, 0x11), TO(1) | TO(2));
	UK_EXPECT_EQ(frame_goes_to(1, 0x11, 0x22), TO(0));
	UK_EXPECT_EQ(frame_goes_to(0, 0x22, 0x11), TO(1));
	UK_EXPECT_EQ(frame_goes_to(2, 0xff, 0x33), TO(0) | TO(1));
	UK_EXPECT_EQ(info(0).n_addresses, 1);
	UK_EXPECT_EQ(info(0).n_flooded, 1);
	UK_EXPECT_EQ(info(2).n_flooded, 1);
	ports_end();
}

UK_TEST(bridge, test_frame_never_leaves_where_it_came_in)
{
	ports_begin(2, 0);
	frame_goes_to(0, 0xff, 0x11);
	UK_EXPECT_EQ(frame_goes_to(0, 0x11, 0x12), 0);
	UK_EXPECT_EQ(drops(0, UK_NET_DROP_FILTERED), 1);
	UK_EXPECT_EQ(frame_goes_to(0, 0x11, 0x11), 0);
	ports_end();
}

UK_TEST(bridge, test_lonely_device_talks_to_nobody)
{
	ports_begin(1, 0);
	UK_EXPECT_EQ(frame_goes_to(0, 0xff, 0x11), 0);
	UK_EXPECT_EQ(drops(0, UK_NET_DROP_NOWHERE), 1);
	ports_end();
}

UK_TEST(bridge, test_address_is_forgotten_after_300_seconds)
{
	ports_begin(3, 0);
	frame_goes_to(0, 0xff, 0x11);
	frame_goes_to(0, 0xff, 0x12);
	pass_s(299);
	UK_EXPECT_EQ(frame_goes_to(1, 0x11, 0x22), TO(0));
	frame_goes_to(0, 0xff, 0x12);
	pass_s(1);
	UK_EXPECT_EQ(frame_goes_to(1, 0x11, 0x22), TO(0) | TO(2));
	UK_EXPECT_EQ(frame_goes_to(1, 0x12, 0x22), TO(0));
	UK_EXPECT_EQ(info(0).n_addresses, 1);
	pass_s(300);
	UK_EXPECT_EQ(info(0).n_addresses, 0);
	/* What is old is learned again as if it were new */
	UK_EXPECT_EQ(frame_goes_to(2, 0x22, 0x12), TO(0) | TO(1));
	UK_EXPECT_EQ(frame_goes_to(1, 0x12, 0x22), TO(2));
	ports_end();
}

UK_TEST(bridge, test_address_that_moves_is_followed)
{
	ports_begin(3, 0);
	frame_goes_to(0, 0xff, 0x11);
	frame_goes_to(1, 0xff, 0x11);
	UK_EXPECT_EQ(frame_goes_to(2, 0x11, 0x33), TO(1));
	UK_EXPECT_EQ(info(0).n_addresses, 0);
	UK_EXPECT_EQ(info(1).n_addresses, 1);
	UK_EXPECT_EQ(info(1).n_moved, 1);
	ports_end();
}

UK_TEST(bridge, test_addresses_go_with_their_device)
{
	ports_begin(3, 0);
	frame_goes_to(0, 0xff, 0x11);
	fake_end(&ports[0]);
	UK_EXPECT_EQ(frame_goes_to(1, 0x11, 0x22), TO(2));
	fake_attach(&ports[0], "again", 0xe0, PORT_CAN);
	UK_EXPECT_EQ(frame_goes_to(1, 0x11, 0x22), TO(0) | TO(2));
	ports_end();
}

static const uint8_t addresses[] = { 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0xff };

/* Against a table that cannot be wrong */
UK_TEST(bridge, test_random_frames_go_where_a_plain_table_says)
{
	int where[256];
	unsigned int seed = 1;

	ports_begin(4, 0);
	memset(where, -1, sizeof(where));
	bridge_options.flood_rate = 0;
	for (int i = 0; i < 5000; i++) {
		uint8_t to, from;
		unsigned int want, in;

		seed = seed * 1103515245 + 12345;
		to = addresses[(seed >> 16) % 7];
		from = addresses[(seed >> 20) % 6];
		in = (seed >> 24) % 4;
		where[from] = (int)in;
		want = where[to] < 0 ? 15u & ~TO(in) : TO((unsigned int)where[to]) & ~TO(in);
		if (!UK_EXPECT_EQ(frame_goes_to(in, to, from), want))
			break;
		/* So that no address moves too often, nor is forgotten */
		pass_s(3);
	}
	ports_end();
}

UK_TEST(bridge, test_batch_is_switched_in_order)
{
	struct uk_list pkts = UK_LIST_INIT(pkts);

	ports_begin(3, 0);
	frame_goes_to(1, 0xff, 0x22);
	for (unsigned int i = 0; i < 20; i++)
		uk_list_add_tail(&pkts, &fake_frame(i % 4 ? 0x22 : 0xff, 0x11, 60 + i)->node);
	uk_netdev_receive(&ports[0].dev, &pkts);
	for (unsigned int i = 0; i < 20; i++) {
		struct fake_sent *sent = fake_next(&ports[1]);

		if (!UK_EXPECT(sent))
			break;
		UK_EXPECT_EQ(sent->pkt.len_bytes, 60 + i);
		fake_sent_free(sent);
	}
	UK_EXPECT_EQ(ports[1].n_send_calls, 1);
	UK_EXPECT_EQ(fake_take(&ports[2]), 5);
	ports_end();
}

/* ---- Several ---- */

static int attach_to(struct fake *fake, const char *name, const char *network)
{
	fake_init(fake, name, 1, PORT_CAN);
	return uk_netdev_attach(&fake->dev, network, why);
}

UK_TEST(bridge, test_bridges_do_not_mix)
{
	struct fake other[2];

	ports_begin(3, 0);
	UK_EXPECT_EQ(attach_to(&other[0], "other0", "other"), 0);
	UK_EXPECT_EQ(attach_to(&other[1], "other1", "other"), 0);
	fake_receive(&other[0], fake_frame(0xff, 0x11, 60));
	UK_EXPECT_EQ(fake_take(&other[1]), 1);
	frame_goes_to(0, 0xff, 0x11);
	UK_EXPECT_EQ(fake_take(&other[0]) + fake_take(&other[1]), 0);
	/* The same address in both */
	UK_EXPECT_EQ(frame_goes_to(1, 0x11, 0x22), TO(0));
	fake_receive(&other[1], fake_frame(0x11, 0x22, 60));
	UK_EXPECT_EQ(fake_take(&other[0]), 1);
	fake_end(&other[0]);
	fake_end(&other[1]);
	ports_end();
}

UK_TEST(bridge, test_administrator_sees_bridges_and_ports)
{
	struct uk_bridge *br;
	struct fake other;

	UK_EXPECT(!uk_bridge_next(NULL));
	ports_begin(2, 0);
	UK_EXPECT_EQ(attach_to(&other, "other", "second"), 0);
	br = uk_bridge_next(NULL);
	UK_EXPECT_STR(uk_bridge_name(br), CONFIG_LIBBRIDGE_DEFAULT);
	UK_EXPECT(uk_bridge_next_port(br, NULL) == &ports[0].dev);
	UK_EXPECT(uk_bridge_next_port(br, &ports[0].dev) == &ports[1].dev);
	UK_EXPECT(!uk_bridge_next_port(br, &ports[1].dev));
	br = uk_bridge_next(br);
	UK_EXPECT_STR(uk_bridge_name(br), "second");
	UK_EXPECT(!uk_bridge_next(br));
	fake_end(&other);
	/* With its last device a bridge is gone */
	UK_EXPECT(!uk_bridge_next(uk_bridge_next(NULL)));
	ports_end();
}

UK_TEST(bridge, test_bad_names_are_refused_with_a_reason)
{
	struct fake a;

	UK_EXPECT_EQ(attach_to(&a, "a", "a-name-of-24-characters-"), -EINVAL);
	UK_EXPECT(strstr(why, "1 to 23"));
	UK_EXPECT_EQ(attach_to(&a, "a", "a-name-of-23-characters"), 0);
	fake_end(&a);
}

UK_TEST(bridge, test_number_of_bridges_is_bounded)
{
	static struct fake devs[CONFIG_LIBBRIDGE_BRIDGES + 1];
	char name[16];

	for (unsigned int i = 0; i < CONFIG_LIBBRIDGE_BRIDGES; i++) {
		uk_snprintf(name, sizeof(name), "br%u", i);
		UK_EXPECT_EQ(attach_to(&devs[i], "dev", name), 0);
	}
	UK_EXPECT_EQ(attach_to(&devs[CONFIG_LIBBRIDGE_BRIDGES], "dev", "more"), -ENOSPC);
	UK_EXPECT(strstr(why, "LIBBRIDGE_BRIDGES"));
	fake_end(&devs[3]);
	UK_EXPECT_EQ(attach_to(&devs[3], "dev", "more"), 0);
	for (unsigned int i = 0; i < CONFIG_LIBBRIDGE_BRIDGES; i++)
		fake_end(&devs[i]);
	UK_EXPECT(!uk_bridge_next(NULL));
}

UK_TEST(bridge, test_number_of_devices_is_bounded)
{
	static struct fake devs[CONFIG_LIBBRIDGE_PORTS + 1];
	unsigned int n_all = 0;

	for (unsigned int i = 0; i < CONFIG_LIBBRIDGE_PORTS; i++)
		UK_EXPECT_EQ(attach_to(&devs[i], "dev", "big"), 0);
	UK_EXPECT_EQ(attach_to(&devs[CONFIG_LIBBRIDGE_PORTS], "dev", "big"), -ENOSPC);
	UK_EXPECT(strstr(why, "LIBBRIDGE_PORTS"));
	fake_receive(&devs[7], fake_frame(0xff, 0x11, 60));
	for (unsigned int i = 0; i < CONFIG_LIBBRIDGE_PORTS; i++) {
		n_all += fake_take(&devs[i]);
		fake_end(&devs[i]);
	}
	UK_EXPECT_EQ(n_all, CONFIG_LIBBRIDGE_PORTS - 1);
	UK_EXPECT_EQ(fake_n_pkts, 0);
}
