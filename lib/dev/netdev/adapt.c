/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a device cannot do is done for it. In this order: what lies in another
 * domain is fetched, for all devices of a batch with one call for each device it
 * came from; large packets are cut; checksums are made; fragments are joined.
 *
 * Lengths and offsets in a packet have been checked by the device it came from;
 * its headers are read through uk_net_layout().
 */
#include "netdev_priv.h"

/* In a packet's flags: nothing is to be done. Only while it is in dev->sending. */
#define IS_READY (1 << 7)

enum {
	TODO_FETCH = 1 << 0,
	TODO_CUT = 1 << 1,
	TODO_CSUM = 1 << 2,
	TODO_JOIN = 1 << 3,
};

/* Buffers that netdev_adapt_fetch() is to fill from their source */
static struct uk_list wanted = UK_LIST_INIT(wanted);

static bool can_csum(const struct uk_netdev *dev, const struct uk_net_pkt *pkt)
{
	uint16_t ethertype = get_be16(pkt->head + 12);

	if (pkt->csum_offset != TCP_CSUM_OFFSET && pkt->csum_offset != UDP_CSUM_OFFSET)
		return false;
	return (ethertype == ETHERTYPE_IPV4 && dev->can & UK_NETDEV_CAN_CSUM4) ||
	       (ethertype == ETHERTYPE_IPV6 && dev->can & UK_NETDEV_CAN_CSUM6);
}

/* Whether @dev can send @pkt as it is, seen quickly */
static bool fits(const struct uk_netdev *dev, const struct uk_net_pkt *pkt)
{
	const uint16_t any = UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_FOREIGN;

	return !pkt->gso && pkt->len_bytes <= (uint32_t)dev->mtu_bytes + ETH_HEADER_BYTES &&
	       (!pkt->n_frags || (dev->can & any) == any) &&
	       (!(pkt->flags & UK_NET_CSUM_BLANK) || can_csum(dev, pkt));
}

/* Of too many pieces it gets to netdev_cut(), which refuses it: no device is asked
 * to make thousands of frames of one. */
static bool can_cut(const struct uk_netdev *dev, const struct uk_net_pkt *pkt)
{
	uint16_t ethertype = get_be16(pkt->head + 12);

	if (pkt->len_bytes > (uint32_t)pkt->gso_bytes * NETDEV_MAX_FRAMES)
		return false;
	return dev->can & UK_NETDEV_CAN_FRAGS && can_csum(dev, pkt) &&
	       ((ethertype == ETHERTYPE_IPV4 && dev->can & UK_NETDEV_CAN_GSO4) ||
		(ethertype == ETHERTYPE_IPV6 && dev->can & UK_NETDEV_CAN_GSO6));
}

static unsigned int todo_for(const struct uk_netdev *dev, const struct uk_net_pkt *pkt)
{
	unsigned int todo = 0;

	if (pkt->gso && !can_cut(dev, pkt))
		todo |= TODO_CUT;
	if ((pkt->gso || pkt->flags & UK_NET_CSUM_BLANK) && !can_csum(dev, pkt))
		todo |= TODO_CSUM;
	if (pkt->n_frags > 1 && !(dev->can & UK_NETDEV_CAN_FRAGS))
		todo |= TODO_JOIN;
	if ((todo & (TODO_CSUM | TODO_JOIN) || !(dev->can & UK_NETDEV_CAN_FOREIGN)) &&
	    netdev_is_foreign(pkt))
		todo |= TODO_FETCH;
	return todo;
}

/* ---- Lengths ---- */

static uint32_t tags_bytes(const struct uk_net_pkt *pkt)
{
	uint32_t len = 0;

	while (len < 2 * VLAN_TAG_BYTES && pkt->head_bytes >= ETH_HEADER_BYTES + len) {
		uint16_t ethertype = get_be16(pkt->head + ETH_HEADER_BYTES - 2 + len);

		if (ethertype != ETHERTYPE_CVLAN && ethertype != ETHERTYPE_SVLAN)
			break;
		len += VLAN_TAG_BYTES;
	}
	return len;
}

static bool is_too_long(const struct uk_netdev *dev, const struct uk_net_pkt *pkt)
{
	struct uk_net_layout lay;

	if (!pkt->gso)
		return pkt->len_bytes > (uint32_t)dev->mtu_bytes + ETH_HEADER_BYTES +
						tags_bytes(pkt);
	return !uk_net_layout(pkt, &lay) &&
	       (uint32_t)lay.payload_start - lay.l3_start + pkt->gso_bytes > dev->mtu_bytes;
}

/* ---- Fetching ---- */

static void drop(struct uk_netdev *dev, struct uk_net_pkt *pkt, enum uk_net_drop why)
{
	uk_list_del(&pkt->node);
	uk_netdev_drop(dev, pkt, why);
}

/* A copy with its fragments, without their contents yet, takes the place of
 * @pkt in the list. @return its buffer; NULL: no memory. */
static struct netdev_buf *replace(struct uk_netdev *dev, struct uk_net_pkt *pkt,
				  struct uk_net_pkt **copy)
{
	size_t len = pkt->len_bytes - pkt->head_bytes;
	struct netdev_buf *buf = netdev_buf_get(len, dev);

	if (!buf)
		return NULL;
	*copy = netdev_copy_new(dev, pkt, buf);
	if (!*copy) {
		netdev_buf_put(buf);
		return NULL;
	}
	netdev_copy_set_frags(*copy, len);
	uk_list_add(&pkt->node, &(*copy)->node);
	uk_list_del(&pkt->node);
	return buf;
}

