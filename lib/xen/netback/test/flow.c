/* SPDX-License-Identifier: BSD-3-Clause */
/* Guests that take less than they get, and more than they may send. */
#include <string.h>

#include "common.h"

#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

#define STALL_NS (CONFIG_LIBNETBACK_STALL_MS * UK_NSEC_PER_MSEC)
#define TICK_NS (STALL_NS / 4)
#define MAX_WAITING 256

static char bytes[17 * UK_PAGE_SIZE];
static uint16_t flags, gso_bytes;

/* fe without any RX slot, and the number of its device's drops for @why */
static bool start_dry(void)
{
	if (!start())
		return false;
	/* Use up what start() has posted */
	for (unsigned int i = 0; i < FE_RX_PAGES; i++) {
		wire_send(&fe, 60, 4096, 0, 0);
		receive(&fe, 0, bytes, &flags, &gso_bytes);
	}
	wire.n_given_back = 0;
	return true;
}

static struct uk_netdev *netdev(const char *name)
{
	struct uk_netdev *dev = NULL;

	while ((dev = uk_netdev_next(dev)))
		if (!strcmp(uk_netdev_name(dev), name))
			return dev;
	return NULL;
}

static uint64_t drops(enum uk_net_drop why)
{
	return uk_netdev_stats(netdev("vif3.0"))->drops[why];
}

UK_TEST(netback_flow, test_packets_wait_for_slots)
{
	if (!start_dry())
		return;
	for (unsigned int i = 0; i < 20; i++)
		wire_send(&fe, 100 + i, 4096, 0, 0);
	UK_EXPECT(fe_rx_is_empty(&fe, 0));
	UK_EXPECT_EQ(wire.n_given_back, 0);
	for (unsigned int i = 0; i < 20; i++) {
		fe_rx_post(&fe, 0, 1);
		UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), 100 + i);
	}
	UK_EXPECT_EQ(wire.n_given_back, 20);
	stop();
}

/* Six slots are needed: the event is asked for when they are there, not before. */
UK_TEST(netback_flow, test_large_packet_waits_for_all_its_slots)
{
	if (!start_dry())
		return;
	wire_send(&fe, 5 * 4096, 4096, 1448, UK_NET_CSUM_BLANK);
	UK_EXPECT_EQ(fe.queues[0].rx->req_event, FE_RX_PAGES + 6);
	fe_rx_post(&fe, 0, 5);
	UK_EXPECT(fe_rx_is_empty(&fe, 0));
	fe_rx_post(&fe, 0, 1);
	UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), 5 * 4096);
	stop();
}

UK_TEST(netback_flow, test_waiting_packets_are_bounded)
{
	if (!start_dry())
		return;
	for (unsigned int i = 0; i < MAX_WAITING + 10; i++)
		wire_send(&fe, 100, 4096, 0, 0);
	UK_EXPECT_EQ(wire.n_given_back, 10);
	UK_EXPECT_EQ(drops(UK_NET_DROP_QUEUE_FULL), 10);
	fe_rx_post(&fe, 0, 1);
	UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), 100);
	stop();
}

/* Who does not say when there are slots again is not waited for. */
UK_TEST(netback_flow, test_frontend_without_notification_drops)
{
	fe.has_no_notify = true;
	if (!start_dry())
		return;
	wire_send(&fe, 100, 4096, 0, 0);
	UK_EXPECT_EQ(wire.n_given_back, 1);
	fe_rx_post(&fe, 0, 1);
	wire_send(&fe, 101, 4096, 0, 0);
	UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), 101);
	stop();
}

/* One large packet after the other. @return whether it came to that. */
static bool send_until_stalled(void)
{
	uint64_t begin = uk_plat_mono_ns();

	while (!drops(UK_NET_DROP_STALLED) && uk_plat_mono_ns() - begin < 20 * STALL_NS) {
		wire_send(&fe, 5 * 4096, 4096, 1448, UK_NET_CSUM_BLANK);
		uk_thread_sleep_ns(TICK_NS / 4);
	}
	return UK_EXPECT(uk_plat_mono_ns() - begin >= STALL_NS) &&
	       UK_EXPECT(drops(UK_NET_DROP_STALLED));
}

static void expect_stalled(void)
{
	uint64_t before = drops(UK_NET_DROP_STALLED);

	wire.n_given_back = 0;
	wire_send(&fe, 5 * 4096, 4096, 1448, UK_NET_CSUM_BLANK);
	UK_EXPECT_EQ(wire.n_given_back, 1);
	UK_EXPECT_EQ(drops(UK_NET_DROP_STALLED), before + 1);
}

