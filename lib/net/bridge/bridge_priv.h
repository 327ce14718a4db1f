/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the bridge share. */
#ifndef BRIDGE_PRIV_H
#define BRIDGE_PRIV_H

#include <string.h>

#include <uk/bridge.h>
#include <uk/list.h>
#include <uk/netdev_driver.h>
#include <uk/plat/time.h>

/* A bridge's number and an Ethernet address */
typedef uint64_t bridge_key;

struct address {
	struct uk_list node;		/* of its port's, the one unseen for longest first */
	struct address *next;		/* in its bucket */
	bridge_key key;
	struct port *port;
	uint32_t seen_s;
	uint32_t window_s;		/* when moves began to be counted */
	uint8_t n_moves;
	bool is_own;			/* of a device of one address: stays */
};

struct port {
	struct uk_list node;		/* of its bridge's */
	struct uk_netdev *dev;
	struct uk_bridge *bridge;
	struct address own;		/* of a device of one address */
	struct uk_list addresses;	/* learned */
	struct uk_list table;		/* in the list of all ports */
	struct uk_bridge_port_info info;
	uint64_t flood_at_ns;		/* when the allowance was last reckoned */
	uint64_t flood_ns;		/* allowance, in the time it takes to grow */
};

struct uk_bridge {
	struct uk_list node;
	struct uk_list ports;
	unsigned int n_ports;
	uint16_t number;
	char name[UK_NET_NAME_BYTES];
};

struct bridge_options {
	int age_s;
	int port_addresses;
	int flood_rate;
	int group_fwd_mask;
	bool antispoof;
};

extern struct bridge_options bridge_options;

/* Tests replace it. */
extern uint64_t (*bridge_clock)(void);

/* The time of a batch of packets. To look at the clock may be a trap, and frames
 * between devices of one address need no time at all. */
struct bridge_now {
	uint64_t ns;			/* 0: nobody has looked yet */
};

static inline uint64_t bridge_now_ns(struct bridge_now *now)
{
	if (!now->ns)
		now->ns = bridge_clock();
	return now->ns;
}

static inline uint32_t bridge_now_s(struct bridge_now *now)
{
	return (uint32_t)(bridge_now_ns(now) / UK_NSEC_PER_SEC);
}

/* Another bridge may know the same address elsewhere. (memcpy() would be a call:
 * nothing is built in.) */
static inline bridge_key bridge_key_of(const struct uk_bridge *br, const uint8_t *mac)
{
	uint32_t first;
	uint16_t last;

	__builtin_memcpy(&first, mac, sizeof(first));
	__builtin_memcpy(&last, mac + sizeof(first), sizeof(last));
	return first | (bridge_key)last << 32 | (bridge_key)br->number << 48;
}

/* ---- table.c ---- */

unsigned int bridge_bucket(bridge_key key);

/* @return NULL: not known, or too old. */
struct address *bridge_find(bridge_key key, struct bridge_now *now);

/* @port has sent with the source address @key. @return whether it may: no, if
 * the address is another device's own. */
bool bridge_learn(struct port *port, bridge_key key, struct bridge_now *now);

/* @port belongs to its bridge. */
void bridge_table_add(struct port *port);
/* It still does, but no address leads to it any more. */
void bridge_table_remove(struct port *port);

/* Forget addresses that are too old. */
void bridge_expire(struct port *port, struct bridge_now *now);

/* ---- forward.c ---- */

void bridge_input(struct uk_netdev *dev, struct uk_list *pkts);

#endif /* BRIDGE_PRIV_H */
