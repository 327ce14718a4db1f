/* SPDX-License-Identifier: BSD-3-Clause */
#include "hub.h"
#include "../netdev_priv.h"

#include <errno.h>

#include <uk/print.h>
#include <uk/test.h>

struct uk_netdev *hub_outs[8];
unsigned int hub_n_outs;
struct uk_net_pkt *hub_send_with_next;

static const struct uk_net_switch *real_switch;

static int hub_attach(struct uk_netdev *dev, const char *network, char *why)
{
	if (!strcmp(network, "full")) {
		uk_snprintf(why, UK_NET_WHY_BYTES, "%s: no room", dev->name);
		return -ENOSPC;
	}
	return 0;
}

static void hub_detach(struct uk_netdev *dev)
{
	for (unsigned int i = 0; i < hub_n_outs; i++)
		if (hub_outs[i] == dev)
			hub_outs[i--] = hub_outs[--hub_n_outs];
}

static void hub_input(struct uk_netdev *dev uk_unused, struct uk_list *pkts)
{
	struct uk_list *node;

	if (hub_send_with_next)
		uk_netdev_send(hub_outs[0], hub_send_with_next);
	hub_send_with_next = NULL;
	while ((node = uk_list_pop(pkts)))
		uk_netdev_send_to(hub_outs, hub_n_outs,
				  UK_LIST_ENTRY(node, struct uk_net_pkt, node));
}

static const struct uk_net_switch hub = {
	.attach = hub_attach, .detach = hub_detach, .input = hub_input,
};

void hub_begin(void)
{
	real_switch = netdev_switch;
	netdev_switch = &hub;
	hub_n_outs = 0;
}

void hub_end(void)
{
	netdev_switch = real_switch;
	UK_EXPECT_EQ(fake_n_pkts, 0);
	UK_EXPECT_EQ(fake_n_sent, 0);
	UK_EXPECT_EQ(netdev_pool.n_copies, 0);
	UK_EXPECT_EQ(netdev_pool.n_edge_copies, 0);
	UK_EXPECT_EQ(netdev_pool.n_buf_pages, 0);
}

void hub_begin_two(struct fake *a, struct fake *b, uint16_t b_can)
{
	hub_begin();
	fake_attach(a, "a", 1, 0xff);
	fake_attach(b, "b", 2, b_can);
	hub_outs[hub_n_outs++] = &b->dev;
}

void hub_end_two(struct fake *a, struct fake *b)
{
	fake_end(a);
	fake_end(b);
	hub_end();
}
