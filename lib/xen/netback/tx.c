/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a guest: slots become packets. Only their heads are copied, those of all
 * packets of a turn at once; the rest stays in the guest's pages, named by
 * grants, and goes straight to where it is received. The slots of such a packet
 * are answered when it is given back, those of a short one as soon as it has
 * been copied.
 *
 * Descriptors are of the heap, and those of short packets outlive their slots. All
 * guests together have a part of the memory, one guest a quarter of that, and each
 * may have a turn's in any case.
 *
 * Slots were checked by netback_decode(), in its private copy of them. A bad
 * grant costs its packet.
 */
#include "netback_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/pages.h>

/* Ethernet, IPv4 and TCP */
#define SMALLEST_HEAD 54

/* Packets in a turn */
#define MAX_BATCH 64

/* A packet on its way */
struct tx_pkt {
	struct uk_net_pkt pkt;
	struct netback_queue *q;
	unsigned int n_ids;		/* slots to be answered */
	uint16_t ids[NETBACK_MAX_SLOTS];
};

struct netback_in_flight netback_in_flight;

static struct tx_pkt *batch[MAX_BATCH];
static unsigned int n_batch;

/* ---- Answers ---- */

static void put(struct netback_queue *q, uint16_t id, int16_t status)
{
	union netback_tx_wire w = { .rsp = { .id = id, .status = status } };

	uk_xen_ring_put(&q->tx, w.words, NETBACK_TX_RSP_WORDS);
}

static void respond(struct netback_queue *q, uint16_t id, int16_t status)
{
	put(q, netback_answer(q, id), status);
}

static void respond_extras(struct netback_queue *q, const struct netback_desc *desc)
{
	for (unsigned int i = 0; i < desc->n_extras; i++) {
		netback_answer(q, desc->extra_ids[i]);
		put(q, 0, NETIF_RSP_NULL);
	}
}

static void respond_all(struct netback_queue *q, const struct netback_desc *desc, int16_t status)
{
	for (unsigned int i = 0; i < desc->n_slots; i++)
		respond(q, desc->slots[i].id, status);
}

static void answer(struct tx_pkt *p, int16_t status)
{
	for (unsigned int i = 0; i < p->n_ids; i++)
		respond(p->q, p->ids[i], status);
	p->n_ids = 0;
}

static void done(struct uk_net_pkt *pkt)
{
	struct tx_pkt *p = UK_CONTAINER_OF(pkt, struct tx_pkt, pkt);
	struct netback_queue *q = p->q;

	if (p->n_ids && q->is_open) {
		answer(p, NETIF_RSP_OKAY);
		if (!q->is_in_turn)
			uk_xen_work_ready(&q->work);
	}
	q->vif->n_in_flight--;
	netback_in_flight.n--;
	uk_free(p);
}

static void drop(struct tx_pkt *p, enum uk_net_drop why)
{
	answer(p, NETIF_RSP_ERROR);
	uk_netdev_drop(&p->q->vif->netdev, &p->pkt, why);
}

/* ---- Packets ---- */

static void add_frag(struct uk_net_pkt *pkt, domid_t dom, grant_ref_t ref, uint16_t offset,
		     uint16_t len)
{
	pkt->frags[pkt->n_frags++] = (struct uk_net_frag) {
		.ref = ref, .domain = dom, .offset = offset, .len_bytes = len,
	};
}

/* How much of a slot belongs into the head? Of a packet that fits, all. Frontends
 * put headers and nothing else into the first slots of a large one: then the others
 * are copied page by page. Where that is not so, top_up() follows. */
static uint16_t head_part(const struct uk_net_pkt *pkt, uint16_t len)
{
	if (pkt->head_bytes >= SMALLEST_HEAD && pkt->len_bytes > UK_NET_HEAD_BYTES)
		return 0;
	return (uint16_t)UK_MIN(UK_NET_HEAD_BYTES - pkt->head_bytes, (int)len);
}

