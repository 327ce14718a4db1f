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
#define N_TRIES 8

static unsigned int kicks(void)
{
	return uk_xensim_port_kicks(fe.queues[0].tx_port);
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
	return kicks() == before + 1;
}

/* The timer goes on while a busy host keeps us waiting, so that an event comes
 * before we have looked. What is wrong is so in each try. */
static bool in_some_try(bool is_split, bool (*is_right)(void))
{
	bool is_done = false;

	for (unsigned int i = 0; i < N_TRIES && !is_done; i++) {
		fe.is_split = is_split;
		if (!start())
			return false;
		fill_tx(&fe, LEN);
		is_done = is_right();
		stop();
	}
	return is_done;
}

static bool is_lone_told_soon(void)
{
	uint64_t begin = uk_plat_mono_ns();
	bool is_right;

	send(1);
	is_right = is_late(kicks()) && uk_plat_mono_ns() - begin >= LATEST_NS / 2;
	look(1);
	return is_right;
}

UK_TEST(netback_hold, test_lone_packet_is_told_soon)
{
	UK_EXPECT(in_some_try(false, is_lone_told_soon));
}

static bool is_waiting_late_once(void)
{
	unsigned int n_late = 0, before;

	for (unsigned int i = 0; i < AT_ONCE + 1; i++) {
		before = kicks();
		send(1);
		n_late += is_late(before);
		look(1);
	}
	return n_late == 1;
}

/* A sender whose socket takes one packet: it waits in vain once, not each time. */
UK_TEST(netback_hold, test_waiting_sender_is_late_once)
{
	UK_EXPECT(in_some_try(false, is_waiting_late_once));
}

static bool is_second_time_for_twice_as_many(void)
{
	unsigned int n_late = 0, before;

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
	return n_late == 2;
}

/* And so is one whose socket takes two, although it goes on after the first. */
UK_TEST(netback_hold, test_sender_of_two_is_late_less_and_less)
{
	UK_EXPECT(in_some_try(false, is_second_time_for_twice_as_many));
}

static bool are_many_told_at_once(void)
{
	unsigned int before = kicks();
	bool is_right;

	send(17);
	is_right = kicks() == before + 1;
	look(17);
	return is_right;
}

UK_TEST(netback_hold, test_many_packets_are_told_at_once)
{
	UK_EXPECT(in_some_try(false, are_many_told_at_once));
}

static bool does_event_ride(void)
{
	unsigned int before = kicks();
	char bytes[LEN];
	uint16_t flags, gso_bytes;
	bool is_right;

	send(8);
	is_right = kicks() == before;
	wire_send(&fe, LEN, 4096, 0, 0);
	is_right &= kicks() == before + 1;
	UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), LEN);
	look(8);
	return is_right;
}

/* One event for a domain that is woken anyway: with a packet for it */
UK_TEST(netback_hold, test_event_rides_with_a_packet)
{
	UK_EXPECT(in_some_try(true, does_event_ride));
}

static bool is_looking_guest_left_alone(void)
{
	unsigned int before = kicks();

	send(1);
	look(1);
	uk_thread_sleep_ns(2 * LATEST_NS);
	return kicks() == before;
}

/* Nothing is told to a guest that has looked by itself. */
UK_TEST(netback_hold, test_guest_that_looks_is_not_woken)
{
	UK_EXPECT(in_some_try(false, is_looking_guest_left_alone));
}

UK_TEST(netback_hold, test_guest_goes_while_an_event_is_held)
{
	if (!start())
		return;
	fill_tx(&fe, LEN);
	send(1);
	stop();
	uk_thread_sleep_ns(2 * LATEST_NS);
}
