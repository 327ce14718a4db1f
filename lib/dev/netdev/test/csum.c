/* SPDX-License-Identifier: BSD-3-Clause */
/* Checksums against the plain loop. */
#include "../netdev_priv.h"
#include "fake.h"
#include "ref.h"

#include <uk/test.h>

static uint8_t bytes[4096 + 16];

static void fill(void)
{
	/* Words of ones carry most */
	bool is_ones = !ref_below(4);

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = is_ones ? 0xff : (uint8_t)ref_random();
}

static uint16_t csum(const void *at, size_t len)
{
	uint16_t native = (uint16_t)~netdev_fold(netdev_sum(at, len, 0));

	return get_be16((const uint8_t *)&native);
}

/* Zero has two names in this arithmetic. */
static bool is_same(uint16_t a, uint16_t b)
{
	return a % 0xffff == b % 0xffff;
}

UK_TEST(netdev_csum, test_every_length_and_alignment_is_as_the_plain_loop)
{
	ref_seed(1);
	for (size_t len = 0; len < 300; len++) {
		fill();
		for (size_t at = 0; at < 9; at++)
			if (!UK_EXPECT_EQ(csum(bytes + at, len), ref_csum(bytes + at, len)))
				return;
	}
}

UK_TEST(netdev_csum, test_long_runs_of_ones_lose_no_carry)
{
	memset(bytes, 0xff, sizeof(bytes));
	for (size_t len = sizeof(bytes) - 40; len <= sizeof(bytes); len++)
		UK_EXPECT_EQ(csum(bytes, len), ref_csum(bytes, len));
}

UK_TEST(netdev_csum, test_sum_goes_on_from_any_sum)
{
	ref_seed(2);
	for (int i = 0; i < 2000; i++) {
		size_t cut = ref_below(500) * 2, len = cut + ref_below(500);
		uint64_t sum;

		fill();
		sum = netdev_sum(bytes + cut, len - cut, netdev_sum(bytes, cut, 0));
		UK_EXPECT_EQ(netdev_fold(sum), netdev_fold(netdev_sum(bytes, len, 0)));
	}
	UK_EXPECT_EQ(netdev_fold(~0ull), 0xffff);
}

/* Fragments of odd lengths exchange the bytes of what follows. */
UK_TEST(netdev_csum, test_fragmented_packet_gets_the_right_checksum)
{
	static struct ref r;

	ref_seed(3);
	for (int i = 0; i < 500; i++) {
		struct uk_net_pkt *pkt;

		ref_choose(&r, ref_below(1400));
		ref_build(&r);
		ref_set_csum(&r, false);
		pkt = fake_pkt(r.bytes, r.len, r.data + ref_below(UK_NET_HEAD_BYTES - (uint32_t)r.data),
			       100 + ref_below(200), false);
		pkt->csum_start = (uint16_t)r.l4;
		pkt->csum_offset = r.is_udp ? 6 : 16;
		pkt->flags = UK_NET_CSUM_BLANK;
		UK_EXPECT(netdev_make_csum(pkt));
		ref_set_csum(&r, true);
		if (!UK_EXPECT_EQ(get_be16(pkt->head + pkt->csum_start + pkt->csum_offset),
				  get_be16(r.bytes + pkt->csum_start + pkt->csum_offset)))
			i = 500;
		UK_EXPECT_EQ(pkt->flags, 0);
		pkt->done(pkt);
	}
	UK_EXPECT_EQ(fake_n_pkts, 0);
}

UK_TEST(netdev_csum, test_udp_checksum_of_zero_is_sent_as_ones)
{
	static struct ref r;
	struct uk_net_pkt *pkt;
	uint16_t sum;

	r = (struct ref) { .is_udp = true, .payload = 2 };
	ref_seed(4);
	ref_build(&r);
	/* What is missing for the sum of ones */
	sum = get_be16(r.bytes + r.l4 + 6);
	put_be16(r.bytes + r.data, (uint16_t)((get_be16(r.bytes + r.data) + sum) % 0xffff));
	ref_set_csum(&r, true);
	UK_EXPECT_EQ(get_be16(r.bytes + r.l4 + 6), 0xffff);
	ref_set_csum(&r, false);
	pkt = fake_pkt(r.bytes, r.len, r.len, 1, false);
	pkt->csum_start = (uint16_t)r.l4;
	pkt->csum_offset = 6;
	UK_EXPECT(netdev_make_csum(pkt));
	UK_EXPECT_EQ(get_be16(pkt->head + r.l4 + 6), 0xffff);
	pkt->done(pkt);
}

UK_TEST(netdev_csum, test_checksum_outside_of_the_head_is_refused)
{
	struct uk_net_pkt *pkt = fake_frame(2, 1, 60);

	pkt->csum_start = 45;
	pkt->csum_offset = 14;
	UK_EXPECT(!netdev_make_csum(pkt));
	pkt->csum_start = 65535;
	pkt->csum_offset = 65535;
	UK_EXPECT(!netdev_make_csum(pkt));
	pkt->csum_start = 44;
	pkt->csum_offset = 14;
	UK_EXPECT(netdev_make_csum(pkt));
	pkt->done(pkt);
}

/* uk_net_complete_offload() finds what the builder knows. */
UK_TEST(netdev_csum, test_pseudo_header_is_that_of_the_plain_loop)
{
	static struct ref r;

	ref_seed(5);
	for (int i = 0; i < 500; i++) {
		struct uk_net_pkt *pkt;

		ref_choose(&r, ref_below(1400));
		ref_build(&r);
		pkt = fake_pkt(r.bytes, r.len, UK_NET_HEAD_BYTES, 4096, false);
		UK_EXPECT_EQ(uk_net_complete_offload(pkt), 0);
		ref_set_csum(&r, false);
		UK_EXPECT_EQ(pkt->csum_start, r.l4);
		UK_EXPECT_EQ(pkt->csum_offset, r.is_udp ? 6 : 16);
		UK_EXPECT_EQ(pkt->flags, UK_NET_CSUM_BLANK);
		if (!UK_EXPECT(is_same(get_be16(pkt->head + pkt->csum_start + pkt->csum_offset),
				       get_be16(r.bytes + pkt->csum_start + pkt->csum_offset))))
			i = 500;
		pkt->done(pkt);
	}
}
