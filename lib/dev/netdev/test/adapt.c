/* SPDX-License-Identifier: BSD-3-Clause */
/* What devices of every ability get, against the plain code of ref.c. */
#include "../netdev_priv.h"
#include "fake.h"
#include "hub.h"
#include "ref.h"

#include <uk/arch/page.h>
#include <uk/test.h>

#define CAN_CSUM (UK_NETDEV_CAN_CSUM4 | UK_NETDEV_CAN_CSUM6)
#define CAN_GSO (UK_NETDEV_CAN_GSO4 | UK_NETDEV_CAN_GSO6)

static struct ref r, want;
static size_t gso_bytes;		/* of the packet under test; 0: none */

/* The packet that r is, its checksum yet to be made */
static struct uk_net_pkt *blank_pkt(size_t frag_bytes, bool is_foreign)
{
	size_t head = r.data + ref_below(UK_NET_HEAD_BYTES - (uint32_t)r.data + 1);
	struct uk_net_pkt *pkt;

	if (r.len / frag_bytes + r.len / UK_PAGE_SIZE > UK_NET_MAX_FRAGS - 2)
		frag_bytes = UK_PAGE_SIZE;
	pkt = fake_pkt(r.bytes, r.len, head, frag_bytes, is_foreign);
	if (gso_bytes) {
		pkt->gso = r.is_ipv6 ? UK_NET_GSO_TCPV6 : UK_NET_GSO_TCPV4;
		pkt->gso_bytes = (uint16_t)gso_bytes;
	}
	UK_EXPECT_EQ(uk_net_complete_offload(pkt), 0);
	return pkt;
}

static void fits_the_device(const struct fake *fake, const struct fake_sent *sent)
{
	const struct uk_net_pkt *pkt = &sent->pkt;
	uint16_t can = fake->dev.can;

	UK_EXPECT(can & UK_NETDEV_CAN_FRAGS || pkt->n_frags <= 1);
	UK_EXPECT(can & UK_NETDEV_CAN_FOREIGN || !sent->is_foreign);
	if (r.n_tags)
		can = 0;
	UK_EXPECT(!pkt->gso || (can & UK_NETDEV_CAN_FRAGS && pkt->flags & UK_NET_CSUM_BLANK &&
				can & (r.is_ipv6 ? UK_NETDEV_CAN_GSO6 : UK_NETDEV_CAN_GSO4)));
	UK_EXPECT(!(pkt->flags & UK_NET_CSUM_BLANK) ||
		  can & (r.is_ipv6 ? UK_NETDEV_CAN_CSUM6 : UK_NETDEV_CAN_CSUM4));
}

/* @sent is @frame, but for a checksum that the device is to make. */
static bool is_frame(const struct fake_sent *sent, struct ref *frame)
{
	if (sent->pkt.flags & UK_NET_CSUM_BLANK) {
		ref_set_csum(frame, false);
		UK_EXPECT_EQ(sent->pkt.csum_start, frame->l4);
		UK_EXPECT_EQ(sent->pkt.csum_offset, frame->is_udp ? 6 : 16);
	}
	return UK_EXPECT_EQ(sent->pkt.len_bytes, frame->len) &&
	       UK_EXPECT(!memcmp(sent->bytes, frame->bytes, frame->len));
}

static bool are_frames(struct fake *fake)
{
	struct fake_sent *sent;
	bool is_good = true;
	size_t i = 0;

	for (; is_good && (sent = fake_next(fake)); i++) {
		fits_the_device(fake, sent);
		if (gso_bytes && !sent->pkt.gso) {
			is_good = UK_EXPECT(ref_cut(&r, gso_bytes, i, &want)) &&
				  is_frame(sent, &want);
		} else {
			want = r;
			is_good = is_frame(sent, &want);
			if (sent->pkt.gso)
				i = r.payload / gso_bytes;
		}
		fake_sent_free(sent);
	}
	return UK_EXPECT_EQ(i, gso_bytes ? UK_DIV_ROUND_UP(r.payload, gso_bytes) : 1) && is_good;
}

static uint16_t random_ability(void)
{
	return ref_random() & (UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_FOREIGN | CAN_CSUM | CAN_GSO);
}

static void choose(uint32_t max_payload)
{
	ref_choose(&r, 1 + ref_below(max_payload));
	if (gso_bytes)
		r.is_udp = false;
	/* What does not fit the head is refused before it gets here */
	if (r.n_option_words + r.n_tcp_words > 18)
		r.n_tcp_words = 8;
	ref_build(&r);
}

