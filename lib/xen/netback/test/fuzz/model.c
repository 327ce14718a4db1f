/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the back end owes a frontend whose rings make sense, however bad what
 * stands in them is: each slot of the TX ring is answered once, with its number,
 * or as an extra slot; each response in the RX ring is in the slot of its request,
 * and nothing is written behind the bytes it announces.
 */
#include "fuzz.h"

#include <string.h>

#include <xen/io/xenbus.h>

#define UNUSED_BYTE 0x5a

void model_start(struct hostile *h)
{
	memset(h->models, 0, sizeof(h->models));
	for (unsigned int q = 0; q < FE_MAX_QUEUES; q++)
		h->models[q].is_tx_clean = h->models[q].is_rx_clean = true;
	memset(h->fe.rx_data, UNUSED_BYTE, FE_RX_PAGES * UK_PAGE_SIZE);
}

bool model_has_tx_room(struct hostile *h, unsigned int q)
{
	const struct fe_queue *queue = &h->fe.queues[q];

	return queue->tx_prod - queue->tx_rsp_cons < FE_RING_SIZE;
}

/* One slot for each page: what has been written to it is told apart. */
bool model_has_rx_room(struct hostile *h, unsigned int q)
{
	const struct fe_queue *queue = &h->fe.queues[q];

	return queue->rx_prod - queue->rx_rsp_cons < FE_RX_PAGES / h->fe.n_queues;
}

/* ---- TX ---- */

static const union netback_tx_wire *tx_entry(const struct hostile *h, unsigned int q, uint32_t i)
{
	return (const void *)(h->fe.queues[q].tx->entries + i % FE_RING_SIZE * 3);
}

static void add_id(struct model *m, uint16_t id)
{
	must(m->n_ids < MODEL_MAX_IDS);
	m->ids[m->n_ids++] = id;
}

static void publish_slot(struct model *m, const union netback_tx_wire *w)
{
	if (m->next == MODEL_EXTRA) {
		m->n_extras++;
		if (!(w->extra.flags & XEN_NETIF_EXTRA_FLAG_MORE))
			m->next = m->has_more ? MODEL_MORE : MODEL_FIRST;
		return;
	}
	add_id(m, w->req.id);
	m->has_more = w->req.flags & NETTXF_more_data;
	if (m->next == MODEL_FIRST && w->req.flags & NETTXF_extra_info)
		m->next = MODEL_EXTRA;
	else
		m->next = m->has_more ? MODEL_MORE : MODEL_FIRST;
}

void model_publish(struct hostile *h, unsigned int q)
{
	struct model *m = &h->models[q];

	if (!m->is_tx_clean)
		return;
	while (m->tx_published != h->fe.queues[q].tx_prod)
		publish_slot(m, tx_entry(h, q, m->tx_published++));
}

static void answered(struct model *m, const struct netif_tx_response *rsp)
{
	unsigned int i = 0;

	if (rsp->status == NETIF_RSP_NULL) {
		must(m->n_extras);
		m->n_extras--;
		return;
	}
	must(rsp->status == NETIF_RSP_OKAY || rsp->status == NETIF_RSP_ERROR);
	while (i < m->n_ids && m->ids[i] != rsp->id)
		i++;
	must(i < m->n_ids);	/* that number is owed an answer */
	m->ids[i] = m->ids[--m->n_ids];
}

static void collect_tx(struct hostile *h, unsigned int q)
{
	struct fe_queue *queue = &h->fe.queues[q];
	struct model *m = &h->models[q];

	if (!m->is_tx_clean) {
		queue->tx_rsp_cons = queue->tx->rsp_prod;
		return;
	}
	must(queue->tx->rsp_prod - queue->tx_rsp_cons <= m->tx_published - queue->tx_rsp_cons);
	while (queue->tx_rsp_cons != queue->tx->rsp_prod)
		answered(m, &tx_entry(h, q, queue->tx_rsp_cons++)->rsp);
	queue->tx->rsp_event = queue->tx_rsp_cons + 1;
}

/* ---- RX ---- */

/* Behind what a response announces there is what was there before. */
static void check_page(struct hostile *h, uint32_t number, const struct netif_rx_response *rsp)
{
	char *page = h->fe.rx_data + number % FE_RX_PAGES * UK_PAGE_SIZE;

	must(!rsp->offset && rsp->status <= (int)UK_PAGE_SIZE);
	for (int i = UK_MAX(rsp->status, 0); rsp->status >= 0 && i < (int)UK_PAGE_SIZE; i++)
		must(page[i] == UNUSED_BYTE);
	memset(page, UNUSED_BYTE, UK_PAGE_SIZE);
}

static void received(struct hostile *h, unsigned int q, uint32_t number)
{
	const union netback_rx_wire *w =
		(const void *)(h->fe.queues[q].rx->entries + number % FE_RING_SIZE * 2);
	struct model *m = &h->models[q];

	if (m->is_extra_next) {
		must(w->extra.type == XEN_NETIF_EXTRA_TYPE_GSO && w->extra.u.gso.size);
		m->is_extra_next = false;
		return;
	}
	must(w->rsp.id == (uint16_t)number);
	m->is_extra_next = w->rsp.flags & NETRXF_extra_info;
	if (h->fe.n_queues == 1)
		check_page(h, number, &w->rsp);
}

static void collect_rx(struct hostile *h, unsigned int q)
{
	struct fe_queue *queue = &h->fe.queues[q];

	if (!h->models[q].is_rx_clean) {
		queue->rx_rsp_cons = queue->rx->rsp_prod;
		return;
	}
	must(queue->rx->rsp_prod - queue->rx_rsp_cons <= queue->rx_prod - queue->rx_rsp_cons);
	while (queue->rx_rsp_cons != queue->rx->rsp_prod)
		received(h, q, queue->rx_rsp_cons++);
	queue->rx->rsp_event = queue->rx_rsp_cons + 1;
}

/* ---- All of it ---- */

void model_collect(struct hostile *h)
{
	for (unsigned int q = 0; q < h->fe.n_queues; q++) {
		collect_tx(h, q);
		collect_rx(h, q);
	}
	for (unsigned int i = 0; i < FE_RX_PAGES; i++)
		if (h->revoked >> i & 1)
			must(h->fe.rx_data[i * UK_PAGE_SIZE] == UNUSED_BYTE);
}

void model_finish(struct hostile *h)
{
	model_collect(h);
	if (uk_frontsim_be_state(&h->fe.sim) != XenbusStateConnected || h->fe.rate)
		return;
	for (unsigned int q = 0; q < h->fe.n_queues; q++)
		if (h->models[q].is_tx_clean)
			must(!h->models[q].n_ids && !h->models[q].n_extras);
}
