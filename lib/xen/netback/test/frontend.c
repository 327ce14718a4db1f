/* SPDX-License-Identifier: BSD-3-Clause */
#include "frontend.h"

#include <string.h>

#include <uk/pages.h>
#include <uk/print.h>
#include <uk/test.h>

/* ---- Attach ---- */

static void write_if(const struct frontend *fe, const char *node, const char *value)
{
	if (value)
		uk_frontsim_write_be(&fe->sim, node, "%s", value);
}

static void write_toolstack_nodes(const struct frontend *fe)
{
	const uint8_t *addr = fe->addr;

	uk_frontsim_attach_begin(&fe->sim);
	if (fe->mac)
		uk_frontsim_write_be(&fe->sim, "mac", "%s", fe->mac);
	else
		uk_frontsim_write_be(&fe->sim, "mac", "%02x:%02x:%02x:%02x:%02x:%02x", addr[0],
				     addr[1], addr[2], addr[3], addr[4], addr[5]);
	uk_frontsim_write_be(&fe->sim, "script", "/etc/xen/scripts/vif-bridge");
	write_if(fe, "mtu", fe->mtu);
	write_if(fe, "rate", fe->rate);
	write_if(fe, "bridge", fe->bridge);
	uk_frontsim_attach_end(&fe->sim);
}

void fe_attach(struct frontend *fe, domid_t dom, unsigned int id)
{
	const uint8_t addr[6] = { 0, 0x16, 0x3e, 0, (uint8_t)dom, (uint8_t)id };

	uk_frontsim_init(&fe->sim, "vif", dom, id);
	memcpy(fe->addr, addr, sizeof(addr));
	memset(fe->queues, 0, sizeof(fe->queues));
	if (!fe->n_queues)
		fe->n_queues = 1;
	fe->tx_data = uk_pages_alloc_n(FE_TX_PAGES);
	fe->rx_data = uk_pages_alloc_n(FE_RX_PAGES);
	for (unsigned int q = 0; q < fe->n_queues; q++) {
		fe->queues[q].tx = uk_pages_alloc(0);
		fe->queues[q].rx = uk_pages_alloc(0);
	}
	for (unsigned int i = 0; i < FE_TX_PAGES; i++)
		fe->tx_refs[i] = uk_xensim_grant(dom, fe->tx_data + i * UK_PAGE_SIZE, true);
	for (unsigned int i = 0; i < FE_RX_PAGES; i++)
		fe->rx_refs[i] = uk_xensim_grant(dom, fe->rx_data + i * UK_PAGE_SIZE, false);
	write_toolstack_nodes(fe);
}

/* ---- Connect ---- */

static void close_queue(struct fe_queue *q)
{
	UK_EXPECT(uk_frontsim_end_grant(&q->tx_ref));
	UK_EXPECT(uk_frontsim_end_grant(&q->rx_ref));
	if (q->rx_port != q->tx_port)
		uk_frontsim_close_port(&q->rx_port);
	uk_frontsim_close_port(&q->tx_port);
	q->rx_port = 0;
}

static void write_number(const struct frontend *fe, const char *dir, const char *node,
			 unsigned int val)
{
	char path[48];

	uk_snprintf(path, sizeof(path), "%s%s", dir, node);
	uk_frontsim_write_fe(&fe->sim, path, "%u", val);
}

