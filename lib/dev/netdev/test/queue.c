/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets that wait for room: order, bounds, and who gets them back. */
#include "fake.h"
#include "hub.h"

#include <uk/netdev_queue.h>
#include <uk/test.h>

/* A card with a ring of `room` packets; what is in it is recorded by b */
static struct fake a, b;
static struct uk_netdev_queue queue;
static unsigned int room, n_started;

static bool start(struct uk_netdev_queue *q, struct uk_net_pkt *pkt)
{
	UK_EXPECT(q == &queue && q->dev == &b.dev && !uk_list_is_linked(&pkt->node));
	if (!room)
		return false;
	room--;
	n_started++;
	b.is_slow = false;
	uk_list_add_tail(&b.queue, &pkt->node);
	fake_flush(&b);
	return true;
}

static void begin(void)
{
	hub_begin_two(&a, &b, 0xff);
	uk_netdev_queue_init(&queue, &b.dev, start);
	room = n_started = 0;
}

/* @n frames from @from, numbered in their last byte from @first on. */
static void send(struct uk_netdev *from, uint8_t first, unsigned int n)
{
	struct uk_list pkts = UK_LIST_INIT(pkts);

	for (unsigned int i = 0; i < n; i++) {
		struct uk_net_pkt *pkt = fake_frame(2, 1, 60);

		pkt->from = from;
		pkt->head[59] = (uint8_t)(first + i);
		uk_list_add_tail(&pkts, &pkt->node);
	}
	uk_netdev_queue_send(&queue, &pkts);
	UK_EXPECT(uk_list_is_empty(&pkts));
}

static void expect_sent(uint8_t number)
{
	struct fake_sent *sent = fake_next(&b);

	if (!UK_EXPECT(sent))
		return;
	UK_EXPECT_EQ(sent->bytes[59], number);
	fake_sent_free(sent);
}

UK_TEST(netdev, test_queue_keeps_the_order)
{
	begin();
	room = 2;
	send(&a.dev, 0, 4);
	UK_EXPECT_EQ(queue.n_waiting, 2);
	/* Room there is, but others were first */
	room = 1;
	send(&a.dev, 4, 1);
	UK_EXPECT_EQ(queue.n_waiting, 2);
	room = 9;
	uk_netdev_queue_run(&queue);
	UK_EXPECT_EQ(queue.n_waiting, 0);
	for (uint8_t i = 0; i < 5; i++)
		expect_sent(i);
	hub_end_two(&a, &b);
}

UK_TEST(netdev, test_queue_is_bounded)
{
	begin();
	send(&a.dev, 0, UK_NETDEV_QUEUE_MAX + 3);
	UK_EXPECT_EQ(queue.n_waiting, UK_NETDEV_QUEUE_MAX);
	UK_EXPECT_EQ(b.dev.stats.drops[UK_NET_DROP_QUEUE_FULL], 3);
	room = UK_NETDEV_QUEUE_MAX;
	uk_netdev_queue_run(&queue);
	UK_EXPECT_EQ(n_started, UK_NETDEV_QUEUE_MAX);
	UK_EXPECT_EQ(fake_n_pkts, 0);
	hub_end_two(&a, &b);
}

UK_TEST(netdev, test_queue_forgets_a_device_and_keeps_the_others_packets)
{
	struct uk_netdev other = { .name = "other" };

	begin();
	send(&a.dev, 0, 2);
	send(&other, 2, 3);
	send(&a.dev, 5, 1);
	uk_netdev_queue_forget(&queue, &other);
	UK_EXPECT_EQ(queue.n_waiting, 3);
	UK_EXPECT_EQ(fake_n_pkts, 3);
	room = 9;
	uk_netdev_queue_run(&queue);
	expect_sent(0);
	expect_sent(1);
	expect_sent(5);
	hub_end_two(&a, &b);
}

UK_TEST(netdev, test_queue_of_a_device_that_goes_is_dropped)
{
	begin();
	send(&a.dev, 0, 3);
	uk_netdev_queue_drop(&queue);
	UK_EXPECT_EQ(queue.n_waiting, 0);
	UK_EXPECT_EQ(b.dev.stats.drops[UK_NET_DROP_NOWHERE], 3);
	hub_end_two(&a, &b);
}

/* A packet that is given back while another one is started sends a third. */
static void (*real_done)(struct uk_net_pkt *pkt);

static void done_and_send(struct uk_net_pkt *pkt)
{
	real_done(pkt);
	send(&a.dev, 9, 1);
}

UK_TEST(netdev, test_queue_may_be_used_from_done)
{
	begin();
	send(&a.dev, 0, 2);
	real_done = UK_LIST_FIRST(&queue.waiting, struct uk_net_pkt, node)->done;
	UK_LIST_FIRST(&queue.waiting, struct uk_net_pkt, node)->done = done_and_send;
	room = 9;
	uk_netdev_queue_run(&queue);
	UK_EXPECT_EQ(n_started, 3);
	expect_sent(0);
	expect_sent(1);
	expect_sent(9);
	hub_end_two(&a, &b);
}