UK_TEST(netdev_adapt, test_every_device_gets_what_it_can_send)
{
	struct fake a, b;

	ref_seed(10);
	hub_begin_two(&a, &b, 0);
	for (int i = 0; i < 300; i++) {
		b.dev.can = random_ability();
		gso_bytes = 0;
		choose(1380);
		fake_receive(&a, blank_pkt(64 + ref_below(2000), ref_below(2)));
		if (!are_frames(&b))
			break;
	}
	UK_EXPECT_EQ(b.dev.stats.out_packets, 300);
	hub_end_two(&a, &b);
}

UK_TEST(netdev_adapt, test_large_packets_are_cut_as_by_hand)
{
	struct fake a, b;

	ref_seed(11);
	hub_begin_two(&a, &b, 0);
	for (int i = 0; i < 150; i++) {
		b.dev.can = random_ability();
		gso_bytes = 200 + ref_below(1100);
		choose(i % 8 ? 4000 : 49000);
		fake_receive(&a, blank_pkt(64 + ref_below(5000), ref_below(2)));
		if (!are_frames(&b))
			break;
		UK_EXPECT_EQ(fake_n_pkts, 0);
	}
	hub_end_two(&a, &b);
}

UK_TEST(netdev_adapt, test_frames_of_a_large_packet_stay_in_its_place)
{
	struct uk_list pkts = UK_LIST_INIT(pkts);
	struct fake_sent *sent;
	struct fake a, b;

	ref_seed(17);
	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS);
	memset(&r, 0, sizeof(r));
	r.payload = 2500;
	gso_bytes = 1000;
	ref_build(&r);
	uk_list_add_tail(&pkts, &fake_frame(2, 1, 71)->node);
	uk_list_add_tail(&pkts, &blank_pkt(UK_PAGE_SIZE, false)->node);
	uk_list_add_tail(&pkts, &fake_frame(2, 1, 72)->node);
	uk_netdev_receive(&a.dev, &pkts);
	for (unsigned int i = 0; i < 5; i++) {
		static const uint32_t lengths[] = { 71, 1054, 1054, 554, 72 };

		sent = fake_next(&b);
		if (!UK_EXPECT(sent))
			break;
		UK_EXPECT_EQ(sent->pkt.len_bytes, lengths[i]);
		fake_sent_free(sent);
	}
	hub_end_two(&a, &b);
}

UK_TEST(netdev_adapt, test_largest_packet_passes_whole_and_cut)
{
	struct fake a, b;

	ref_seed(12);
	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS);
	memset(&r, 0, sizeof(r));
	r.payload = UK_NET_MAX_BYTES - 54;
	gso_bytes = 1448;
	ref_build(&r);
	fake_receive(&a, blank_pkt(UK_PAGE_SIZE, true));
	are_frames(&b);
	b.dev.can = UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_GSO4 | UK_NETDEV_CAN_CSUM4;
	fake_receive(&a, blank_pkt(UK_PAGE_SIZE, true));
	are_frames(&b);
	hub_end_two(&a, &b);
}

UK_TEST(netdev_adapt, test_too_many_pieces_are_refused)
{
	struct fake a, b;

	ref_seed(13);
	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS);
	memset(&r, 0, sizeof(r));
	r.payload = 2560;
	gso_bytes = 10;
	ref_build(&r);
	fake_receive(&a, blank_pkt(UK_PAGE_SIZE, false));
	UK_EXPECT_EQ(fake_take(&b), 256);
	r.payload++;
	ref_build(&r);
	fake_receive(&a, blank_pkt(UK_PAGE_SIZE, false));
	UK_EXPECT_EQ(fake_take(&b), 0);
	UK_EXPECT_EQ(b.dev.stats.drops[UK_NET_DROP_MALFORMED], 1);
	hub_end_two(&a, &b);
}

/* Nor is a device asked to make them. */
UK_TEST(netdev_adapt, test_too_many_pieces_are_refused_for_who_cuts_too)
{
	struct fake a, b;

	ref_seed(14);
	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_GSO4 | UK_NETDEV_CAN_CSUM4);
	memset(&r, 0, sizeof(r));
	r.payload = 2400;
	gso_bytes = 10;
	ref_build(&r);
	fake_receive(&a, blank_pkt(UK_PAGE_SIZE, false));
	UK_EXPECT_EQ(fake_take(&b), 1);
	r.payload = 2561;
	ref_build(&r);
	fake_receive(&a, blank_pkt(UK_PAGE_SIZE, false));
	UK_EXPECT_EQ(fake_take(&b), 0);
	UK_EXPECT_EQ(b.dev.stats.drops[UK_NET_DROP_MALFORMED], 1);
	hub_end_two(&a, &b);
}

/* A large packet whose head is not what its offload says: its device forgot to
 * check. */
