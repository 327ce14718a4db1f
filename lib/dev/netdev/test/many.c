/* SPDX-License-Identifier: BSD-3-Clause */
/* One packet for many devices, what they may keep, and everything at once. */
#include "../netdev_priv.h"
#include "fake.h"
#include "hub.h"
#include "ref.h"

#include <uk/test.h>

#define CAN_ALL 0xff

struct many {
	struct fake from, to[5];
};

static void begin_many(struct many *m, uint16_t can)
{
	hub_begin();
	fake_attach(&m->from, "from", 1, can);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(m->to); i++) {
		fake_attach(&m->to[i], "to", (uint8_t)(2 + i), can);
		m->to[i].is_slow = true;
		hub_outs[hub_n_outs++] = &m->to[i].dev;
	}
}

static void end_many(struct many *m)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(m->to); i++)
		fake_end(&m->to[i]);
	fake_end(&m->from);
	hub_end();
}

static void all_got(struct many *m, const uint8_t *bytes, size_t len)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(m->to); i++) {
		struct fake_sent *sent;

		fake_flush(&m->to[i]);
		sent = fake_next(&m->to[i]);
		if (!UK_EXPECT(sent))
			continue;
		UK_EXPECT_EQ(sent->pkt.len_bytes, len);
		UK_EXPECT(!memcmp(sent->bytes, bytes, len));
		fake_sent_free(sent);
	}
}

UK_TEST(netdev, test_copies_share_their_memory)
{
	static const uint8_t bytes[5000] = { 0xff, 0xff, [1000] = 1, [4999] = 2 };
	struct many m;

	begin_many(&m, CAN_ALL);
	fake_receive(&m.from, fake_pkt(bytes, 1500, 100, 300, true));
	UK_EXPECT_EQ(m.from.n_fetch_calls, 1);
	UK_EXPECT_EQ(netdev_pool.n_buf_pages, 1);
	/* The other domain has its pages back, whoever is slow */
	UK_EXPECT_EQ(fake_n_pkts, 0);
	all_got(&m, bytes, 1500);
	UK_EXPECT_EQ(netdev_pool.n_buf_pages, 0);
	/* Local, and longer than a page */
	m.from.dev.mtu_bytes = 9000;
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(m.to); i++)
		m.to[i].dev.mtu_bytes = 9000;
	fake_receive(&m.from, fake_pkt(bytes, 5000, 100, 3000, false));
	UK_EXPECT_EQ(netdev_pool.n_buf_pages, 2);
	all_got(&m, bytes, 5000);
	/* All in the head: no memory but that of descriptors */
	fake_receive(&m.from, fake_pkt(bytes, 100, 100, 100, false));
	UK_EXPECT_EQ(netdev_pool.n_copies, 4);
	UK_EXPECT_EQ(netdev_pool.n_buf_pages, 0);
	all_got(&m, bytes, 100);
	end_many(&m);
}

UK_TEST(netdev, test_packet_for_nobody_is_given_back)
{
	struct fake a;

	hub_begin();
	fake_attach(&a, "a", 1, CAN_ALL);
	fake_receive(&a, fake_frame(0xff, 1, 60));
	UK_EXPECT_EQ(fake_n_pkts, 0);
	fake_end(&a);
	hub_end();
}

UK_TEST(netdev, test_copies_that_cannot_be_fetched_are_all_dropped)
{
	static const uint8_t bytes[1500] = { 0xff };
	struct many m;

	begin_many(&m, CAN_ALL);
	m.from.is_fetch_bad = true;
	fake_receive(&m.from, fake_pkt(bytes, 1500, 100, 300, true));
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(m.to); i++) {
		fake_flush(&m.to[i]);
		UK_EXPECT_EQ(fake_take(&m.to[i]), 0);
		UK_EXPECT_EQ(m.to[i].dev.stats.drops[UK_NET_DROP_PEER], 1);
	}
	end_many(&m);
}

/* ---- Limits ---- */

UK_TEST(netdev, test_one_guest_cannot_keep_all_copies)
{
	struct many m;
	unsigned int n;

	begin_many(&m, CAN_ALL);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(m.to) - 1; i++)
		m.to[i].dev.is_edge = i;
	for (n = 0; n < 3000 && !m.to[1].dev.stats.drops[UK_NET_DROP_NO_MEMORY]; n++)
		fake_receive(&m.from, fake_frame(0xff, 1, 60));
	UK_EXPECT(netdev_pool.max_copies >= CONFIG_LIBNETDEV_COPY_PAGES);
	UK_EXPECT_EQ(m.to[1].dev.n_copies, netdev_pool.max_copies / 8);
	UK_EXPECT_EQ(m.to[0].dev.stats.drops[UK_NET_DROP_NO_MEMORY], 0);
	UK_EXPECT_EQ(m.to[0].dev.n_copies, n);
	end_many(&m);
}

