/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sends packets through the bridge between devices that do nothing, for somebody
 * who counts instructions (run): KIND BATCHES. What the bench itself costs is in
 * the kinds "none" and "noneL". L: large packets.
 */
#include <stdlib.h>
#include <string.h>

#include <uk/netdev_driver.h>
#include <uk/print.h>

#define BATCH 32
#define N_DEVS 9
#define GSO_BYTES 65000u
#define MSS 1448

static struct uk_netdev devs[N_DEVS];
static struct uk_net_pkt pkts[BATCH];
static uint8_t payload[UK_NET_MAX_BYTES + 1];
static unsigned long n_done;

static void done(struct uk_net_pkt *pkt uk_unused)
{
	n_done++;
}

static void send(struct uk_netdev *dev uk_unused, struct uk_list *list)
{
	struct uk_list *node;

	while ((node = uk_list_pop(list))) {
		struct uk_net_pkt *pkt = UK_LIST_ENTRY(node, struct uk_net_pkt, node);

		pkt->done(pkt);
	}
}

static const struct uk_netdev_ops ops = { .send = send };

static void make_small(struct uk_net_pkt *pkt, uint8_t to)
{
	*pkt = (struct uk_net_pkt) {
		.from = &devs[0], .done = done, .len_bytes = 60, .head_bytes = 60,
		.head = { 2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, 1, 0x88, 0xb5 },
	};
	if (to == 0xff)
		memset(pkt->head, 0xff, UK_NET_MAC_BYTES);
}

/* A segment of TCP, its checksum blank */
static void make_tcp(struct uk_net_pkt *pkt)
{
	pkt->head[12] = 8;
	pkt->head[13] = 0;
	pkt->head[14] = 0x45;
	pkt->head[17] = (uint8_t)(pkt->head_bytes - 14);
	pkt->head[23] = 6;
	pkt->head[46] = 0x50;
	pkt->csum_start = 34;
	pkt->csum_offset = 16;
	pkt->flags = UK_NET_CSUM_BLANK;
}

/* What is to be cut, or to be sent whole */
static void make_large(struct uk_net_pkt *pkt)
{
	make_small(pkt, 2);
	pkt->head_bytes = 54;
	make_tcp(pkt);
	pkt->len_bytes = 54 + GSO_BYTES;
	pkt->gso = UK_NET_GSO_TCPV4;
	pkt->gso_bytes = MSS;
	for (size_t at = 0; at < GSO_BYTES; at += 4096)
		pkt->frags[pkt->n_frags++] = (struct uk_net_frag) {
			.va = payload + at,
			.len_bytes = (uint16_t)UK_MIN((size_t)4096, GSO_BYTES - at),
		};
}

static void one_batch(const char *kind)
{
	struct uk_list list = UK_LIST_INIT(list);
	bool is_large = kind[strlen(kind) - 1] == 'L';

	for (int i = 0; i < (is_large ? 1 : BATCH); i++) {
		if (is_large)
			make_large(&pkts[i]);
		else
			make_small(&pkts[i], kind[0] == 'b' ? 0xff : 2);
		if (kind[0] == 'o')
			make_tcp(&pkts[i]);
		uk_list_add_tail(&list, &pkts[i].node);
	}
	if (kind[0] == 'n')
		send(&devs[1], &list);
	else
		uk_netdev_receive(&devs[0], &list);
}

static int attach(unsigned int i, uint16_t can)
{
	char why[UK_NET_WHY_BYTES];

	devs[i] = (struct uk_netdev) {
		.ops = &ops, .mac = { 2, 0, 0, 0, 0, (uint8_t)(i + 1) }, .mtu_bytes = 1500,
		.can = can, .is_edge = true,
	};
	if (uk_netdev_attach(&devs[i], "", why)) {
		uk_pr_err("bench: %s\n", why);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	uint16_t can = UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_FOREIGN;

	if (argc != 3)
		return 1;
	if (argv[1][0] == 'o' || argv[1][0] == 'w')
		can |= UK_NETDEV_CAN_CSUM4 | UK_NETDEV_CAN_GSO4;
	if (argv[1][0] == 'c')
		can |= UK_NETDEV_CAN_CSUM4;
	for (unsigned int i = 0; i < N_DEVS; i++)
		if (attach(i, can))
			return 1;
	for (long n = strtol(argv[2], NULL, 10); n; n--)
		one_batch(argv[1]);
	return n_done ? 0 : 1;
}
