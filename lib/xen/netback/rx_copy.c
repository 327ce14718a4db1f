/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets into the pages that a guest has posted in its RX ring, many in one
 * hypercall; fragments go straight from the sender's pages. The response for each
 * page lies in the slot of its request, as frontends expect; the second slot of a
 * packet that is yet to be cut says how.
 *
 * A copy costs more than the bytes it moves, above all where Xen has to walk the
 * page tables of this domain to read what is to be copied (PVH). So a fragment is
 * not split between two pages if that takes one page more: that makes 17 at most,
 * and Linux takes no more of them.
 *
 * A guest chooses the grants it posts, and nothing else here: an entry is copied
 * once, and a bad grant costs the packet, with an error in its response.
 */
#include "netback_priv.h"

/* Packets of one hypercall */
#define MAX_BATCH 64

struct rx_pkt {
	struct uk_net_pkt *pkt;
	unsigned int first_slot;	/* in the journal */
	unsigned int n_slots;		/* without the extra one */
};

static struct rx_pkt batch[MAX_BATCH];
static unsigned int n_batch;

/* Of the journal, in the order of the ring */
static unsigned int n_slots;

/* As length of a slot: it is for the extra information. */
#define IS_EXTRA 0xffff

/* ---- Copying ---- */

/* Pages that it fills */
static unsigned int n_full(const struct uk_net_pkt *pkt)
{
	return (pkt->len_bytes + UK_PAGE_SIZE - 1) / UK_PAGE_SIZE;
}

/* Pages in which no fragment is split */
static unsigned int n_whole(const struct uk_net_pkt *pkt)
{
	unsigned int n = 1, room = UK_PAGE_SIZE - pkt->head_bytes;

	for (unsigned int i = 0; i < pkt->n_frags; i++) {
		if (pkt->frags[i].len_bytes > room) {
			room = UK_PAGE_SIZE;
			n++;
		}
		room -= pkt->frags[i].len_bytes;
	}
	return n;
}

/* Of both, the one it gets; of 64 KiB 17 at most */
static unsigned int n_data_slots(const struct uk_net_pkt *pkt, bool *is_whole)
{
	unsigned int full = n_full(pkt), whole = n_whole(pkt);

	*is_whole = whole <= full + 1;
	return *is_whole ? whole : full;
}

unsigned int netback_rx_slots(const struct uk_net_pkt *pkt)
{
	bool is_whole;

	return n_data_slots(pkt, &is_whole) + (pkt->gso ? 1 : 0);
}

/* A copy for each run of bytes, one more where one crosses into the next slot
 * or, the head, a page. */
bool netback_rx_has_room(const struct uk_net_pkt *pkt)
{
	return n_batch < MAX_BATCH &&
	       1u + pkt->n_frags + n_full(pkt) <= netback_copy_room();
}

static void copy_part(struct netback_rx_slot *slot, const void *va, const struct uk_net_frag *frag,
		      uint16_t from, domid_t dom, uint16_t len)
{
	if (va)
		netback_copy_out(n_batch, (const char *)va + from, dom, slot->ref,
				 slot->len_bytes, len);
	else
		netback_copy_across(n_batch, frag, from, dom, slot->ref, slot->len_bytes, len);
	slot->len_bytes += len;
}

static void next_slot(struct netback_rx_slot **slot)
{
	(*slot)++;
	if ((*slot)->len_bytes == IS_EXTRA)
		(*slot)++;
}

/* Add one run of bytes behind what is in *@slot; goes on to the next ones. */
static void copy_run(struct netback_rx_slot **slot, const void *va,
		     const struct uk_net_frag *frag, domid_t dom, uint16_t len)
{
	for (uint16_t from = 0, part; from < len; from += part) {
		uint16_t room = (uint16_t)(UK_PAGE_SIZE - (*slot)->len_bytes);

		if (!room) {
			next_slot(slot);
			room = UK_PAGE_SIZE;
		}
		part = UK_MIN(room, (uint16_t)(len - from));
		copy_part(*slot, va, frag, from, dom, part);
	}
}

/* @n: with the extra one */
static void take_slots(struct netback_queue *q, const struct uk_net_pkt *pkt, unsigned int n)
{
	union netback_rx_wire w;

	for (unsigned int i = 0; i < n; i++) {
		uk_xen_ring_get(&q->rx, w.words);
		netback_rx_journal->slots[n_slots++] = (struct netback_rx_slot) {
			.id = w.req.id, .ref = w.req.gref,
			.len_bytes = i == 1 && pkt->gso ? IS_EXTRA : 0,
		};
	}
}

