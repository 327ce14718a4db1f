/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the headers of a packet are. What it reads is a copy of ours, but every
 * byte of it was chosen by a peer: each header is read when it has been seen to
 * lie in the head, by has().
 */
#include "netdev_priv.h"

#include <errno.h>

#define IPV4_HEADER_BYTES 20u
#define IPV6_HEADER_BYTES 40u
#define TCP_HEADER_BYTES 20u
#define UDP_HEADER_BYTES 8u
#define MAX_TAGS 2

#define IPV4_FRAGMENT_MASK 0x3fff	/* more fragments, offset */
#define IPV6_FRAGMENT_MASK 0xfff9

#define IPV6_HOP_BY_HOP 0
#define IPV6_ROUTING 43
#define IPV6_FRAGMENT 44
#define IPV6_AUTHENTICATION 51
#define NO_NEXT_HEADER 59		/* of IPv6; for us also: none that we may touch */
#define IPV6_DESTINATION 60

/* A place in the headers: here, and where the packet of layer 3 ends */
struct walk {
	const struct uk_net_pkt *pkt;
	struct uk_net_layout *lay;
	uint32_t at, end;
	uint8_t protocol;
};

static bool has(const struct walk *w, uint32_t len)
{
	return w->at + len <= w->pkt->head_bytes && w->at + len <= w->end;
}

static const uint8_t *here(const struct walk *w)
{
	return w->pkt->head + w->at;
}

/* The length that the header says; behind it may be padding. A packet that is
 * yet to be cut has it filled in then. */
static int set_end(struct walk *w, uint32_t len)
{
	if (w->pkt->gso)
		return 0;
	if (len > w->end - w->lay->l3_start)
		return -EBADMSG;
	w->end = w->lay->l3_start + len;
	return 0;
}

static int walk_ipv4(struct walk *w)
{
	const uint8_t *ip = here(w);
	uint32_t header;

	if (!has(w, IPV4_HEADER_BYTES) || ip[0] >> 4 != 4)
		return -EBADMSG;
	header = (ip[0] & 15u) * 4;
	if (header < IPV4_HEADER_BYTES || set_end(w, get_be16(ip + 2)) || !has(w, header))
		return -EBADMSG;
	w->at += header;
	w->protocol = get_be16(ip + 6) & IPV4_FRAGMENT_MASK ? NO_NEXT_HEADER : ip[9];
	return 0;
}

static bool is_extension(const struct walk *w)
{
	return w->protocol == IPV6_HOP_BY_HOP || w->protocol == IPV6_ROUTING ||
	       w->protocol == IPV6_FRAGMENT || w->protocol == IPV6_AUTHENTICATION ||
	       w->protocol == IPV6_DESTINATION;
}

static int walk_extension(struct walk *w)
{
	const uint8_t *ext = here(w);
	uint32_t len;

	if (!has(w, 8))
		return -EBADMSG;
	len = (ext[1] + 1u) * 8;
	if (w->protocol == IPV6_AUTHENTICATION)
		len = (ext[1] + 2u) * 4;
	if (w->protocol == IPV6_FRAGMENT)
		len = 8;
	if (!has(w, len))
		return -EBADMSG;
	/* Of a fragment there is no checksum to be made; nor of a packet that is
	 * on a detour: the address it is made with is not the one in the header */
	if ((w->protocol == IPV6_FRAGMENT && get_be16(ext + 2) & IPV6_FRAGMENT_MASK) ||
	    (w->protocol == IPV6_ROUTING && ext[3]))
		w->protocol = NO_NEXT_HEADER;
	else
		w->protocol = ext[0];
	w->at += len;
	return 0;
}

static int walk_ipv6(struct walk *w)
{
	const uint8_t *ip = here(w);

	if (!has(w, IPV6_HEADER_BYTES) || ip[0] >> 4 != 6 ||
	    set_end(w, IPV6_HEADER_BYTES + get_be16(ip + 4)))
		return -EBADMSG;
	w->protocol = ip[6];
	w->at += IPV6_HEADER_BYTES;
	while (is_extension(w))
		if (walk_extension(w))
			return -EBADMSG;
	return 0;
}

