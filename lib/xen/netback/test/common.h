/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of the engine share: two frontends, and a device of the test's,
 * the wire, that is attached to the same bridge, can do everything, and keeps
 * what it is to send.
 */
#ifndef TEST_COMMON_H
#define TEST_COMMON_H

#include "frontend.h"

#include <uk/netdev_driver.h>

#define FE_DOM 3
#define OTHER_DOM 4

extern struct frontend fe, other;

/* ---- The wire ---- */

extern struct uk_netdev wire;
/* What has come: uk_net_pkt by node, and how many. They are given back by
 * wire_clear(). */
extern struct uk_list wire_pkts;
extern unsigned int n_wire_pkts;

/* Wait for @n packets, and look a little longer: no more may come. */
bool wire_wait(unsigned int n);
struct uk_net_pkt *wire_first(void);
/* All bytes of @pkt, fetched where they are another domain's. */
bool wire_read(struct uk_net_pkt *pkt, char *bytes);
void wire_clear(void);

/* A packet from the wire to @to: @len bytes of tcp_packet()'s, in fragments of
 * ours of at most @frag_bytes. Sent at once; counted in n_given_back when it is
 * done with. */
void wire_send(const struct frontend *to, unsigned int len, unsigned int frag_bytes,
	       uint16_t gso_bytes, uint8_t flags);
extern unsigned int n_given_back;

/* ---- Packets ---- */

/* @len bytes of Ethernet, IPv4 and TCP with a pattern behind them. @port: of
 * the sender. */
void tcp_packet(char *bytes, unsigned int len, const uint8_t *to, const uint8_t *from,
		uint16_t port);
#define TCP_HEADERS 54
/* Fill fe's tx_data with such a packet to the wire. */
void fill_tx(struct frontend *f, unsigned int len);
/* The bytes that came last on the wire are those of @f's tx_data, but for the
 * checksums. */
bool is_sent(const struct frontend *f, const char *bytes, unsigned int len);
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
