/* SPDX-License-Identifier: BSD-3-Clause */
/* Ports that lie about who they are, loops, and frames that go nowhere. */
#include "ports.h"

#include <uk/test.h>

/* A frame from an address that is as good as any other */
static struct uk_net_pkt *frame_from(uint32_t from)
{
	uint8_t bytes[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 4 };

	memcpy(bytes + 8, &from, sizeof(from));
	return fake_pkt(bytes, sizeof(bytes), UK_NET_HEAD_BYTES, 1, false);
}

static void invent_addresses(unsigned int in, uint32_t first, unsigned int n)
{
	bridge_options.flood_rate = 0;
	for (uint32_t i = 0; i < n; i++)
		pkt_goes_to(in, frame_from(first + i));
}

/* ---- The table ---- */

UK_TEST(bridge_hostile, test_inventor_of_addresses_harms_only_itself)
{
	ports_begin(3, 0);
	bridge_options.port_addresses = 100;
	for (uint8_t mac = 0x10; mac < 0x20; mac++)
		frame_goes_to(0, 0xff, mac);
	frame_goes_to(1, 0xff, 0x30);
	invent_addresses(1, 0, 1000);
	UK_EXPECT_EQ(info(1).n_addresses, 100);
	UK_EXPECT_EQ(info(1).n_evicted, 901);
	for (uint8_t mac = 0x10; mac < 0x20; mac++)
		UK_EXPECT_EQ(frame_goes_to(2, mac, 0x40), TO(0));
	/* Its own old one is gone */
	UK_EXPECT_EQ(frame_goes_to(2, 0x30, 0x40), TO(0) | TO(1));
	ports_end();
}

UK_TEST(bridge_hostile, test_limit_holds_for_addresses_that_move)
{
	ports_begin(3, 0);
	bridge_options.port_addresses = 8;
	for (uint32_t round = 0; round < 4; round++) {
		invent_addresses(0, 8 * round, 8);
		invent_addresses(1, 8 * round, 8);
	}
	UK_EXPECT_EQ(info(0).n_addresses, 0);
	UK_EXPECT_EQ(info(1).n_addresses, 8);
	UK_EXPECT_EQ(info(1).n_moved, 32);
	UK_EXPECT_EQ(info(1).n_evicted, 24);
	ports_end();
}

UK_TEST(bridge_hostile, test_old_addresses_make_room_first)
{
	ports_begin(2, 0);
	bridge_options.port_addresses = 10;
	invent_addresses(0, 0, 10);
	pass_s(300);
	invent_addresses(0, 100, 10);
	UK_EXPECT_EQ(info(0).n_addresses, 10);
	UK_EXPECT_EQ(info(0).n_evicted, 0);
	ports_end();
}

UK_TEST(bridge_hostile, test_full_table_takes_from_who_has_most)
{
	unsigned int n;

	ports_begin(4, 0);
	bridge_options.port_addresses = CONFIG_LIBBRIDGE_ADDRESSES;
	for (uint8_t mac = 0x10; mac < 0x20; mac++)
		frame_goes_to(0, 0xff, mac);
	invent_addresses(1, 0, 500);
	/* More than there is room for */
	invent_addresses(2, 1u << 20, CONFIG_LIBBRIDGE_ADDRESSES + 1000);
	UK_EXPECT_EQ(info(1).n_addresses, 500);
	n = info(2).n_addresses;
	UK_EXPECT(n > 500 && n <= CONFIG_LIBBRIDGE_ADDRESSES - 516);
	/* Who comes late gets room too */
	frame_goes_to(3, 0xff, 0x50);
	UK_EXPECT_EQ(frame_goes_to(0, 0x50, 0x10), TO(3));
	UK_EXPECT_EQ(info(1).n_addresses, 500);
	for (uint8_t mac = 0x10; mac < 0x20; mac++)
		UK_EXPECT_EQ(frame_goes_to(3, mac, 0x50), TO(0));
	ports_end();
}

/* Addresses that all fall into the bucket of a victim's, as if the hash were
 * known: a search stays short, and the victim stays known. */