UK_TEST(netdev, test_all_guests_cannot_keep_all_copies)
{
	struct fake uplink, guests[7];

	hub_begin();
	fake_attach(&uplink, "uplink", 1, CAN_ALL);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(guests); i++) {
		fake_attach(&guests[i], "guest", (uint8_t)(2 + i), CAN_ALL);
		guests[i].dev.is_edge = true;
		guests[i].is_slow = true;
		hub_outs[hub_n_outs++] = &guests[i].dev;
	}
	for (unsigned int i = 0; i < 300; i++)
		fake_receive(&uplink, fake_frame(0xff, 1, 150));
	UK_EXPECT_EQ(netdev_pool.n_edge_copies, netdev_pool.max_copies * 3 / 4);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(guests); i++)
		fake_end(&guests[i]);
	fake_end(&uplink);
	hub_end();
}

UK_TEST(netdev, test_copies_are_never_more_than_the_limit)
{
	struct many m;

	begin_many(&m, CAN_ALL);
	while (!m.to[4].dev.stats.drops[UK_NET_DROP_NO_MEMORY] && m.to[4].dev.n_copies < 1000)
		fake_receive(&m.from, fake_frame(0xff, 1, 500));
	UK_EXPECT_EQ(netdev_pool.n_copies, netdev_pool.max_copies);
	end_many(&m);
}

/* A guest keeps an eighth of the pages, all guests three quarters, also of what
 * is copied for one of them alone. */
UK_TEST(netdev, test_guests_cannot_keep_all_pages)
{
	const unsigned int max = CONFIG_LIBNETDEV_COPY_PAGES * 3 / 4;
	static const uint8_t bytes[1500] = { 0xff };
	struct many m;

	begin_many(&m, UK_NETDEV_CAN_FRAGS);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(m.to); i++)
		m.to[i].dev.is_edge = true;
	hub_n_outs = 1;
	for (unsigned int i = 0; i < max / 8 + 10; i++)
		fake_receive(&m.from, fake_pkt(bytes, 1500, 100, 1500, true));
	UK_EXPECT_EQ(netdev_pool.n_buf_pages, max / 8);
	UK_EXPECT_EQ(hub_outs[0]->n_buf_pages, max / 8);
	UK_EXPECT_EQ(hub_outs[0]->stats.drops[UK_NET_DROP_NO_MEMORY], 10);
	/* The others get what goes to all */
	hub_n_outs = UK_ARRAY_SIZE(m.to);
	fake_receive(&m.from, fake_pkt(bytes, 1500, 100, 1500, true));
	UK_EXPECT_EQ(hub_outs[0]->stats.drops[UK_NET_DROP_NO_MEMORY], 11);
	for (unsigned int i = 1; i < UK_ARRAY_SIZE(m.to); i++)
		UK_EXPECT_EQ(hub_outs[i]->n_buf_pages, 1);
	end_many(&m);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(m.to); i++)
		UK_EXPECT_EQ(m.to[i].dev.n_buf_pages, 0);
}

UK_TEST(netdev, test_memory_that_runs_out_costs_packets_and_comes_back)
{
	static const uint8_t bytes[1500] = { 0xff };
	unsigned int n_dropped = 0, n_sent = 0;
	struct many m;

	begin_many(&m, CAN_ALL);
	/* Not so many that descriptors run out first */
	hub_n_outs = 2;
	for (unsigned int i = 0; i < CONFIG_LIBNETDEV_COPY_PAGES + 10; i++) {
		fake_receive(&m.from, fake_pkt(bytes, 1500, 100, 1500, i % 2));
		if (i % 100 == 0)
			UK_EXPECT_EQ(fake_n_pkts, 0);
	}
	/* Half of three quarters: the rest is for others */
	UK_EXPECT_EQ(netdev_pool.n_buf_pages, CONFIG_LIBNETDEV_COPY_PAGES * 3 / 8);
	for (unsigned int i = 0; i < 2; i++) {
		fake_flush(&m.to[i]);
		n_sent += fake_take(&m.to[i]);
		n_dropped += (unsigned int)m.to[i].dev.stats.drops[UK_NET_DROP_NO_MEMORY];
	}
	UK_EXPECT(n_sent && n_dropped);
	UK_EXPECT_EQ(n_sent + n_dropped, 2 * (CONFIG_LIBNETDEV_COPY_PAGES + 10));
	UK_EXPECT_EQ(netdev_pool.n_buf_pages, 0);
	hub_n_outs = UK_ARRAY_SIZE(m.to);
	fake_receive(&m.from, fake_pkt(bytes, 1500, 100, 1500, true));
	all_got(&m, bytes, 1500);
	end_many(&m);
}