UK_TEST(netback_flow, test_stalled_guest_is_given_up_until_it_posts)
{
	if (!start_dry())
		return;
	if (send_until_stalled())
		expect_stalled();
	fe_rx_post(&fe, 0, 3);
	expect_alive(&fe);
	stop();
}

/* XSA-392, second half: one free slot, where a packet needs six. That it has one
 * does not make it a guest that goes on, neither before nor after. */
UK_TEST(netback_flow, test_one_slot_for_a_large_packet_does_not_prevent_the_stall)
{
	if (!start_dry())
		return;
	fe_rx_post(&fe, 0, 1);
	if (send_until_stalled())
		expect_stalled();
	UK_EXPECT(fe_rx_is_empty(&fe, 0));
	fe_rx_post(&fe, 0, FE_RX_PAGES - 1);
	expect_alive(&fe);
	stop();
}

/* A guest that reads now and then is not stalled. */
UK_TEST(netback_flow, test_slow_guest_is_not_stalled)
{
	if (!start_dry())
		return;
	for (unsigned int i = 0; i < 20; i++) {
		wire_send(&fe, 100, 4096, 0, 0);
		uk_thread_sleep_ns(TICK_NS / 2);
		if (i % 4 < 3)
			continue;
		fe_rx_post(&fe, 0, 1);
		UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), 100);
	}
	UK_EXPECT_EQ(drops(UK_NET_DROP_STALLED), 0);
	stop();
}

/* A guest that takes nothing holds another one's pages for a bounded time,
 * however much progress it pretends. */
UK_TEST(netback_flow, test_other_guests_pages_wait_shortly)
{
	other = (struct frontend) { .bridge = "test" };
	if (!start_dry() || !fe_connect(&other, OTHER_DOM, 1))
		return;
	uk_pktsim_tcp(other.tx_data, 1000, fe.addr, other.addr, 7);
	for (uint16_t i = 0; i < 8; i++)
		fe_tx_send(&other, 0, 1000, i);
	UK_EXPECT(fe_tx_is_unanswered(&other, 0));
	/* A slot each quarter of the time that would be a stall */
	for (unsigned int i = 0; i < 3; i++) {
		uk_thread_sleep_ns(STALL_NS / 4);
		fe_rx_post(&fe, 0, 1);
	}
	for (unsigned int i = 0; i < 8; i++)
		UK_EXPECT_EQ(fe_tx_answer(&other, 0, NULL), NETIF_RSP_OKAY);
	UK_EXPECT(drops(UK_NET_DROP_QUEUE_FULL) >= 5);
	UK_EXPECT_EQ(drops(UK_NET_DROP_STALLED), 0);
	fe_detach(&other);
	fe_free(&other);
	stop();
}

/* A card's buffers, short packets too, and copies of what goes to all: no packet
 * waits for longer, as little as the guest takes. */
UK_TEST(netback_flow, test_no_packet_waits_long)
{
	const struct frontend all = { .addr = { 255, 255, 255, 255, 255, 255 } };

	other = (struct frontend) { .bridge = "test" };
	if (!start_dry() || !fe_connect(&other, OTHER_DOM, 1))
		return;
	for (unsigned int i = 0; i < 100; i++)
		wire_send(&fe, i % 2 ? 100 : 1000, 4096, 0, 0);
	wire_send(&all, 100, 4096, 0, 0);
	UK_EXPECT_EQ(wire.n_given_back, 0);
	for (unsigned int i = 0; i < 5; i++) {
		uk_thread_sleep_ns(TICK_NS);
		fe_rx_post(&fe, 0, 1);
	}
	UK_EXPECT_EQ(wire.n_given_back, 101);
	UK_EXPECT(drops(UK_NET_DROP_QUEUE_FULL) >= 96);
	UK_EXPECT_EQ(drops(UK_NET_DROP_STALLED), 0);
	UK_EXPECT_EQ(uk_netdev_stats(netdev("vif4.1"))->drops[UK_NET_DROP_QUEUE_FULL], 1);
	fe_detach(&other);
	fe_free(&other);
	stop();
}

/* What a guest sent in short packets is answered while they are under way; with
 * as many of them as its rings have slots no more is taken. */
UK_TEST(netback_flow, test_short_packets_under_way_are_bounded)
{
	const unsigned int max = 2 * FE_RING_SIZE;

	fe.n_queues = 2;
	if (!start())
		return;
	fill_tx(&fe, 100);
	for (unsigned int i = 0; i < max + 2; i++) {
		fe_tx_send(&fe, i % 2, 100, 1);
		UK_EXPECT_EQ(fe_tx_answer(&fe, i % 2, NULL),
			     i < max ? NETIF_RSP_OKAY : NETIF_RSP_DROPPED);
	}
	UK_EXPECT_EQ(wire.n_pkts, max);
	UK_EXPECT_EQ(drops(UK_NET_DROP_QUEUE_FULL), 2);
	uk_pktsim_clear(&wire);
	expect_alive(&fe);
	stop();
}

