/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A back end that lies. Each lie costs the device its connection, and nobody else
 * anything: everything is given back, and it connects again.
 */
#include <string.h>

#include "common.h"

#include <uk/plat/event.h>
#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

static char got[17 * UK_PAGE_SIZE];
static struct netif_tx_request first;
static uint16_t gso_bytes;
static const uint8_t from[] = { 0, 0x16, 0x3e, 0, 0, 1 };

/* The front end closes; the back end does too, and they meet again. */
static void expect_closed(void)
{
	if (!UK_EXPECT(be_wait(&be, "state", "5")))
		return;
	UK_EXPECT(!device());
	be_close();
	UK_EXPECT(be_wait(&be, "state", "1"));
	uk_pktsim_clear(&wire);
	UK_EXPECT_EQ(uk_xensim_granted_n(), 0);
	if (!reconnect())
		return;
	expect_alive();
	stop();
}

/* ---- What we send (XSA-391, XSA-396: answers to what was not asked) ---- */

UK_TEST(netfront, test_tx_index_beyond_the_requests)
{
	if (!start())
		return;
	wire_send(100, 4096, 0, 0, 1);
	/* There is nothing wrong with the answers but that there are too many */
	for (unsigned int i = 0; i < 3; i++)
		be_tx_answer(&be, 0, 0, NETIF_RSP_NULL);
	be_tx_push(&be, 0);
	expect_closed();
}

UK_TEST(netfront, test_tx_index_that_goes_back)
{
	if (!start())
		return;
	expect_alive();
	be.queues[0].tx->rsp_prod = be.queues[0].tx_prod - 1;
	uk_xensim_port_kick(be.queues[0].port);
	expect_closed();
}

static void answer_with(uint16_t id)
{
	if (!start())
		return;
	wire_send(1000, 4096, 0, 0, 1);
	UK_EXPECT_EQ(be_tx_packet(&be, 0, got, &first, &gso_bytes), 1000);
	be_tx_answer(&be, 0, id == UINT16_MAX ? be_taken[0] : id, NETIF_RSP_OKAY);
	be_tx_answer(&be, 0, be_taken[0], NETIF_RSP_OKAY);
	be_tx_push(&be, 0);
	expect_closed();
	UK_EXPECT_EQ(wire.n_given_back, 2);
}

UK_TEST(netfront, test_tx_answer_of_an_id_that_does_not_exist)
{
	answer_with(256);
	answer_with(0x7fff);
}

UK_TEST(netfront, test_tx_answer_of_an_id_that_is_not_under_way)
{
	answer_with(200);
}

UK_TEST(netfront, test_tx_answer_twice)
{
	answer_with(UINT16_MAX);
}

UK_TEST(netfront, test_tx_answer_of_a_page_that_is_still_mapped)
{
	grant_ref_t held;

	if (!start())
		return;
	wire_send(1000, 4096, 0, 0, 1);
	UK_EXPECT_EQ(be_tx_packet(&be, 0, got, &first, &gso_bytes), 1000);
	held = payload_ref();
	uk_xensim_granted_hold(held, true);
	be_tx_answer_taken(&be, 0);
	UK_EXPECT(be_wait(&be, "state", "5"));
	UK_EXPECT_EQ(wire.n_given_back, 0);
	uk_xensim_granted_hold(held, false);
	expect_closed();
}

/* They use up the ring's answers, and nothing else. */
UK_TEST(netfront, test_tx_answers_of_no_meaning_give_no_packet_back)
{
	if (!start())
		return;
	wire_send(1000, 4096, 0, 0, 1);
	UK_EXPECT_EQ(be_tx_packet(&be, 0, got, &first, &gso_bytes), 1000);
	be_tx_answer(&be, 0, be_taken[0], NETIF_RSP_NULL);
	be_tx_answer(&be, 0, be_taken[1], NETIF_RSP_NULL);
	be_tx_push(&be, 0);
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(wire.n_given_back, 0);
	expect_alive();
	stop();
	UK_EXPECT_EQ(wire.n_given_back, 2);
}