void netdev_adapt_want(struct netdev_buf *buf, struct uk_net_pkt *pkt)
{
	buf->source = pkt;
	buf->refs++;
	uk_list_add_tail(&wanted, &buf->node);
}

static void fetch_later(struct uk_netdev *dev, struct uk_net_pkt *pkt)
{
	struct uk_net_pkt *copy;
	struct netdev_buf *buf = replace(dev, pkt, &copy);

	if (!buf) {
		drop(dev, pkt, UK_NET_DROP_NO_MEMORY);
		return;
	}
	netdev_adapt_want(buf, pkt);
	netdev_buf_put(buf);
}

static void prepare(struct uk_netdev *dev, struct uk_net_pkt *pkt)
{
	unsigned int todo = todo_for(dev, pkt);

	if (is_too_long(dev, pkt))
		drop(dev, pkt, UK_NET_DROP_TOO_LONG);
	else if (todo & TODO_FETCH)
		fetch_later(dev, pkt);
	else if (!todo)
		pkt->flags |= IS_READY;
}

void netdev_adapt_begin(struct uk_netdev *dev)
{
	struct uk_net_pkt *pkt, *next;

	UK_LIST_FOREACH_SAFE(pkt, next, &dev->sending, node) {
		if (fits(dev, pkt))
			pkt->flags |= IS_READY;
		else
			prepare(dev, pkt);
	}
}

/* Those of one device. @return how many. */
static unsigned int next_wanted(struct netdev_buf **bufs)
{
	struct netdev_buf *buf, *next;
	struct uk_netdev *from = NULL;
	unsigned int n = 0;

	UK_LIST_FOREACH_SAFE(buf, next, &wanted, node) {
		if (n && buf->source->from != from)
			continue;
		from = buf->source->from;
		uk_list_del(&buf->node);
		bufs[n++] = buf;
		if (n == UK_NETDEV_FETCH_MAX)
			break;
	}
	return n;
}

static void fetch(struct netdev_buf **bufs, unsigned int n)
{
	struct uk_net_pkt *pkts[UK_NETDEV_FETCH_MAX];
	void *to[UK_NETDEV_FETCH_MAX];
	bool is_ok[UK_NETDEV_FETCH_MAX] = { 0 };
	struct uk_netdev *from = bufs[0]->source->from;

	for (unsigned int i = 0; i < n; i++) {
		pkts[i] = bufs[i]->source;
		to[i] = bufs[i]->bytes;
	}
	if (from && from->ops->fetch)
		from->ops->fetch(from, pkts, n, to, is_ok);
	for (unsigned int i = 0; i < n; i++) {
		bufs[i]->is_bad = !is_ok[i];
		bufs[i]->source = NULL;
		pkts[i]->done(pkts[i]);
		netdev_buf_put(bufs[i]);
	}
}

void netdev_adapt_fetch(void)
{
	struct netdev_buf *bufs[UK_NETDEV_FETCH_MAX];
	unsigned int n;

	while ((n = next_wanted(bufs)))
		fetch(bufs, n);
}

/* ---- What is left ---- */

static void count_out(struct uk_netdev *dev, struct uk_net_pkt *pkt)
{
	dev->stats.out_packets++;
	dev->stats.out_bytes += pkt->len_bytes;
	pkt->flags &= (uint8_t)~IS_READY;
}

/* @return the packet that is @pkt in one fragment, in its place; NULL: dropped. */
static struct uk_net_pkt *join(struct uk_netdev *dev, struct uk_net_pkt *pkt)
{
	struct uk_net_pkt *copy;
	struct netdev_buf *buf = replace(dev, pkt, &copy);

	if (!buf) {
		drop(dev, pkt, UK_NET_DROP_NO_MEMORY);
		return NULL;
	}
	netdev_gather(pkt, buf->bytes);
	netdev_buf_put(buf);
	pkt->done(pkt);
	if (copy->n_frags > 1) {
		drop(dev, copy, UK_NET_DROP_TOO_LONG);
		return NULL;
	}
	return copy;
}

static void finish(struct uk_netdev *dev, struct uk_net_pkt *pkt)
{
	unsigned int todo = todo_for(dev, pkt);

	if (todo & TODO_CSUM && !netdev_make_csum(pkt)) {
		drop(dev, pkt, UK_NET_DROP_HEADERS);
		return;
	}
	if (todo & TODO_JOIN)
		pkt = join(dev, pkt);
	if (pkt)
		count_out(dev, pkt);
}

static void cut_and_finish(struct uk_netdev *dev, struct uk_net_pkt *pkt)
{
	struct uk_list frames = UK_LIST_INIT(frames);
	struct uk_list *place = pkt->node.next;
	struct uk_net_pkt *frame, *next;

	uk_list_del(&pkt->node);
	netdev_cut(dev, pkt, &frames);
	UK_LIST_FOREACH_SAFE(frame, next, &frames, node)
		finish(dev, frame);
	/* Before what came behind the large packet */
	uk_list_splice_tail(place, &frames);
}

void netdev_adapt_finish(struct uk_netdev *dev)
{
	struct uk_net_pkt *pkt, *next;

	UK_LIST_FOREACH_SAFE(pkt, next, &dev->sending, node) {
		if (pkt->n_frags && netdev_copy_is_bad(pkt))
			drop(dev, pkt, UK_NET_DROP_PEER);
		else if (pkt->flags & IS_READY)
			count_out(dev, pkt);
		else if (todo_for(dev, pkt) & TODO_CUT)
			cut_and_finish(dev, pkt);
		else
			finish(dev, pkt);
	}
}
