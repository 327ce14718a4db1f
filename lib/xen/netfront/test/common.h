/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of the front end share: a back end, and a device of the test's,
 * the wire, that is attached to the same network, can do everything, and keeps
 * what it is to send.
 */
#ifndef TEST_COMMON_H
#define TEST_COMMON_H

#include "backend.h"

#include <uk/netdev_driver.h>

extern struct backend be;
extern struct uk_netdev wire;

/* Packets that the wire has, by node, until wire_clear() */
extern struct uk_list wire_pkts;
extern unsigned int n_wire_pkts, n_given_back;

/* Wait for @n packets on the wire. */
bool wire_wait(unsigned int n);
struct uk_net_pkt *wire_first(void);
void wire_read(const struct uk_net_pkt *pkt, char *bytes);
void wire_clear(void);

/* @len bytes of Ethernet, IPv4 and TCP with a pattern behind them, to @to. */
#define TCP_HEADERS 54
void tcp_packet(char *bytes, unsigned int len, const uint8_t *to, const uint8_t *from,
		uint16_t port);
/* The same, but for the checksum's two bytes */
bool is_same(const char *a, const char *b, unsigned int len);

/* One from the wire to the back end's side, in fragments of at most @frag_bytes. It is in `bytes`; counted in n_given_back when done with. */
extern char bytes[];
void wire_send(unsigned int len, unsigned int frag_bytes, uint16_t gso_bytes, uint8_t flags,
	       uint16_t port);

/* Attach and connect the back end, and the wire. */
bool start(void);
/* Take all away, and see that nothing is left. */
void stop(void);
void expect_nothing_left(void);
/* A packet goes through in each direction. */
void expect_alive(void);
/* The device of the image; NULL: it is not attached. */
struct uk_netdev *device(void);
/* What it has dropped for @why */
bool wait_drops(enum uk_net_drop why, uint64_t n);

#endif /* TEST_COMMON_H */
