/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What comes in: pages, of which a large packet takes several. The first has the
 * device's header. The packet, which is that of its first buffer, goes on with
 * all its pages, and comes back with them.
 *
 * Contents are anybody's; of the device's header, which the device has from
 * another guest in the worst case, what is used is checked by uk_net_vnet_hdr_apply().
 */
#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/plat/dma.h>

#include "net_priv.h"

#define HDR sizeof(struct net_hdr)
#define MIN_FRAME_BYTES 14
#define MAX_BUFFERS 17

struct buf {
	struct uk_net_pkt pkt;
	struct uk_list node;		/* free, or behind the packet's first */
	struct uk_list others;		/* of a packet's first */
	struct vnet *v;
	char *page;
	uint32_t len_bytes;
};

static void refill(struct vnet *v)
{
	while (!uk_list_is_empty(&v->free_bufs)) {
		struct buf *buf = UK_LIST_FIRST(&v->free_bufs, struct buf, node);
		struct uk_virtq_seg seg = { uk_plat_dma_addr(buf->page), UK_PAGE_SIZE };

		if (uk_virtq_add(&v->rx, &seg, 0, 1, buf))
			break;
		uk_list_del(&buf->node);
	}
	uk_virtq_kick(&v->rx);
}

static void put_back(struct buf *buf)
{
	struct vnet *v = buf->v;
	struct uk_list *node;

	while ((node = uk_list_pop(&buf->others)))
		uk_list_add(&v->free_bufs, node);
	uk_list_add(&v->free_bufs, &buf->node);
}

static void buf_done(struct uk_net_pkt *pkt)
{
	struct buf *buf = UK_CONTAINER_OF(pkt, struct buf, pkt);
	struct vnet *v = buf->v;

	put_back(buf);
	/* The device had none left: nobody else would tell it */
	if (v->rx.n_free == v->rx.size)
		refill(v);
}

static struct buf *take(struct vnet *v)
{
	uint32_t len;
	struct buf *buf = uk_virtq_get(&v->rx, &len);

	if (buf) {
		buf->len_bytes = UK_MIN(len, (uint32_t)UK_PAGE_SIZE);
		uk_list_init(&buf->others);
	}
	return buf;
}

static void add_frag(struct uk_net_pkt *pkt, const char *at, uint32_t len)
{
	if (!len)
		return;
	pkt->frags[pkt->n_frags++] = (struct uk_net_frag) {
		.va = at, .len_bytes = (uint16_t)len,
		.offset = (uint16_t)((uintptr_t)at % UK_PAGE_SIZE),
	};
}

static bool make_packet(struct buf *first)
{
	struct net_hdr hdr;
	struct uk_net_pkt *pkt = &first->pkt;
	struct buf *buf;
	uint32_t len, head;

	memcpy(&hdr, first->page, HDR);
	len = first->len_bytes - (uint32_t)HDR;
	head = UK_MIN(len, (uint32_t)UK_NET_HEAD_BYTES);
	memcpy(pkt->head, first->page + HDR, head);
	pkt->head_bytes = (uint16_t)head;
	pkt->len_bytes = len;
	pkt->n_frags = 0;
	add_frag(pkt, first->page + HDR + head, len - head);
	UK_LIST_FOREACH(buf, &first->others, node) {
		add_frag(pkt, buf->page, buf->len_bytes);
		pkt->len_bytes += buf->len_bytes;
	}
	return pkt->head_bytes >= MIN_FRAME_BYTES && pkt->len_bytes <= UK_NET_MAX_BYTES &&
	       uk_net_vnet_hdr_apply(&hdr.offloads, pkt);
}

/* The next packet, with all its buffers. @return NULL: none. */
static struct buf *take_packet(struct vnet *v, bool *is_good)
{
	struct buf *first = take(v), *buf;
	unsigned int n;

	if (!first)
		return NULL;
	n = v->virtio->features & F_MRG_RXBUF ? ((struct net_hdr *)first->page)->n_buffers : 1;
	*is_good = first->len_bytes >= HDR && n && n <= MAX_BUFFERS;
	/* The device makes all buffers of a packet known at once */
	for (unsigned int i = 1; *is_good && i < n; i++) {
		buf = take(v);
		*is_good = buf != NULL;
		if (buf)
			uk_list_add_tail(&first->others, &buf->node);
	}
	*is_good = *is_good && make_packet(first);
	return first;
}

unsigned int vnet_rx_poll(struct vnet *v)
{
	struct uk_list pkts = UK_LIST_INIT(pkts);
	struct buf *buf;
	bool is_good;
	unsigned int n;

	for (n = 0; n < RX_BUDGET && (buf = take_packet(v, &is_good)); n++) {
		if (is_good) {
			uk_list_add_tail(&pkts, &buf->pkt.node);
		} else {
			v->dev.stats.drops[UK_NET_DROP_MALFORMED]++;
			put_back(buf);
		}
	}
	if (!uk_list_is_empty(&pkts))
		uk_netdev_receive(&v->dev, &pkts);
	refill(v);
	return n;
}

int vnet_rx_init(struct vnet *v)
{
	struct buf *bufs = uk_calloc(CONFIG_LIBVIRTIONET_BUFFERS, sizeof(*bufs));
	int err = uk_virtq_open(&v->rx, v->virtio, 0);

	if (!bufs)
		err = -ENOMEM;
	for (unsigned int i = 0; !err && i < CONFIG_LIBVIRTIONET_BUFFERS; i++) {
		bufs[i].page = uk_pages_alloc(0);
		if (!bufs[i].page)
			return -ENOMEM;
		bufs[i].v = v;
		bufs[i].pkt.from = &v->dev;
		bufs[i].pkt.done = buf_done;
		uk_list_init(&bufs[i].others);
		uk_list_add_tail(&v->free_bufs, &bufs[i].node);
	}
	return err;
}