/* Its head into the batch of copies, what is behind it into fragments. */
static void add_slots(struct tx_pkt *p, const struct netback_desc *desc)
{
	domid_t dom = p->q->vif->dev->remote;
	struct uk_net_pkt *pkt = &p->pkt;

	for (unsigned int i = 0; i < desc->n_slots; i++) {
		grant_ref_t ref = desc->slots[i].ref;
		uint16_t offset = desc->slots[i].offset, len = desc->slots[i].len_bytes;
		uint16_t n = head_part(pkt, len);

		if (n)
			netback_copy_in(n_batch, pkt->head + pkt->head_bytes, dom, ref, offset, n);
		pkt->head_bytes += n;
		if (len > n)
			add_frag(pkt, dom, ref, offset + n, len - n);
		p->ids[p->n_ids++] = desc->slots[i].id;
	}
}

/* @return false: out of memory. */
static bool add_packet(struct netback_queue *q, const struct netback_desc *desc)
{
	struct tx_pkt *p = uk_malloc(sizeof(*p));

	if (!p)
		return false;
	p->q = q;
	p->n_ids = 0;
	uk_list_init(&p->pkt.node);
	p->pkt.from = &q->vif->netdev;
	p->pkt.done = done;
	p->pkt.len_bytes = desc->len_bytes;
	p->pkt.head_bytes = 0;
	p->pkt.csum_start = p->pkt.csum_offset = 0;
	p->pkt.gso_bytes = desc->gso_bytes;
	p->pkt.gso = desc->gso;
	p->pkt.flags = desc->is_csum_blank || desc->gso ? UK_NET_CSUM_BLANK
		       : desc->is_csum_good ? UK_NET_CSUM_GOOD : 0;
	p->pkt.n_frags = 0;
	add_slots(p, desc);
	q->vif->n_in_flight++;
	netback_in_flight.n++;
	batch[n_batch++] = p;
	return true;
}

/* Short packets are answered before their memory is free. */
static bool may_have_one(const struct netback_vif *vif)
{
	const struct netback_in_flight *all = &netback_in_flight;

	if (vif->n_in_flight < MAX_BATCH)
		return true;
	return vif->n_in_flight < NETBACK_RING_SIZE * vif->n_queues &&
	       vif->n_in_flight < all->max / 4 && all->n < all->max;
}

/* @return -EPROTO: nothing more can be read from this ring. */
static int take_one(struct netback_queue *q, unsigned int *n, const char **why)
{
	struct netback_vif *vif = q->vif;
	struct netback_desc desc;
	int err = netback_decode(&q->tx, n, &desc, why);

	if (err == -EPROTO)
		return err;
	netback_take(q, &desc);
	respond_extras(q, &desc);
	netback_rate_charge(&vif->rate, desc.len_bytes);
	if (err) {
		vif->netdev.stats.drops[UK_NET_DROP_MALFORMED]++;
		respond_all(q, &desc, NETIF_RSP_ERROR);
	} else if (desc.mcast) {
		respond_all(q, &desc, netback_mcast_change(vif, &desc) ? NETIF_RSP_OKAY
								      : NETIF_RSP_ERROR);
	} else if (!may_have_one(vif)) {
		vif->netdev.stats.drops[UK_NET_DROP_QUEUE_FULL]++;
		respond_all(q, &desc, NETIF_RSP_DROPPED);
	} else if (!add_packet(q, &desc)) {
		vif->netdev.stats.drops[UK_NET_DROP_NO_MEMORY]++;
		respond_all(q, &desc, NETIF_RSP_ERROR);
	}
	return 0;
}

/* ---- A turn ---- */

/* Fill up its head with the first bytes of its fragments.
 * @return false: it is full, or they cannot be read. */
