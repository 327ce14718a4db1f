/* SPDX-License-Identifier: BSD-3-Clause */
/* Headers, good, hostile and cut off. */
#include "../netdev_priv.h"
#include "ref.h"

#include <errno.h>

#include <uk/test.h>

static struct ref r;
static struct uk_net_pkt pkt;

static void to_pkt(size_t head_bytes)
{
	memset(&pkt, 0, sizeof(pkt));
	pkt.len_bytes = (uint32_t)r.len;
	head_bytes = UK_MIN(head_bytes, r.len);
	pkt.head_bytes = (uint16_t)UK_MIN(head_bytes, (size_t)UK_NET_HEAD_BYTES);
	memcpy(pkt.head, r.bytes, UK_NET_HEAD_BYTES);
}

static void build(bool is_ipv6, bool is_udp, unsigned int n_tags, unsigned int n_option_words)
{
	memset(&r, 0, sizeof(r));
	r.is_ipv6 = is_ipv6;
	r.is_udp = is_udp;
	r.n_tags = n_tags;
	r.n_option_words = n_option_words;
	r.payload = 100;
	ref_build(&r);
	to_pkt(UK_NET_HEAD_BYTES);
}

UK_TEST(netdev_layout, test_every_kind_of_packet_is_read)
{
	struct uk_net_layout lay;

	ref_seed(6);
	for (int i = 0; i < 500; i++) {
		ref_choose(&r, ref_below(100));
		ref_build(&r);
		to_pkt(UK_NET_HEAD_BYTES);
		UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), 0);
		UK_EXPECT_EQ(lay.l3_start, r.l3);
		UK_EXPECT_EQ(lay.l4_start, r.l4);
		UK_EXPECT_EQ(lay.payload_start, r.data);
		UK_EXPECT_EQ(lay.ethertype, r.is_ipv6 ? 0x86dd : 0x800);
		UK_EXPECT_EQ(lay.l4_protocol, r.is_udp ? 17 : 6);
	}
}

/* A header that ends behind the head, or behind the packet, is no header. */
UK_TEST(netdev_layout, test_headers_cut_off_anywhere_are_refused)
{
	struct uk_net_layout lay;

	ref_seed(7);
	for (int i = 0; i < 50; i++) {
		ref_choose(&r, 0);
		ref_build(&r);
		for (size_t n = 0; n < r.data; n++) {
			to_pkt(n);
			UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), -EBADMSG);
			to_pkt(UK_NET_HEAD_BYTES);
			pkt.len_bytes = (uint32_t)n;
			UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), -EBADMSG);
		}
		to_pkt(r.data);
		UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), 0);
	}
}

/* What changes from packet to packet does not matter, addresses and ports do. */
static void flows(bool is_ipv6)
{
	unsigned int queue, used = 0;

	build(is_ipv6, false, 1, 0);
	queue = uk_net_flow(&pkt, 8);
	/* Identification, time to live, checksum; or flow label, hop limit */
	for (unsigned int n = 0; n < 4; n++)
		pkt.head[r.l3 + (is_ipv6 ? "\1\2\3\7" : "\4\5\10\12")[n]] ^= 0x15;
	pkt.head[r.l4 + 7] ^= 0x55;
	UK_EXPECT_EQ(uk_net_flow(&pkt, 8), queue);
	UK_EXPECT_EQ(uk_net_flow(&pkt, 1), 0);
	for (unsigned int port = 0; port < 64; port++) {
		pkt.head[r.l4 + 1] = (uint8_t)port;
		queue = uk_net_flow(&pkt, 8);
		UK_EXPECT(queue < 8);
		used |= 1u << queue;
	}
	UK_EXPECT_EQ(used, 0xff);
	pkt.head[r.l3 - 2] = 0x88;
	UK_EXPECT_EQ(uk_net_flow(&pkt, 8), 0);
}

UK_TEST(netdev_layout, test_packets_of_a_flow_are_for_one_queue)
{
	flows(false);
	flows(true);
}

