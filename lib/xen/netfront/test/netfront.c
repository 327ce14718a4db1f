/* SPDX-License-Identifier: BSD-3-Clause */
/* The front end against an honest back end: what goes through, in which shape. */
#include <string.h>

#include "common.h"
#include "../netfront_priv.h"

#include <uk/pages.h>
#include <uk/test.h>
#include <uk/thread.h>

static char got[17 * UK_PAGE_SIZE];
static struct netif_tx_request first;
static uint16_t gso_bytes;

UK_TEST(netfront, test_publishes_what_a_back_end_needs)
{
	if (!start())
		return;
	UK_EXPECT(be_wait(&be, "request-rx-copy", "1"));
	UK_EXPECT(be_wait(&be, "feature-rx-notify", "1"));
	UK_EXPECT(be_wait(&be, "feature-sg", "1"));
	UK_EXPECT(be_wait(&be, "feature-gso-tcpv4", "1"));
	UK_EXPECT(be_wait(&be, "feature-gso-tcpv6", "1"));
	UK_EXPECT(be_wait(&be, "feature-ipv6-csum-offload", "1"));
	UK_EXPECT(be_wait(&be, "feature-no-csum-offload", NULL));
	UK_EXPECT(be_wait(&be, "multi-queue-num-queues", NULL));
	UK_EXPECT_STR(uk_netdev_name(device()), "netfront0");
	UK_EXPECT_EQ(uk_netdev_mac(device())[5], 7);
	expect_alive();
	stop();
}

/* ---- To the back end ---- */

UK_TEST(netfront, test_short_packet_is_one_slot_and_given_back_at_once)
{
	if (!start())
		return;
	wire_send(60, 4096, 0, 0, 1);
	UK_EXPECT_EQ(wire.n_given_back, 1);
	UK_EXPECT_EQ(be_tx_packet(&be, 0, got, &first, &gso_bytes), 60);
	UK_EXPECT_EQ(be_n_taken, 1);
	UK_EXPECT_EQ(first.flags, 0);
	UK_EXPECT(!memcmp(got, bytes, 60));
	be_tx_answer_taken(&be, 0);
	stop();
}

UK_TEST(netfront, test_long_packet_stays_in_its_pages_until_it_is_answered)
{
	if (!start())
		return;
	wire_send(1400, 500, 0, UK_NET_CSUM_GOOD, 1);
	UK_EXPECT_EQ(be_tx_packet(&be, 0, got, &first, &gso_bytes), 1400);
	UK_EXPECT_EQ(be_n_taken, 4);
	UK_EXPECT_EQ(first.flags, NETTXF_data_validated | NETTXF_more_data);
	UK_EXPECT(!memcmp(got, bytes, 1400));
	UK_EXPECT_EQ(wire.n_given_back, 0);
	be_tx_answer_taken(&be, 0);
	for (int i = 0; i < 1000 && !wire.n_given_back; i++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(wire.n_given_back, 1);
	stop();
}

UK_TEST(netfront, test_segmentation_and_checksum_travel_with_the_packet)
{
	if (!start())
		return;
	wire_send(60000, 4096, 1448, UK_NET_CSUM_BLANK, 1);
	UK_EXPECT_EQ(be_tx_packet(&be, 0, got, &first, &gso_bytes), 60000);
	UK_EXPECT_EQ(gso_bytes, 1448);
	UK_EXPECT_EQ(first.flags, NETTXF_csum_blank | NETTXF_data_validated | NETTXF_extra_info |
				  NETTXF_more_data);
	UK_EXPECT(uk_pktsim_is_same(got, bytes, 60000));
	be_tx_answer_taken(&be, 0);
	expect_alive();
	stop();
}

/* More than the 18 slots that a back end takes: it is copied. */
UK_TEST(netfront, test_packet_of_many_pieces_is_copied)
{
	if (!start())
		return;
	wire_send(160 + 19 * 50, 50, 0, 0, 1);
	UK_EXPECT_EQ(wire.n_given_back, 1);
	UK_EXPECT_EQ(be_tx_packet(&be, 0, got, &first, &gso_bytes), 160 + 19 * 50);
	UK_EXPECT_EQ(be_n_taken, 1);
	UK_EXPECT(!memcmp(got, bytes, 160 + 19 * 50));
	be_tx_answer_taken(&be, 0);
	stop();
}

UK_TEST(netfront, test_back_end_without_abilities_gets_plain_packets)
{
	be.has_no_sg = be.has_no_offload = true;
	if (!start())
		return;
	wire_send(6000, 4096, 1448, UK_NET_CSUM_BLANK, 1);
	for (unsigned int i = 0, at = UK_PKTSIM_TCP_HEADERS; i < 5; i++) {
		unsigned int n = UK_MIN(1448u, 6000 - at);

		UK_EXPECT_EQ(be_tx_packet(&be, 0, got, &first, &gso_bytes), UK_PKTSIM_TCP_HEADERS + n);
		UK_EXPECT_EQ(be_n_taken, 1);
		UK_EXPECT_EQ(first.flags, 0);
		UK_EXPECT(!memcmp(got + UK_PKTSIM_TCP_HEADERS, bytes + at, n));
		UK_EXPECT(got[34 + 16] || got[34 + 17]);
		be_tx_answer_taken(&be, 0);
		at += n;
	}
	stop();
}

/* In the pages that are used next */
static void leave_secrets(void)
{
	void *pages[32];

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(pages); i++) {
		pages[i] = uk_pages_alloc(0);
		memset(pages[i], 0x55, UK_PAGE_SIZE);
	}
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(pages); i++)
		uk_pages_free(pages[i], 0);
}

