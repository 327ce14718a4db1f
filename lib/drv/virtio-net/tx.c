/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What goes out. The device's header and the packet's head are put together in a
 * slot; fragments are sent from where they are. A packet without any is done at
 * once. The device interrupts for what it has sent only while somebody waits for
 * that: a packet without room, or a card that goes and has lent us memory.
 */
#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/plat/dma.h>

#include "net_priv.h"

#define N_SLOTS 128

/* One does not cross a page */
struct net_slot {
	struct uk_list node;		/* free */
	struct uk_net_pkt *pkt;		/* to be told when it is sent; or NULL */
	struct net_hdr hdr;
	uint8_t head[UK_NET_HEAD_BYTES];
	uint8_t pad[256 - 36 - UK_NET_HEAD_BYTES];
};

#define SLOTS_PER_PAGE (UK_PAGE_SIZE / sizeof(struct net_slot))

_Static_assert(UK_PAGE_SIZE % sizeof(struct net_slot) == 0, "they fill pages");
_Static_assert(offsetof(struct net_slot, head) == offsetof(struct net_slot, hdr) + 12, "one run");

/* struct uk_netdev_queue.start */
static bool start(struct uk_netdev_queue *q, struct uk_net_pkt *pkt)
{
	struct vnet *v = UK_CONTAINER_OF(q, struct vnet, queue);
	struct uk_virtq_seg segs[1 + UK_NET_MAX_FRAGS];
	struct net_slot *slot;
	unsigned int n = 0;

	if (v->tx.n_free < UK_ARRAY_SIZE(segs) || uk_list_is_empty(&v->free_slots))
		return false;
	slot = UK_LIST_ENTRY(uk_list_pop(&v->free_slots), struct net_slot, node);
	slot->hdr.n_buffers = 0;
	uk_net_vnet_hdr_fill(&slot->hdr.offloads, pkt);
	memcpy(slot->head, pkt->head, pkt->head_bytes);
	segs[n++] = (struct uk_virtq_seg) {
		uk_plat_dma_addr(&slot->hdr), (uint32_t)sizeof(slot->hdr) + pkt->head_bytes,
	};
	for (unsigned int i = 0; i < pkt->n_frags; i++)
		segs[n++] = (struct uk_virtq_seg) {
			uk_plat_dma_addr(pkt->frags[i].va), pkt->frags[i].len_bytes,
		};
	slot->pkt = pkt->n_frags ? pkt : NULL;
	uk_virtq_add(&v->tx, segs, n, 0, slot);
	if (!slot->pkt)
		pkt->done(pkt);
	return true;
}

static void take_back(struct vnet *v)
{
	struct net_slot *slot;
	uint32_t len;

	while ((slot = uk_virtq_get(&v->tx, &len))) {
		if (slot->pkt)
			slot->pkt->done(slot->pkt);
		uk_list_add(&v->free_slots, &slot->node);
	}
}

void vnet_tx_poll(struct vnet *v)
{
	take_back(v);
	uk_netdev_queue_run(&v->queue);
	uk_virtq_kick(&v->tx);
	if (v->tx.n_free == v->tx.size)
		v->is_owed = false;
	if (!v->queue.n_waiting && !v->is_owed)
		uk_virtq_set_irq(&v->tx, false);
}

/* Hear of what has been sent. */
static void listen(struct vnet *v)
{
	if (uk_virtq_set_irq(&v->tx, true))
		vnet_tx_poll(v);
}

void vnet_send(struct uk_netdev *dev, struct uk_list *pkts)
{
	struct vnet *v = UK_CONTAINER_OF(dev, struct vnet, dev);

	take_back(v);
	uk_netdev_queue_send(&v->queue, pkts);
	uk_virtq_kick(&v->tx);
	if (v->queue.n_waiting)
		listen(v);
}

void vnet_forget(struct uk_netdev *dev, const struct uk_netdev *from)
{
	struct vnet *v = UK_CONTAINER_OF(dev, struct vnet, dev);

	uk_netdev_queue_forget(&v->queue, from);
	v->is_owed = true;
	listen(v);
}

int vnet_tx_init(struct vnet *v)
{
	struct net_slot *slots = NULL;
	int err = uk_virtq_open(&v->tx, v->virtio, 1);

	uk_netdev_queue_init(&v->queue, &v->dev, start);
	for (unsigned int i = 0; !err && i < N_SLOTS; i++) {
		if (!(i % SLOTS_PER_PAGE))
			slots = uk_pages_alloc(0);
		if (!slots)
			return -ENOMEM;
		uk_list_add_tail(&v->free_slots, &slots[i % SLOTS_PER_PAGE].node);
	}
	return err;
}