static const struct {
	const char *what;
	bool is_ipv6, is_udp;
	unsigned int n_option_words;
	int at;			/* in layer 3; negative: in layer 4, less one */
	uint8_t byte;
	int err;
	bool has_l4;
} cases[] = {
	{ "IPv4 version", false, false, 0, 0, 0x55, -EBADMSG, false },
	{ "IPv4 header shorter than 20", false, false, 0, 0, 0x44, -EBADMSG, false },
	{ "IPv4 total too short for UDP", false, true, 0, 3, 27, -EBADMSG, false },
	{ "IPv4 total longer than the packet", false, false, 0, 2, 0xff, -EBADMSG, false },
	{ "IPv4 total shorter than the header", false, false, 0, 3, 19, -EBADMSG, false },
	{ "IPv4 first fragment", false, false, 0, 6, 0x20, 0, false },
	{ "IPv4 later fragment", false, false, 0, 7, 1, 0, false },
	{ "IPv4 other protocol", false, false, 0, 9, 1, 0, false },
	{ "IPv6 version", true, false, 0, 0, 0x50, -EBADMSG, false },
	{ "IPv6 payload longer than the packet", true, false, 0, 4, 1, -EBADMSG, false },
	{ "IPv6 payload shorter than TCP", true, false, 0, 5, 19, -EBADMSG, false },
	{ "IPv6 no next header", true, false, 0, 6, 59, 0, false },
	{ "IPv6 encrypted", true, false, 0, 6, 50, 0, false },
	{ "IPv6 endless extension", true, false, 1, 41, 0xff, -EBADMSG, false },
	{ "IPv6 authentication", true, false, 1, 6, 51, 0, true },
	{ "TCP header shorter than 20", false, false, 0, -13, 0x40, -EBADMSG, false },
	{ "TCP longest header", false, false, 0, -13, 0xf0, 0, true },
	{ "UDP length shorter than 8", false, true, 0, -6, 7, -EBADMSG, false },
	{ "UDP length longer than the packet", false, true, 0, -5, 0xff, -EBADMSG, false },
	{ "UDP length shorter than the packet", false, true, 0, -6, 9, 0, true },
};

UK_TEST(netdev_layout, test_headers_that_make_no_sense_are_refused)
{
	struct uk_net_layout lay;

	ref_seed(8);
	for (size_t i = 0; i < UK_ARRAY_SIZE(cases); i++) {
		build(cases[i].is_ipv6, cases[i].is_udp, 0, cases[i].n_option_words);
		pkt.head[cases[i].at < 0 ? r.l4 - (size_t)(cases[i].at + 1)
					 : r.l3 + (size_t)cases[i].at] = cases[i].byte;
		if (!UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), cases[i].err) ||
		    !UK_EXPECT_EQ(!cases[i].err && lay.l4_start, cases[i].has_l4))
			uk_test_fail(__FILE_NAME__, __LINE__, "%s", cases[i].what);
		if (cases[i].err || !cases[i].has_l4)
			UK_EXPECT_EQ(uk_net_complete_offload(&pkt), -EBADMSG);
	}
}

UK_TEST(netdev_layout, test_padding_is_no_part_of_the_packet)
{
	struct uk_net_layout lay;

	build(false, false, 0, 0);
	pkt.len_bytes += 6;
	UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), 0);
	/* TCP's header says that it ends in the padding */
	pkt.head[r.l3 + 2] = 0;
	pkt.head[r.l3 + 3] = 41;
	pkt.head[r.l4 + 12] = 0x60;
	UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), -EBADMSG);
}

UK_TEST(netdev_layout, test_fragment_header_hides_what_follows)
{
	struct uk_net_layout lay;

	build(true, false, 0, 1);
	pkt.head[r.l3 + 6] = 44;
	memset(pkt.head + r.l3 + 41, 0, 7);
	UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), 0);
	/* An "atomic" one is the whole packet (RFC 6946) */
	UK_EXPECT_EQ(lay.l4_start, r.l4);
	pkt.head[r.l3 + 43] = 1;
	UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), 0);
	UK_EXPECT_EQ(lay.l4_start, 0);
	pkt.head[r.l3 + 43] = 8;
	UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), 0);
	UK_EXPECT_EQ(lay.l4_start, 0);
}

UK_TEST(netdev_layout, test_extension_behind_the_end_is_refused)
{
	struct uk_net_layout lay;

	build(true, false, 0, 1);
	pkt.head[r.l3 + 40] = 59;
	UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), 0);
	pkt.head[r.l3 + 41] = 30;
	UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), -EBADMSG);
}

