/* SPDX-License-Identifier: BSD-3-Clause */
/* To which network the administrator wants a device of the machine. */
#include <errno.h>
#include <string.h>

#include <uk/param.h>
#include <uk/print.h>

#include "netdev_priv.h"

const char *netdev_networks = "";
UK_PARAM(networks, "netdev.networks", UK_PARAM_STR, &netdev_networks,
	 "networks (bridges) of cards: CARD:NETWORK,CARD:NETWORK; others join the default one");

int netdev_network_of(const char *name, char *network)
{
	size_t len = strlen(name), n;

	network[0] = '\0';
	for (const char *at = netdev_networks; *at; at += at[n] == ',' ? n + 1 : n) {
		n = strcspn(at, ",");
		if (n <= len || strncmp(at, name, len) || at[len] != ':')
			continue;
		n -= len + 1;
		if (n >= UK_NET_NAME_BYTES)
			return -ENAMETOOLONG;
		memcpy(network, at + len + 1, n);
		network[n] = '\0';
		return 0;
	}
	return 0;
}

int uk_netdev_attach_card(struct uk_netdev *dev)
{
	char network[UK_NET_NAME_BYTES], why[UK_NET_WHY_BYTES];
	int err = netdev_network_of(dev->name, network);

	if (err)
		uk_snprintf(why, sizeof(why), "its network in netdev.networks has a name of more "
			    "than %d characters", UK_NET_NAME_BYTES - 1);
	else
		err = uk_netdev_attach(dev, network, why);
	/* A mistyped name would open the default network to the card's */
	if (!err && *netdev_networks && !*network)
		uk_pr_warn("netdev: %s is not in netdev.networks, it joins the default one\n",
			   dev->name);
	if (err)
		uk_pr_err("netdev: %s is not used: %s\n", dev->name, why);
	return err;
}