static void exhausted(struct fake *a, struct fake *b, struct uk_net_pkt *pkt)
{
	static struct netdev_buf *bufs[CONFIG_LIBNETDEV_COPY_PAGES];
	static struct uk_netdev hogs[2];
	uint64_t before = b->dev.stats.drops[UK_NET_DROP_NO_MEMORY];
	unsigned int n = 0;

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(hogs); i++)
		while ((bufs[n] = netdev_buf_get(0, &hogs[i])))
			n++;
	fake_receive(a, pkt);
	while (n)
		netdev_buf_put(bufs[--n]);
	UK_EXPECT_EQ(b->dev.stats.drops[UK_NET_DROP_NO_MEMORY], before + 1);
	UK_EXPECT_EQ(fake_n_pkts, 0);
}

UK_TEST(netdev, test_no_memory_to_adapt_is_a_drop)
{
	static const uint8_t bytes[1500] = { 2 };
	static struct ref r;
	struct uk_net_pkt *pkt;
	struct fake a, b;

	hub_begin_two(&a, &b, 0);
	exhausted(&a, &b, fake_pkt(bytes, 1500, 100, 500, true));
	exhausted(&a, &b, fake_pkt(bytes, 1500, 100, 500, false));
	b.dev.can = UK_NETDEV_CAN_FRAGS;
	r = (struct ref) { .payload = 4000 };
	ref_build(&r);
	pkt = fake_pkt(r.bytes, r.len, 100, 4096, false);
	pkt->gso = UK_NET_GSO_TCPV4;
	pkt->gso_bytes = 1000;
	UK_EXPECT_EQ(uk_net_complete_offload(pkt), 0);
	exhausted(&a, &b, pkt);
	hub_end_two(&a, &b);
}

/* ---- Everything at once ---- */

static struct uk_net_pkt *random_pkt(void)
{
	static struct ref r;
	struct uk_net_pkt *pkt;

	ref_choose(&r, ref_below(16) ? ref_below(1500) : ref_below(20000));
	ref_build(&r);
	pkt = fake_pkt(r.bytes, r.len, 14 + ref_below(UK_NET_HEAD_BYTES - 13),
		       1100 + ref_below(4000), ref_below(2));
	if (ref_below(4)) {
		pkt->gso = ref_below(3) ? 0 : r.is_ipv6 ? UK_NET_GSO_TCPV6 : UK_NET_GSO_TCPV4;
		pkt->gso_bytes = (uint16_t)ref_below(1600);
		if (uk_net_complete_offload(pkt))
			pkt->gso = 0;
	}
	return pkt;
}

static void random_step(struct fake *devs, unsigned int n)
{
	struct fake *dev = &devs[ref_below(n)];

	dev->dev.can = (uint16_t)(ref_random() & CAN_ALL);
	dev->is_slow = ref_below(2);
	dev->is_fetch_bad = !ref_below(4);
	dev->dev.is_edge = dev->dev.n_copies ? dev->dev.is_edge : ref_below(2);
	hub_n_outs = 0;
	for (unsigned int i = 0; i < n; i++)
		if (&devs[i] != dev && ref_below(2))
			hub_outs[hub_n_outs++] = &devs[i].dev;
	fake_receive(dev, random_pkt());
	if (!ref_below(8))
		fake_flush(&devs[ref_below(n)]);
	fake_take(&devs[ref_below(n)]);
	if (!ref_below(16)) {
		dev = &devs[ref_below(n)];
		fake_end(dev);
		fake_attach(dev, "again", 7, 0);
	}
}

UK_TEST(netdev, test_random_traffic_leaves_nothing_behind)
{
	struct fake devs[5];

	ref_seed(16);
	hub_begin();
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(devs); i++)
		fake_attach(&devs[i], "dev", (uint8_t)i, 0);
	for (int i = 0; i < 3000; i++)
		random_step(devs, UK_ARRAY_SIZE(devs));
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(devs); i++)
		fake_end(&devs[i]);
	hub_end();
}