UK_TEST(netdev_adapt, test_large_packet_without_headers_is_dropped)
{
	struct fake a, b;
	struct uk_net_pkt *pkt;

	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS);
	pkt = fake_frame(2, 1, 1400);
	pkt->gso = UK_NET_GSO_TCPV4;
	pkt->gso_bytes = 100;
	fake_receive(&a, pkt);
	UK_EXPECT_EQ(b.dev.stats.drops[UK_NET_DROP_HEADERS], 1);
	hub_end_two(&a, &b);
}

static bool passes(struct fake *a, struct fake *b, struct uk_net_pkt *pkt)
{
	fake_receive(a, pkt);
	return fake_take(b);
}

UK_TEST(netdev_adapt, test_mtu_is_kept_and_tags_do_not_count)
{
	static uint8_t bytes[1600] = { [12] = 0x88, 0xa8, 0, 1, 0x81, 0, 0, 1, 8, 0 };
	struct fake a, b;

	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_FOREIGN);
	UK_EXPECT(passes(&a, &b, fake_frame(2, 1, 1514)));
	UK_EXPECT(!passes(&a, &b, fake_frame(2, 1, 1515)));
	UK_EXPECT(passes(&a, &b, fake_pkt(bytes, 1522, 64, 4096, false)));
	UK_EXPECT(!passes(&a, &b, fake_pkt(bytes, 1523, 64, 4096, false)));
	bytes[16] = 8;
	UK_EXPECT(passes(&a, &b, fake_pkt(bytes, 1518, 64, 4096, false)));
	UK_EXPECT(!passes(&a, &b, fake_pkt(bytes, 1519, 64, 4096, false)));
	UK_EXPECT_EQ(b.dev.stats.drops[UK_NET_DROP_TOO_LONG], 3);
	hub_end_two(&a, &b);
}

UK_TEST(netdev_adapt, test_pieces_longer_than_the_mtu_are_refused)
{
	struct fake a, b;

	ref_seed(14);
	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS | CAN_CSUM | CAN_GSO);
	memset(&r, 0, sizeof(r));
	r.payload = 5000;
	ref_build(&r);
	gso_bytes = 1460;
	UK_EXPECT(passes(&a, &b, blank_pkt(UK_PAGE_SIZE, false)));
	gso_bytes = 1461;
	UK_EXPECT(!passes(&a, &b, blank_pkt(UK_PAGE_SIZE, false)));
	UK_EXPECT_EQ(b.dev.stats.drops[UK_NET_DROP_TOO_LONG], 1);
	hub_end_two(&a, &b);
}

UK_TEST(netdev_adapt, test_packet_that_cannot_be_one_fragment_is_dropped)
{
	struct fake a, b;

	hub_begin_two(&a, &b, 0);
	b.dev.mtu_bytes = 9000;
	UK_EXPECT(passes(&a, &b, fake_pkt((const uint8_t[4000]) { 2 }, 4000, 60, 500, true)));
	UK_EXPECT(!passes(&a, &b, fake_pkt((const uint8_t[8000]) { 2 }, 8000, 60, 500, true)));
	UK_EXPECT_EQ(b.dev.stats.drops[UK_NET_DROP_TOO_LONG], 1);
	hub_end_two(&a, &b);
}

/* A device that knows TCP's and UDP's checksums does not know ICMPv6's. */
UK_TEST(netdev_adapt, test_checksum_of_another_protocol_is_made)
{
	struct uk_net_pkt *pkt;
	struct fake_sent *sent;
	struct fake a, b;

	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS | CAN_CSUM);
	pkt = fake_frame(2, 1, 80);
	put_be16(pkt->head + 12, ETHERTYPE_IPV6);
	pkt->flags = UK_NET_CSUM_BLANK;
	pkt->csum_start = 54;
	pkt->csum_offset = 2;
	fake_receive(&a, pkt);
	sent = fake_next(&b);
	if (UK_EXPECT(sent)) {
		UK_EXPECT_EQ(sent->pkt.flags, 0);
		fake_sent_free(sent);
	}
	hub_end_two(&a, &b);
}

UK_TEST(netdev_adapt, test_foreign_packet_is_cut_where_it_is)
{
	struct fake a, b;

	ref_seed(15);
	hub_begin_two(&a, &b, UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_FOREIGN | CAN_CSUM);
	b.is_slow = true;
	gso_bytes = 500;
	do
		choose(4000);
	while (r.n_tags);
	fake_receive(&a, blank_pkt(UK_PAGE_SIZE, true));
	UK_EXPECT_EQ(a.n_fetch_calls, 0);
	UK_EXPECT_EQ(fake_n_pkts, 1);
	fake_flush(&b);
	UK_EXPECT_EQ(fake_n_pkts, 0);
	are_frames(&b);
	hub_end_two(&a, &b);
}
