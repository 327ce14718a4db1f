/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A network device of a test's, the wire, and packets for it: it is attached to the
 * network of the device under test, can do everything, and keeps what it is to send.
 *
 * Rules
 * - Thread context. uk_pktsim_wait() sleeps for two seconds at most, nothing else
 *   blocks.
 * - What is missing, such as memory, ends the test as a failed expectation.
 * - A packet that is kept belongs to its sender: uk_pktsim_clear() before the sender
 *   is taken to pieces, or when the test is about one that is.
 */
#ifndef UK_PKTSIM_H
#define UK_PKTSIM_H

#include <stdbool.h>
#include <stdint.h>

#include <uk/list.h>
#include <uk/netdev_driver.h>

/** In memory that is 0 before the first uk_pktsim_attach() */
struct uk_pktsim {
	struct uk_netdev dev;		/* "wire", 02:00:00:00:00:09 */
	struct uk_list pkts;		/* uk_net_pkt by node: what it is to send */
	unsigned int n_pkts;
	unsigned int n_given_back;	/* of its own, since uk_pktsim_attach() */
};

/**
 * Join @network ("": the default one). @takes_foreign: it takes fragments in other
 * domains; if they are to be forgotten it gives them back at once. One that does not
 * is as hardware: what it has comes back when it has been sent.
 * A wire that a failed test has left attached is attached anew.
 * @return whether it has joined. It leaves by uk_netdev_detach(&wire->dev).
 */
bool uk_pktsim_attach(struct uk_pktsim *wire, const char *network, bool takes_foreign);

/* ---- What has come ---- */

/** Wait for @n packets, and look a little longer: no more may come.
 *  @return whether there are @n. */
bool uk_pktsim_wait(const struct uk_pktsim *wire, unsigned int n);
/** The first one, and the last. There must be one. */
struct uk_net_pkt *uk_pktsim_first(const struct uk_pktsim *wire);
struct uk_net_pkt *uk_pktsim_last(const struct uk_pktsim *wire);
/** All bytes of @pkt, fetched where they are another domain's. @bytes: len_bytes of
 *  them. @return false: they cannot be fetched. */
bool uk_pktsim_read(struct uk_net_pkt *pkt, char *bytes);
/** Give all of them back. */
void uk_pktsim_clear(struct uk_pktsim *wire);

/* ---- What it receives ---- */

/**
 * A packet comes in by the wire, at once: a copy of @bytes[0 .. @len), in fragments of
 * at most @frag_bytes behind its head. @gso_bytes: 0, or of TCP over IPv4. @flags:
 * UK_NET_CSUM_*. Counted in n_given_back when it is done with; its pages are
 * overwritten then.
 */
void uk_pktsim_send(struct uk_pktsim *wire, const char *bytes, unsigned int len,
		    unsigned int frag_bytes, uint16_t gso_bytes, uint8_t flags);

/* ---- Packets ---- */

#define UK_PKTSIM_TCP_HEADERS 54

/** @len bytes of Ethernet, IPv4 and TCP, with a pattern behind them that depends on
 *  @port, the sender's. Shorter ones are of that beginning. Checksums are 0. */
void uk_pktsim_tcp(char *bytes, unsigned int len, const uint8_t *to, const uint8_t *from,
		   uint16_t port);
/** Are two of them the same, but for TCP's checksum? */
bool uk_pktsim_is_same(const char *a, const char *b, unsigned int len);

#endif /* UK_PKTSIM_H */