/* A back end that is not trusted sees nothing beside the packet. */
UK_TEST(netfront, test_untrusted_back_end_gets_pages_with_nothing_else)
{
	const char *page;
	bool is_zero = true;

	be.trusted = "0";
	if (!start())
		return;
	leave_secrets();
	wire_send(1000, 4096, 0, 0, 1);
	UK_EXPECT_EQ(wire.n_given_back, 1);
	UK_EXPECT_EQ(be_tx_packet(&be, 0, got, &first, &gso_bytes), 1000);
	UK_EXPECT(!memcmp(got, bytes, 1000));
	page = uk_xensim_granted(BE_DOM, first.gref, false);
	for (unsigned int i = 0; page && i < UK_PAGE_SIZE; i++)
		is_zero &= !page[i] || (i >= first.offset && i < first.offset + 1000u);
	UK_EXPECT(page && is_zero);
	be_tx_answer_taken(&be, 0);
	stop();
}

/* More than the ring takes: the rest waits, in order, and follows. */
UK_TEST(netfront, test_packets_wait_for_room_in_order)
{
	bool is_ordered = true;

	if (!start())
		return;
	for (uint16_t i = 0; i < 600; i++)
		wire_send(200, 4096, 0, 0, i);
	for (unsigned int i = 0; i < 600; i++) {
		if (be_tx_packet(&be, 0, got, &first, &gso_bytes) != 200) {
			UK_EXPECT_EQ(i, 600);
			break;
		}
		is_ordered &= (uint8_t)got[34] == i >> 8 && (uint8_t)got[35] == (i & 0xff);
		be_tx_answer_taken(&be, 0);
	}
	UK_EXPECT(is_ordered);
	UK_EXPECT_EQ(uk_netdev_stats(device())->drops[UK_NET_DROP_QUEUE_FULL], 0);
	stop();
}

/* As a back end that maps pages does */
UK_TEST(netfront, test_answers_come_in_any_order)
{
	uint16_t ids[3];

	if (!start())
		return;
	for (uint16_t i = 0; i < 3; i++) {
		wire_send(1000, 4096, 0, 0, i);
		UK_EXPECT_EQ(be_tx_packet(&be, 0, got, &first, &gso_bytes), 1000);
		UK_EXPECT_EQ(be_n_taken, 2);
		ids[i] = be_taken[1];
		be_tx_answer(&be, 0, be_taken[0], NETIF_RSP_OKAY);
	}
	for (unsigned int i = 3; i--;)
		be_tx_answer(&be, 0, ids[i], i ? NETIF_RSP_OKAY : NETIF_RSP_ERROR);
	be_tx_push(&be, 0);
	expect_alive();
	UK_EXPECT_EQ(wire.n_given_back, 4);
	UK_EXPECT_EQ(uk_netdev_stats(device())->drops[UK_NET_DROP_PEER], 1);
	stop();
}

/* ---- From the back end ---- */

static const uint8_t from[] = { 0, 0x16, 0x3e, 0, 0, 1 };

UK_TEST(netfront, test_packets_of_all_sizes_come_in)
{
	static const unsigned int sizes[] = { 14, 60, 159, 160, 161, 1514, 4096, 4097, 40000, 65535 };

	if (!start())
		return;
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(sizes); i++) {
		bool is_large = sizes[i] > 1514;

		uk_pktsim_tcp(bytes, sizes[i], wire.dev.mac, from, 5);
		be_rx_packet(&be, 0, bytes, sizes[i], is_large ? NETRXF_csum_blank : 0,
			     is_large ? 1448 : 0);
		if (!uk_pktsim_wait(&wire, 1))
			break;
		UK_EXPECT_EQ(uk_pktsim_first(&wire)->len_bytes, sizes[i]);
		UK_EXPECT_EQ(uk_pktsim_first(&wire)->gso, is_large ? UK_NET_GSO_TCPV4 : UK_NET_GSO_NONE);
		UK_EXPECT_EQ(uk_pktsim_first(&wire)->flags, is_large ? UK_NET_CSUM_BLANK : 0);
		uk_pktsim_read(uk_pktsim_first(&wire), got);
		UK_EXPECT(uk_pktsim_is_same(got, bytes, sizes[i]));
		uk_pktsim_clear(&wire);
	}
	stop();
}