void netback_rx_add(struct netback_queue *q, struct uk_net_pkt *pkt)
{
	domid_t dom = q->vif->dev->remote;
	struct netback_rx_slot *slot = &netback_rx_journal->slots[n_slots];

	bool is_whole;

	batch[n_batch] = (struct rx_pkt) { pkt, n_slots, n_data_slots(pkt, &is_whole) };
	take_slots(q, pkt, batch[n_batch].n_slots + (pkt->gso ? 1 : 0));
	copy_run(&slot, pkt->head, NULL, dom, pkt->head_bytes);
	for (unsigned int i = 0; i < pkt->n_frags; i++) {
		const struct uk_net_frag *frag = &pkt->frags[i];

		if (is_whole && slot->len_bytes + frag->len_bytes > UK_PAGE_SIZE)
			next_slot(&slot);
		copy_run(&slot, frag->va, frag, dom, frag->len_bytes);
	}
	n_batch++;
}

/* ---- Responses ---- */

static uint16_t flags_of(const struct uk_net_pkt *pkt)
{
	uint16_t flags = 0;

	if (pkt->flags & UK_NET_CSUM_BLANK)
		flags |= NETRXF_csum_blank | NETRXF_data_validated;
	else if (pkt->flags & UK_NET_CSUM_GOOD)
		flags |= NETRXF_data_validated;
	if (pkt->gso)
		flags |= NETRXF_extra_info;
	return flags;
}

static void put_extra(struct netback_queue *q, const struct uk_net_pkt *pkt)
{
	union netback_rx_wire w = { .extra = {
		.type = XEN_NETIF_EXTRA_TYPE_GSO,
		.u.gso = {
			.size = pkt->gso_bytes,
			.type = pkt->gso == UK_NET_GSO_TCPV4 ? XEN_NETIF_GSO_TYPE_TCPV4
							     : XEN_NETIF_GSO_TYPE_TCPV6,
		},
	} };

	uk_xen_ring_put(&q->rx, w.words, NETBACK_RX_RSP_WORDS);
}

static void respond(struct netback_queue *q, const struct rx_pkt *b, bool is_ok)
{
	const struct uk_net_pkt *pkt = b->pkt;
	unsigned int n = b->n_slots;
	uint16_t flags = flags_of(pkt);
	const struct netback_rx_slot *slot = &netback_rx_journal->slots[b->first_slot];

	for (unsigned int i = 0; i < n; i++, slot++) {
		union netback_rx_wire w = { .rsp = {
			.id = slot->id,
			.flags = flags | (i + 1 < n ? NETRXF_more_data : 0),
			.status = is_ok ? (int16_t)slot->len_bytes : NETIF_RSP_ERROR,
		} };

		uk_xen_ring_put(&q->rx, w.words, NETBACK_RX_RSP_WORDS);
		if (!i && pkt->gso) {
			put_extra(q, pkt);
			slot++;
		}
		flags = 0;
	}
}

static void give_back(struct netback_queue *q, struct uk_net_pkt *pkt, bool is_ok,
		      bool is_dest_bad)
{
	struct uk_netdev *guilty = is_dest_bad || !pkt->from ? &q->vif->netdev : pkt->from;

	if (is_ok)
		pkt->done(pkt);
	else
		uk_netdev_drop(guilty, pkt, UK_NET_DROP_PEER);
}

/* From here until the push the ring does not say any more what was posted. */
static void begin_journal(const struct netback_queue *q)
{
	struct netback_rx_journal *j = netback_rx_journal;

	j->domain = q->vif->dev->remote;
	j->rx_ref = q->pages[1].ref;
	j->start = q->rx.rsp_prod;
	uk_barrier();
	j->n = n_slots;
	uk_barrier();
}

static void end_journal(void)
{
	uk_barrier();
	netback_rx_journal->n = 0;
}

void netback_rx_finish(struct netback_queue *q)
{
	bool is_ok[MAX_BATCH], is_dest_bad[MAX_BATCH];
	struct uk_net_pkt *pkts[MAX_BATCH];
	unsigned int n = n_batch;

	for (unsigned int i = 0; i < n; i++) {
		is_ok[i] = true;
		is_dest_bad[i] = false;
	}
	netback_copy_run(is_ok, is_dest_bad);
	begin_journal(q);
	for (unsigned int i = 0; i < n; i++) {
		respond(q, &batch[i], is_ok[i]);
		pkts[i] = batch[i].pkt;
	}
	if (uk_xen_ring_push(&q->rx))
		q->is_notify_due = true;
	end_journal();
	n_batch = 0;
	n_slots = 0;
	/* Whoever gets a packet back may send others */
	for (unsigned int i = 0; i < n; i++)
		give_back(q, pkts[i], is_ok[i], is_dest_bad[i]);
}