/* ---- What we receive ---- */

static struct netif_rx_response *put(uint16_t len, uint16_t flags)
{
	uk_pktsim_tcp(bytes, 1000, wire.dev.mac, from, 5);
	return be_rx_put(&be, 0, bytes, 0, len, flags);
}

UK_TEST(netfront, test_rx_index_beyond_the_requests)
{
	if (!start())
		return;
	be.queues[0].rx->rsp_prod = CONFIG_LIBNETFRONT_BUFFERS + 1;
	uk_xensim_port_kick(be.queues[0].rx_port);
	expect_closed();
}

UK_TEST(netfront, test_rx_answer_of_another_buffer)
{
	if (!start())
		return;
	put(100, 0)->id ^= 1;
	be_rx_push(&be, 0);
	expect_closed();
}

static void put_range(uint16_t offset, int16_t len)
{
	struct netif_rx_response *rsp;

	if (!start())
		return;
	rsp = put(100, 0);
	rsp->offset = offset;
	rsp->status = len;
	be_rx_push(&be, 0);
	expect_closed();
}

UK_TEST(netfront, test_rx_packet_that_crosses_its_page)
{
	put_range(0, 4097);
	put_range(4000, 97);
	put_range(0xffff, 100);
	put_range(0, 0x7fff);
}

UK_TEST(netfront, test_rx_packet_without_an_end)
{
	if (!start())
		return;
	put(100, NETRXF_more_data);
	be_rx_push(&be, 0);
	expect_closed();
}

UK_TEST(netfront, test_rx_packet_of_too_many_slots)
{
	if (!start())
		return;
	for (unsigned int i = 0; i < 19; i++)
		put(10, i < 18 ? NETRXF_more_data : 0);
	be_rx_push(&be, 0);
	expect_closed();
}

static void put_extra(uint8_t type, uint8_t flags, uint8_t gso_type, uint16_t size)
{
	struct netif_extra_info *extra;

	if (!start())
		return;
	put(1000, NETRXF_csum_blank | NETRXF_extra_info);
	extra = be_rx_extra(&be, 0, type);
	extra->flags = flags;
	extra->u.gso.type = gso_type;
	extra->u.gso.size = size;
	be_rx_push(&be, 0);
	expect_closed();
}

UK_TEST(netfront, test_rx_extra_slots_that_make_no_sense)
{
	const uint8_t gso = XEN_NETIF_EXTRA_TYPE_GSO;

	put_extra(99, 0, XEN_NETIF_GSO_TYPE_TCPV4, 1448);
	put_extra(gso, XEN_NETIF_EXTRA_FLAG_MORE, XEN_NETIF_GSO_TYPE_TCPV4, 1448);
	put_extra(gso, 0, 77, 1448);
	put_extra(gso, 0, XEN_NETIF_GSO_TYPE_TCPV4, 0);
}

UK_TEST(netfront, test_rx_extra_slot_that_is_not_there)
{
	if (!start())
		return;
	put(1000, NETRXF_extra_info);
	be_rx_push(&be, 0);
	expect_closed();
}

UK_TEST(netfront, test_rx_answer_of_a_page_that_is_still_mapped)
{
	grant_ref_t held;

	if (!start())
		return;
	put(100, 0);
	held = be_rx_ref;
	uk_xensim_granted_hold(held, true);
	be_rx_push(&be, 0);
	UK_EXPECT(be_wait(&be, "state", "5"));
	UK_EXPECT_EQ(wire.n_pkts, 0);
	uk_xensim_granted_hold(held, false);
	expect_closed();
}