static bool top_up(struct uk_net_pkt *pkt)
{
	unsigned int i = 0;
	bool is_ok = true;

	if (!pkt->n_frags || pkt->head_bytes == UK_NET_HEAD_BYTES)
		return false;
	for (; i < pkt->n_frags && pkt->head_bytes < UK_NET_HEAD_BYTES; i++) {
		struct uk_net_frag *frag = &pkt->frags[i];
		uint16_t n = (uint16_t)UK_MIN(UK_NET_HEAD_BYTES - pkt->head_bytes,
					      (int)frag->len_bytes);

		netback_copy_in(0, pkt->head + pkt->head_bytes, frag->domain, frag->ref,
				frag->offset, n);
		pkt->head_bytes += n;
		frag->offset += n;
		frag->len_bytes -= n;
	}
	if (pkt->frags[i - 1].len_bytes)
		i--;
	pkt->n_frags -= i;
	memmove(pkt->frags, pkt->frags + i, pkt->n_frags * sizeof(pkt->frags[0]));
	netback_copy_run(&is_ok, NULL);
	return is_ok;
}

/* See that all headers are in the head, and what is left to be done there.
 * @return 0 or -EBADMSG. */
static int read_headers(struct uk_net_pkt *pkt)
{
	struct uk_net_layout lay;
	int err;

	if (pkt->flags & UK_NET_CSUM_BLANK) {
		err = uk_net_complete_offload(pkt);
		return err && top_up(pkt) ? uk_net_complete_offload(pkt) : err;
	}
	/* Others may be broken: it is for the receiver to say */
	if (pkt->n_frags && pkt->head_bytes < UK_NET_HEAD_BYTES && uk_net_layout(pkt, &lay) &&
	    !top_up(pkt))
		return -EBADMSG;
	return 0;
}

/* The heads are there: which packets are good? */
static void finish(struct tx_pkt *p, bool is_ok, struct uk_list *pkts)
{
	struct uk_net_pkt *pkt = &p->pkt;

	if (!is_ok) {
		drop(p, UK_NET_DROP_PEER);
		return;
	}
	if (read_headers(pkt)) {
		drop(p, UK_NET_DROP_HEADERS);
		return;
	}
	if (!pkt->n_frags)
		answer(p, NETIF_RSP_OKAY);
	uk_list_add_tail(pkts, &pkt->node);
}

static void finish_batch(struct netback_queue *q)
{
	struct uk_list pkts = UK_LIST_INIT(pkts);
	bool is_ok[MAX_BATCH];

	for (unsigned int i = 0; i < n_batch; i++)
		is_ok[i] = true;
	netback_copy_run(is_ok, NULL);
	for (unsigned int i = 0; i < n_batch; i++)
		finish(batch[i], is_ok[i], &pkts);
	n_batch = 0;
	if (!uk_list_is_empty(&pkts))
		uk_netdev_receive(&q->vif->netdev, &pkts);
}

/* A packet takes a copy for each slot, and one where its head crosses a page. */
static bool has_room(void)
{
	return n_batch < MAX_BATCH && netback_copy_room() > NETBACK_MAX_SLOTS;
}

int netback_tx_turn(struct netback_queue *q)
{
	const char *why = "the frontend's TX ring index makes no sense";
	int n_taken = 0, err = 0, n = uk_xen_ring_pending(&q->tx);
	unsigned int n_left = n > 0 ? (unsigned int)n : 0;

	q->is_in_turn = true;
	while (!err && n_left && has_room() && netback_rate_has_credit(q->vif)) {
		err = take_one(q, &n_left, &why);
		n_taken += !err;
	}
	finish_batch(q);
	q->is_in_turn = false;
	if (n < 0 || err) {
		netback_give_up(q, why);
		return -EPROTO;
	}
	netback_tx_push(q);
	return n_taken;
}

void netback_tx_init(void)
{
	struct uk_pages_stats pages;

	if (netback_in_flight.max)
		return;
	uk_pages_stats(&pages);
	netback_in_flight.max = (unsigned int)(pages.free_pages * UK_PAGE_SIZE / 8 /
					       sizeof(struct tx_pkt));
}
