/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a frame goes: IEEE 802.1D without the spanning tree, as Linux's bridge
 * does it by default. VLAN tags are part of the payload: they pass unchanged, and
 * an address is learned once for all VLANs.
 *
 * Frames come from hostile peers. The head is our copy and has 14 bytes at least
 * (a rule of netdev's); every address in it may be a lie. What keeps the bridge
 * in working order: a frame never leaves by the port it came in; what goes to all
 * ports is limited for each port it comes from, which is also what bounds a loop;
 * the table has limits of its own (table.c).
 */
#include "bridge_priv.h"

#include <uk/param.h>
#include <uk/plat/time.h>

uint64_t (*bridge_clock)(void) = uk_plat_mono_ns;

struct bridge_options bridge_options = {
	.age_s = 300,			/* IEEE 802.1D-2004 table 7-5 */
	.port_addresses = CONFIG_LIBBRIDGE_PORT_ADDRESSES,
	.flood_rate = CONFIG_LIBBRIDGE_FLOOD_RATE,
	.antispoof = IS_ENABLED(CONFIG_LIBBRIDGE_ANTISPOOF),
};

UK_PARAM(age_s, "bridge.age_s", UK_PARAM_INT, &bridge_options.age_s,
	 "seconds after which an address that is not seen is forgotten");
UK_PARAM(port_addresses, "bridge.port_addresses", UK_PARAM_INT, &bridge_options.port_addresses,
	 "most addresses behind one device");
UK_PARAM(flood_rate, "bridge.flood_rate", UK_PARAM_INT, &bridge_options.flood_rate,
	 "most packets a second from one device that go to all others (0: no limit)");
UK_PARAM(antispoof, "bridge.antispoof", UK_PARAM_BOOL, &bridge_options.antispoof,
	 "drop what a guest sends with another source address than its device's");
UK_PARAM(group_fwd_mask, "bridge.group_fwd_mask", UK_PARAM_INT, &bridge_options.group_fwd_mask,
	 "bit X: pass on frames to 01:80:c2:00:00:0X");

/* One tenth of a second's packets may come at once, and one in any case. */
static bool may_flood(struct port *port, struct bridge_now *now)
{
	uint64_t cost, most, now_ns;

	if (bridge_options.flood_rate <= 0)
		return true;
	now_ns = bridge_now_ns(now);
	cost = UK_NSEC_PER_SEC / (uint64_t)bridge_options.flood_rate;
	most = UK_MAX(UK_NSEC_PER_SEC / 10, cost);
	port->flood_ns += now_ns - port->flood_at_ns;
	port->flood_ns = UK_MIN(port->flood_ns, most);
	port->flood_at_ns = now_ns;
	if (port->flood_ns < cost)
		return false;
	port->flood_ns -= cost;
	return true;
}

static void flood(struct port *port, struct uk_net_pkt *pkt, struct bridge_now *now)
{
	static struct uk_netdev *targets[CONFIG_LIBBRIDGE_PORTS];
	unsigned int n = 0;
	struct port *to;

	if (port->bridge->n_ports == 1) {
		uk_netdev_drop(port->dev, pkt, UK_NET_DROP_NOWHERE);
		return;
	}
	if (!may_flood(port, now)) {
		uk_netdev_drop(port->dev, pkt, UK_NET_DROP_RATE);
		return;
	}
	port->info.n_flooded++;
	UK_LIST_FOREACH(to, &port->bridge->ports, node)
		if (to != port)
			targets[n++] = to->dev;
	uk_netdev_send_to(targets, n, pkt);
}

static bool is_group(const uint8_t *mac)
{
	return mac[0] & 1;
}

/* 01:80:c2:00:00:00 to 0f concern one link (IEEE 802.1Q table 8-1). */
static bool is_reserved(const uint8_t *mac)
{
	static const uint8_t prefix[] = { 0x01, 0x80, 0xc2, 0, 0 };

	return mac[0] == 1 && !memcmp(mac, prefix, sizeof(prefix)) && mac[5] < 16 &&
	       !(bridge_options.group_fwd_mask >> mac[5] & 1);
}

/* @return UK_NET_N_DROPS: none of the reasons. */
static enum uk_net_drop check_source(struct port *port, const uint8_t *mac,
				     struct bridge_now *now)
{
	bridge_key key = bridge_key_of(port->bridge, mac);

	if (is_group(mac) || !(key << 16))
		return UK_NET_DROP_MALFORMED;
	if (bridge_options.antispoof && port->own.is_own && key != port->own.key)
		return UK_NET_DROP_SPOOFED;
	if (!bridge_learn(port, key, now))
		return UK_NET_DROP_SPOOFED;
	return UK_NET_N_DROPS;
}

static void forward(struct port *port, struct uk_net_pkt *pkt, struct bridge_now *now)
{
	const uint8_t *to_mac = pkt->head, *from_mac = pkt->head + UK_NET_MAC_BYTES;
	enum uk_net_drop why = check_source(port, from_mac, now);
	struct address *to;

	if (why != UK_NET_N_DROPS) {
		uk_netdev_drop(port->dev, pkt, why);
		return;
	}
	if (is_group(to_mac)) {
		/* There is no TCP to a group, and each copy would have up to 64 KiB */
		if (pkt->gso)
			uk_netdev_drop(port->dev, pkt, UK_NET_DROP_MALFORMED);
		else if (is_reserved(to_mac))
			uk_netdev_drop(port->dev, pkt, UK_NET_DROP_FILTERED);
		else
			flood(port, pkt, now);
		return;
	}
	to = bridge_find(bridge_key_of(port->bridge, to_mac), now);
	if (!to)
		flood(port, pkt, now);
	else if (to->port == port)
		uk_netdev_drop(port->dev, pkt, UK_NET_DROP_FILTERED);
	else
		uk_netdev_send(to->port->dev, pkt);
}

void bridge_input(struct uk_netdev *dev, struct uk_list *pkts)
{
	struct bridge_now now = { 0 };
	struct uk_list *node;

	while ((node = uk_list_pop(pkts)))
		forward(dev->port, UK_LIST_ENTRY(node, struct uk_net_pkt, node), &now);
}
