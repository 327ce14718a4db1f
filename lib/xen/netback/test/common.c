/* SPDX-License-Identifier: BSD-3-Clause */
#include "common.h"

#include <string.h>

#include <uk/test.h>

struct frontend fe, other;

struct uk_pktsim wire;

void wire_send(const struct frontend *to, unsigned int len, unsigned int frag_bytes,
	       uint16_t gso_bytes, uint8_t flags)
{
	static char bytes[FE_TX_PAGES * UK_PAGE_SIZE];

	uk_pktsim_tcp(bytes, len, to->addr, wire.dev.mac, 80);
	uk_pktsim_send(&wire, bytes, len, frag_bytes, gso_bytes, flags);
}

void fill_tx(struct frontend *f, unsigned int len)
{
	uk_pktsim_tcp(f->tx_data, len, wire.dev.mac, f->addr, 1000);
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
	return uk_pktsim_attach(&wire, "test", true);
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
	uk_netdev_detach(&wire.dev);
	UK_EXPECT_EQ(wire.n_pkts, 0);
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
	unsigned int before = wire.n_pkts;
	uint16_t flags, gso;

	fill_tx(f, 100);
	fe_tx_send(f, 0, 100, 77);
	UK_EXPECT_EQ(fe_tx_answer(f, 0, NULL), NETIF_RSP_OKAY);
	uk_pktsim_wait(&wire, before + 1);
	uk_pktsim_clear(&wire);
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
