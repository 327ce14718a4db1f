/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bridges and their ports. A bridge is made when the first device asks for it by
 * name, and is gone with the last.
 */
#include "bridge_priv.h"

#include <errno.h>

#include <uk/alloc.h>
#include <uk/boot.h>
#include <uk/param.h>
#include <uk/print.h>

static const char *default_name = CONFIG_LIBBRIDGE_DEFAULT;
UK_PARAM(default_name, "bridge.default", UK_PARAM_STR, &default_name,
	 "name of the bridge of devices for which none is said");

static struct uk_list bridges = UK_LIST_INIT(bridges);
static unsigned int n_bridges, n_ports;

/* ---- Bridges ---- */

static struct uk_bridge *find(const char *name)
{
	struct uk_bridge *br;

	UK_LIST_FOREACH(br, &bridges, node)
		if (!strcmp(br->name, name))
			return br;
	return NULL;
}

/* The smallest that no bridge has: CONFIG_LIBBRIDGE_BRIDGES bounds it. */
static uint16_t free_number(void)
{
	uint16_t number = 0;
	struct uk_bridge *br;
	bool is_taken;

	do {
		is_taken = false;
		UK_LIST_FOREACH(br, &bridges, node)
			is_taken |= br->number == number;
	} while (is_taken && ++number);
	return number;
}

static int make_bridge(const char *name, struct uk_bridge **out, char *why)
{
	struct uk_bridge *br;

	if (n_bridges == CONFIG_LIBBRIDGE_BRIDGES) {
		uk_snprintf(why, UK_NET_WHY_BYTES,
			    "bridge %s would be one more than %u (LIBBRIDGE_BRIDGES)", name,
			    n_bridges);
		return -ENOSPC;
	}
	br = uk_calloc(1, sizeof(*br));
	if (!br) {
		uk_snprintf(why, UK_NET_WHY_BYTES, "no memory for bridge %s", name);
		return -ENOMEM;
	}
	br->number = free_number();
	strcpy(br->name, name);
	uk_list_init(&br->ports);
	uk_list_add_tail(&bridges, &br->node);
	n_bridges++;
	*out = br;
	return 0;
}

static void free_if_empty(struct uk_bridge *br)
{
	if (br->n_ports)
		return;
	uk_list_del(&br->node);
	uk_free(br);
	n_bridges--;
}

static int find_or_make(const char *name, struct uk_bridge **br, char *why)
{
	if (!name[0])
		name = default_name;
	if (!name[0] || strlen(name) >= UK_NET_NAME_BYTES) {
		uk_snprintf(why, UK_NET_WHY_BYTES, "a bridge's name has 1 to %u characters",
			    UK_NET_NAME_BYTES - 1);
		return -EINVAL;
	}
	*br = find(name);
	return *br ? 0 : make_bridge(name, br, why);
}

/* ---- Ports ---- */

static int bridge_attach(struct uk_netdev *dev, const char *network, char *why)
{
	struct uk_bridge *br;
	struct port *port;
	int err;

	if (n_ports == CONFIG_LIBBRIDGE_PORTS) {
		uk_snprintf(why, UK_NET_WHY_BYTES,
			    "%u devices are attached already (LIBBRIDGE_PORTS)", n_ports);
		return -ENOSPC;
	}
	err = find_or_make(network, &br, why);
	if (err)
		return err;
	port = uk_calloc(1, sizeof(*port));
	if (!port) {
		uk_snprintf(why, UK_NET_WHY_BYTES, "no memory for another port");
		free_if_empty(br);
		return -ENOMEM;
	}
	port->dev = dev;
	port->bridge = br;
	port->flood_at_ns = bridge_clock();
	port->flood_ns = UK_NSEC_PER_SEC;
	uk_list_add_tail(&br->ports, &port->node);
	br->n_ports++;
	n_ports++;
	bridge_table_add(port);
	dev->port = port;
	uk_pr_info("bridge: %s: %s is attached\n", br->name, dev->name);
	return 0;
}

static void bridge_detach(struct uk_netdev *dev)
{
	struct port *port = dev->port;

	bridge_table_remove(port);
	uk_list_del(&port->node);
	port->bridge->n_ports--;
	n_ports--;
	uk_pr_info("bridge: %s: %s is gone\n", port->bridge->name, dev->name);
	free_if_empty(port->bridge);
	uk_free(port);
	dev->port = NULL;
}

static const struct uk_net_switch the_switch = {
	.attach = bridge_attach,
	.detach = bridge_detach,
	.input = bridge_input,
};

static int bridge_init(void)
{
	uk_net_switch_register(&the_switch);
	return 0;
}

UK_INIT_BUS(bridge_init);

/* ---- For an administrator ---- */

struct uk_bridge *uk_bridge_next(const struct uk_bridge *prev)
{
	struct uk_list *node = prev ? prev->node.next : bridges.next;

	return node == &bridges ? NULL : UK_LIST_ENTRY(node, struct uk_bridge, node);
}

const char *uk_bridge_name(const struct uk_bridge *br)
{
	return br->name;
}

struct uk_netdev *uk_bridge_next_port(const struct uk_bridge *br, const struct uk_netdev *prev)
{
	const struct uk_list *node = &br->ports;

	if (prev)
		node = &((const struct port *)prev->port)->node;
	if (node->next == &br->ports)
		return NULL;
	return UK_LIST_ENTRY(node->next, struct port, node)->dev;
}

void uk_bridge_port_info(const struct uk_netdev *dev, struct uk_bridge_port_info *info)
{
	struct port *port = dev->port;
	struct bridge_now now = { 0 };

	bridge_expire(port, &now);
	*info = port->info;
}
