/* SPDX-License-Identifier: BSD-3-Clause */
/* The Internet checksum. */
#include "netdev_priv.h"

/* A word at any address, as memory holds it. memcpy() would be a call: nothing is
 * built in. */
#define LOAD(type, p) ({ type v_; __builtin_memcpy(&v_, (p), sizeof(v_)); v_; })

static uint64_t load64(const uint8_t *p)
{
	return LOAD(uint64_t, p);
}

/* Less than 8 bytes */
static uint64_t sum_rest(const uint8_t *p, size_t len)
{
	uint64_t sum = 0;

	if (len & 4) {
		sum += LOAD(uint32_t, p);
		p += 4;
	}
	if (len & 2) {
		sum += LOAD(uint16_t, p);
		p += 2;
	}
	if (len & 1) {
		const uint8_t last[2] = { *p, 0 };

		sum += LOAD(uint16_t, last);
	}
	return sum;
}

/* Carries are counted apart: an addition and a count for 8 bytes, in two chains
 * that do not wait for each other. */
static uint64_t sum_blocks(const uint8_t *p, size_t n_blocks, uint64_t *carries)
{
	uint64_t a = 0, b = 0, na = 0, nb = 0, v;

	for (; n_blocks; n_blocks--, p += 32) {
		v = load64(p);
		a += v;
		na += a < v;
		v = load64(p + 8);
		b += v;
		nb += b < v;
		v = load64(p + 16);
		a += v;
		na += a < v;
		v = load64(p + 24);
		b += v;
		nb += b < v;
	}
	a += b;
	*carries = na + nb + (a < b);
	return a;
}

static uint64_t halves(uint64_t v)
{
	return (v >> 32) + (uint32_t)v;
}

uint64_t netdev_sum(const void *bytes, size_t len, uint64_t sum)
{
	const uint8_t *p = bytes;
	uint64_t carries;

	sum = halves(sum);
	if (len >= 32) {
		sum += halves(sum_blocks(p, len / 32, &carries)) + carries;
		p += len & ~(size_t)31;
		len &= 31;
	}
	for (; len >= 8; len -= 8, p += 8)
		sum += halves(load64(p));
	return sum + sum_rest(p, len);
}

uint16_t netdev_fold(uint64_t sum)
{
	sum = halves(sum);
	sum = halves(sum);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)sum;
}

uint64_t netdev_pseudo_sum(const struct uk_net_pkt *pkt, const struct uk_net_layout *lay,
			   uint32_t l4_bytes)
{
	const uint8_t *ip = pkt->head + lay->l3_start;
	uint8_t tail[8];

	put_be32(tail, l4_bytes);
	put_be32(tail + 4, lay->l4_protocol);
	if (lay->ethertype == ETHERTYPE_IPV4)
		return netdev_sum(ip + 12, 8, netdev_sum(tail, sizeof(tail), 0));
	return netdev_sum(ip + 8, 32, netdev_sum(tail, sizeof(tail), 0));
}

/* A run behind an odd number of bytes: its sum, bytes exchanged (RFC 1071) */
static uint64_t sum_at(const void *bytes, size_t len, bool is_odd, uint64_t sum)
{
	uint16_t part;

	if (!is_odd)
		return netdev_sum(bytes, len, sum);
	part = netdev_fold(netdev_sum(bytes, len, 0));
	return halves(sum) + (uint16_t)(part << 8 | part >> 8);
}

bool netdev_make_csum(struct uk_net_pkt *pkt)
{
	size_t at = (size_t)pkt->csum_start + pkt->csum_offset, n;
	uint64_t sum;
	uint16_t csum;

	if (at + sizeof(csum) > pkt->head_bytes)
		return false;
	n = pkt->head_bytes - pkt->csum_start;
	sum = netdev_sum(pkt->head + pkt->csum_start, n, 0);
	for (unsigned int i = 0; i < pkt->n_frags; i++) {
		const struct uk_net_frag *frag = &pkt->frags[i];

		sum = sum_at(frag->va, frag->len_bytes, n & 1, sum);
		n += frag->len_bytes;
	}
	csum = (uint16_t)~netdev_fold(sum);
	/* UDP says with 0 that there is none (RFC 768); 0xffff is the same sum */
	if (!csum && pkt->csum_offset == UDP_CSUM_OFFSET)
		csum = 0xffff;
	__builtin_memcpy(pkt->head + at, &csum, sizeof(csum));
	pkt->flags &= (uint8_t)~UK_NET_CSUM_BLANK;
	return true;
}
