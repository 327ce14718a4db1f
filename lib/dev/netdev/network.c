/* SPDX-License-Identifier: BSD-3-Clause */
/* To which network the administrator wants a device of the machine. */
#include <string.h>

#include <uk/param.h>

#include "netdev_priv.h"

const char *netdev_networks = "";
UK_PARAM(networks, "netdev.networks", UK_PARAM_STR, &netdev_networks,
	 "networks (bridges) of cards: CARD:NETWORK,CARD:NETWORK; others join the default one");

void uk_netdev_network_of(const char *name, char *network)
{
	size_t len = strlen(name), n;

	network[0] = '\0';
	for (const char *at = netdev_networks; *at; at += at[n] == ',' ? n + 1 : n) {
		n = strcspn(at, ",");
		if (n <= len || strncmp(at, name, len) || at[len] != ':')
			continue;
		n -= len + 1;
		n = UK_MIN(n, (size_t)UK_NET_NAME_BYTES - 1);
		memcpy(network, at + len + 1, n);
		network[n] = '\0';
		return;
	}
}
