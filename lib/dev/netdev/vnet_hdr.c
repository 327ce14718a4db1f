/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/netdev_vnet_hdr.h>

#define NEEDS_CSUM 1
#define DATA_VALID 2
#define GSO_TCPV4 1
#define GSO_TCPV6 4
#define GSO_ECN 0x80

void uk_net_vnet_hdr_fill(struct uk_net_vnet_hdr *hdr, const struct uk_net_pkt *pkt)
{
	struct uk_net_layout lay;

	*hdr = (struct uk_net_vnet_hdr) { 0 };
	if (!(pkt->flags & UK_NET_CSUM_BLANK))
		return;
	hdr->flags = NEEDS_CSUM;
	hdr->csum_start = pkt->csum_start;
	hdr->csum_offset = pkt->csum_offset;
	if (!pkt->gso || uk_net_layout(pkt, &lay))
		return;
	hdr->gso_type = pkt->gso == UK_NET_GSO_TCPV4 ? GSO_TCPV4 : GSO_TCPV6;
	hdr->gso_bytes = pkt->gso_bytes;
	hdr->header_bytes = lay.payload_start;
}

bool uk_net_vnet_hdr_apply(const struct uk_net_vnet_hdr *hdr, struct uk_net_pkt *pkt)
{
	uint8_t kind = hdr->gso_type & (uint8_t)~GSO_ECN;

	pkt->flags = hdr->flags & DATA_VALID ? UK_NET_CSUM_GOOD : 0;
	pkt->gso = UK_NET_GSO_NONE;
	pkt->gso_bytes = 0;
	if (!(hdr->flags & NEEDS_CSUM))
		return !kind;
	pkt->flags = UK_NET_CSUM_BLANK;
	if (kind) {
		pkt->gso = kind == GSO_TCPV4 ? UK_NET_GSO_TCPV4 : UK_NET_GSO_TCPV6;
		pkt->gso_bytes = hdr->gso_bytes;
		if (kind != GSO_TCPV4 && kind != GSO_TCPV6)
			return false;
	}
	return !uk_net_complete_offload(pkt);
}
