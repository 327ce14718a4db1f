/* SPDX-License-Identifier: BSD-3-Clause */
/* Fragments in other domains: for devices that cannot read them they are fetched. */
#include "../netdev_priv.h"
#include "fake.h"
#include "hub.h"

#include <uk/test.h>

static struct uk_net_pkt *foreign_pkt(size_t len)
{
	static uint8_t bytes[1500] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5 };

	return fake_pkt(bytes, len, 64, 512, true);
}

static void receive_many(struct fake *a, unsigned int n)
{
	struct uk_list pkts = UK_LIST_INIT(pkts);

	for (unsigned int i = 0; i < n; i++) {
		struct uk_net_pkt *pkt = foreign_pkt(200 + i);

		pkt->from = &a->dev;
		uk_list_add_tail(&pkts, &pkt->node);
	}
	uk_netdev_receive(&a->dev, &pkts);
}

UK_TEST(netdev_adapt, test_batch_is_fetched_at_once_and_keeps_its_order)
{
	struct fake a, b;
	struct fake_sent *sent;

	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS);
	b.is_slow = true;
	receive_many(&a, 60);
	/* Nobody waits for the other domain any more */
	UK_EXPECT_EQ(fake_n_pkts, 0);
	fake_flush(&b);
	UK_EXPECT_EQ(a.n_fetch_calls, 1);
	for (unsigned int i = 0; i < 60; i++) {
		sent = fake_next(&b);
		if (!UK_EXPECT(sent))
			break;
		UK_EXPECT_EQ(sent->pkt.len_bytes, 200 + i);
		UK_EXPECT(!sent->is_foreign && !sent->pkt.from);
		fake_sent_free(sent);
	}
	hub_end_two(&a, &b);
}

UK_TEST(netdev_adapt, test_long_batch_is_fetched_in_parts)
{
	struct fake a, b;

	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS);
	receive_many(&a, UK_NETDEV_FETCH_MAX + 1);
	UK_EXPECT_EQ(a.n_fetch_calls, 2);
	UK_EXPECT_EQ(fake_take(&b), UK_NETDEV_FETCH_MAX + 1);
	hub_end_two(&a, &b);
}

UK_TEST(netdev_adapt, test_what_cannot_be_fetched_is_dropped)
{
	struct fake a, b;

	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS);
	a.is_fetch_bad = true;
	receive_many(&a, 10);
	UK_EXPECT_EQ(fake_take(&b), 5);
	UK_EXPECT_EQ(b.dev.stats.drops[UK_NET_DROP_PEER], 5);
	UK_EXPECT_EQ(b.dev.stats.out_packets, 5);
	hub_end_two(&a, &b);
}

/* A packet of ours with foreign fragments, a device that promised to have none */
UK_TEST(netdev_adapt, test_what_nobody_can_fetch_is_dropped)
{
	struct uk_netdev_ops mute;
	struct fake a, b;

	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS);
	uk_netdev_send(&b.dev, foreign_pkt(500));
	UK_EXPECT_EQ(b.dev.stats.drops[UK_NET_DROP_PEER], 1);
	mute = *a.dev.ops;
	mute.fetch = NULL;
	a.dev.ops = &mute;
	fake_receive(&a, foreign_pkt(500));
	UK_EXPECT_EQ(b.dev.stats.drops[UK_NET_DROP_PEER], 2);
	UK_EXPECT_EQ(fake_take(&b), 0);
	hub_end_two(&a, &b);
}

UK_TEST(netdev_adapt, test_packets_are_fetched_from_where_they_came)
{
	struct uk_net_pkt *pkt;
	struct fake a, b, c;

	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS);
	fake_attach(&c, "c", 3, 0xff);
	/* While one of a's is on its way, one of c's is sent */
	pkt = foreign_pkt(300);
	pkt->from = &c.dev;
	hub_send_with_next = pkt;
	fake_receive(&a, foreign_pkt(500));
	UK_EXPECT_EQ(a.n_fetch_calls, 1);
	UK_EXPECT_EQ(c.n_fetch_calls, 1);
	UK_EXPECT_EQ(fake_take(&b), 2);
	fake_end(&c);
	hub_end_two(&a, &b);
}

UK_TEST(netdev_adapt, test_device_that_reads_other_domains_gets_no_copy)
{
	struct fake a, b;

	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_FOREIGN);
	b.is_slow = true;
	receive_many(&a, 2);
	UK_EXPECT_EQ(netdev_pool.n_copies, 0);
	UK_EXPECT_EQ(a.n_fetch_calls, 0);
	UK_EXPECT_EQ(fake_n_pkts, 2);
	fake_flush(&b);
	UK_EXPECT_EQ(fake_n_pkts, 0);
	hub_end_two(&a, &b);
}
