/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which groups a guest listens to. It says so in extra slots; the list is
 * bounded, and what does not fit is refused. It filters only when the guest has
 * asked for that before it connected.
 */
#include "netback_priv.h"

#include <string.h>

/* @return index, or n_mcasts. */
static unsigned int find(const struct netback_vif *vif, const uint8_t *addr)
{
	unsigned int i = 0;

	while (i < vif->n_mcasts && memcmp(vif->mcasts[i], addr, UK_NET_MAC_BYTES))
		i++;
	return i;
}

bool netback_mcast_change(struct netback_vif *vif, const struct netback_desc *desc)
{
	unsigned int at = find(vif, desc->mcast_addr);
	bool is_there = at < vif->n_mcasts;

	if (desc->mcast == XEN_NETIF_EXTRA_TYPE_MCAST_DEL) {
		if (is_there)
			memmove(vif->mcasts[at], vif->mcasts[--vif->n_mcasts], UK_NET_MAC_BYTES);
		return true;
	}
	if (is_there)
		return true;
	if (vif->n_mcasts == NETBACK_MAX_MCASTS)
		return false;
	memcpy(vif->mcasts[vif->n_mcasts++], desc->mcast_addr, UK_NET_MAC_BYTES);
	return true;
}

bool netback_mcast_wants(const struct netback_vif *vif, const struct uk_net_pkt *pkt)
{
	static const uint8_t broadcast[UK_NET_MAC_BYTES] = { 255, 255, 255, 255, 255, 255 };

	if (!vif->has_mcast_filter || !(pkt->head[0] & 1) ||
	    !memcmp(pkt->head, broadcast, sizeof(broadcast)))
		return true;
	return find(vif, pkt->head) < vif->n_mcasts;
}
