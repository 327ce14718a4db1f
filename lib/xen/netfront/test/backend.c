/* SPDX-License-Identifier: BSD-3-Clause */
#include "backend.h"

#include <string.h>

#include <uk/print.h>
#include <uk/test.h>

#define N_ENTRIES 256

unsigned int be_n_taken;
uint16_t be_taken[32];
grant_ref_t be_rx_ref;

/* ---- Attach ---- */

void be_attach(struct backend *be, unsigned int id)
{
	memset(be->queues, 0, sizeof(be->queues));
	uk_backsim_attach_begin(&be->sim, "vif", id);
	uk_backsim_write_fe(&be->sim, "mac", "%s", be->mac ? be->mac : "00:16:3e:00:00:07");
	if (be->mtu)
		uk_backsim_write_fe(&be->sim, "mtu", "%s", be->mtu);
	if (be->trusted)
		uk_backsim_write_fe(&be->sim, "trusted", "%s", be->trusted);
	uk_backsim_attach_end(&be->sim);
}

static void write_features(struct backend *be)
{
	if (!be->has_no_copy)
		be_write(be, "feature-rx-copy", "1");
	be_write(be, "feature-sg", be->has_no_sg ? "0" : "1");
	be_write(be, "feature-gso-tcpv4", "1");
	be_write(be, "feature-gso-tcpv6", "1");
	be_write(be, "feature-ipv6-csum-offload", be->has_no_offload ? "0" : "1");
	be_write(be, "feature-no-csum-offload", be->has_no_offload ? "1" : "0");
	be_write(be, "feature-split-event-channels", be->is_split ? "1" : "0");
	if (be->max_queues)
		uk_backsim_write_be(&be->sim, "multi-queue-max-queues", "%u", be->max_queues);
}

/* ---- Connect ---- */

static bool map_queue(struct backend *be, unsigned int i)
{
	struct be_queue *q = &be->queues[i];
	struct uk_backsim dir = be->sim;

	if (be->n_queues > 1)
		uk_snprintf(dir.fe, sizeof(dir.fe), "%s/queue-%u", be->sim.fe, i);
	*q = (struct be_queue) {
		.tx_ref = uk_backsim_number(&dir, "tx-ring-ref"),
		.rx_ref = uk_backsim_number(&dir, "rx-ring-ref"),
	};
	q->tx = uk_backsim_map(q->tx_ref);
	q->rx = uk_backsim_map(q->rx_ref);
	if (!UK_EXPECT(q->tx && q->rx))
		return false;
	q->port = uk_backsim_bind(&dir, be->is_split ? "event-channel-tx" : "event-channel");
	q->rx_port = !be->is_split ? q->port : uk_backsim_bind(&dir, "event-channel-rx");
	return UK_EXPECT(q->port && q->rx_port);
}

bool be_map(struct backend *be)
{
	unsigned int n = uk_backsim_number(&be->sim, "multi-queue-num-queues");

	be->n_queues = n ? n : 1;
	if (!UK_EXPECT(be->n_queues <= BE_MAX_QUEUES))
		return false;
	for (unsigned int i = 0; i < be->n_queues; i++)
		if (!map_queue(be, i))
			return false;
	return true;
}

bool be_connect(struct backend *be)
{
	write_features(be);
	be_set_state(be, "2");
	if (!UK_EXPECT(be_wait(be, "state", "4")) || !be_map(be))
		return false;
	be_set_state(be, "4");
	return true;
}

/* ---- The end ---- */

void be_let_go(struct backend *be)
{
	for (unsigned int i = 0; i < be->n_queues; i++) {
		struct be_queue *q = &be->queues[i];

		if (!q->tx)
			continue;
		uk_backsim_unmap(&q->tx_ref);
		uk_backsim_unmap(&q->rx_ref);
		if (q->rx_port != q->port)
			uk_frontsim_close_port(&q->rx_port);
		uk_frontsim_close_port(&q->port);
		*q = (struct be_queue) { 0 };
	}
}

void be_detach(struct backend *be)
{
	UK_EXPECT(uk_backsim_detach_begin(&be->sim));
	be_let_go(be);
	uk_backsim_detach_end(&be->sim);
}

/* ---- TX ---- */

static union netfront_tx_wire *tx_entry(struct be_queue *q, uint32_t i)
{
	return (union netfront_tx_wire *)q->tx->entries + i % N_ENTRIES;
}

bool be_tx_take(struct backend *be, unsigned int q, union netfront_tx_wire *w)
{
	struct be_queue *queue = &be->queues[q];

	if (!uk_frontsim_wait_past(&queue->tx->req_prod, queue->tx_cons, UK_FRONTSIM_PATIENCE_NS))
		return false;
	*w = *tx_entry(queue, queue->tx_cons++);
	queue->tx->req_event = queue->tx_cons + 1;
	return true;
}

bool be_tx_is_empty(struct backend *be, unsigned int q)
{
	return !uk_frontsim_wait_past(&be->queues[q].tx->req_prod, be->queues[q].tx_cons,
			  5 * UK_NSEC_PER_MSEC);
}

static bool read_slot(const struct netif_tx_request *req, unsigned int len, char *to)
{
	const char *page = uk_xensim_granted(BE_DOM, req->gref, false);

	if (!UK_EXPECT(page) || !UK_EXPECT(req->offset + len <= UK_PAGE_SIZE))
		return false;
	/* Ours to read only */
	UK_EXPECT(!uk_xensim_granted(BE_DOM, req->gref, true));
	memcpy(to, page + req->offset, len);
	return true;
}

