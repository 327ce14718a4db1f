/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of the engine share: two frontends, and a wire on the same
 * bridge.
 */
#ifndef TEST_COMMON_H
#define TEST_COMMON_H

#include "frontend.h"

#include <uk/pktsim.h>

#define FE_DOM 3
#define OTHER_DOM 4

extern struct frontend fe, other;

extern struct uk_pktsim wire;

/* A packet from the wire to @to: see uk_pktsim_tcp() and uk_pktsim_send(). */
void wire_send(const struct frontend *to, unsigned int len, unsigned int frag_bytes,
	       uint16_t gso_bytes, uint8_t flags);

/* Fill fe's tx_data with such a packet to the wire. */
void fill_tx(struct frontend *f, unsigned int len);
/* @bytes, which came on the wire, are those of @f's tx_data, but for the checksum. */
static inline bool is_sent(const struct frontend *f, const char *bytes, unsigned int len)
{
	return uk_pktsim_is_same(bytes, f->tx_data, len);
}

/* Take one packet of @f's RX ring together. @return its length; 0: none came, or
 * it was given up (which receive() does not expect). */
unsigned int receive_any(struct frontend *f, unsigned int q, char *bytes, uint16_t *flags,
			 uint16_t *gso_bytes);
unsigned int receive(struct frontend *f, unsigned int q, char *bytes, uint16_t *flags,
		     uint16_t *gso_bytes);

/* ---- Start and end ---- */

/* Attach the wire. */
bool wire_start(void);
/* Connect fe as its options say, with RX slots posted, and the wire. */
bool start(void);
/* Detach it, and see that nothing of it stays; of others @n_maps rings do. */
void stop_beside(unsigned int n_maps);
void stop(void);
/* A packet goes through in each direction. */
void expect_alive(struct frontend *f);
/* The back end has given fe up: state 6, nothing bound or mapped. */
void expect_closed(void);

#endif /* TEST_COMMON_H */