/* The sender goes while its packets wait: its pages are let go of first. */
UK_TEST(netback_flow, test_sender_goes_while_its_packets_wait)
{
	other = (struct frontend) { .bridge = "test" };
	if (!start_dry() || !fe_connect(&other, OTHER_DOM, 1))
		return;
	uk_pktsim_tcp(other.tx_data, 1000, fe.addr, other.addr, 7);
	fe_tx_send(&other, 0, 1000, 1);
	UK_EXPECT(fe_tx_is_unanswered(&other, 0));
	fe_detach(&other);
	fe_free(&other);
	fe_rx_post(&fe, 0, 2);
	expect_alive(&fe);
	stop();
}

/* ---- Groups ---- */

static void send_to_group(uint8_t last)
{
	const uint8_t group[6] = { 1, 0, 0x5e, 0, 0, last };
	struct frontend to = { 0 };

	memcpy(to.addr, group, sizeof(group));
	wire_send(&to, 100, 4096, 0, 0);
}

static int change_group(uint8_t type, uint8_t last)
{
	const uint8_t group[6] = { 1, 0, 0x5e, 0, 0, last };
	struct netif_extra_info *extra;
	int status;

	fe_tx_slot(&fe, 0, 0, 0, 0, NETTXF_extra_info, 7);
	extra = fe_tx_extra(&fe, 0, type, 0);
	memcpy(extra->u.mcast.addr, group, sizeof(group));
	fe_tx_push(&fe, 0);
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_NULL);
	status = fe_tx_answer(&fe, 0, NULL);
	return status;
}

UK_TEST(netback_flow, test_guest_gets_the_groups_it_listens_to)
{
	fe.has_mcast_filter = true;
	if (!start())
		return;
	send_to_group(1);
	UK_EXPECT(fe_rx_is_empty(&fe, 0));
	UK_EXPECT_EQ(change_group(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 1), NETIF_RSP_OKAY);
	UK_EXPECT_EQ(change_group(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 2), NETIF_RSP_OKAY);
	send_to_group(1);
	UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), 100);
	UK_EXPECT_EQ(change_group(XEN_NETIF_EXTRA_TYPE_MCAST_DEL, 1), NETIF_RSP_OKAY);
	send_to_group(1);
	UK_EXPECT(fe_rx_is_empty(&fe, 0));
	send_to_group(2);
	UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), 100);
	stop();
}

UK_TEST(netback_flow, test_guest_without_filter_gets_all_groups)
{
	if (!start())
		return;
	send_to_group(1);
	UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), 100);
	stop();
}

UK_TEST(netback_flow, test_groups_are_bounded)
{
	fe.has_mcast_filter = true;
	if (!start())
		return;
	for (uint8_t i = 0; i < 64; i++)
		UK_EXPECT_EQ(change_group(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, i), NETIF_RSP_OKAY);
	UK_EXPECT_EQ(change_group(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 64), NETIF_RSP_ERROR);
	UK_EXPECT_EQ(change_group(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 63), NETIF_RSP_OKAY);
	stop();
}

/* ---- rate= ---- */

UK_TEST(netback_flow, test_rate_holds_the_guest_back)
{
	uint64_t begin;

	fe.rate = "1000,20000";
	if (!start())
		return;
	fill_tx(&fe, 100);
	begin = uk_plat_mono_ns();
	for (uint16_t i = 0; i < 50; i++)
		fe_tx_slot(&fe, 0, 0, 0, 100, 0, i);
	fe_tx_push(&fe, 0);
	for (unsigned int i = 0; i < 50; i++)
		UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_OKAY);
	/* 5000 bytes: what was in the bucket, and four times 20 ms for the rest */
	UK_EXPECT(uk_plat_mono_ns() - begin > 60 * UK_NSEC_PER_MSEC);
	UK_EXPECT(uk_plat_mono_ns() - begin < 500 * UK_NSEC_PER_MSEC);
	uk_pktsim_wait(&wire, 50);
	stop();
}

UK_TEST(netback_flow, test_rate_smaller_than_a_packet_lets_it_through)
{
	fe.rate = "100,1000";
	if (!start())
		return;
	fill_tx(&fe, 1500);
	fe_tx_send(&fe, 0, 1500, 1);
	fe_tx_send(&fe, 0, 1500, 2);
	uk_pktsim_wait(&wire, 2);
	stop();
}