unsigned int be_tx_packet(struct backend *be, unsigned int q, char *bytes,
			  struct netif_tx_request *first, uint16_t *gso_bytes)
{
	struct netif_tx_request reqs[20];
	union netfront_tx_wire w;
	unsigned int n = 0, others = 0, at;

	*gso_bytes = 0;
	do {
		if (!be_tx_take(be, q, &w) || !UK_EXPECT(n < 18))
			return 0;
		reqs[n++] = w.req;
		if (n > 1)
			others += w.req.size;
		if (n > 1 || !(w.req.flags & NETTXF_extra_info))
			continue;
		be_tx_take(be, q, &w);
		UK_EXPECT_EQ(w.extra.type, XEN_NETIF_EXTRA_TYPE_GSO);
		UK_EXPECT_EQ(w.extra.flags, 0);
		*gso_bytes = w.extra.u.gso.size;
	} while (reqs[n - 1].flags & NETTXF_more_data);
	*first = reqs[0];
	if (!UK_EXPECT(reqs[0].size >= others))
		return 0;
	at = reqs[0].size - others;
	if (!read_slot(&reqs[0], at, bytes))
		return 0;
	be_taken[0] = reqs[0].id;
	for (unsigned int i = 1; i < n; at += reqs[i++].size) {
		be_taken[i] = reqs[i].id;
		if (!read_slot(&reqs[i], reqs[i].size, bytes + at))
			return 0;
	}
	be_n_taken = n;
	return at;
}

void be_tx_answer(struct backend *be, unsigned int q, uint16_t id, int16_t status)
{
	struct be_queue *queue = &be->queues[q];

	tx_entry(queue, queue->tx_prod++)->rsp = (struct netif_tx_response) {
		.id = id, .status = status,
	};
}

void be_tx_push(struct backend *be, unsigned int q)
{
	be->queues[q].tx->rsp_prod = be->queues[q].tx_prod;
	uk_xensim_port_kick(be->queues[q].port);
}

/* As Linux: the slots in order, and one of no meaning for each extra slot. */
void be_tx_answer_taken(struct backend *be, unsigned int q)
{
	struct be_queue *queue = &be->queues[q];

	for (unsigned int i = 0; i < be_n_taken; i++)
		be_tx_answer(be, q, be_taken[i], NETIF_RSP_OKAY);
	while (queue->tx_prod != queue->tx_cons)
		be_tx_answer(be, q, 0, NETIF_RSP_NULL);
	be_tx_push(be, q);
}

/* ---- RX ---- */

unsigned int be_rx_room(struct backend *be, unsigned int q)
{
	return be->queues[q].rx->req_prod - be->queues[q].rx_cons;
}

static union netfront_rx_wire *rx_next(struct backend *be, unsigned int q, uint32_t *number)
{
	struct be_queue *queue = &be->queues[q];

	uk_frontsim_wait_past(&queue->rx->req_prod, queue->rx_cons, UK_FRONTSIM_PATIENCE_NS);
	UK_EXPECT_EQ(queue->rx_cons, queue->rx_prod);
	queue->rx->req_event = queue->rx_cons + 2;
	*number = queue->rx_cons++;
	queue->rx_prod++;
	return (union netfront_rx_wire *)queue->rx->entries + *number % N_ENTRIES;
}

struct netif_rx_response *be_rx_put(struct backend *be, unsigned int q, const char *bytes,
				    uint16_t offset, uint16_t len, uint16_t flags)
{
	uint32_t number;
	union netfront_rx_wire *w = rx_next(be, q, &number);
	struct netif_rx_request req = w->req;
	char *page = uk_xensim_granted(BE_DOM, req.gref, true);

	be_rx_ref = req.gref;
	if (UK_EXPECT(page))
		memcpy(page + offset, bytes, len);
	w->rsp = (struct netif_rx_response) {
		.id = req.id, .offset = offset, .flags = flags, .status = (int16_t)len,
	};
	return &w->rsp;
}

struct netif_extra_info *be_rx_extra(struct backend *be, unsigned int q, uint8_t type)
{
	uint32_t number;
	union netfront_rx_wire *w = rx_next(be, q, &number);

	w->extra = (struct netif_extra_info) { .type = type };
	return &w->extra;
}

void be_rx_push(struct backend *be, unsigned int q)
{
	be->queues[q].rx->rsp_prod = be->queues[q].rx_prod;
	uk_xensim_port_kick(be->queues[q].rx_port);
}

void be_rx_packet(struct backend *be, unsigned int q, const char *bytes, unsigned int len,
		  uint16_t flags, uint16_t gso_bytes)
{
	for (unsigned int at = 0, n; at < len; at += n) {
		uint16_t more = 0;

		n = UK_MIN(len - at, 4096u);
		if (at + n < len)
			more = NETRXF_more_data;
		if (!at && gso_bytes)
			more |= NETRXF_extra_info;
		be_rx_put(be, q, bytes + at, 0, (uint16_t)n, at ? more : flags | more);
		if (!at && gso_bytes) {
			struct netif_extra_info *extra =
				be_rx_extra(be, q, XEN_NETIF_EXTRA_TYPE_GSO);

			extra->u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4;
			extra->u.gso.size = gso_bytes;
		}
	}
	be_rx_push(be, q);
}