UK_TEST(bridge_hostile, test_colliding_addresses_are_few)
{
	static const uint8_t victim[] = { 2, 0, 0, 0, 0, 0x11 };
	struct uk_bridge *br;
	unsigned int bucket, n = 0;

	ports_begin(3, 0);
	bridge_options.flood_rate = 0;
	br = uk_bridge_next(NULL);
	frame_goes_to(0, 0xff, 0x11);
	bucket = bridge_bucket(bridge_key_of(br, victim));
	for (uint32_t i = 0; n < 50; i++) {
		uint8_t mac[6] = { 4 };

		memcpy(mac + 2, &i, sizeof(i));
		if (bridge_bucket(bridge_key_of(br, mac)) != bucket)
			continue;
		pkt_goes_to(1, frame_from(i));
		n++;
	}
	UK_EXPECT_EQ(info(1).n_addresses, 8);
	UK_EXPECT_EQ(info(1).n_evicted, 42);
	UK_EXPECT_EQ(frame_goes_to(2, 0x11, 0x33), TO(0));
	ports_end();
}

/* ---- Moving ---- */

static unsigned int n_moves_of(unsigned int i, unsigned int k)
{
	return (unsigned int)(info(i).n_moved + info(k).n_moved);
}

UK_TEST(bridge_hostile, test_address_that_flaps_is_held)
{
	ports_begin(3, 0);
	for (unsigned int i = 0; i < 20; i++)
		frame_goes_to(i % 2, 0xff, 0x11);
	UK_EXPECT_EQ(n_moves_of(0, 1), 5);
	UK_EXPECT_EQ(info(0).n_held + info(1).n_held, 7);
	/* After an odd number of moves */
	UK_EXPECT_EQ(frame_goes_to(2, 0x11, 0x33), TO(1));
	pass_s(10);
	frame_goes_to(0, 0xff, 0x11);
	UK_EXPECT_EQ(frame_goes_to(2, 0x11, 0x33), TO(0));
	ports_end();
}

UK_TEST(bridge_hostile, test_contested_address_stays_with_the_uplink)
{
	/* 1 is a guest that says it is a router behind 0 */
	ports_begin(3, TO(1) | TO(2));
	frame_goes_to(0, 0xff, 0x11);
	for (unsigned int i = 0; i < 10; i++) {
		frame_goes_to(1, 0xff, 0x11);
		frame_goes_to(0, 0xff, 0x11);
	}
	frame_goes_to(1, 0xff, 0x11);
	UK_EXPECT_EQ(frame_goes_to(2, 0x11, 0xe2), TO(0));
	ports_end();
}

/* Both uplinks lead to the same network: what leaves by one comes in by the
 * other, for ever. */
UK_TEST(bridge_hostile, test_loop_does_not_last)
{
	unsigned int n = 0;
	bool is_going = true;

	ports_begin(2, 0);
	bridge_options.flood_rate = 1000;
	fake_receive(&ports[0], fake_frame(0xff, 0x11, 60));
	while (is_going && n < 10000) {
		is_going = false;
		for (unsigned int i = 0; i < 2; i++) {
			if (!fake_take(&ports[i]))
				continue;
			fake_receive(&ports[i], fake_frame(0xff, 0x11, 60));
			is_going = true;
			n++;
		}
	}
	/* A tenth of a second's worth of both */
	UK_EXPECT(n >= 100 && n <= 201);
	UK_EXPECT_EQ(n_moves_of(0, 1), 5);
	ports_end();
}

/* ---- Rates ---- */

static unsigned int n_floods(unsigned int in, uint8_t to, unsigned int n)
{
	unsigned int n_passed = 0;

	while (n--)
		n_passed += frame_goes_to(in, to, 0x11) != 0;
	return n_passed;
}

