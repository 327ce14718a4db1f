/* SPDX-License-Identifier: BSD-3-Clause */
/* The engine against honest frontends: what goes through, in which shape. */
#include <string.h>

#include "common.h"

#include <uk/test.h>

static char bytes[17 * UK_PAGE_SIZE];
static uint16_t flags, gso_bytes;

UK_TEST(netback, test_publishes_what_a_frontend_needs)
{
	if (!start())
		return;
	UK_EXPECT(fe_wait(&fe, "hotplug-status", "connected"));
	UK_EXPECT(fe_wait(&fe, "feature-rx-copy", "1"));
	UK_EXPECT(fe_wait(&fe, "feature-sg", "1"));
	UK_EXPECT(fe_wait(&fe, "feature-gso-tcpv4", "1"));
	UK_EXPECT(fe_wait(&fe, "feature-gso-tcpv6", "1"));
	UK_EXPECT(fe_wait(&fe, "feature-ipv6-csum-offload", "1"));
	UK_EXPECT(fe_wait(&fe, "feature-split-event-channels", "1"));
	UK_EXPECT(fe_wait(&fe, "multi-queue-max-queues", "4"));
	UK_EXPECT(fe_wait(&fe, "script", NULL));
	stop();
}

/* ---- From the guest ---- */

UK_TEST(netback, test_short_packet_is_sent_and_answered_at_once)
{
	uint16_t id;

	if (!start())
		return;
	fill_tx(&fe, 60);
	fe_tx_send(&fe, 0, 60, 42);
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, &id), NETIF_RSP_OKAY);
	UK_EXPECT_EQ(id, 42);
	if (!uk_pktsim_wait(&wire, 1))
		return;
	UK_EXPECT_EQ(uk_pktsim_first(&wire)->len_bytes, 60);
	UK_EXPECT_EQ(uk_pktsim_first(&wire)->n_frags, 0);
	UK_EXPECT(is_sent(&fe, (char *)uk_pktsim_first(&wire)->head, 60));
	stop();
}

UK_TEST(netback, test_long_packet_stays_in_its_pages_until_it_is_given_back)
{
	uint16_t id;

	if (!start())
		return;
	fill_tx(&fe, 1400);
	fe_tx_send(&fe, 0, 1400, 5);
	if (!uk_pktsim_wait(&wire, 1))
		return;
	UK_EXPECT_EQ(uk_pktsim_first(&wire)->head_bytes, 160);
	UK_EXPECT_EQ(uk_pktsim_first(&wire)->n_frags, 1);
	UK_EXPECT(uk_pktsim_read(uk_pktsim_first(&wire), bytes) && is_sent(&fe, bytes, 1400));
	UK_EXPECT(fe_tx_is_unanswered(&fe, 0));
	uk_pktsim_clear(&wire);
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, &id), NETIF_RSP_OKAY);
	UK_EXPECT_EQ(id, 5);
	stop();
}