/* Lies about one packet cost that packet. */
UK_TEST(netfront, test_rx_errors_and_bad_headers_cost_the_packet)
{
	if (!start())
		return;
	put(100, NETRXF_more_data)->status = NETIF_RSP_ERROR;
	put(100, 0);
	be_rx_push(&be, 0);
	wait_drops(UK_NET_DROP_PEER, 1);
	put(13, 0);
	put(0, 0);
	be_rx_push(&be, 0);
	wait_drops(UK_NET_DROP_MALFORMED, 2);
	/* A checksum that is not there */
	memset(bytes, 1, 100);
	be_rx_put(&be, 0, bytes, 0, 100, NETRXF_csum_blank);
	be_rx_push(&be, 0);
	wait_drops(UK_NET_DROP_HEADERS, 1);
	for (unsigned int i = 0; i < 17; i++)
		put(i ? 4096 : 4095, i < 16 ? NETRXF_more_data : 0);
	be_rx_push(&be, 0);
	wait_drops(UK_NET_DROP_MALFORMED, 3);
	expect_alive();
	stop();
}

/* Pages that the back end may write hold nothing of ours, before it has. */
UK_TEST(netfront, test_posted_pages_are_empty)
{
	bool is_zero = true;

	if (!start())
		return;
	for (grant_ref_t ref = 8; ref < 4096; ref++) {
		const char *page = uk_xensim_granted(BE_DOM, ref, false);

		if (!page || ref == be.queues[0].tx_ref || ref == be.queues[0].rx_ref)
			continue;
		for (unsigned int i = 0; i < UK_PAGE_SIZE; i++)
			is_zero &= !page[i];
	}
	UK_EXPECT(is_zero);
	stop();
}

/* Each costs a look, once in a while. */
UK_TEST(netfront, test_storm_of_events_costs_little)
{
	unsigned long before;

	if (!start())
		return;
	before = uk_xensim_deliveries();
	for (unsigned int i = 0; i < 1000; i++) {
		uk_xensim_port_kick(be.queues[0].port);
		uk_xensim_port_kick(be.queues[0].rx_port);
		/* They are delivered, and no thread has its turn */
		uk_plat_poll();
	}
	uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	UK_EXPECT(uk_xensim_deliveries() - before <= 3);
	expect_alive();
	stop();
}

/* ---- Anything ---- */

static uint32_t random_state = 12345;

static uint32_t random(void)
{
	return uk_frontsim_random(&random_state);
}

static void random_rx(void)
{
	static const uint16_t lens[] = { 0, 1, 14, 60, 1500, 4096, 4097, 0xffff };
	static const uint16_t flags[] = { 0, 0, 1, 2, 3, 4, 8, 12, 16, 0xffff };
	unsigned int n = 1 + random() % 4;

	while (n-- && be_rx_room(&be, 0)) {
		struct netif_rx_response *rsp = put(1000, flags[random() % UK_ARRAY_SIZE(flags)]);

		rsp->status = (int16_t)lens[random() % UK_ARRAY_SIZE(lens)];
		if (!(random() % 8))
			rsp->offset = (uint16_t)random();
		if (!(random() % 16))
			rsp->id = (uint16_t)random();
	}
	be_rx_push(&be, 0);
}

static void random_tx(void)
{
	static const int16_t statuses[] = { 0, 0, 0, -1, 1, 77 };
	struct be_queue *q = &be.queues[0];

	wire_send(60 + random() % 4000, 300 + random() % 3800, 0, 0, (uint16_t)random());
	q->tx_cons = q->tx->req_prod;
	while (q->tx_prod != q->tx_cons && random() % 8)
		be_tx_answer(&be, 0, (uint16_t)(random() % (random() % 4 ? 8 : 300)),
			     statuses[random() % UK_ARRAY_SIZE(statuses)]);
	be_tx_push(&be, 0);
}

UK_TEST(netfront, test_random_answers_break_nothing)
{
	for (unsigned int round = 0; round < 40; round++) {
		if (!start())
			return;
		for (unsigned int i = 0; i < 60 && device(); i++) {
			random() % 2 ? random_rx() : random_tx();
			uk_thread_sleep_ns(UK_NSEC_PER_USEC);
			if (!(random() % 16))
				uk_pktsim_clear(&wire);
		}
		uk_pktsim_clear(&wire);
		stop();
	}
}
