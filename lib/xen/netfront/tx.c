/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * To the back end. A packet's head is copied to a page that the back end may read
 * all the time, and that holds nothing else; its fragments are granted from where
 * they are. A packet of too many fragments, or for a back end that must not see
 * what lies beside them, is copied to fresh pages.
 *
 * What the back end writes are the answers: an id and a status. take_answer()
 * checks the id; a grant that it has not given back when it answers ends the
 * connection, because the page cannot be used for anything else.
 */
#include "netfront_priv.h"

#include <errno.h>

#include <uk/pages.h>

#define NO_SLOT UINT16_MAX

static char *head_of(const struct netfront_queue *q, uint16_t id)
{
	return q->heads[id / NETFRONT_HEADS_PER_PAGE] +
	       id % NETFRONT_HEADS_PER_PAGE * NETFRONT_HEAD_ROOM;
}

static uint16_t take_slot(struct netfront_queue *q)
{
	uint16_t id = q->first_free;

	q->first_free = q->slots[id].next;
	q->n_free--;
	return id;
}

static void free_slot(struct netfront_queue *q, uint16_t id)
{
	q->slots[id] = (struct netfront_tx_slot) { .next = q->first_free };
	q->first_free = id;
	q->n_free++;
}

/* ---- Requests ---- */

static uint16_t flags_of(const struct uk_net_pkt *pkt)
{
	uint16_t flags = 0;

	if (pkt->flags & UK_NET_CSUM_BLANK)
		flags = NETTXF_csum_blank | NETTXF_data_validated;
	else if (pkt->flags & UK_NET_CSUM_GOOD)
		flags = NETTXF_data_validated;
	return pkt->gso ? flags | NETTXF_extra_info : flags;
}

/* A run of bytes that the back end may read as @ref, which is ended when they are
 * sent if it is their own. */
struct run {
	grant_ref_t ref;
	bool is_own;
	uint16_t offset, len_bytes;
};

static void put_slot(struct netfront_queue *q, uint16_t id, const struct run *run, uint16_t flags)
{
	union netfront_tx_wire w = { .req = {
		.gref = run->ref, .offset = run->offset, .flags = flags, .id = id,
		.size = run->len_bytes,
	} };

	q->slots[id].ref = run->is_own ? run->ref : 0;
	q->slots[id].is_sent = true;
	uk_xen_front_put(&q->tx, w.words, NETFRONT_TX_WORDS);
}

static void put_extra(struct netfront_queue *q, const struct uk_net_pkt *pkt)
{
	union netfront_tx_wire w = { .extra = {
		.type = XEN_NETIF_EXTRA_TYPE_GSO,
		.u.gso = {
			.size = pkt->gso_bytes,
			.type = pkt->gso == UK_NET_GSO_TCPV4 ? XEN_NETIF_GSO_TYPE_TCPV4
							     : XEN_NETIF_GSO_TYPE_TCPV6,
		},
	} };

	uk_xen_front_put(&q->tx, w.words, NETFRONT_TX_WORDS);
}

/* @pkt in @n slots, of which @first is taken. Its first says the packet's size. */
static void put_packet(struct netfront_queue *q, const struct uk_net_pkt *pkt, uint16_t first,
		       struct run *runs, unsigned int n)
{
	uint16_t id = first, flags = flags_of(pkt);

	runs[0].len_bytes = (uint16_t)pkt->len_bytes;
	q->slots[first].n_left = (uint16_t)n;
	for (unsigned int i = 0; i < n; i++) {
		bool is_last = i + 1 == n;
		uint16_t next = is_last ? NO_SLOT : take_slot(q);

		q->slots[id].first = first;
		q->slots[id].next = next;
		put_slot(q, id, &runs[i], is_last ? flags : flags | NETTXF_more_data);
		if (!i && pkt->gso)
			put_extra(q, pkt);
		flags = 0;
		id = next;
	}
}

/* ---- Granting ---- */

static void end_grants(const struct run *runs, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (runs[i].is_own)
			uk_gnttab_end(runs[i].ref);	/* nobody has heard of it */
}

