/* SPDX-License-Identifier: BSD-3-Clause */
#include "common.h"

#include <string.h>

#include <uk/alloc.h>
#include <uk/pages.h>
#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

struct frontend fe, other;

/* ---- The wire ---- */

struct uk_list wire_pkts = UK_LIST_INIT(wire_pkts);
unsigned int n_wire_pkts, n_given_back;

static void wire_take(struct uk_netdev *dev uk_unused, struct uk_list *pkts)
{
	struct uk_list *node;

	while ((node = uk_list_pop(pkts))) {
		uk_list_add_tail(&wire_pkts, node);
		n_wire_pkts++;
	}
}

static void give_back(struct uk_list *node)
{
	struct uk_net_pkt *pkt = UK_LIST_ENTRY(node, struct uk_net_pkt, node);

	uk_list_del(node);
	n_wire_pkts--;
	pkt->done(pkt);
}

static void wire_forget(struct uk_netdev *dev uk_unused, const struct uk_netdev *from)
{
	struct uk_net_pkt *pkt, *tmp;

	UK_LIST_FOREACH_SAFE(pkt, tmp, &wire_pkts, node)
		if (pkt->from == from)
			give_back(&pkt->node);
}

static const struct uk_netdev_ops wire_ops = { .send = wire_take, .forget = wire_forget };

struct uk_netdev wire;

static const struct uk_netdev unattached = {
	.ops = &wire_ops, .name = "wire", .mac = { 2, 0, 0, 0, 0, 9 }, .mtu_bytes = 1500,
	.can = UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_FOREIGN | UK_NETDEV_CAN_CSUM4 |
	       UK_NETDEV_CAN_CSUM6 | UK_NETDEV_CAN_GSO4 | UK_NETDEV_CAN_GSO6,
	.is_edge = true,
};