UK_TEST(bridge_hostile, test_floods_are_limited_for_each_port)
{
	ports_begin(3, 0);
	bridge_options.flood_rate = 100;
	UK_EXPECT_EQ(n_floods(0, 0xff, 50), 10);
	UK_EXPECT_EQ(drops(0, UK_NET_DROP_RATE), 40);
	/* Not yet; one; then what was saved, but no more than a burst */
	pass_ns(UK_NSEC_PER_SEC / 100 - 1);
	UK_EXPECT_EQ(n_floods(0, 0x55, 5), 0);
	pass_ns(1);
	UK_EXPECT_EQ(n_floods(0, 0x55, 5), 1);
	pass_s(100);
	UK_EXPECT_EQ(n_floods(0, 0xff, 50), 10);
	/* Another port has its own; what is known is not limited */
	frame_goes_to(1, 0xff, 0x22);
	UK_EXPECT_EQ(n_floods(0, 0x22, 50), 50);
	bridge_options.flood_rate = 0;
	UK_EXPECT_EQ(n_floods(0, 0xff, 50), 50);
	ports_end();
}

UK_TEST(bridge_hostile, test_slow_rate_passes_one_at_a_time)
{
	ports_begin(2, 0);
	bridge_options.flood_rate = 1;
	UK_EXPECT_EQ(n_floods(0, 0xff, 3), 1);
	pass_s(1);
	UK_EXPECT_EQ(n_floods(0, 0xff, 3), 1);
	ports_end();
}

/* ---- Whose address ---- */

UK_TEST(bridge_hostile, test_guest_cannot_take_another_guests_address)
{
	ports_begin(3, TO(0) | TO(1));
	/* Known before it says a word */
	UK_EXPECT_EQ(frame_goes_to(2, 0xe0, 0x33), TO(0));
	UK_EXPECT_EQ(frame_goes_to(1, 0xff, 0xe0), 0);
	UK_EXPECT_EQ(drops(1, UK_NET_DROP_SPOOFED), 1);
	UK_EXPECT_EQ(info(1).n_held, 1);
	UK_EXPECT_EQ(frame_goes_to(2, 0xe0, 0x33), TO(0));
	pass_s(1000);
	UK_EXPECT_EQ(frame_goes_to(2, 0xe0, 0x33), TO(0));
	/* But it may have more than one */
	UK_EXPECT_EQ(frame_goes_to(1, 0xff, 0x44), TO(0) | TO(2));
	UK_EXPECT_EQ(frame_goes_to(2, 0x44, 0x33), TO(1));
	ports_end();
}

/* A switch outside may send back what it got: that is no move. */
UK_TEST(bridge_hostile, test_guests_address_from_outside_does_not_move)
{
	ports_begin(3, TO(0) | TO(1));
	UK_EXPECT_EQ(frame_goes_to(2, 0xe1, 0xe0), TO(1));
	UK_EXPECT_EQ(info(2).n_held, 1);
	UK_EXPECT_EQ(frame_goes_to(1, 0xe0, 0xe1), TO(0));
	ports_end();
}

UK_TEST(bridge_hostile, test_guest_that_arrives_has_its_address_at_once)
{
	char why[UK_NET_WHY_BYTES];

	ports_begin(2, 0);
	frame_goes_to(0, 0xff, 0xe2);
	UK_EXPECT_EQ(frame_goes_to(1, 0xe2, 0x33), TO(0));
	fake_init(&ports[2], "migrated", 0xe2, PORT_CAN);
	ports[2].dev.is_edge = true;
	UK_EXPECT_EQ(uk_netdev_attach(&ports[2].dev, "", why), 0);
	fake_receive(&ports[1], fake_frame(0xe2, 0x33, 60));
	UK_EXPECT_EQ(fake_take(&ports[2]), 1);
	UK_EXPECT_EQ(info(0).n_addresses, 0);
	fake_end(&ports[2]);
	UK_EXPECT_EQ(frame_goes_to(1, 0xe2, 0x33), TO(0));
	UK_EXPECT_EQ(info(1).n_flooded, 1);
	ports_end();
}