/* The page of @va to a run. @return false: no grant is left. */
static bool grant(struct netfront_queue *q, const void *va, uint16_t len, struct run *run)
{
	uint16_t offset = (uint16_t)((uintptr_t)va % UK_PAGE_SIZE);
	int ref = uk_gnttab_grant(q->remote, (const char *)va - offset, true);

	*run = (struct run) {
		.ref = (grant_ref_t)ref, .is_own = true, .offset = offset, .len_bytes = len,
	};
	return ref > 0;
}

/* @return how many runs; 0: no grant is left. */
static unsigned int grant_frags(struct netfront_queue *q, const struct uk_net_pkt *pkt,
				uint16_t first, struct run *runs)
{
	unsigned int n = 1;

	memcpy(head_of(q, first), pkt->head, pkt->head_bytes);
	runs[0] = (struct run) {
		.ref = q->head_refs[first / NETFRONT_HEADS_PER_PAGE],
		.offset = first % NETFRONT_HEADS_PER_PAGE * NETFRONT_HEAD_ROOM,
		.len_bytes = pkt->head_bytes,
	};
	for (unsigned int i = 0; i < pkt->n_frags; i++, n++)
		if (!grant(q, pkt->frags[i].va, pkt->frags[i].len_bytes, &runs[n])) {
			end_grants(runs, n);
			return 0;
		}
	return n;
}

/* All of @pkt in fresh pages, which hold nothing else. @return NULL: no memory. */
static char *copy_of(const struct uk_net_pkt *pkt, unsigned int n_pages)
{
	char *copy = uk_pages_alloc_n(n_pages);
	uint32_t at = pkt->head_bytes;

	if (!copy)
		return NULL;
	memcpy(copy, pkt->head, at);
	for (unsigned int i = 0; i < pkt->n_frags; i++) {
		memcpy(copy + at, pkt->frags[i].va, pkt->frags[i].len_bytes);
		at += pkt->frags[i].len_bytes;
	}
	memset(copy + at, 0, n_pages * UK_PAGE_SIZE - at);
	return copy;
}

static unsigned int grant_copy(struct netfront_queue *q, const struct uk_net_pkt *pkt,
			       uint16_t first, struct run *runs)
{
	unsigned int n_pages = (pkt->len_bytes + UK_PAGE_SIZE - 1) / UK_PAGE_SIZE, n;
	char *copy = copy_of(pkt, n_pages);
	uint32_t left = pkt->len_bytes;

	if (!copy)
		return 0;
	for (n = 0; n < n_pages; n++) {
		uint16_t len = (uint16_t)UK_MIN(left, (uint32_t)UK_PAGE_SIZE);

		if (!grant(q, copy + n * UK_PAGE_SIZE, len, &runs[n])) {
			end_grants(runs, n);
			uk_pages_free_n(copy, n_pages);
			return 0;
		}
		left -= len;
	}
	q->slots[first].copy = copy;
	q->slots[first].n_pages = (uint16_t)n_pages;
	return n;
}

static bool must_copy(const struct netfront_queue *q, const struct uk_net_pkt *pkt)
{
	return pkt->n_frags && (pkt->n_frags >= NETFRONT_MAX_SLOTS || !q->nf->is_trusted ||
				!q->nf->has_sg);
}

/* struct uk_netdev_queue.start */
static bool start(struct uk_netdev_queue *queue, struct uk_net_pkt *pkt)
{
	struct netfront_queue *q = UK_CONTAINER_OF(queue, struct netfront_queue, queue);
	bool is_copied = must_copy(q, pkt);
	struct run runs[NETFRONT_MAX_SLOTS];
	unsigned int n;
	uint16_t first;

	if (q->n_free < NETFRONT_MAX_SLOTS || uk_xen_front_room(&q->tx) < NETFRONT_MAX_SLOTS + 1)
		return false;
	first = take_slot(q);
	n = is_copied ? grant_copy(q, pkt, first, runs) : grant_frags(q, pkt, first, runs);
	if (!n) {
		free_slot(q, first);
		uk_netdev_drop(queue->dev, pkt, UK_NET_DROP_NO_MEMORY);
		return true;
	}
	put_packet(q, pkt, first, runs, n);
	if (is_copied || !pkt->n_frags)
		pkt->done(pkt);
	else
		q->slots[first].pkt = pkt;
	return true;
}