static int walk_tcp(struct walk *w)
{
	uint32_t header;

	if (!has(w, TCP_HEADER_BYTES))
		return -EBADMSG;
	header = (here(w)[12] >> 4) * 4u;
	if (header < TCP_HEADER_BYTES || !has(w, header))
		return -EBADMSG;
	w->lay->payload_start = (uint16_t)(w->at + header);
	return 0;
}

static int walk_udp(struct walk *w)
{
	uint32_t len;

	if (!has(w, UDP_HEADER_BYTES))
		return -EBADMSG;
	len = get_be16(here(w) + 4);
	if (len < UDP_HEADER_BYTES || len > w->end - w->at)
		return -EBADMSG;
	w->lay->payload_start = (uint16_t)(w->at + UDP_HEADER_BYTES);
	return 0;
}

static int walk_ethernet(struct walk *w)
{
	struct uk_net_layout *lay = w->lay;

	if (w->pkt->head_bytes > UK_NET_HEAD_BYTES || !has(w, ETH_HEADER_BYTES))
		return -EBADMSG;
	w->at = ETH_HEADER_BYTES;
	lay->ethertype = get_be16(w->pkt->head + 12);
	for (int i = 0; i < MAX_TAGS; i++) {
		if (lay->ethertype != ETHERTYPE_CVLAN && lay->ethertype != ETHERTYPE_SVLAN)
			break;
		if (!has(w, VLAN_TAG_BYTES))
			return -EBADMSG;
		lay->ethertype = get_be16(here(w) + 2);
		w->at += VLAN_TAG_BYTES;
	}
	lay->l3_start = (uint16_t)w->at;
	return 0;
}

static int walk_network(struct walk *w)
{
	w->protocol = NO_NEXT_HEADER;
	if (w->lay->ethertype == ETHERTYPE_IPV4)
		return walk_ipv4(w);
	if (w->lay->ethertype == ETHERTYPE_IPV6)
		return walk_ipv6(w);
	return 0;
}

static int walk_transport(struct walk *w)
{
	int err = 0;

	if (w->protocol == PROTOCOL_TCP)
		err = walk_tcp(w);
	else if (w->protocol == PROTOCOL_UDP)
		err = walk_udp(w);
	else
		return 0;
	w->lay->l4_protocol = w->protocol;
	w->lay->l4_start = (uint16_t)w->at;
	return err;
}

/* As uk_net_layout(). @end: of the packet of layer 3 */
static int walk(const struct uk_net_pkt *pkt, struct uk_net_layout *lay, uint32_t *end)
{
	struct walk w = { .pkt = pkt, .lay = lay, .end = pkt->len_bytes };
	int err;

	*lay = (struct uk_net_layout) { 0 };
	err = walk_ethernet(&w);
	if (!err)
		err = walk_network(&w);
	if (!err)
		err = walk_transport(&w);
	*end = w.end;
	return err;
}

int uk_net_layout(const struct uk_net_pkt *pkt, struct uk_net_layout *lay)
{
	uint32_t end;

	return walk(pkt, lay, &end);
}

static bool is_segmentable(const struct uk_net_pkt *pkt, const struct uk_net_layout *lay)
{
	uint16_t ethertype = pkt->gso == UK_NET_GSO_TCPV4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;

	return lay->l4_protocol == PROTOCOL_TCP && lay->ethertype == ethertype &&
	       pkt->gso_bytes && pkt->len_bytes > lay->payload_start;
}

int uk_net_complete_offload(struct uk_net_pkt *pkt)
{
	struct uk_net_layout lay;
	uint32_t end;
	uint16_t sum;

	if (walk(pkt, &lay, &end) || !lay.l4_start || (pkt->gso && !is_segmentable(pkt, &lay)))
		return -EBADMSG;
	pkt->csum_start = lay.l4_start;
	pkt->csum_offset = lay.l4_protocol == PROTOCOL_TCP ? TCP_CSUM_OFFSET : UDP_CSUM_OFFSET;
	sum = netdev_fold(netdev_pseudo_sum(pkt, &lay, end - lay.l4_start));
	__builtin_memcpy(pkt->head + pkt->csum_start + pkt->csum_offset, &sum, sizeof(sum));
	pkt->flags = UK_NET_CSUM_BLANK;
	return 0;
}
