/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Network devices, as those see them who pass packets between them: a switch,
 * a network stack, a test.
 *
 * Rules
 * - Thread context only. Nothing here blocks; a handler that is called must not
 *   block either. What takes long belongs into the device's own thread.
 * - A packet is an Ethernet frame without its check sequence, or, with `gso`
 *   set, one that its receiver cuts into frames of gso_bytes of payload each.
 * - Its bytes are head[0 .. head_bytes), then the fragments in order. All
 *   protocol headers lie in the head, a copy of ours that no peer can change:
 *   whoever decides by a header reads it there. What lies in fragments may
 *   change at any time when it lies in a page of another domain.
 * - A packet belongs to whoever made it, and is lent: each call that takes one
 *   either keeps it or not, but sees to it that pkt->done() is called exactly
 *   once, when neither the descriptor nor its fragments are needed any more.
 * - Work is done in batches: uk_netdev_receive() hands on many packets, and
 *   what they become for each device is sent when it returns.
 */
#ifndef UK_NETDEV_H
#define UK_NETDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uk/list.h>

/** Ethernet, a VLAN tag, and the longest headers of IPv4 and TCP. */
#define UK_NET_HEAD_BYTES 160
/** Largest packet, and in how many fragments at most. */
#define UK_NET_MAX_BYTES 65535u
#define UK_NET_MAX_FRAGS 20
#define UK_NET_MAC_BYTES 6
#define UK_NET_NAME_BYTES 24

struct uk_netdev;

/** A run of bytes that does not cross a page. */
struct uk_net_frag {
	const void *va;		/* NULL: in a page of another domain */
	uint32_t ref;		/* of that page: grant reference */
	uint16_t domain;	/* of that page */
	uint16_t offset;	/* in that page */
	uint16_t len_bytes;
};

enum uk_net_gso { UK_NET_GSO_NONE, UK_NET_GSO_TCPV4, UK_NET_GSO_TCPV6 };

enum {
	/* The transport checksum is still to be made: the sum of the bytes from
	 * csum_start to the end goes to csum_start + csum_offset, where that of
	 * the pseudo header is. Always set with `gso`. */
	UK_NET_CSUM_BLANK = 1 << 0,
	/* It has been checked, or the packet never left this machine. */
	UK_NET_CSUM_GOOD = 1 << 1,
};

/** Why a packet went no further. */
enum uk_net_drop {
	UK_NET_DROP_MALFORMED,		/* breaks a rule of its device's protocol */
	UK_NET_DROP_HEADERS,		/* headers unreadable or longer than the head */
	UK_NET_DROP_SPOOFED,		/* a sender's address that is not the device's */
	UK_NET_DROP_NO_MEMORY,
	UK_NET_DROP_QUEUE_FULL,
	UK_NET_DROP_STALLED,		/* the receiver takes nothing any more */
	UK_NET_DROP_TOO_LONG,		/* for the device that was to send it */
	UK_NET_DROP_PEER,		/* the other domain's page could not be read or written */
	UK_NET_DROP_RATE,
	UK_NET_DROP_NOWHERE,		/* the device is down or attached to nothing */
	UK_NET_DROP_FILTERED,		/* not to be passed on: concerns one link, or is not wanted there */
	UK_NET_N_DROPS
};

struct uk_net_pkt {
	struct uk_list node;		/* the holder's */
	struct uk_netdev *from;		/* where it came in; NULL: from here */
	void (*done)(struct uk_net_pkt *pkt);
	uint32_t len_bytes;		/* in all */
	uint16_t head_bytes;		/* >= 14 */
	uint16_t csum_start, csum_offset;
	uint16_t gso_bytes;		/* > 0 with gso */
	uint8_t flags;			/* UK_NET_CSUM_* */
	uint8_t gso;			/* enum uk_net_gso */
	uint8_t n_frags;
	struct uk_net_frag frags[UK_NET_MAX_FRAGS];
	uint8_t head[UK_NET_HEAD_BYTES];
};

/** Seen from the switch: "in" came from the device, "out" was given to it. */
struct uk_net_stats {
	uint64_t in_packets, in_bytes;
	uint64_t out_packets, out_bytes;
	/* What came in or was to go out and went no further, by reason; the
	 * device's own drops of what it was given are in `out_packets` too. */
	uint64_t drops[UK_NET_N_DROPS];
};

/**
 * Send @pkt out of @dev: now, or at the end of the uk_netdev_receive() that is
 * under way. What the device cannot do is done for it on the way: foreign
 * fragments are fetched, checksums made, large packets cut. Takes @pkt.
 */
void uk_netdev_send(struct uk_netdev *dev, struct uk_net_pkt *pkt);

/**
 * As uk_netdev_send(), out of each of @devs[0 .. n). Takes @pkt, once. They share
 * one copy of what lies behind the head; where memory runs out, some drop it.
 */
void uk_netdev_send_to(struct uk_netdev *const *devs, unsigned int n, struct uk_net_pkt *pkt);

/** Count a packet of @dev that is dropped for @why, and call its done(). */
void uk_netdev_drop(struct uk_netdev *dev, struct uk_net_pkt *pkt, enum uk_net_drop why);

/** One word for a person: "queue-full". */
const char *uk_net_drop_name(enum uk_net_drop why);

const char *uk_netdev_name(const struct uk_netdev *dev);
const uint8_t *uk_netdev_mac(const struct uk_netdev *dev);
const struct uk_net_stats *uk_netdev_stats(const struct uk_netdev *dev);

/** All devices, in the order they came: @dev after @prev, the first for NULL.
 *  @return NULL: no more. */
struct uk_netdev *uk_netdev_next(const struct uk_netdev *prev);

/**
 * What devices are attached to: one switch, or one network stack. It registers
 * from an init function of level DEV or earlier; a second one is uk_bug().
 */
struct uk_net_switch {
	/* @dev is to belong to the network @network (the name of a bridge).
	 * @why: one line, UK_NET_WHY_BYTES. @return 0, and @dev->port is the
	 * switch's; -errno: it cannot be attached. */
	int (*attach)(struct uk_netdev *dev, const char *network, char *why);
	void (*detach)(struct uk_netdev *dev);
	/* Packets (node) that came in by @dev; takes them all. */
	void (*input)(struct uk_netdev *dev, struct uk_list *pkts);
};

#define UK_NET_WHY_BYTES 128

void uk_net_switch_register(const struct uk_net_switch *sw);

#endif /* UK_NETDEV_H */
