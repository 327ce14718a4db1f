/* SPDX-License-Identifier: BSD-3-Clause */
#include "backend.h"

#include <string.h>

#include <uk/param.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

#define PATIENCE_NS (5 * UK_NSEC_PER_SEC)
#define POLL_NS (200 * UK_NSEC_PER_USEC)
#define N_ENTRIES 256

unsigned int be_n_taken;
uint16_t be_taken[32];
grant_ref_t be_rx_ref;

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

void be_write(struct backend *be, const char *node, const char *value)
{
	write_node(be->be, node, "%s", value);
}

void be_set_state(struct backend *be, const char *state)
{
	be_write(be, "state", state);
}

/* ---- Attach ---- */

void be_attach(struct backend *be, unsigned int id)
{
	memset(be->queues, 0, sizeof(be->queues));
	uk_snprintf(be->be, sizeof(be->be), "/local/domain/%d/backend/vif/%d/%u", BE_DOM,
		    UK_XENSIM_SELF, id);
	uk_snprintf(be->fe, sizeof(be->fe), "/local/domain/%d/device/vif/%u", UK_XENSIM_SELF, id);
	write_node(be->be, "frontend", "%s", be->fe);
	write_node(be->be, "online", "1");
	write_node(be->be, "state", "1");
	write_node(be->fe, "mac", "%s", be->mac ? be->mac : "00:16:3e:00:00:07");
	if (be->mtu)
		write_node(be->fe, "mtu", "%s", be->mtu);
	if (be->trusted)
		write_node(be->fe, "trusted", "%s", be->trusted);
	write_node(be->fe, "backend-id", "%d", BE_DOM);
	write_node(be->fe, "state", "1");
	write_node(be->fe, "backend", "%s", be->be);
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
		write_node(be->be, "multi-queue-max-queues", "%u", be->max_queues);
}

/* ---- Connect ---- */

static uint64_t number(const char *dir, const char *node)
{
	char path[128], text[16];
	uint64_t val;

	uk_snprintf(path, sizeof(path), "%s/%s", dir, node);
	if (uk_xensim_xs_read(path, text, sizeof(text)) < 0 || uk_parse_u64(text, &val))
		return 0;
	return val;
}

static bool map_queue(struct backend *be, unsigned int i)
{
	struct be_queue *q = &be->queues[i];
	char dir[80];

	uk_snprintf(dir, sizeof(dir), be->n_queues > 1 ? "%s/queue-%u" : "%s", be->fe, i);
	*q = (struct be_queue) {
		.tx_ref = (grant_ref_t)number(dir, "tx-ring-ref"),
		.rx_ref = (grant_ref_t)number(dir, "rx-ring-ref"),
	};
	q->tx = uk_xensim_granted(BE_DOM, q->tx_ref, true);
	q->rx = uk_xensim_granted(BE_DOM, q->rx_ref, true);
	if (!UK_EXPECT(q->tx && q->rx))
		return false;
	uk_xensim_granted_hold(q->tx_ref, true);
	uk_xensim_granted_hold(q->rx_ref, true);
	q->port = uk_xensim_port_bind(BE_DOM, (evtchn_port_t)number(dir, be->is_split
					? "event-channel-tx" : "event-channel"));
	q->rx_port = !be->is_split ? q->port : uk_xensim_port_bind(BE_DOM,
					(evtchn_port_t)number(dir, "event-channel-rx"));
	return UK_EXPECT(q->port && q->rx_port);
}

bool be_map(struct backend *be)
{
	uint64_t n = number(be->fe, "multi-queue-num-queues");

	be->n_queues = n ? (unsigned int)n : 1;
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
		uk_xensim_granted_hold(q->tx_ref, false);
		uk_xensim_granted_hold(q->rx_ref, false);
		uk_xensim_port_close(q->port);
		if (q->rx_port != q->port)
			uk_xensim_port_close(q->rx_port);
		*q = (struct be_queue) { 0 };
	}
}

void be_detach(struct backend *be)
{
	be_write(be, "online", "0");
	be_set_state(be, "5");
	UK_EXPECT(be_wait(be, "state", "6"));
	be_let_go(be);
	be_set_state(be, "6");
	uk_xensim_xs_rm(be->fe);
	uk_xensim_xs_rm(be->be);
}

bool be_wait(const struct backend *be, const char *node, const char *value)
{
	uint64_t end = uk_plat_mono_ns() + PATIENCE_NS;
	char path[128], got[64];
	int n;

	uk_snprintf(path, sizeof(path), "%s/%s", be->fe, node);
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

/* ---- TX ---- */

static union netfront_tx_wire *tx_entry(struct be_queue *q, uint32_t i)
{
	return (union netfront_tx_wire *)q->tx->entries + i % N_ENTRIES;
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

bool be_tx_take(struct backend *be, unsigned int q, union netfront_tx_wire *w)
{
	struct be_queue *queue = &be->queues[q];

	if (!wait_past(&queue->tx->req_prod, queue->tx_cons, PATIENCE_NS))
		return false;
	*w = *tx_entry(queue, queue->tx_cons++);
	queue->tx->req_event = queue->tx_cons + 1;
	return true;
}

bool be_tx_is_empty(struct backend *be, unsigned int q)
{
	return !wait_past(&be->queues[q].tx->req_prod, be->queues[q].tx_cons,
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

	wait_past(&queue->rx->req_prod, queue->rx_cons, PATIENCE_NS);
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