/* As Linux sends a large one: an extra slot behind the first, no checksum. */
UK_TEST(netback, test_segmentation_and_checksum_travel_with_the_packet)
{
	unsigned int len = 16 * 4096, n_null = 0;
	struct netif_extra_info *extra;
	struct uk_net_pkt *pkt;

	if (!start())
		return;
	len -= 1;
	fill_tx(&fe, len);
	fe_tx_slot(&fe, 0, 0, 0, (uint16_t)len,
		   NETTXF_extra_info | NETTXF_csum_blank | NETTXF_data_validated |
		   NETTXF_more_data, 100);
	extra = fe_tx_extra(&fe, 0, XEN_NETIF_EXTRA_TYPE_GSO, 0);
	extra->u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4;
	extra->u.gso.size = 1448;
	for (unsigned int i = 1; i < 16; i++)
		fe_tx_slot(&fe, 0, i, 0, i < 15 ? 4096 : 4095, i < 15 ? NETTXF_more_data : 0,
			   (uint16_t)(100 + i));
	fe_tx_push(&fe, 0);
	if (!uk_pktsim_wait(&wire, 1))
		return;
	pkt = uk_pktsim_first(&wire);
	UK_EXPECT_EQ(pkt->gso, UK_NET_GSO_TCPV4);
	UK_EXPECT_EQ(pkt->gso_bytes, 1448);
	UK_EXPECT_EQ(pkt->flags, UK_NET_CSUM_BLANK);
	UK_EXPECT_EQ(pkt->csum_start, 34);
	UK_EXPECT_EQ(pkt->csum_offset, 16);
	UK_EXPECT(uk_pktsim_read(pkt, bytes) && is_sent(&fe, bytes, len));
	uk_pktsim_clear(&wire);
	for (unsigned int i = 0; i < 17; i++) {
		int status = fe_tx_answer(&fe, 0, NULL);

		n_null += status == NETIF_RSP_NULL;
		UK_EXPECT(status == NETIF_RSP_NULL || status == NETIF_RSP_OKAY);
	}
	UK_EXPECT_EQ(n_null, 1);
	stop();
}

/* Headers in tiny pieces, among them empty ones. */
UK_TEST(netback, test_tiny_and_empty_slots_are_joined)
{
	uint16_t at = 17;

	if (!start())
		return;
	fill_tx(&fe, 400);
	fe_tx_slot(&fe, 0, 0, 0, 400, NETTXF_more_data, 0);
	for (uint16_t i = 1; i < 17; i++, at += i == 3 ? 0 : 11)
		fe_tx_slot(&fe, 0, 0, at, i == 2 ? 0 : 11, NETTXF_more_data, i);
	fe_tx_slot(&fe, 0, 0, at, 400 - 17 - 15 * 11, 0, 17);
	fe_tx_push(&fe, 0);
	if (!uk_pktsim_wait(&wire, 1))
		return;
	UK_EXPECT_EQ(uk_pktsim_first(&wire)->head_bytes, 61);
	UK_EXPECT(uk_pktsim_read(uk_pktsim_first(&wire), bytes) && is_sent(&fe, bytes, 400));
	uk_pktsim_clear(&wire);
	for (unsigned int i = 0; i < 18; i++)
		UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_OKAY);
	stop();
}

/* TCP with all its options, in slots that are not cut where the headers end */
UK_TEST(netback, test_long_headers_in_several_slots_are_read)
{
	struct uk_net_pkt *pkt;

	if (!start())
		return;
	fill_tx(&fe, 400);
	fe.tx_data[34 + 12] = (char)0xf0;
	fe_tx_slot(&fe, 0, 0, 0, 400, NETTXF_more_data | NETTXF_csum_blank, 0);
	fe_tx_slot(&fe, 0, 0, 60, 30, NETTXF_more_data, 1);
	fe_tx_slot(&fe, 0, 0, 90, 310, 0, 2);
	fe_tx_push(&fe, 0);
	if (!uk_pktsim_wait(&wire, 1))
		return;
	pkt = uk_pktsim_first(&wire);
	UK_EXPECT_EQ(pkt->head_bytes, 160);
	UK_EXPECT_EQ(pkt->n_frags, 1);
	UK_EXPECT(uk_pktsim_read(pkt, bytes) && is_sent(&fe, bytes, 400));
	uk_pktsim_clear(&wire);
	for (unsigned int i = 0; i < 3; i++)
		UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_OKAY);
	stop();
}

