/* SPDX-License-Identifier: BSD-3-Clause */
#include "frontend.h"

#include <string.h>

#include <uk/pages.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

#define PATIENCE_NS (5 * UK_NSEC_PER_SEC)
#define POLL_NS (200 * UK_NSEC_PER_USEC)

static void write_node(const char *dir, const char *node, const char *fmt, ...)
	uk_printf_like(3, 4);

static void write_node(const char *dir, const char *node, const char *fmt, ...)
{
	char path[128], value[192];
	va_list ap;

	va_start(ap, fmt);
	uk_vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	uk_snprintf(path, sizeof(path), "%s/%s", dir, node);
	uk_xensim_xs_write(path, value);
}

void fe_write(struct frontend *fe, const char *node, const char *value)
{
	write_node(fe->fe, node, "%s", value);
}

void fe_set_state(struct frontend *fe, const char *state)
{
	fe_write(fe, "state", state);
}

/* ---- Attach ---- */

static void write_if(const char *dir, const char *node, const char *value)
{
	if (value)
		write_node(dir, node, "%s", value);
}

/* As libxl: all in one transaction, so the state comes with everything there */
static void write_toolstack_nodes(struct frontend *fe)
{
	write_node(fe->fe, "backend-id", "%d", UK_XENSIM_SELF);
	write_node(fe->fe, "backend", "/local/domain/%d/%s", UK_XENSIM_SELF, fe->be);
	fe_set_state(fe, "1");
	write_node(fe->be, "frontend", "%s", fe->fe);
	if (fe->mac)
		write_node(fe->be, "mac", "%s", fe->mac);
	else
		write_node(fe->be, "mac", "00:16:3e:00:%02x:%02x", fe->dom, fe->id);
	write_node(fe->be, "script", "/etc/xen/scripts/vif-bridge");
	write_if(fe->be, "mtu", fe->mtu);
	write_if(fe->be, "rate", fe->rate);
	write_if(fe->be, "bridge", fe->bridge);
	write_node(fe->be, "online", "1");
	write_node(fe->be, "state", "1");
	write_node(fe->be, "frontend-id", "%u", fe->dom);
}

void fe_attach(struct frontend *fe, domid_t dom, unsigned int id)
{
	const uint8_t addr[6] = { 0, 0x16, 0x3e, 0, (uint8_t)dom, (uint8_t)id };

	fe->dom = dom;
	fe->id = id;
	memcpy(fe->addr, addr, sizeof(addr));
	memset(fe->queues, 0, sizeof(fe->queues));
	if (!fe->n_queues)
		fe->n_queues = 1;
	uk_snprintf(fe->be, sizeof(fe->be), "backend/vif/%u/%u", dom, id);
	uk_snprintf(fe->fe, sizeof(fe->fe), "/local/domain/%u/device/vif/%u", dom, id);
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
	if (q->tx_ref)
		UK_EXPECT(uk_xensim_grant_end(q->tx_ref));
	if (q->rx_ref)
		UK_EXPECT(uk_xensim_grant_end(q->rx_ref));
	if (q->rx_port && q->rx_port != q->tx_port)
		uk_xensim_port_close(q->rx_port);
	if (q->tx_port)
		uk_xensim_port_close(q->tx_port);
	q->tx_ref = q->rx_ref = q->tx_port = q->rx_port = 0;
}

static void start_ring(struct uk_xen_ring_wire *ring)
{
	memset(ring, 0, UK_PAGE_SIZE);
	ring->req_event = 1;
	ring->rsp_event = 1;
}

