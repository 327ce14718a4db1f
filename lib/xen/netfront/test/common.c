/* SPDX-License-Identifier: BSD-3-Clause */
#include "common.h"

#include <string.h>

#include <uk/alloc.h>
#include <uk/pages.h>
#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

struct backend be;
char bytes[17 * UK_PAGE_SIZE];

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

/* As hardware: what it has comes back when it has been sent. */
static void wire_forget(struct uk_netdev *dev uk_unused, const struct uk_netdev *from uk_unused)
{
}

static const struct uk_netdev_ops wire_ops = { .send = wire_take, .forget = wire_forget };

struct uk_netdev wire;

static const struct uk_netdev unattached = {
	.ops = &wire_ops, .name = "wire", .mac = { 2, 0, 0, 0, 0, 9 }, .mtu_bytes = 1500,
	.can = UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_CSUM4 | UK_NETDEV_CAN_CSUM6 |
	       UK_NETDEV_CAN_GSO4 | UK_NETDEV_CAN_GSO6,
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

void wire_read(const struct uk_net_pkt *pkt, char *to)
{
	memcpy(to, pkt->head, pkt->head_bytes);
	to += pkt->head_bytes;
	for (unsigned int i = 0; i < pkt->n_frags; i++) {
		memcpy(to, pkt->frags[i].va, pkt->frags[i].len_bytes);
		to += pkt->frags[i].len_bytes;
	}
}

void wire_clear(void)
{
	struct uk_list *node;

	while ((node = uk_list_pop(&wire_pkts))) {
		struct uk_net_pkt *pkt = UK_LIST_ENTRY(node, struct uk_net_pkt, node);

		n_wire_pkts--;
		pkt->done(pkt);
	}
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
	/* What a back end still reads is not what was sent */
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

/* Behind the back end */
static const uint8_t outside[] = { 2, 0, 0, 0, 0, 0x77 };

void wire_send(unsigned int len, unsigned int frag_bytes, uint16_t gso_bytes, uint8_t flags,
	       uint16_t port)
{
	struct wire_pkt *p = uk_calloc(1, sizeof(*p));
	struct uk_list pkts = UK_LIST_INIT(pkts);

	tcp_packet(bytes, len, outside, wire.mac, port);
	p->n_pages = (len + UK_PAGE_SIZE - 1) / UK_PAGE_SIZE;
	p->bytes = uk_pages_alloc_n(p->n_pages);
	memcpy(p->bytes, bytes, len);
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

void tcp_packet(char *to_bytes, unsigned int len, const uint8_t *to, const uint8_t *from,
		uint16_t port)
{
	char *ip = to_bytes + 14, *tcp = to_bytes + 34;

	for (unsigned int i = 0; i < len; i++)
		to_bytes[i] = (char)(i * 13 + i / 509 + port);
	memset(to_bytes, 0, UK_MIN(len, (unsigned int)TCP_HEADERS));
	memcpy(to_bytes, to, 6);
	memcpy(to_bytes + 6, from, 6);
	put16(to_bytes + 12, 0x800);
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

bool is_same(const char *a, const char *b, unsigned int len)
{
	const unsigned int sum = 34 + 16;

	return !memcmp(a, b, UK_MIN(len, sum)) &&
	       (len <= sum + 2 || !memcmp(a + sum + 2, b + sum + 2, len - sum - 2));
}

/* ---- Start and end ---- */

struct uk_netdev *device(void)
{
	struct uk_netdev *dev = NULL;

	while ((dev = uk_netdev_next(dev)))
		if (!strncmp(uk_netdev_name(dev), "netfront", 8))
			return dev;
	return NULL;
}

static bool wait_attached(bool is_attached)
{
	for (int i = 0; i < 5000 && !device() == is_attached; i++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	return UK_EXPECT(!device() != is_attached);
}

bool start(void)
{
	char why[UK_NET_WHY_BYTES];

	wire = unattached;
	n_given_back = 0;
	if (!UK_EXPECT_EQ(uk_netdev_attach(&wire, "", why), 0))
		return false;
	be_attach(&be, 0);
	if (!be_connect(&be) || !wait_attached(true))
		return false;
	/* The bridge gets to know who is outside */
	tcp_packet(bytes, 60, wire.mac, outside, 1);
	be_rx_packet(&be, 0, bytes, 60, 0, 0);
	if (!wire_wait(1))
		return false;
	wire_clear();
	return true;
}

void expect_nothing_left(void)
{
	UK_EXPECT(uk_backsim_is_nothing_granted());
}

void stop(void)
{
	be_detach(&be);
	wait_attached(false);
	wire_clear();
	uk_netdev_detach(&wire);
	expect_nothing_left();
	be = (struct backend) { 0 };
}

void expect_alive(void)
{
	static char got[400];
	unsigned int before = n_wire_pkts;
	struct netif_tx_request first;
	uint16_t gso;

	wire_send(300, 4096, 0, UK_NET_CSUM_GOOD, 7);
	UK_EXPECT_EQ(be_tx_packet(&be, 0, got, &first, &gso), 300);
	UK_EXPECT(is_same(got, bytes, 300));
	be_tx_answer_taken(&be, 0);
	tcp_packet(bytes, 400, wire.mac, (const uint8_t *)"\0\x16\x3e\0\0\1", 9);
	be_rx_packet(&be, 0, bytes, 400, NETRXF_data_validated, 0);
	if (!wire_wait(before + 1))
		return;
	wire_read(UK_LIST_ENTRY(wire_pkts.prev, struct uk_net_pkt, node), got);
	UK_EXPECT(is_same(got, bytes, 400));
}

bool wait_drops(enum uk_net_drop why, uint64_t n)
{
	for (int i = 0; i < 2000; i++) {
		if (device() && uk_netdev_stats(device())->drops[why] >= n)
			break;
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	}
	return device() && UK_EXPECT_EQ(uk_netdev_stats(device())->drops[why], n);
}