UK_TEST(netback, test_full_ring_is_answered_with_few_kicks_and_hypercalls)
{
	unsigned long calls = uk_xensim_copy_calls();
	unsigned int kicks;

	if (!start())
		return;
	fill_tx(&fe, 100);
	kicks = uk_xensim_port_kicks(fe.queues[0].tx_port);
	for (uint16_t i = 0; i < FE_RING_SIZE; i++)
		fe_tx_slot(&fe, 0, 0, 0, 100, 0, i);
	fe_tx_push(&fe, 0);
	uk_pktsim_wait(&wire, FE_RING_SIZE);
	for (uint16_t i = 0; i < FE_RING_SIZE; i++)
		UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_OKAY);
	UK_EXPECT_EQ(uk_xensim_port_kicks(fe.queues[0].tx_port), kicks + 1);
	UK_EXPECT(uk_xensim_copy_calls() - calls <= 4);
	stop();
}

/* ---- To the guest ---- */

UK_TEST(netback, test_packet_to_the_guest_arrives_as_it_was)
{
	if (!start())
		return;
	for (unsigned int len = 60; len < 1514; len += 727) {
		uk_pktsim_tcp(fe.tx_data, len, fe.addr, wire.dev.mac, 80);
		wire.n_given_back = 0;
		wire_send(&fe, len, 300, 0, 0);
		UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), len);
		UK_EXPECT(is_sent(&fe, bytes, len));
		UK_EXPECT_EQ(flags, 0);
		UK_EXPECT_EQ(wire.n_given_back, 1);
	}
	stop();
}

UK_TEST(netback, test_what_is_known_of_the_checksum_is_told)
{
	if (!start())
		return;
	wire_send(&fe, 200, 4096, 0, UK_NET_CSUM_GOOD);
	receive(&fe, 0, bytes, &flags, &gso_bytes);
	UK_EXPECT_EQ(flags, NETRXF_data_validated);
	wire_send(&fe, 200, 4096, 0, UK_NET_CSUM_BLANK);
	receive(&fe, 0, bytes, &flags, &gso_bytes);
	UK_EXPECT_EQ(flags, NETRXF_data_validated | NETRXF_csum_blank);
	stop();
}

UK_TEST(netback, test_large_packet_to_the_guest_fills_its_pages)
{
	const unsigned int len = 15 * 4096 + 7;

	if (!start())
		return;
	uk_pktsim_tcp(fe.tx_data, len, fe.addr, wire.dev.mac, 80);
	wire_send(&fe, len, 4096, 1448, UK_NET_CSUM_BLANK);
	UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), len);
	UK_EXPECT(is_sent(&fe, bytes, len));
	UK_EXPECT_EQ(gso_bytes, 1448);
	UK_EXPECT_EQ(fe.queues[0].rx_rsp_cons, 17);
	stop();
}

/* A packet of @n slots of @size bytes at @offset in their pages, behind one of 100;
 * @n_slots for the receiver, in the first one @first bytes. */
static void expect_split(unsigned int n, uint16_t offset, uint16_t size, unsigned int n_slots,
			 int first)
{
	unsigned int len = 100 + n * size;
	union netback_rx_wire rsp;

	uk_pktsim_tcp(other.tx_data, len, fe.addr, other.addr, 80);
	fe_tx_slot(&other, 0, 0, 0, (uint16_t)len, NETTXF_more_data, 0);
	for (unsigned int i = 1; i <= n; i++)
		fe_tx_slot(&other, 0, i, offset, size, i < n ? NETTXF_more_data : 0, (uint16_t)i);
	fe_tx_push(&other, 0);
	for (unsigned int i = 0; i < n_slots; i++) {
		UK_EXPECT(fe_rx_answer(&fe, 0, &rsp));
		UK_EXPECT_EQ(!!(rsp.rsp.flags & NETRXF_more_data), i + 1 < n_slots);
		if (!i)
			UK_EXPECT_EQ(rsp.rsp.status, first);
		else if (first != 4096)
			UK_EXPECT_EQ(memcmp(fe_rx_page(&fe, 0), other.tx_data +
					    (i + (first > 100)) * UK_PAGE_SIZE + offset, size), 0);
		len -= (unsigned int)rsp.rsp.status;
	}
	UK_EXPECT_EQ(len, 0);
	for (unsigned int i = 0; i <= n; i++)
		UK_EXPECT_EQ(fe_tx_answer(&other, 0, NULL), NETIF_RSP_OKAY);
}

