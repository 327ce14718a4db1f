/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets as plain bytes, and what should become of them, by the simplest code
 * that does it: tests compare.
 */
#ifndef REF_H
#define REF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REF_MAX_BYTES 66000

/* What to build, and where it came to lie */
struct ref {
	bool is_ipv6, is_udp;
	unsigned int n_tags;		/* 0 .. 2 */
	unsigned int n_option_words;	/* of IPv4, 0 .. 10; IPv6: extension header if > 0 */
	unsigned int n_tcp_words;	/* options, 0 .. 10 */
	size_t payload;
	/* Results */
	size_t l3, l4, data, len;
	uint8_t bytes[REF_MAX_BYTES];
};

/* A sequence of numbers that is the same in each run */
uint32_t ref_random(void);
uint32_t ref_below(uint32_t n);
void ref_seed(uint32_t seed);

/* Random headers for @payload bytes of it. */
void ref_choose(struct ref *r, size_t payload);
/* Fill in bytes[] and where things are; checksums are right. */
void ref_build(struct ref *r);

/* The checksum over @len bytes, big-endian (RFC 1071). */
uint16_t ref_csum(const uint8_t *bytes, size_t len);

/* Set the transport checksum: the whole, or the pseudo header's sum. */
void ref_set_csum(struct ref *r, bool is_whole);

/* Frame @i of what @r is cut into, with a whole checksum.
 * @return false: there is none. */
bool ref_cut(const struct ref *r, size_t gso_bytes, size_t i, struct ref *frame);

#endif /* REF_H */
