/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets between devices: who sends, who counts, who gives back. */
#include "../netdev_priv.h"
#include "fake.h"
#include "hub.h"
#include "ref.h"

#include <errno.h>
#include <string.h>

#include <uk/print.h>
#include <uk/test.h>

#define CAN_ALL 0xff

static char why[UK_NET_WHY_BYTES];

UK_TEST(netdev, test_packet_is_sent_counted_and_given_back)
{
	struct fake a, b;

	hub_begin_two(&a, &b, CAN_ALL);
	fake_receive(&a, fake_frame(2, 1, 1000));
	UK_EXPECT_EQ(a.dev.stats.in_packets, 1);
	UK_EXPECT_EQ(a.dev.stats.in_bytes, 1000);
	UK_EXPECT_EQ(b.dev.stats.out_packets, 1);
	UK_EXPECT_EQ(b.dev.stats.out_bytes, 1000);
	UK_EXPECT_EQ(fake_n_pkts, 0);
	UK_EXPECT_EQ(fake_take(&b), 1);
	hub_end_two(&a, &b);
}

UK_TEST(netdev, test_detach_has_queued_packets_given_back)
{
	struct fake a, b;

	hub_begin_two(&a, &b, CAN_ALL);
	b.is_slow = true;
	fake_receive(&a, fake_frame(2, 1, 60));
	fake_receive(&b, fake_frame(1, 2, 60));
	UK_EXPECT_EQ(fake_n_pkts, 2);
	uk_netdev_detach(&a.dev);
	/* b's own packet is none of a's */
	UK_EXPECT_EQ(fake_n_pkts, 1);
	fake_end(&b);
	hub_end();
}

UK_TEST(netdev, test_frames_of_a_cut_packet_are_forgotten_with_its_device)
{
	static struct ref r;
	struct uk_net_pkt *pkt;
	struct fake a, b;

	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_FOREIGN | UK_NETDEV_CAN_CSUM4);
	b.is_slow = true;
	r = (struct ref) { .payload = 4000 };
	ref_build(&r);
	pkt = fake_pkt(r.bytes, r.len, 100, 4096, true);
	pkt->gso = UK_NET_GSO_TCPV4;
	pkt->gso_bytes = 1000;
	UK_EXPECT_EQ(uk_net_complete_offload(pkt), 0);
	fake_receive(&a, pkt);
	UK_EXPECT_EQ(fake_n_pkts, 1);
	UK_EXPECT_EQ(netdev_pool.n_copies, 4);
	uk_netdev_detach(&a.dev);
	UK_EXPECT_EQ(fake_n_pkts, 0);
	UK_EXPECT_EQ(netdev_pool.n_copies, 0);
	fake_end(&b);
	hub_end();
}

UK_TEST(netdev, test_attach_fails_with_a_reason)
{
	const struct uk_net_switch *real = netdev_switch;
	struct fake a;

	fake_init(&a, "a", 1, CAN_ALL);
	netdev_switch = NULL;
	UK_EXPECT_EQ(uk_netdev_attach(&a.dev, "", why), -ENODEV);
	UK_EXPECT(why[0]);
	netdev_switch = real;
	hub_begin();
	UK_EXPECT_EQ(uk_netdev_attach(&a.dev, "full", why), -ENOSPC);
	UK_EXPECT_STR(why, "a: no room");
	UK_EXPECT(!uk_netdev_next(NULL));
	/* Down: nothing goes in or out */
	fake_receive(&a, fake_frame(2, 1, 60));
	uk_netdev_send(&a.dev, fake_frame(1, 2, 60));
	UK_EXPECT_EQ(a.dev.stats.drops[UK_NET_DROP_NOWHERE], 2);
	UK_EXPECT_EQ(a.n_sent, 0);
	hub_end();
}

UK_TEST(netdev, test_devices_are_listed_in_order)
{
	struct fake a, b;

	hub_begin_two(&a, &b, CAN_ALL);
	UK_EXPECT(uk_netdev_next(NULL) == &a.dev);
	UK_EXPECT(uk_netdev_next(&a.dev) == &b.dev);
	UK_EXPECT(!uk_netdev_next(&b.dev));
	UK_EXPECT_STR(uk_netdev_name(&b.dev), "b");
	UK_EXPECT_EQ(uk_netdev_mac(&b.dev)[5], 2);
	UK_EXPECT(uk_netdev_stats(&b.dev) == &b.dev.stats);
	hub_end_two(&a, &b);
}

UK_TEST(netdev, test_every_drop_has_a_name)
{
	for (unsigned int i = 0; i < UK_NET_N_DROPS; i++)
		UK_EXPECT(uk_net_drop_name(i) && strlen(uk_net_drop_name(i)) < 16);
}

static const char *network_of(const char *name)
{
	static char network[UK_NET_NAME_BYTES];

	UK_EXPECT_EQ(netdev_network_of(name, network), 0);
	return network;
}

