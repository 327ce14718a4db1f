/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A switch of all network cards, and on it a device of our own: on a frame of
 * the local experimental type it sends what the frame asks for to the frame's
 * sender. The script outside looks at what comes out.
 *
 *	payload: kind (1 byte), then
 *	1: segment bytes (2), payload bytes (4): a large TCP segment, to be cut
 *	2: payload bytes (4): a UDP packet without checksum
 *	3: as 1, over IPv6
 *	4: frames (4): as many frames as that, of that length and number
 */
#include <string.h>

#include <uk/alloc.h>
#include <uk/netdev_driver.h>
#include <uk/pages.h>
#include <uk/print.h>
#include <uk/thread.h>
#include <uk/util.h>
#include <uk/wait.h>

#define ETHERTYPE_TEST 0x88b5
#define ETH_BYTES 14
#define DATA_PAGES 17

static struct uk_netdev dev;
static uint8_t *data;

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static unsigned int get16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

static unsigned int get32(const uint8_t *p)
{
	return get16(p) << 16 | get16(p + 2);
}

static void pkt_done(struct uk_net_pkt *pkt)
{
	uk_free(pkt);
}

/* Ethernet back to the sender of @to */
static struct uk_net_pkt *reply(const struct uk_net_pkt *to, unsigned int ethertype)
{
	struct uk_net_pkt *pkt = uk_calloc(1, sizeof(*pkt));

	if (!pkt)
		return NULL;
	pkt->from = &dev;
	pkt->done = pkt_done;
	memcpy(pkt->head, to->head + 6, 6);
	memcpy(pkt->head + 6, dev.mac, 6);
	put16(pkt->head + 12, ethertype);
	pkt->head_bytes = ETH_BYTES;
	return pkt;
}

static void add_payload(struct uk_net_pkt *pkt, unsigned int len)
{
	pkt->len_bytes = pkt->head_bytes + len;
	for (unsigned int at = 0; at < len; at += UK_PAGE_SIZE)
		pkt->frags[pkt->n_frags++] = (struct uk_net_frag) {
			.va = data + at, .len_bytes = (uint16_t)UK_MIN(len - at, UK_PAGE_SIZE),
		};
}

static void add_ipv4(struct uk_net_pkt *pkt, unsigned int protocol, unsigned int len)
{
	uint8_t *ip = pkt->head + pkt->head_bytes;
	uint32_t sum = 0;

	ip[0] = 0x45;
	put16(ip + 2, len + 20);
	put16(ip + 4, 100);
	ip[8] = 64;
	ip[9] = (uint8_t)protocol;
	memcpy(ip + 12, "\x0a\0\0\1\x0a\0\0\2", 8);
	for (unsigned int i = 0; i < 20; i += 2)
		sum += get16(ip + i);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~sum & 0xffff);
	pkt->head_bytes += 20;
}

static void add_ipv6(struct uk_net_pkt *pkt, unsigned int protocol, unsigned int len)
{
	uint8_t *ip = pkt->head + pkt->head_bytes;

	ip[0] = 0x60;
	put16(ip + 4, len);
	ip[6] = (uint8_t)protocol;
	ip[7] = 64;
	ip[8] = ip[24] = 0xfd;
	ip[23] = 1;
	ip[39] = 2;
	pkt->head_bytes += 40;
}

static void add_tcp(struct uk_net_pkt *pkt)
{
	uint8_t *tcp = pkt->head + pkt->head_bytes;

	memcpy(tcp, "\0\x07\0\x09\0\0\x10\0\0\0\0\1\x50\x18\x40\0", 16);
	pkt->head_bytes += 20;
}

static struct uk_net_pkt *large_tcp(const struct uk_net_pkt *to, bool is_ipv6)
{
	unsigned int len = UK_MIN(get32(to->head + ETH_BYTES + 3), 64000u);
	struct uk_net_pkt *pkt = reply(to, is_ipv6 ? 0x86dd : 0x0800);