static void offer_queue(struct frontend *fe, unsigned int i)
{
	struct fe_queue *q = &fe->queues[i];
	char dir[16] = "";

	close_queue(q);
	uk_frontsim_ring_start(q->tx);
	uk_frontsim_ring_start(q->rx);
	q->tx_prod = q->tx_rsp_cons = q->rx_prod = q->rx_rsp_cons = 0;
	q->tx_ref = uk_xensim_grant(fe->sim.dom, q->tx, false);
	q->rx_ref = uk_xensim_grant(fe->sim.dom, q->rx, false);
	q->tx_port = q->rx_port = uk_xensim_port_offer(fe->sim.dom);
	if (fe->n_queues > 1)
		uk_snprintf(dir, sizeof(dir), "queue-%u/", i);
	write_number(fe, dir, "tx-ring-ref", q->tx_ref);
	write_number(fe, dir, "rx-ring-ref", q->rx_ref);
	if (!fe->is_split) {
		write_number(fe, dir, "event-channel", q->tx_port);
		return;
	}
	q->rx_port = uk_xensim_port_offer(fe->sim.dom);
	write_number(fe, dir, "event-channel-tx", q->tx_port);
	write_number(fe, dir, "event-channel-rx", q->rx_port);
}

void fe_offer(struct frontend *fe)
{
	for (unsigned int i = 0; i < fe->n_queues; i++)
		offer_queue(fe, i);
	if (fe->n_queues > 1)
		write_number(fe, "", "multi-queue-num-queues", fe->n_queues);
	fe_write(fe, "request-rx-copy", "1");
	fe_write(fe, "feature-rx-notify", fe->has_no_notify ? "0" : "1");
	fe_write(fe, "feature-sg", fe->has_no_sg ? "0" : "1");
	fe_write(fe, "feature-gso-tcpv4", "1");
	fe_write(fe, "feature-gso-tcpv6", "1");
	fe_write(fe, "feature-ipv6-csum-offload", fe->has_no_offload ? "0" : "1");
	fe_write(fe, "feature-no-csum-offload", fe->has_no_offload ? "1" : "0");
	fe_write(fe, "request-multicast-control", fe->has_mcast_filter ? "1" : "0");
}

bool fe_connect(struct frontend *fe, domid_t dom, unsigned int id)
{
	fe_attach(fe, dom, id);
	if (!UK_EXPECT(fe_wait(fe, "state", "2")))
		return false;
	fe_offer(fe);
	fe_set_state(fe, "4");
	return UK_EXPECT(fe_wait(fe, "state", "4"));
}

/* ---- The end ---- */

void fe_detach(struct frontend *fe)
{
	UK_EXPECT(uk_frontsim_detach(&fe->sim));
}

void fe_free(struct frontend *fe)
{
	uk_xensim_xs_rm(fe->sim.fe);
	for (unsigned int q = 0; q < fe->n_queues; q++) {
		close_queue(&fe->queues[q]);
		uk_pages_free(fe->queues[q].tx, 0);
		uk_pages_free(fe->queues[q].rx, 0);
	}
	for (unsigned int i = 0; i < FE_TX_PAGES; i++)
		UK_EXPECT(uk_xensim_grant_end(fe->tx_refs[i]));
	for (unsigned int i = 0; i < FE_RX_PAGES; i++)
		UK_EXPECT(uk_xensim_grant_end(fe->rx_refs[i]));
	uk_pages_free_n(fe->tx_data, FE_TX_PAGES);
	uk_pages_free_n(fe->rx_data, FE_RX_PAGES);
}

/* ---- Rings ---- */

static union netback_tx_wire *tx_entry(struct frontend *fe, unsigned int q, uint32_t i)
{
	return (union netback_tx_wire *)fe->queues[q].tx->entries + i % FE_RING_SIZE;
}

static union netback_rx_wire *rx_entry(struct frontend *fe, unsigned int q, uint32_t i)
{
	return (union netback_rx_wire *)fe->queues[q].rx->entries + i % FE_RING_SIZE;
}

struct netif_tx_request *fe_tx_slot(struct frontend *fe, unsigned int q, unsigned int page,
				    uint16_t offset, uint16_t size, uint16_t flags, uint16_t id)
{
	union netback_tx_wire *w = tx_entry(fe, q, fe->queues[q].tx_prod++);

	w->req = (struct netif_tx_request) {
		.gref = fe->tx_refs[page], .offset = offset, .size = size, .flags = flags, .id = id,
	};
	return &w->req;
}

