/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets between devices: who sends, who counts, who gives back. */
#include "../netdev_priv.h"
#include "fake.h"

#include <errno.h>

#include <uk/test.h>

#define CAN_ALL (UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_FOREIGN | UK_NETDEV_CAN_CSUM4 | \
		 UK_NETDEV_CAN_CSUM6 | UK_NETDEV_CAN_GSO4 | UK_NETDEV_CAN_GSO6)

/* A switch that sends everything to these, in one piece */
static struct uk_netdev *outs[4];
static unsigned int n_outs;
static const struct uk_net_switch *real_switch;

static int hub_attach(struct uk_netdev *dev uk_unused, const char *network uk_unused,
		      char *why uk_unused)
{
	return 0;
}

static void hub_detach(struct uk_netdev *dev uk_unused)
{
}

static void hub_input(struct uk_netdev *dev uk_unused, struct uk_list *pkts)
{
	struct uk_list *node;

	while ((node = uk_list_pop(pkts)))
		uk_netdev_send_to(outs, n_outs, UK_LIST_ENTRY(node, struct uk_net_pkt, node));
}

static const struct uk_net_switch hub = {
	.attach = hub_attach, .detach = hub_detach, .input = hub_input,
};

static void begin(void)
{
	real_switch = netdev_switch;
	netdev_switch = &hub;
	n_outs = 0;
}

static void end(void)
{
	netdev_switch = real_switch;
	UK_EXPECT_EQ(fake_n_pkts, 0);
	UK_EXPECT_EQ(fake_n_sent, 0);
}

static void begin_two(struct fake *a, struct fake *b, uint16_t b_can)
{
	begin();
	fake_attach(a, "a", 1, CAN_ALL);
	fake_attach(b, "b", 2, b_can);
	outs[n_outs++] = &b->dev;
}

static void end_two(struct fake *a, struct fake *b)
{
	fake_end(a);
	fake_end(b);
	end();
}

UK_TEST(netdev, test_packet_is_sent_counted_and_given_back)
{
	struct fake a, b;

	begin_two(&a, &b, CAN_ALL);
	fake_receive(&a, fake_frame(2, 1, 1000));
	UK_EXPECT_EQ(a.dev.stats.in_packets, 1);
	UK_EXPECT_EQ(a.dev.stats.in_bytes, 1000);
	UK_EXPECT_EQ(b.dev.stats.out_packets, 1);
	UK_EXPECT_EQ(b.dev.stats.out_bytes, 1000);
	UK_EXPECT_EQ(fake_n_pkts, 0);
	UK_EXPECT_EQ(fake_take(&b), 1);
	end_two(&a, &b);
}

UK_TEST(netdev, test_detach_has_queued_packets_given_back)
{
	struct fake a, b;

	begin_two(&a, &b, CAN_ALL);
	b.is_slow = true;
	fake_receive(&a, fake_frame(2, 1, 60));
	UK_EXPECT_EQ(fake_n_pkts, 1);
	uk_netdev_detach(&a.dev);
	UK_EXPECT_EQ(fake_n_pkts, 0);
	uk_netdev_detach(&b.dev);
	end();
}
