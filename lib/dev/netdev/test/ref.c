/* SPDX-License-Identifier: BSD-3-Clause */
#include "ref.h"

#include <string.h>

#include <uk/util.h>

static uint32_t state = 1;

uint32_t ref_random(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

uint32_t ref_below(uint32_t n)
{
	return ref_random() % n;
}

void ref_seed(uint32_t seed)
{
	state = seed;
}

static void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static size_t get16(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

uint16_t ref_csum(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++) {
		sum += i % 2 ? bytes[i] : bytes[i] * 256u;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)~((sum & 0xffff) + (sum >> 16));
}

static size_t l4_field(const struct ref *r)
{
	return r->l4 + (r->is_udp ? 6 : 16);
}

/* The pseudo header in front of the transport's bytes, as it stands in the RFCs */
void ref_set_csum(struct ref *r, bool is_whole)
{
	static uint8_t both[40 + REF_MAX_BYTES];
	size_t n = r->is_ipv6 ? 32 : 8, l4_bytes = r->len - r->l4;
	uint16_t csum;

	put16(r->bytes + l4_field(r), 0);
	memcpy(both, r->bytes + r->l3 + (r->is_ipv6 ? 8 : 12), n);
	memset(both + n, 0, 8);
	put16(both + n + (r->is_ipv6 ? 2 : 0), l4_bytes);
	both[n + (r->is_ipv6 ? 7 : 3)] = r->is_udp ? 17 : 6;
	n += r->is_ipv6 ? 8 : 4;
	memcpy(both + n, r->bytes + r->l4, l4_bytes);
	csum = ref_csum(both, is_whole ? n + l4_bytes : n);
	if (!is_whole)
		csum = (uint16_t)~csum;
	else if (r->is_udp && !csum)
		csum = 0xffff;
	put16(r->bytes + l4_field(r), csum);
}

static void set_lengths(struct ref *r)
{
	uint8_t *ip = r->bytes + r->l3;

	if (r->is_ipv6) {
		put16(ip + 4, r->len - r->l3 - 40);
	} else {
		put16(ip + 2, r->len - r->l3);
		put16(ip + 10, 0);
		put16(ip + 10, ref_csum(ip, r->l4 - r->l3));
	}
	if (r->is_udp)
		put16(r->bytes + r->l4 + 4, r->len - r->l4);
	ref_set_csum(r, true);
}

void ref_choose(struct ref *r, size_t payload)
{
	r->is_ipv6 = ref_below(2);
	r->is_udp = ref_below(2);
	r->n_tags = ref_below(3);
	r->n_option_words = ref_below(2) ? ref_below(11) : 0;
	r->n_tcp_words = ref_below(11);
	r->payload = payload;
}

static void build_network(struct ref *r)
{
	uint8_t *ip = r->bytes + r->l3, protocol = r->is_udp ? 17 : 6;

	if (!r->is_ipv6) {
		ip[0] = (uint8_t)(0x45 + r->n_option_words);
		put16(ip + 6, 0x4000);
		ip[9] = protocol;
		r->l4 = r->l3 + 20 + r->n_option_words * 4;
		return;
	}
	ip[0] = 0x60;
	ip[6] = protocol;
	r->l4 = r->l3 + 40;
	if (r->n_option_words) {
		/* Destination options, one unit of 8 bytes or two */
		ip[6] = 60;
		ip[40] = protocol;
		ip[41] = r->n_option_words > 5;
		r->l4 += (ip[41] + 1) * 8;
	}
}

void ref_build(struct ref *r)
{
	for (size_t i = 0; i < 160; i++)
		r->bytes[i] = (uint8_t)ref_random();
	r->bytes[0] = 2;
	r->bytes[6] = 2;
	for (unsigned int i = 0; i < r->n_tags; i++)
		put16(r->bytes + 12 + i * 4, i + 1 < r->n_tags ? 0x88a8 : 0x8100);
	r->l3 = 14 + r->n_tags * 4;
	put16(r->bytes + r->l3 - 2, r->is_ipv6 ? 0x86dd : 0x0800);
	build_network(r);
	r->data = r->l4 + 8;
	if (!r->is_udp) {
		r->data = r->l4 + 20 + r->n_tcp_words * 4;
		r->bytes[r->l4 + 12] = (uint8_t)((5 + r->n_tcp_words) << 4);
	}
	r->len = r->data + r->payload;
	for (size_t i = r->data; i < r->len; i++)
		r->bytes[i] = (uint8_t)(ref_random() >> 7);
	set_lengths(r);
}

bool ref_cut(const struct ref *r, size_t gso_bytes, size_t i, struct ref *frame)
{
	size_t at = i * gso_bytes, n;
	uint8_t *tcp = frame->bytes + r->l4;
	uint32_t seq;

	if (at >= r->payload)
		return false;
	n = UK_MIN(gso_bytes, r->payload - at);
	*frame = (struct ref) { .is_ipv6 = r->is_ipv6, .l3 = r->l3, .l4 = r->l4, .data = r->data };
	frame->len = r->data + n;
	frame->payload = n;
	memcpy(frame->bytes, r->bytes, r->data);
	memcpy(frame->bytes + r->data, r->bytes + r->data + at, n);
	if (!r->is_ipv6)
		put16(frame->bytes + r->l3 + 4, get16(r->bytes + r->l3 + 4) + i);
	seq = (uint32_t)(get16(tcp + 4) << 16 | get16(tcp + 6)) + (uint32_t)at;
	put16(tcp + 4, seq >> 16);
	put16(tcp + 6, seq);
	if (i)
		tcp[13] &= 0x7f;
	if (at + n < r->payload)
		tcp[13] &= 0xf6;
	set_lengths(frame);
	return true;
}