/* ---- Answers ---- */

/* All slots of a packet are answered. */
static void finish(struct netfront_queue *q, uint16_t first)
{
	struct uk_net_pkt *pkt = q->slots[first].pkt;
	uint16_t next;

	if (q->slots[first].copy)
		uk_pages_free_n(q->slots[first].copy, q->slots[first].n_pages);
	for (uint16_t id = first; id != NO_SLOT; id = next) {
		next = q->slots[id].next;
		free_slot(q, id);
	}
	if (pkt)
		pkt->done(pkt);
}

/* @return false: the back end has not given back the page. */
static bool take_back(struct netfront_queue *q, uint16_t id)
{
	struct netfront_tx_slot *slot = &q->slots[id];

	if (slot->ref && uk_gnttab_end(slot->ref))
		return false;
	slot->ref = 0;
	slot->is_sent = false;
	if (!--q->slots[slot->first].n_left)
		finish(q, slot->first);
	return true;
}

/* @return what is wrong; NULL: nothing. */
static const char *take_answer(struct netfront_queue *q)
{
	union netfront_tx_wire w;

	uk_xen_front_get(&q->tx, w.words);
	/* To an extra slot, which has no id */
	if (w.rsp.status == NETIF_RSP_NULL)
		return NULL;
	if (w.rsp.id >= NETFRONT_RING_SIZE || !q->slots[w.rsp.id].is_sent)
		return "the back end answers what it was not asked";
	if (w.rsp.status != NETIF_RSP_OKAY)
		q->queue.dev->stats.drops[UK_NET_DROP_PEER]++;
	if (!take_back(q, w.rsp.id))
		return "the back end answers a packet and keeps its page";
	return NULL;
}

/* @return false: the connection has been given up. */
static bool take_answers(struct netfront_queue *q)
{
	int n = uk_xen_front_pending(&q->tx);
	const char *why = n < 0 ? "the back end's TX ring index makes no sense" : NULL;

	for (; !why && n > 0; n--)
		why = take_answer(q);
	if (why)
		netfront_give_up(q, why);
	return !why;
}

void netfront_tx_poll(struct netfront_queue *q)
{
	uint32_t n_asked;

	do {
		if (!q->is_open || !take_answers(q))
			return;
		uk_netdev_queue_run(&q->queue);
		if (uk_xen_front_push(&q->tx))
			uk_evtchn_notify(q->port);
		/* When half of them are answered, the last one in any case */
		n_asked = NETFRONT_RING_SIZE - uk_xen_front_room(&q->tx);
	} while (uk_xen_front_expect(&q->tx, n_asked / 2 + 1) > (int)(n_asked / 2));
}

/* ---- Start and end ---- */

static int offer_heads(struct netfront_queue *q, unsigned int i)
{
	int ref;

	q->heads[i] = uk_pages_alloc(0);
	if (!q->heads[i])
		return -ENOMEM;
	memset(q->heads[i], 0, UK_PAGE_SIZE);
	ref = uk_gnttab_grant(q->remote, q->heads[i], true);
	if (ref < 0)
		return ref;
	q->head_refs[i] = (grant_ref_t)ref;
	return 0;
}

int netfront_tx_init(struct netfront_queue *q)
{
	int err = 0;

	uk_xen_front_init(&q->tx, q->rings[0].va, sizeof(union netfront_tx_wire));
	uk_netdev_queue_init(&q->queue, &q->nf->netdev, start);
	for (uint16_t i = NETFRONT_RING_SIZE; i--;)
		free_slot(q, i);
	for (unsigned int i = 0; !err && i < NETFRONT_HEAD_PAGES; i++)
		err = offer_heads(q, i);
	return err;
}

bool netfront_tx_reap(struct netfront_queue *q)
{
	bool is_over = true;

	for (uint16_t id = 0; id < NETFRONT_RING_SIZE; id++)
		if (q->slots[id].is_sent && !take_back(q, id))
			is_over = false;
	for (unsigned int i = 0; i < NETFRONT_HEAD_PAGES; i++) {
		if (q->head_refs[i] && uk_gnttab_end(q->head_refs[i]))
			is_over = false;
		else
			q->head_refs[i] = 0;
	}
	return is_over;
}