struct netif_extra_info *fe_tx_extra(struct frontend *fe, unsigned int q, uint8_t type,
				     uint8_t flags)
{
	union netback_tx_wire *w = tx_entry(fe, q, fe->queues[q].tx_prod++);

	w->extra = (struct netif_extra_info) { .type = type, .flags = flags };
	return &w->extra;
}

void fe_tx_push(struct frontend *fe, unsigned int q)
{
	fe->queues[q].tx->req_prod = fe->queues[q].tx_prod;
	uk_xensim_port_kick(fe->queues[q].tx_port);
}

void fe_tx_send(struct frontend *fe, unsigned int q, unsigned int len, uint16_t id)
{
	uint16_t size = (uint16_t)len;

	for (unsigned int page = 0, left = len; left; page++, size = (uint16_t)UK_MIN(left, 4096u)) {
		unsigned int here = UK_MIN(left, (unsigned int)UK_PAGE_SIZE);

		left -= here;
		fe_tx_slot(fe, q, page, 0, size, left ? NETTXF_more_data : 0, id++);
	}
	fe_tx_push(fe, q);
}

int fe_tx_answer(struct frontend *fe, unsigned int q, uint16_t *id)
{
	struct fe_queue *queue = &fe->queues[q];
	union netback_tx_wire *w;

	if (!uk_frontsim_wait_past(&queue->tx->rsp_prod, queue->tx_rsp_cons, UK_FRONTSIM_PATIENCE_NS))
		return FE_NO_ANSWER;
	w = tx_entry(fe, q, queue->tx_rsp_cons++);
	queue->tx->rsp_event = queue->tx_rsp_cons + 1;
	if (id)
		*id = w->rsp.id;
	return w->rsp.status;
}

bool fe_tx_is_unanswered(struct frontend *fe, unsigned int q)
{
	return !uk_frontsim_wait_past(&fe->queues[q].tx->rsp_prod, fe->queues[q].tx_rsp_cons,
			  5 * UK_NSEC_PER_MSEC);
}

void fe_rx_post(struct frontend *fe, unsigned int q, unsigned int n)
{
	struct fe_queue *queue = &fe->queues[q];
	uint32_t old = queue->rx_prod;

	while (n--) {
		rx_entry(fe, q, queue->rx_prod)->req = (struct netif_rx_request) {
			.id = (uint16_t)queue->rx_prod,
			.gref = fe->rx_refs[queue->rx_prod % FE_RX_PAGES],
		};
		queue->rx_prod++;
	}
	queue->rx->req_prod = queue->rx_prod;
	/* As frontends do: when the back end has asked for it */
	if (!fe->has_no_notify && queue->rx_prod - queue->rx->req_event < queue->rx_prod - old)
		uk_xensim_port_kick(queue->rx_port);
}

bool fe_rx_answer(struct frontend *fe, unsigned int q, union netback_rx_wire *rsp)
{
	struct fe_queue *queue = &fe->queues[q];

	if (!uk_frontsim_wait_past(&queue->rx->rsp_prod, queue->rx_rsp_cons, UK_FRONTSIM_PATIENCE_NS))
		return false;
	*rsp = *rx_entry(fe, q, queue->rx_rsp_cons++);
	queue->rx->rsp_event = queue->rx_rsp_cons + 1;
	return true;
}

bool fe_rx_is_empty(struct frontend *fe, unsigned int q)
{
	return !uk_frontsim_wait_past(&fe->queues[q].rx->rsp_prod, fe->queues[q].rx_rsp_cons,
			  5 * UK_NSEC_PER_MSEC);
}

char *fe_rx_page(struct frontend *fe, unsigned int q)
{
	return fe->rx_data + (fe->queues[q].rx_rsp_cons - 1) % FE_RX_PAGES * UK_PAGE_SIZE;
}
