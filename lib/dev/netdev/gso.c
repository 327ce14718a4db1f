/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A large TCP packet is cut into frames. Their headers are copies, their payload
 * stays where it is: they share the large packet, which is given back with the
 * last of them.
 *
 * TCP (RFC 9293): sequence numbers go on; FIN and PSH belong to the last frame,
 * CWR to the first (RFC 3168). IPv4 (RFC 791): each frame has an identification.
 */
#include "netdev_priv.h"

#define TCP_FLAGS 13
#define TCP_FIN 0x01
#define TCP_PSH 0x08
#define TCP_CWR 0x80

struct cutter {
	struct uk_netdev *dev;
	struct uk_net_pkt *pkt;
	struct uk_net_layout lay;
	struct netdev_buf *shared;
	uint32_t at;			/* of the payload */
	uint16_t index;			/* of the frame */
	unsigned int frag, frag_at;	/* the same place, in the fragments */
};

static void set_ipv4(uint8_t *ip, size_t header, uint32_t len, uint16_t index)
{
	uint16_t csum;

	put_be16(ip + 2, (uint16_t)len);
	put_be16(ip + 4, (uint16_t)(get_be16(ip + 4) + index));
	put_be16(ip + 10, 0);
	csum = (uint16_t)~netdev_fold(netdev_sum(ip, header, 0));
	__builtin_memcpy(ip + 10, &csum, sizeof(csum));
}

static void set_headers(struct cutter *c, struct uk_net_pkt *frame, bool is_last)
{
	const struct uk_net_layout *lay = &c->lay;
	uint8_t *ip = frame->head + lay->l3_start, *tcp = frame->head + lay->l4_start;
	uint32_t l3_bytes = frame->len_bytes - lay->l3_start;
	uint16_t sum;

	if (lay->ethertype == ETHERTYPE_IPV4)
		set_ipv4(ip, lay->l4_start - lay->l3_start, l3_bytes, c->index);
	else
		put_be16(ip + 4, (uint16_t)(l3_bytes - 40));
	put_be32(tcp + 4, get_be32(tcp + 4) + c->at);
	if (c->index)
		tcp[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
	if (!is_last)
		tcp[TCP_FLAGS] &= (uint8_t)~(TCP_FIN | TCP_PSH);
	frame->csum_start = lay->l4_start;
	frame->csum_offset = TCP_CSUM_OFFSET;
	frame->flags = UK_NET_CSUM_BLANK;
	sum = netdev_fold(netdev_pseudo_sum(frame, lay, frame->len_bytes - lay->l4_start));
	__builtin_memcpy(tcp + TCP_CSUM_OFFSET, &sum, sizeof(sum));
}

/* The next @len bytes of the fragments become fragments of @frame. */
static void share(struct cutter *c, struct uk_net_pkt *frame, uint32_t len)
{
	while (len && c->frag < c->pkt->n_frags) {
		const struct uk_net_frag *from = &c->pkt->frags[c->frag];
		uint32_t n = UK_MIN(len, from->len_bytes - c->frag_at);
		struct uk_net_frag *to = &frame->frags[frame->n_frags];

		if (n) {
			*to = *from;
			to->offset = (uint16_t)(to->offset + c->frag_at);
			to->len_bytes = (uint16_t)n;
			if (to->va)
				to->va = (const uint8_t *)to->va + c->frag_at;
			frame->n_frags++;
		}
		c->frag_at += n;
		len -= n;
		if (c->frag_at == from->len_bytes) {
			c->frag++;
			c->frag_at = 0;
		}
	}
}

static struct uk_net_pkt *next_frame(struct cutter *c)
{
	const struct uk_net_pkt *pkt = c->pkt;
	uint32_t in_head = pkt->head_bytes - c->lay.payload_start, n, from_head = 0;
	uint32_t left = pkt->len_bytes - c->lay.payload_start - c->at;
	struct uk_net_pkt *frame = netdev_copy_new(c->dev, pkt, c->shared);

	if (!frame)
		return NULL;
	n = UK_MIN(left, (uint32_t)pkt->gso_bytes);
	if (c->at < in_head) {
		from_head = UK_MIN(n, in_head - c->at);
		memcpy(frame->head + c->lay.payload_start,
		       pkt->head + c->lay.payload_start + c->at, from_head);
	}
	frame->from = pkt->from;
	frame->gso = UK_NET_GSO_NONE;
	frame->gso_bytes = 0;
	frame->head_bytes = (uint16_t)(c->lay.payload_start + from_head);
	frame->len_bytes = c->lay.payload_start + n;
	share(c, frame, n - from_head);
	set_headers(c, frame, n == left);
	c->at += n;
	c->index++;
	return frame;
}

void netdev_cut(struct uk_netdev *dev, struct uk_net_pkt *pkt, struct uk_list *frames)
{
	struct cutter c = { .dev = dev, .pkt = pkt };
	struct uk_net_pkt *frame;
	uint32_t payload;

	if (uk_net_layout(pkt, &c.lay) || c.lay.l4_protocol != PROTOCOL_TCP || !pkt->gso_bytes) {
		uk_netdev_drop(dev, pkt, UK_NET_DROP_HEADERS);
		return;
	}
	payload = pkt->len_bytes - c.lay.payload_start;
	if (UK_DIV_ROUND_UP(payload, pkt->gso_bytes) > NETDEV_MAX_FRAMES) {
		uk_netdev_drop(dev, pkt, UK_NET_DROP_MALFORMED);
		return;
	}
	c.shared = netdev_buf_of(dev, pkt);
	while (c.shared && c.at < payload && (frame = next_frame(&c)))
		uk_list_add_tail(frames, &frame->node);
	/* What is missing is lost, as on a wire */
	if (c.at < payload)
		dev->stats.drops[UK_NET_DROP_NO_MEMORY]++;
	if (c.shared)
		netdev_buf_put(c.shared);
	else
		pkt->done(pkt);
}