/* A fragment is not split if that takes one page more, but is where it would take many. */
UK_TEST(netback, test_fragments_are_split_only_to_save_pages)
{
	fe.mtu = "60000";
	other = (struct frontend) { .bridge = "test" };
	if (!start() || !fe_connect(&other, OTHER_DOM, 0))
		return;
	expect_split(3, 0, 4096, 4, 100);
	expect_split(3, 300, 3000, 3, 3100);
	expect_split(6, 200, 2100, 4, 4096);
	expect_split(16, 0, 3700, 16, 3800);
	fe_detach(&other);
	fe_free(&other);
	stop();
}

/* One page of data and the extra slot behind it */
UK_TEST(netback, test_small_packet_to_be_cut_has_its_extra_slot)
{
	if (!start())
		return;
	wire_send(&fe, 3000, 4000, 500, UK_NET_CSUM_BLANK);
	UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), 3000);
	UK_EXPECT_EQ(gso_bytes, 500);
	UK_EXPECT_EQ(fe.queues[0].rx_rsp_cons, 2);
	stop();
}

/* What it has not asked for it does not get: it is cut and summed here. */
static void expect_three_packets(uint16_t expected_flags)
{
	wire_send(&fe, 3054, 4000, 1000, UK_NET_CSUM_BLANK);
	for (unsigned int n = 0; n < 3; n++) {
		UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), 1054);
		UK_EXPECT_EQ(flags & NETRXF_csum_blank, expected_flags);
		UK_EXPECT_EQ(gso_bytes, 0);
	}
	UK_EXPECT(fe_rx_is_empty(&fe, 0));
}

UK_TEST(netback, test_frontend_without_offload_gets_plain_packets)
{
	fe.has_no_sg = fe.has_no_offload = true;
	if (!start())
		return;
	expect_three_packets(0);
	stop();
}

UK_TEST(netback, test_frontend_without_scatter_gather_gets_short_packets)
{
	fe.has_no_sg = true;
	if (!start())
		return;
	expect_three_packets(NETRXF_csum_blank);
	stop();
}

/* ---- From guest to guest ---- */

UK_TEST(netback, test_guest_to_guest_is_one_copy)
{
	unsigned long copies;

	other = (struct frontend) { .bridge = "test" };
	if (!start() || !fe_connect(&other, OTHER_DOM, 1))
		return;
	fe_rx_post(&other, 0, FE_RX_PAGES);
	uk_pktsim_tcp(fe.tx_data, 1514, other.addr, fe.addr, 7);
	copies = uk_xensim_copies();
	fe_tx_send(&fe, 0, 1514, 1);
	UK_EXPECT_EQ(receive(&other, 0, bytes, &flags, &gso_bytes), 1514);
	UK_EXPECT(is_sent(&fe, bytes, 1514));
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_OKAY);
	/* Its head in and out, which may cross a page, and the rest */
	UK_EXPECT(uk_xensim_copies() - copies <= 5);
	fe_detach(&other);
	fe_free(&other);
	stop();
}

UK_TEST(netback, test_bridges_are_apart)
{
	other = (struct frontend) { .bridge = "elsewhere" };
	if (!start() || !fe_connect(&other, OTHER_DOM, 1))
		return;
	fe_rx_post(&other, 0, FE_RX_PAGES);
	uk_pktsim_tcp(fe.tx_data, 100, other.addr, fe.addr, 7);
	fe_tx_send(&fe, 0, 100, 1);
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_OKAY);
	UK_EXPECT(fe_rx_is_empty(&other, 0));
	uk_pktsim_clear(&wire);
	fe_detach(&other);
	fe_free(&other);
	stop();
}