static void offer_queue(struct frontend *fe, unsigned int i)
{
	struct fe_queue *q = &fe->queues[i];
	char dir[80];

	close_queue(q);
	start_ring(q->tx);
	start_ring(q->rx);
	q->tx_prod = q->tx_rsp_cons = q->rx_prod = q->rx_rsp_cons = 0;
	q->tx_ref = uk_xensim_grant(fe->dom, q->tx, false);
	q->rx_ref = uk_xensim_grant(fe->dom, q->rx, false);
	q->tx_port = q->rx_port = uk_xensim_port_offer(fe->dom);
	uk_snprintf(dir, sizeof(dir), fe->n_queues > 1 ? "%s/queue-%u" : "%s", fe->fe, i);
	write_node(dir, "tx-ring-ref", "%u", q->tx_ref);
	write_node(dir, "rx-ring-ref", "%u", q->rx_ref);
	if (!fe->is_split) {
		write_node(dir, "event-channel", "%u", q->tx_port);
		return;
	}
	q->rx_port = uk_xensim_port_offer(fe->dom);
	write_node(dir, "event-channel-tx", "%u", q->tx_port);
	write_node(dir, "event-channel-rx", "%u", q->rx_port);
}

void fe_offer(struct frontend *fe)
{
	for (unsigned int i = 0; i < fe->n_queues; i++)
		offer_queue(fe, i);
	if (fe->n_queues > 1)
		write_node(fe->fe, "multi-queue-num-queues", "%u", fe->n_queues);
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
	write_node(fe->be, "online", "0");
	write_node(fe->be, "state", "5");
	fe_set_state(fe, "6");
	UK_EXPECT(fe_wait(fe, "state", NULL));
}

void fe_free(struct frontend *fe)
{
	uk_xensim_xs_rm(fe->fe);
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

bool fe_wait(const struct frontend *fe, const char *node, const char *value)
{
	uint64_t end = uk_plat_mono_ns() + PATIENCE_NS;
	char path[128], got[64];
	int n;

	uk_snprintf(path, sizeof(path), "%s/%s", fe->be, node);
	do {
		n = uk_xensim_xs_read(path, got, sizeof(got));
		if (value ? n >= 0 && !strcmp(got, value) : n < 0)
			return true;
		uk_thread_sleep_ns(POLL_NS);
	} while (uk_plat_mono_ns() < end);
	uk_console_printf("# %s is %s, not %s\n", path, n < 0 ? "absent" : got,
			  value ? value : "absent");
	return false;
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

/* @return whether @prod has passed @cons in time. */
static bool wait_past(const volatile uint32_t *prod, uint32_t cons, uint64_t patience_ns)
{
	uint64_t end = uk_plat_mono_ns() + patience_ns;

	while (*prod == cons) {
		if (uk_plat_mono_ns() >= end)
			return false;
		uk_thread_sleep_ns(POLL_NS);
	}
	return true;
}

int fe_tx_answer(struct frontend *fe, unsigned int q, uint16_t *id)
{
	struct fe_queue *queue = &fe->queues[q];
	union netback_tx_wire *w;

	if (!wait_past(&queue->tx->rsp_prod, queue->tx_rsp_cons, PATIENCE_NS))
		return FE_NO_ANSWER;
	w = tx_entry(fe, q, queue->tx_rsp_cons++);
	queue->tx->rsp_event = queue->tx_rsp_cons + 1;
	if (id)
		*id = w->rsp.id;
	return w->rsp.status;
}

bool fe_tx_is_unanswered(struct frontend *fe, unsigned int q)
{
	return !wait_past(&fe->queues[q].tx->rsp_prod, fe->queues[q].tx_rsp_cons,
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

	if (!wait_past(&queue->rx->rsp_prod, queue->rx_rsp_cons, PATIENCE_NS))
		return false;
	*rsp = *rx_entry(fe, q, queue->rx_rsp_cons++);
	queue->rx->rsp_event = queue->rx_rsp_cons + 1;
	return true;
}

bool fe_rx_is_empty(struct frontend *fe, unsigned int q)
{
	return !wait_past(&fe->queues[q].rx->rsp_prod, fe->queues[q].rx_rsp_cons,
			  5 * UK_NSEC_PER_MSEC);
}

char *fe_rx_page(struct frontend *fe, unsigned int q)
{
	return fe->rx_data + (fe->queues[q].rx_rsp_cons - 1) % FE_RX_PAGES * UK_PAGE_SIZE;
}
