/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/pktsim.h>

#include <string.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

#define PATIENCE_MS 2000
#define TCP_START 34
#define TCP_CSUM (TCP_START + 16)

/* ---- What has come ---- */

static void wire_send(struct uk_netdev *dev, struct uk_list *pkts)
{
	struct uk_pktsim *wire = UK_CONTAINER_OF(dev, struct uk_pktsim, dev);
	struct uk_list *node;

	while ((node = uk_list_pop(pkts))) {
		uk_list_add_tail(&wire->pkts, node);
		wire->n_pkts++;
	}
}

static void give_back(struct uk_pktsim *wire, struct uk_net_pkt *pkt)
{
	uk_list_del(&pkt->node);
	wire->n_pkts--;
	pkt->done(pkt);
}

static void wire_forget(struct uk_netdev *dev, const struct uk_netdev *from)
{
	struct uk_pktsim *wire = UK_CONTAINER_OF(dev, struct uk_pktsim, dev);
	struct uk_net_pkt *pkt, *tmp;

	if (!(dev->can & UK_NETDEV_CAN_FOREIGN))
		return;
	UK_LIST_FOREACH_SAFE(pkt, tmp, &wire->pkts, node)
		if (pkt->from == from)
			give_back(wire, pkt);
}

static const struct uk_netdev_ops wire_ops = { .send = wire_send, .forget = wire_forget };

static const struct uk_netdev unattached = {
	.ops = &wire_ops, .name = "wire", .mac = { 2, 0, 0, 0, 0, 9 }, .mtu_bytes = 1500,
	.can = UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_CSUM4 | UK_NETDEV_CAN_CSUM6 |
	       UK_NETDEV_CAN_GSO4 | UK_NETDEV_CAN_GSO6,
	.is_edge = true,
};

bool uk_pktsim_attach(struct uk_pktsim *wire, const char *network, bool takes_foreign)
{
	char why[UK_NET_WHY_BYTES];

	if (wire->dev.is_up) {
		uk_pktsim_clear(wire);
		uk_netdev_detach(&wire->dev);
	}
	wire->dev = unattached;
	wire->dev.can |= takes_foreign ? UK_NETDEV_CAN_FOREIGN : 0;
	uk_list_init(&wire->pkts);
	wire->n_pkts = wire->n_given_back = 0;
	return UK_EXPECT_EQ(uk_netdev_attach(&wire->dev, network, why), 0);
}

bool uk_pktsim_wait(const struct uk_pktsim *wire, unsigned int n)
{
	for (int ms = 0; ms < PATIENCE_MS && wire->n_pkts < n; ms++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	uk_thread_sleep_ns(2 * UK_NSEC_PER_MSEC);
	return UK_EXPECT_EQ(wire->n_pkts, n);
}

struct uk_net_pkt *uk_pktsim_first(const struct uk_pktsim *wire)
{
	return UK_LIST_FIRST(&wire->pkts, struct uk_net_pkt, node);
}

struct uk_net_pkt *uk_pktsim_last(const struct uk_pktsim *wire)
{
	return UK_LIST_ENTRY(wire->pkts.prev, struct uk_net_pkt, node);
}

bool uk_pktsim_read(struct uk_net_pkt *pkt, char *bytes)
{
	void *to = bytes + pkt->head_bytes;
	bool is_ok = true;

	memcpy(bytes, pkt->head, pkt->head_bytes);
	if (pkt->n_frags && !pkt->frags[0].va) {
		pkt->from->ops->fetch(pkt->from, &pkt, 1, &to, &is_ok);
		return is_ok;
	}
	for (unsigned int i = 0; i < pkt->n_frags; i++) {
		memcpy(to, pkt->frags[i].va, pkt->frags[i].len_bytes);
		to = (char *)to + pkt->frags[i].len_bytes;
	}
	return true;
}

void uk_pktsim_clear(struct uk_pktsim *wire)
{
	while (wire->n_pkts)
		give_back(wire, uk_pktsim_first(wire));
}

/* ---- What it receives ---- */

struct wire_pkt {
	struct uk_net_pkt pkt;
	struct uk_pktsim *wire;
	char *bytes;
	unsigned int n_pages;
};

static void wire_done(struct uk_net_pkt *pkt)
{
	struct wire_pkt *p = UK_CONTAINER_OF(pkt, struct wire_pkt, pkt);

	p->wire->n_given_back++;
	/* Who still reads it does not get what was sent */
	memset(p->bytes, 0xdd, p->n_pages * UK_PAGE_SIZE);
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

static struct wire_pkt *make_pkt(struct uk_pktsim *wire, const char *bytes, unsigned int len)
{
	struct wire_pkt *p = uk_calloc(1, sizeof(*p));

	if (!UK_EXPECT(p))
		return NULL;
	p->wire = wire;
	p->n_pages = (len + UK_PAGE_SIZE - 1) / UK_PAGE_SIZE;
	p->bytes = uk_pages_alloc_n(p->n_pages);
	if (!UK_EXPECT(p->bytes)) {
		uk_free(p);
		return NULL;
	}
	memcpy(p->bytes, bytes, len);
	uk_list_init(&p->pkt.node);
	p->pkt.from = &wire->dev;
	p->pkt.done = wire_done;
	p->pkt.len_bytes = len;
	p->pkt.head_bytes = (uint16_t)UK_MIN(len, (unsigned int)UK_NET_HEAD_BYTES);
	memcpy(p->pkt.head, p->bytes, p->pkt.head_bytes);
	return p;
}

void uk_pktsim_send(struct uk_pktsim *wire, const char *bytes, unsigned int len,
		    unsigned int frag_bytes, uint16_t gso_bytes, uint8_t flags)
{
	struct wire_pkt *p = make_pkt(wire, bytes, len);
	struct uk_list pkts = UK_LIST_INIT(pkts);

	if (!p)
		return;
	p->pkt.gso = gso_bytes ? UK_NET_GSO_TCPV4 : UK_NET_GSO_NONE;
	p->pkt.gso_bytes = gso_bytes;
	p->pkt.flags = flags;
	if (flags & UK_NET_CSUM_BLANK)
		UK_EXPECT_EQ(uk_net_complete_offload(&p->pkt), 0);
	add_frags(p, frag_bytes);
	uk_list_add_tail(&pkts, &p->pkt.node);
	uk_netdev_receive(&wire->dev, &pkts);
}

/* ---- Packets ---- */

static void put16(char *at, unsigned int val)
{
	at[0] = (char)(val >> 8);
	at[1] = (char)val;
}

void uk_pktsim_tcp(char *bytes, unsigned int len, const uint8_t *to, const uint8_t *from,
		   uint16_t port)
{
	char *ip = bytes + 14, *tcp = bytes + TCP_START;

	for (unsigned int i = 0; i < len; i++)
		bytes[i] = (char)(i * 13 + i / 509 + port);
	memset(bytes, 0, UK_MIN(len, (unsigned int)UK_PKTSIM_TCP_HEADERS));
	memcpy(bytes, to, 6);
	memcpy(bytes + 6, from, 6);
	put16(bytes + 12, 0x800);
	if (len < UK_PKTSIM_TCP_HEADERS)
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

bool uk_pktsim_is_same(const char *a, const char *b, unsigned int len)
{
	return !memcmp(a, b, UK_MIN(len, (unsigned int)TCP_CSUM)) &&
	       (len <= TCP_CSUM + 2 || !memcmp(a + TCP_CSUM + 2, b + TCP_CSUM + 2,
					       len - TCP_CSUM - 2));
}