/* Migration to the same host: for a moment both are there. */
UK_TEST(bridge_hostile, test_of_two_devices_with_one_address_the_last_speaker_has_it)
{
	struct fake twin;
	char why[UK_NET_WHY_BYTES];

	ports_begin(3, TO(0));
	fake_init(&twin, "twin", 0xe0, PORT_CAN);
	twin.dev.is_edge = true;
	UK_EXPECT_EQ(uk_netdev_attach(&twin.dev, "", why), 0);
	UK_EXPECT_EQ(frame_goes_to(1, 0xe0, 0x33), 0);
	UK_EXPECT_EQ(fake_take(&twin), 1);
	frame_goes_to(0, 0xff, 0xe0);
	UK_EXPECT_EQ(frame_goes_to(1, 0xe0, 0x33), TO(0));
	fake_receive(&twin, fake_frame(0xff, 0xe0, 60));
	UK_EXPECT_EQ(fake_take(&ports[0]) + fake_take(&ports[1]) + fake_take(&ports[2]), 3);
	fake_take(&twin);
	UK_EXPECT_EQ(frame_goes_to(1, 0xe0, 0x33), 0);
	fake_end(&twin);
	UK_EXPECT_EQ(frame_goes_to(1, 0xe0, 0x33), TO(0));
	ports_end();
}

UK_TEST(bridge_hostile, test_antispoof_leaves_a_guest_one_address)
{
	ports_begin(3, TO(0) | TO(1));
	bridge_options.antispoof = true;
	UK_EXPECT_EQ(frame_goes_to(0, 0xff, 0x44), 0);
	UK_EXPECT_EQ(drops(0, UK_NET_DROP_SPOOFED), 1);
	UK_EXPECT_EQ(info(0).n_addresses, 0);
	UK_EXPECT_EQ(frame_goes_to(0, 0xff, 0xe0), TO(1) | TO(2));
	/* An uplink speaks for many */
	UK_EXPECT_EQ(frame_goes_to(2, 0xff, 0x44), TO(0) | TO(1));
	ports_end();
}

/* ---- Addresses that are none ---- */

static unsigned int goes_to_with(const uint8_t *to, const uint8_t *from)
{
	uint8_t bytes[60] = { 0 };

	memcpy(bytes, to, 6);
	memcpy(bytes + 6, from, 6);
	return pkt_goes_to(0, fake_pkt(bytes, sizeof(bytes), 60, 1, false));
}

UK_TEST(bridge_hostile, test_bad_sources_are_refused)
{
	static const uint8_t good[6] = { 2, 1 }, group[6] = { 1, 0, 0x5e }, zero[6];

	ports_begin(2, 0);
	UK_EXPECT_EQ(goes_to_with(good, group), 0);
	UK_EXPECT_EQ(goes_to_with(good, zero), 0);
	UK_EXPECT_EQ(drops(0, UK_NET_DROP_MALFORMED), 2);
	UK_EXPECT_EQ(goes_to_with(zero, good), TO(1));
	UK_EXPECT_EQ(goes_to_with(group, good), TO(1));
	ports_end();
}

UK_TEST(bridge_hostile, test_link_local_groups_stay_on_the_link)
{
	static const uint8_t from[6] = { 2, 1 };
	uint8_t to[6] = { 1, 0x80, 0xc2, 0, 0, 0 };

	ports_begin(2, 0);
	for (to[5] = 0; to[5] < 16; to[5]++)
		UK_EXPECT_EQ(goes_to_with(to, from), 0);
	UK_EXPECT_EQ(drops(0, UK_NET_DROP_FILTERED), 16);
	UK_EXPECT_EQ(goes_to_with(to, from), TO(1));
	bridge_options.group_fwd_mask = 1 << 14;
	to[5] = 14;
	UK_EXPECT_EQ(goes_to_with(to, from), TO(1));
	to[5] = 3;
	UK_EXPECT_EQ(goes_to_with(to, from), 0);
	ports_end();
}

UK_TEST(bridge_hostile, test_tags_pass_unchanged)
{
	static const uint8_t bytes[64] = { 2, 0, 0, 0, 0, 0x22, 2, 0, 0, 0, 0, 0x11,
					   0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0 };
	struct fake_sent *sent;

	ports_begin(3, 0);
	/* Learned without a tag, found with two */
	frame_goes_to(1, 0xff, 0x22);
	fake_receive(&ports[0], fake_pkt(bytes, sizeof(bytes), 64, 1, false));
	sent = fake_next(&ports[1]);
	if (UK_EXPECT(sent)) {
		UK_EXPECT(!memcmp(sent->bytes, bytes, sizeof(bytes)));
		fake_sent_free(sent);
	}
	UK_EXPECT_EQ(fake_take(&ports[2]), 0);
	ports_end();
}
