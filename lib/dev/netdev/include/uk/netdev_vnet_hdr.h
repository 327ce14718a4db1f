/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What virtio puts before a packet to say what is left to the other end, as
 * virtio's network cards and Linux's TAP devices have it. Specification: VIRTIO
 * 1.1, 5.1.6; little endian, as we are.
 *
 * Rules
 * - Thread context; nothing blocks.
 * - A header that came in is anybody's: uk_net_vnet_hdr_apply() checks it.
 */
#ifndef UK_NETDEV_VNET_HDR_H
#define UK_NETDEV_VNET_HDR_H

#include <uk/netdev_driver.h>

struct uk_net_vnet_hdr {
	uint8_t flags, gso_type;
	uint16_t header_bytes, gso_bytes;
	uint16_t csum_start, csum_offset;
};

_Static_assert(sizeof(struct uk_net_vnet_hdr) == 10, "as the other end has it");

/** The header of @pkt. */
void uk_net_vnet_hdr_fill(struct uk_net_vnet_hdr *hdr, const struct uk_net_pkt *pkt);

/** Let @pkt, complete but for flags and segmentation, be as @hdr says.
 *  @return false: the two do not agree. */
bool uk_net_vnet_hdr_apply(const struct uk_net_vnet_hdr *hdr, struct uk_net_pkt *pkt);

#endif /* UK_NETDEV_VNET_HDR_H */