UK_TEST(netdev_layout, test_routing_header_with_stops_left_hides_what_follows)
{
	struct uk_net_layout lay;

	build(true, false, 0, 1);
	pkt.head[r.l3 + 6] = 43;
	pkt.head[r.l3 + 43] = 0;
	UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), 0);
	UK_EXPECT_EQ(lay.l4_start, r.l4);
	pkt.head[r.l3 + 43] = 1;
	UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), 0);
	UK_EXPECT_EQ(lay.l4_start, 0);
}

UK_TEST(netdev_layout, test_third_tag_is_an_unknown_protocol)
{
	struct uk_net_layout lay;

	build(false, false, 2, 0);
	put_be16(pkt.head + r.l3 - 2, 0x8100);
	UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), 0);
	UK_EXPECT_EQ(lay.ethertype, 0x8100);
	UK_EXPECT_EQ(lay.l4_start, 0);
}

/* Who has it cut may leave the length to the cutter. */
UK_TEST(netdev_layout, test_length_of_a_large_packet_is_its_own)
{
	struct uk_net_layout lay;

	build(false, false, 0, 0);
	put_be16(pkt.head + r.l3 + 2, 0);
	UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), -EBADMSG);
	pkt.gso = UK_NET_GSO_TCPV4;
	pkt.gso_bytes = 50;
	UK_EXPECT_EQ(uk_net_layout(&pkt, &lay), 0);
	UK_EXPECT_EQ(lay.payload_start, r.data);
}

UK_TEST(netdev_layout, test_segmentation_of_what_is_not_tcp_is_refused)
{
	build(false, true, 0, 0);
	pkt.gso = UK_NET_GSO_TCPV4;
	pkt.gso_bytes = 50;
	UK_EXPECT_EQ(uk_net_complete_offload(&pkt), -EBADMSG);
	build(false, false, 0, 0);
	pkt.gso = UK_NET_GSO_TCPV6;
	pkt.gso_bytes = 50;
	UK_EXPECT_EQ(uk_net_complete_offload(&pkt), -EBADMSG);
	pkt.gso = UK_NET_GSO_TCPV4;
	UK_EXPECT_EQ(uk_net_complete_offload(&pkt), 0);
	pkt.gso_bytes = 0;
	UK_EXPECT_EQ(uk_net_complete_offload(&pkt), -EBADMSG);
	pkt.gso_bytes = 50;
	pkt.len_bytes = (uint32_t)r.data;
	UK_EXPECT_EQ(uk_net_complete_offload(&pkt), -EBADMSG);
}

static bool is_inside(const struct uk_net_layout *lay)
{
	if (!lay->l4_start)
		return !lay->payload_start && !lay->l4_protocol;
	return lay->l3_start < lay->l4_start && lay->l4_start < lay->payload_start &&
	       lay->payload_start <= pkt.head_bytes;
}

/* What lies behind the head decides nothing, and nothing found lies there. */
UK_TEST(netdev_layout, test_random_bytes_lead_nowhere_outside)
{
	struct uk_net_layout lay, again;
	unsigned int n_good = 0;

	ref_seed(9);
	for (int i = 0; i < 50000; i++) {
		int err;

		if (i % 64 == 0) {
			ref_choose(&r, 100);
			ref_build(&r);
		}
		to_pkt(14 + ref_below(150));
		for (uint32_t n = ref_below(4); n; n--)
			pkt.head[12 + ref_below(80)] = (uint8_t)ref_random();
		pkt.gso = ref_below(8) ? 0 : UK_NET_GSO_TCPV4;
		err = uk_net_layout(&pkt, &lay);
		memset(pkt.head + pkt.head_bytes, (int)ref_random(),
		       UK_NET_HEAD_BYTES - pkt.head_bytes);
		UK_EXPECT_EQ(uk_net_layout(&pkt, &again), err);
		if (err)
			continue;
		n_good++;
		if (!UK_EXPECT(is_inside(&lay)) ||
		    !UK_EXPECT(!memcmp(&lay, &again, sizeof(lay))))
			return;
		uk_net_complete_offload(&pkt);
	}
	UK_EXPECT(n_good > 5000);
}