	if (!pkt)
		return NULL;
	(is_ipv6 ? add_ipv6 : add_ipv4)(pkt, 6, len + 20);
	add_tcp(pkt);
	add_payload(pkt, len);
	pkt->gso = is_ipv6 ? UK_NET_GSO_TCPV6 : UK_NET_GSO_TCPV4;
	pkt->gso_bytes = (uint16_t)get16(to->head + ETH_BYTES + 1);
	pkt->flags = UK_NET_CSUM_BLANK;
	return pkt;
}

static struct uk_net_pkt *udp(const struct uk_net_pkt *to)
{
	unsigned int len = UK_MIN(get32(to->head + ETH_BYTES + 1), 1472u);
	struct uk_net_pkt *pkt = reply(to, 0x0800);

	if (!pkt)
		return NULL;
	add_ipv4(pkt, 17, len + 8);
	put16(pkt->head + pkt->head_bytes, 7);
	put16(pkt->head + pkt->head_bytes + 2, 9);
	put16(pkt->head + pkt->head_bytes + 4, len + 8);
	pkt->head_bytes += 8;
	add_payload(pkt, len);
	pkt->flags = UK_NET_CSUM_BLANK;
	return pkt;
}

static void many(const struct uk_net_pkt *to)
{
	unsigned int n = get32(to->head + ETH_BYTES + 1);
	struct uk_list pkts = UK_LIST_INIT(pkts);

	for (unsigned int i = 0; i < n; i++) {
		struct uk_net_pkt *pkt = reply(to, ETHERTYPE_TEST);

		if (!pkt)
			break;
		put16(pkt->head + ETH_BYTES, i);
		pkt->head_bytes += 2;
		add_payload(pkt, i % 1498);
		uk_list_add_tail(&pkts, &pkt->node);
	}
	uk_netdev_receive(&dev, &pkts);
}

/* Not from within send() */
static struct uk_net_pkt asked;
static bool is_asked;
static struct uk_wait_queue work = UK_WAIT_QUEUE_INIT(work);

static void on_send(struct uk_netdev *d uk_unused, struct uk_list *pkts)
{
	struct uk_list *node;

	while ((node = uk_list_pop(pkts))) {
		struct uk_net_pkt *pkt = UK_LIST_ENTRY(node, struct uk_net_pkt, node);

		if (get16(pkt->head + 12) == ETHERTYPE_TEST && !is_asked) {
			memcpy(asked.head, pkt->head, sizeof(asked.head));
			is_asked = true;
			uk_wait_wake_one(&work);
		}
		pkt->done(pkt);
	}
}

static void answer(void)
{
	struct uk_list pkts = UK_LIST_INIT(pkts);
	struct uk_net_pkt *pkt = NULL;
	uint8_t kind = asked.head[ETH_BYTES];

	if (kind == 4)
		many(&asked);
	else if (kind == 2)
		pkt = udp(&asked);
	else
		pkt = large_tcp(&asked, kind == 3);
	if (!pkt)
		return;
	if (uk_net_complete_offload(pkt)) {
		uk_console_printf("offload refused\n");
		pkt->done(pkt);
		return;
	}
	uk_list_add_tail(&pkts, &pkt->node);
	uk_netdev_receive(&dev, &pkts);
}

int main(void)
{
	static const struct uk_netdev_ops ops = { .send = on_send };
	char why[UK_NET_WHY_BYTES];

	dev.ops = &ops;
	strcpy(dev.name, "test");
	memcpy(dev.mac, "\x02\0\0\0\0\1", 6);
	dev.mtu_bytes = 1500;
	dev.can = UK_NETDEV_CAN_FRAGS;
	data = uk_pages_alloc_n(DATA_PAGES);
	if (!data || uk_netdev_attach(&dev, "", why))
		return 1;
	for (unsigned int i = 0; i < DATA_PAGES * UK_PAGE_SIZE; i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
	uk_console_printf("ready\n");
	for (;;) {
		uk_wait_event(&work, is_asked);
		answer();
		is_asked = false;
	}
}