bool wire_wait(unsigned int n)
{
	for (int i = 0; i < 2000 && n_wire_pkts < n; i++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	uk_thread_sleep_ns(2 * UK_NSEC_PER_MSEC);
	return UK_EXPECT_EQ(n_wire_pkts, n);
}

struct uk_net_pkt *wire_first(void)
{
	return UK_LIST_FIRST(&wire_pkts, struct uk_net_pkt, node);
}

bool wire_read(struct uk_net_pkt *pkt, char *bytes)
{
	void *const to = bytes + pkt->head_bytes;
	bool is_ok = true;

	memcpy(bytes, pkt->head, pkt->head_bytes);
	if (pkt->n_frags)
		pkt->from->ops->fetch(pkt->from, &pkt, 1, &to, &is_ok);
	return is_ok;
}

void wire_clear(void)
{
	struct uk_list *node;

	while ((node = wire_pkts.next) != &wire_pkts)
		give_back(node);
}

struct wire_pkt {
	struct uk_net_pkt pkt;
	char *bytes;
	unsigned int n_pages;
};

static void wire_done(struct uk_net_pkt *pkt)
{
	struct wire_pkt *p = UK_CONTAINER_OF(pkt, struct wire_pkt, pkt);

	n_given_back++;
	uk_pages_free_n(p->bytes, p->n_pages);
	uk_free(p);
}

static void add_frags(struct wire_pkt *p, unsigned int frag_bytes)
{
	struct uk_net_pkt *pkt = &p->pkt;
	unsigned int at = pkt->head_bytes;

	while (at < pkt->len_bytes) {
		unsigned int n = UK_MIN(pkt->len_bytes - at, frag_bytes);

		n = UK_MIN(n, (unsigned int)(UK_PAGE_SIZE - at % UK_PAGE_SIZE));

		pkt->frags[pkt->n_frags++] = (struct uk_net_frag) {
			.va = p->bytes + at, .offset = (uint16_t)(at % UK_PAGE_SIZE),
			.len_bytes = (uint16_t)n,
		};
		at += n;
	}
}

void wire_send(const struct frontend *to, unsigned int len, unsigned int frag_bytes,
	       uint16_t gso_bytes, uint8_t flags)
{
	struct wire_pkt *p = uk_calloc(1, sizeof(*p));
	struct uk_list pkts = UK_LIST_INIT(pkts);

	p->n_pages = (len + UK_PAGE_SIZE - 1) / UK_PAGE_SIZE;
	p->bytes = uk_pages_alloc_n(p->n_pages);
	tcp_packet(p->bytes, len, to->addr, wire.mac, 80);
	uk_list_init(&p->pkt.node);
	p->pkt.from = &wire;
	p->pkt.done = wire_done;
	p->pkt.len_bytes = len;
	p->pkt.head_bytes = (uint16_t)UK_MIN(len, 160u);
	p->pkt.gso = gso_bytes ? UK_NET_GSO_TCPV4 : UK_NET_GSO_NONE;
	p->pkt.gso_bytes = gso_bytes;
	p->pkt.flags = flags;
	memcpy(p->pkt.head, p->bytes, p->pkt.head_bytes);
	if (flags & UK_NET_CSUM_BLANK)
		UK_EXPECT_EQ(uk_net_complete_offload(&p->pkt), 0);
	add_frags(p, frag_bytes);
	uk_list_add_tail(&pkts, &p->pkt.node);
	uk_netdev_receive(&wire, &pkts);
}

/* ---- Packets ---- */

static void put16(char *at, unsigned int val)
{
	at[0] = (char)(val >> 8);
	at[1] = (char)val;
}

void tcp_packet(char *bytes, unsigned int len, const uint8_t *to, const uint8_t *from,
		uint16_t port)
{
	char *ip = bytes + 14, *tcp = bytes + 34;

	for (unsigned int i = 0; i < len; i++)
		bytes[i] = (char)(i * 13 + i / 509);
	memset(bytes, 0, UK_MIN(len, (unsigned int)TCP_HEADERS));
	memcpy(bytes, to, 6);
	memcpy(bytes + 6, from, 6);
	put16(bytes + 12, 0x800);
	if (len < TCP_HEADERS)
		return;
	ip[0] = 0x45;
	put16(ip + 2, len - 14);
	ip[8] = 64;
	ip[9] = 6;
	ip[15] = 1;
	ip[19] = 2;
	put16(tcp, port);
	put16(tcp + 2, 5001);
	tcp[12] = 5 << 4;
}

void fill_tx(struct frontend *f, unsigned int len)
{
	tcp_packet(f->tx_data, len, wire.mac, f->addr, 1000);
}

bool is_sent(const struct frontend *f, const char *bytes, unsigned int len)
{
	const unsigned int sum = 34 + 16;

	return !memcmp(bytes, f->tx_data, UK_MIN(len, sum)) &&
	       (len <= sum + 2 || !memcmp(bytes + sum + 2, f->tx_data + sum + 2, len - sum - 2));
}

/* @return whether the slot was written. */
static bool receive_slot(struct frontend *f, unsigned int q, char *bytes, union netback_rx_wire *w)
{
	uint32_t number = f->queues[q].rx_rsp_cons;

	if (!UK_EXPECT(fe_rx_answer(f, q, w)))
		return false;
	UK_EXPECT_EQ(w->rsp.id, (uint16_t)number);
	UK_EXPECT(w->rsp.status >= NETIF_RSP_ERROR && w->rsp.offset + w->rsp.status <= 4096);
	if (w->rsp.status < 0)
		return false;
	memcpy(bytes, fe_rx_page(f, q) + w->rsp.offset, (size_t)w->rsp.status);
	return true;
}

unsigned int receive_any(struct frontend *f, unsigned int q, char *bytes, uint16_t *flags,
			 uint16_t *gso_bytes)
{
	union netback_rx_wire w = { .rsp = { 0 } }, extra;
	unsigned int len = 0;
	bool is_good = true;

	*gso_bytes = 0;
	do {
		is_good &= receive_slot(f, q, bytes + len, &w);
		if (!len)
			*flags = w.rsp.flags;
		len += is_good ? (unsigned int)w.rsp.status : 0;
		if (!(w.rsp.flags & NETRXF_extra_info))
			continue;
		UK_EXPECT(fe_rx_answer(f, q, &extra));
		UK_EXPECT_EQ(extra.extra.type, XEN_NETIF_EXTRA_TYPE_GSO);
		*gso_bytes = extra.extra.u.gso.size;
	} while (w.rsp.flags & NETRXF_more_data);
	return is_good ? len : 0;
}

unsigned int receive(struct frontend *f, unsigned int q, char *bytes, uint16_t *flags,
		     uint16_t *gso_bytes)
{
	unsigned int len = receive_any(f, q, bytes, flags, gso_bytes);

	UK_EXPECT(len);
	return len;
}

/* ---- Start and end ---- */

bool wire_start(void)
{
	char why[UK_NET_WHY_BYTES];

	wire = unattached;
	return UK_EXPECT_EQ(uk_netdev_attach(&wire, "test", why), 0);
}

bool start(void)
{
	if (!fe.bridge)
		fe.bridge = "test";
	if (!wire_start())
		return false;
	if (!fe_connect(&fe, FE_DOM, 0))
		return false;
	for (unsigned int q = 0; q < fe.n_queues; q++)
		fe_rx_post(&fe, q, FE_RX_PAGES);
	return true;
}

void stop_beside(unsigned int n_maps)
{
	fe_detach(&fe);
	fe_free(&fe);
	uk_netdev_detach(&wire);
	UK_EXPECT_EQ(n_wire_pkts, 0);
	UK_EXPECT_EQ(uk_xensim_mappings(), n_maps);
	fe = (struct frontend) { 0 };
}

void stop(void)
{
	stop_beside(0);
}

void expect_alive(struct frontend *f)
{
	static char bytes[FE_TX_PAGES * UK_PAGE_SIZE];
	unsigned int before = n_wire_pkts;
	uint16_t flags, gso;

	fill_tx(f, 100);
	fe_tx_send(f, 0, 100, 77);
	UK_EXPECT_EQ(fe_tx_answer(f, 0, NULL), NETIF_RSP_OKAY);
	wire_wait(before + 1);
	wire_clear();
	wire_send(f, 300, 4096, 0, UK_NET_CSUM_GOOD);
	UK_EXPECT_EQ(receive(f, 0, bytes, &flags, &gso), 300);
	fe_rx_post(f, 0, 1);
}

void expect_closed(void)
{
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	UK_EXPECT(!uk_xensim_port_is_bound(fe.queues[0].tx_port));
	UK_EXPECT(uk_xensim_grant_end(fe.queues[0].tx_ref));
	UK_EXPECT(uk_xensim_grant_end(fe.queues[0].rx_ref));
	fe.queues[0].tx_ref = fe.queues[0].rx_ref = 0;
}