UK_TEST(netdev, test_parameter_names_the_network_of_a_card)
{
	netdev_networks = "card1:lan,card10:dmz,card2:,card3:a-name-that-is-longer-than-23,x,"
			  "card4:a-name-of-23-characters";
	UK_EXPECT_STR(network_of("card1"), "lan");
	UK_EXPECT_STR(network_of("card10"), "dmz");
	UK_EXPECT_STR(network_of("card2"), "");
	UK_EXPECT_STR(network_of("card4"), "a-name-of-23-characters");
	UK_EXPECT_STR(network_of("card"), "");
	UK_EXPECT_STR(network_of("x"), "");
	netdev_networks = "";
	UK_EXPECT_STR(network_of("card1"), "");
}

UK_TEST(netdev, test_card_with_a_network_of_too_long_a_name_is_refused)
{
	struct fake a, b;

	hub_begin_two(&a, &b, CAN_ALL);
	uk_netdev_detach(&a.dev);
	netdev_networks = "a:a-name-that-is-longer-than-23";
	UK_EXPECT_EQ(uk_netdev_attach_card(&a.dev), -ENAMETOOLONG);
	UK_EXPECT(!a.dev.is_up);
	netdev_networks = "a:lan";
	UK_EXPECT_EQ(uk_netdev_attach_card(&a.dev), 0);
	netdev_networks = "";
	hub_end_two(&a, &b);
}

/* Whether the last thing said is that card a joins the default network */
static bool is_warned(void)
{
	char log[128];

	uk_log_tail(log, sizeof(log));
	return strstr(log, "a is not in netdev.networks");
}

UK_TEST(netdev, test_card_that_is_not_named_while_others_are_is_warned_of)
{
	static const char *const quiet[] = { "a:lan", "b:lan,a:dmz", "" };
	struct fake a, b;

	hub_begin_two(&a, &b, CAN_ALL);
	for (unsigned int i = 0; i <= UK_ARRAY_SIZE(quiet); i++) {
		bool is_named = i < UK_ARRAY_SIZE(quiet);

		uk_netdev_detach(&a.dev);
		netdev_networks = is_named ? quiet[i] : "b:lan,aa:dmz";
		UK_EXPECT_EQ(uk_netdev_attach_card(&a.dev), 0);
		UK_EXPECT_EQ(is_warned(), !is_named);
	}
	netdev_networks = "";
	hub_end_two(&a, &b);
}

/* ---- Batches ---- */

/* A packet that answers when it is given back, as a network stack's might */
static struct fake *answerer;
static unsigned int n_answers;
static void (*real_done)(struct uk_net_pkt *pkt);

static void done_and_answer(struct uk_net_pkt *pkt)
{
	real_done(pkt);
	if (n_answers) {
		n_answers--;
		uk_netdev_send(&answerer->dev, fake_frame(1, 2, 70));
	}
}

static void packet_is_answered(bool is_received)
{
	struct uk_net_pkt *pkt = fake_frame(2, 1, 60);
	struct fake a, b;

	hub_begin_two(&a, &b, CAN_ALL);
	answerer = &b;
	n_answers = 1;
	real_done = pkt->done;
	pkt->done = done_and_answer;
	if (is_received)
		fake_receive(&a, pkt);
	else
		uk_netdev_send(&b.dev, pkt);
	UK_EXPECT_EQ(n_answers, 0);
	UK_EXPECT_EQ(fake_take(&b), 2);
	UK_EXPECT_EQ(b.dev.stats.out_packets, 2);
	hub_end_two(&a, &b);
}

UK_TEST(netdev, test_packet_sent_by_done_goes_out_in_the_same_batch)
{
	packet_is_answered(true);
	packet_is_answered(false);
}

/* The first of two devices gives back a packet, and its owner sends one more to
 * the second, whose turn is yet to come. */
UK_TEST(netdev, test_packet_sent_by_done_to_a_waiting_device_goes_out)
{
	struct uk_net_pkt *pkt = fake_frame(2, 1, 60);
	struct fake a, b, c;

	hub_begin_two(&a, &b, CAN_ALL);
	fake_attach(&c, "c", 3, CAN_ALL);
	answerer = &c;
	n_answers = 1;
	real_done = pkt->done;
	pkt->done = done_and_answer;
	/* b stands first in the round, and is the one that gets the original */
	hub_outs[0] = &b.dev;
	hub_outs[1] = &c.dev;
	hub_outs[2] = &b.dev;
	hub_n_outs = 3;
	fake_receive(&a, pkt);
	UK_EXPECT_EQ(n_answers, 0);
	UK_EXPECT_EQ(fake_take(&b), 2);
	UK_EXPECT_EQ(fake_take(&c), 2);
	fake_end(&c);
	hub_end_two(&a, &b);
}

UK_TEST(netdev, test_batch_is_sent_at_once)
{
	struct uk_list pkts = UK_LIST_INIT(pkts);
	struct fake a, b;

	hub_begin_two(&a, &b, CAN_ALL);
	for (int i = 0; i < 5; i++)
		uk_list_add_tail(&pkts, &fake_frame(2, 1, 60)->node);
	uk_netdev_receive(&a.dev, &pkts);
	UK_EXPECT(uk_list_is_empty(&pkts));
	UK_EXPECT_EQ(b.n_send_calls, 1);
	UK_EXPECT_EQ(fake_take(&b), 5);
	hub_end_two(&a, &b);
}