UK_TEST(netfront, test_packet_in_odd_pieces_comes_in_whole)
{
	if (!start())
		return;
	uk_pktsim_tcp(bytes, 500, wire.dev.mac, from, 5);
	be_rx_put(&be, 0, bytes, 100, 20, NETRXF_data_validated | NETRXF_more_data);
	be_rx_put(&be, 0, bytes, 0, 0, NETRXF_more_data);
	be_rx_put(&be, 0, bytes + 20, 4000, 96, NETRXF_more_data);
	be_rx_put(&be, 0, bytes + 116, 7, 384, 0);
	be_rx_push(&be, 0);
	if (!uk_pktsim_wait(&wire, 1))
		return;
	UK_EXPECT_EQ(uk_pktsim_first(&wire)->flags, UK_NET_CSUM_GOOD);
	UK_EXPECT_EQ(uk_pktsim_first(&wire)->head_bytes, 160);
	uk_pktsim_read(uk_pktsim_first(&wire), got);
	UK_EXPECT(!memcmp(got, bytes, 500));
	stop();
}

/* All buffers are lent; when they come back the ring fills again by itself. */
UK_TEST(netfront, test_buffers_come_back_to_the_ring)
{
	if (!start())
		return;
	uk_pktsim_tcp(bytes, 600, wire.dev.mac, from, 5);
	for (unsigned int round = 0; round < 10; round++) {
		for (unsigned int i = 0; i < CONFIG_LIBNETFRONT_BUFFERS; i++)
			be_rx_packet(&be, 0, bytes, 600, 0, 0);
		if (!uk_pktsim_wait(&wire, CONFIG_LIBNETFRONT_BUFFERS))
			break;
		UK_EXPECT_EQ(be_rx_room(&be, 0), 0);
		uk_pktsim_clear(&wire);
		UK_EXPECT(be_rx_room(&be, 0) > 0);
	}
	stop();
}

/* ---- Queues and ports ---- */

UK_TEST(netfront, test_two_ports)
{
	be.is_split = true;
	if (!start())
		return;
	UK_EXPECT(be.queues[0].port != be.queues[0].rx_port);
	expect_alive();
	stop();
}

UK_TEST(netfront, test_flows_are_spread_over_queues)
{
	unsigned int n_used = 0;

	netfront_max_queues = 3;
	be.max_queues = 8;
	be.is_split = true;
	if (!start())
		return;
	netfront_max_queues = 1;
	UK_EXPECT_EQ(be.n_queues, 3);
	UK_EXPECT_EQ(device()->n_buffers, 3 * CONFIG_LIBNETFRONT_BUFFERS);
	for (uint16_t port = 0; port < 32; port++) {
		wire_send(300, 4096, 0, 0, port);
		wire_send(300, 4096, 0, 0, port);
	}
	for (unsigned int q = 0; q < 3; q++) {
		unsigned int n = 0;

		while (!be_tx_is_empty(&be, q)) {
			be_tx_packet(&be, q, got, &first, &gso_bytes);
			be_tx_answer_taken(&be, q);
			n++;
		}
		/* Both packets of a flow */
		UK_EXPECT_EQ(n % 2, 0);
		n_used += n > 0;
	}
	UK_EXPECT(n_used > 1);
	uk_pktsim_tcp(bytes, 200, wire.dev.mac, from, 5);
	for (unsigned int q = 0; q < 3; q++)
		be_rx_packet(&be, q, bytes, 200, 0, 0);
	uk_pktsim_wait(&wire, 3);
	stop();
}

UK_TEST(netfront, test_events_are_few)
{
	unsigned int kicks;

	if (!start())
		return;
	kicks = uk_xensim_port_kicks(be.queues[0].port);
	/* The back end has not asked for more than the first */
	for (uint16_t i = 0; i < 50; i++)
		wire_send(200, 4096, 0, 0, i);
	UK_EXPECT(uk_xensim_port_kicks(be.queues[0].port) <= kicks + 1);
	for (unsigned int i = 0; i < 50; i++) {
		be_tx_packet(&be, 0, got, &first, &gso_bytes);
		be_tx_answer_taken(&be, 0);
	}
	stop();
}
