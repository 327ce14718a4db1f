/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/netdev_driver.h>

#define IPV4_ADDRESSES 12
#define IPV6_ADDRESSES 8
#define PORTS_BYTES 4u

unsigned int uk_net_flow(const struct uk_net_pkt *pkt, unsigned int n)
{
	struct uk_net_layout lay;
	uint32_t hash = 2166136261u;
	unsigned int from;

	if (n == 1 || uk_net_layout(pkt, &lay) || !lay.l4_start)
		return 0;
	/* FNV-1a of addresses, what follows them, and ports */
	from = lay.l3_start + (lay.ethertype == 0x86dd ? IPV6_ADDRESSES : IPV4_ADDRESSES);
	for (unsigned int i = from; i < lay.l4_start + PORTS_BYTES; i++)
		hash = (hash ^ pkt->head[i]) * 16777619u;
	return (hash >> 16) % n;
}
