/* SPDX-License-Identifier: BSD-3-Clause */
/* When a guest hears that its packets have gone: not at once, and never too late. */
#include <string.h>

#include "common.h"

#include <uk/test.h>
#include <uk/thread.h>

#define LATEST_NS (4 * UK_NSEC_PER_MSEC)
#define LEN 100
/* Events that go at once after one that was held from a guest that waited */
#define AT_ONCE 64

static unsigned int kicks(void)
{
	return uk_xensim_port_kicks(fe.queues[0].tx_port);
}

static bool start_sending(void)
{
	if (!start())
		return false;
	fill_tx(&fe, LEN);
	return true;
}

/* @n packets at once; returns when they are answered. The guest does not look. */
static void send(unsigned int n)
{
	uint32_t before = fe.queues[0].tx->rsp_prod;

	for (unsigned int i = 0; i < n; i++)
		fe_tx_slot(&fe, 0, 0, 0, LEN, 0, (uint16_t)i);
	fe_tx_push(&fe, 0);
	for (unsigned int i = 0; i < n; i++)
		UK_EXPECT(uk_frontsim_wait_past(&fe.queues[0].tx->rsp_prod, before + i,
						UK_FRONTSIM_PATIENCE_NS));
}

static void look(unsigned int n)
{
	while (n--)
		UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_OKAY);
}

/* @return whether an event comes for what has been sent, but not at once. */
static bool is_late(unsigned int before)
{
	if (kicks() != before)
		return false;
	for (int i = 0; i < 1000 && kicks() == before; i++)
		uk_thread_sleep_ns(LATEST_NS / 100);
	UK_EXPECT_EQ(kicks(), before + 1);
	return true;
}

UK_TEST(netback_hold, test_lone_packet_is_told_soon)
{
	uint64_t begin;

	if (!start_sending())
		return;
	begin = uk_plat_mono_ns();
	send(1);
	UK_EXPECT(is_late(kicks()));
	UK_EXPECT(uk_plat_mono_ns() - begin >= LATEST_NS / 2);
	look(1);
	stop();
}

/* A sender whose socket takes one packet: it waits in vain once, not each time. */
UK_TEST(netback_hold, test_waiting_sender_is_late_once)
{
	unsigned int n_late = 0, before;

	if (!start_sending())
		return;
	for (unsigned int i = 0; i < AT_ONCE + 1; i++) {
		before = kicks();
		send(1);
		n_late += is_late(before);
		look(1);
	}
	UK_EXPECT_EQ(n_late, 1);
	stop();
}

/* And so is one whose socket takes two, although it goes on after the first. */
UK_TEST(netback_hold, test_sender_of_two_is_late_less_and_less)
{
	unsigned int n_late = 0, before;

	if (!start_sending())
		return;
	for (unsigned int i = 0; i < 3 * AT_ONCE; i++) {
		before = kicks();
		send(1);
		if (kicks() == before) {
			send(1);
			n_late += is_late(before);
			look(1);
		}
		look(1);
	}
	/* The second time for twice as many */
	UK_EXPECT_EQ(n_late, 2);
	stop();
}

UK_TEST(netback_hold, test_many_packets_are_told_at_once)
{
	unsigned int before;

	if (!start_sending())
		return;
	before = kicks();
	send(17);
	UK_EXPECT_EQ(kicks(), before + 1);
	look(17);
	stop();
}

/* One event for a domain that is woken anyway: with a packet for it */
UK_TEST(netback_hold, test_event_rides_with_a_packet)
{
	char bytes[LEN];
	uint16_t flags, gso_bytes;
	unsigned int before;

	fe.is_split = true;
	if (!start_sending())
		return;
	before = kicks();
	send(8);
	UK_EXPECT_EQ(kicks(), before);
	wire_send(&fe, LEN, 4096, 0, 0);
	UK_EXPECT_EQ(kicks(), before + 1);
	UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), LEN);
	look(8);
	stop();
}

/* Nothing is told to a guest that has looked by itself. */
UK_TEST(netback_hold, test_guest_that_looks_is_not_woken)
{
	unsigned int before;

	if (!start_sending())
		return;
	before = kicks();
	send(1);
	look(1);
	uk_thread_sleep_ns(2 * LATEST_NS);
	UK_EXPECT_EQ(kicks(), before);
	stop();
}

UK_TEST(netback_hold, test_guest_goes_while_an_event_is_held)
{
	if (!start_sending())
		return;
	send(1);
	stop();
	uk_thread_sleep_ns(2 * LATEST_NS);
}
