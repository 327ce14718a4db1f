/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames that go out. A packet's head is copied beside the ring, where it cannot
 * cross a page; its fragments are sent from where they are. One that has none is
 * done at once.
 *
 * Fragments that the card still reads belong to copies that netdev has made (the
 * card cannot reach into other domains), or to another card, which keeps them
 * until they have come back: each packet that is sent interrupts.
 */
#include <errno.h>
#include <string.h>

#include <uk/arch/barrier.h>
#include <uk/pages.h>
#include <uk/plat/dma.h>

#include "e1000e_priv.h"

/* Where heads lie, and how many there are in a page */
#define HEAD_ROOM 256
#define HEADS_PER_PAGE (UK_PAGE_SIZE / HEAD_ROOM)
#define HEAD_PAGES (N_DESCS / HEADS_PER_PAGE)

/* Context, head, fragments */
#define MAX_DESCS (2 + UK_NET_MAX_FRAGS)

#define IPV4_LEN 2
#define IPV4_CSUM 10
#define IPV6_LEN 4
#define TCP_CSUM 16

_Static_assert(UK_NET_HEAD_BYTES <= HEAD_ROOM, "a head has room");

static unsigned int n_free(const struct e1000e *nic)
{
	return (nic->tx_done + N_DESCS - nic->tx_next - 1) % N_DESCS;
}

static struct e1000e_tx_desc *next_desc(struct e1000e *nic)
{
	struct e1000e_tx_desc *desc = &nic->tx[nic->tx_next];

	nic->tx_is_last[nic->tx_next] = false;
	nic->tx_pkts[nic->tx_next] = NULL;
	nic->tx_next = (nic->tx_next + 1) % N_DESCS;
	return desc;
}

/* ---- What the card is to do to a packet ---- */

/* The card fills in lengths, and sums the pseudo header's with its own: the
 * checksum it starts from has the addresses and the protocol only. */
static void prepare_cut(uint8_t *head, const struct uk_net_layout *lay, uint32_t l4_bytes)
{
	uint8_t *ip = head + lay->l3_start, *csum = head + lay->l4_start + TCP_CSUM;
	uint32_t sum = ((uint32_t)csum[0] << 8 | csum[1]) + (0xffff ^ (l4_bytes & 0xffff)) +
		       (0xffff ^ l4_bytes >> 16);

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	csum[0] = (uint8_t)(sum >> 8);
	csum[1] = (uint8_t)sum;
	if (ip[0] >> 4 == 4) {
		memset(ip + IPV4_LEN, 0, 2);
		memset(ip + IPV4_CSUM, 0, 2);
	} else {
		memset(ip + IPV6_LEN, 0, 2);
	}
}

static void put_context(struct e1000e *nic, const struct uk_net_pkt *pkt,
			const struct uk_net_layout *lay)
{
	struct e1000e_tx_desc *desc = next_desc(nic);
	bool is_ipv4 = pkt->head[lay->l3_start] >> 4 == 4;
	uint32_t command = TX_DEXT;

	*desc = (struct e1000e_tx_desc) {
		.context = {
			.ip_start = (uint8_t)lay->l3_start,
			.ip_csum = (uint8_t)(lay->l3_start + IPV4_CSUM),
			.ip_end = (uint16_t)(lay->l4_start - 1),
			.l4_start = (uint8_t)pkt->csum_start,
			.l4_csum = (uint8_t)(pkt->csum_start + pkt->csum_offset),
		},
	};
	if (pkt->csum_offset == TCP_CSUM)
		command |= TX_CTX_TCP;
	if (is_ipv4)
		command |= TX_CTX_IPV4;
	if (pkt->gso) {
		command |= TX_TSE | (pkt->len_bytes - lay->payload_start);
		desc->header_bytes = (uint8_t)lay->payload_start;
		desc->segment_bytes = pkt->gso_bytes;
	}
	desc->command = command;
}

/* ---- Descriptors ---- */

static void put_data(struct e1000e *nic, uint64_t addr, uint32_t len, uint32_t command,
		     uint8_t options)
{
	struct e1000e_tx_desc *desc = next_desc(nic);

	*desc = (struct e1000e_tx_desc) { .addr = addr, .options = options };
	desc->command = len | TX_DATA | TX_DEXT | TX_IFCS | command;
}

static uint32_t cut_or_not(const struct uk_net_pkt *pkt)
{
	return pkt->gso ? TX_TSE : 0;
}

static void put_packet(struct e1000e *nic, struct uk_net_pkt *pkt, const struct uk_net_layout *lay)
{
	uint8_t options = 0;
	unsigned int last;
	char *head;

	if (pkt->flags & UK_NET_CSUM_BLANK) {
		options = TX_OPT_L4;
		if (pkt->gso && pkt->head[lay->l3_start] >> 4 == 4)
			options |= TX_OPT_IP;
		put_context(nic, pkt, lay);
	}
	head = nic->heads + (size_t)nic->tx_next * HEAD_ROOM;
	memcpy(head, pkt->head, pkt->head_bytes);
	if (pkt->gso)
		prepare_cut((uint8_t *)head, lay, pkt->len_bytes - lay->l4_start);
	put_data(nic, uk_plat_dma_addr(head), pkt->head_bytes, cut_or_not(pkt), options);
	for (unsigned int i = 0; i < pkt->n_frags; i++)
		put_data(nic, uk_plat_dma_addr(pkt->frags[i].va), pkt->frags[i].len_bytes,
			 cut_or_not(pkt), options);
	last = (nic->tx_next + N_DESCS - 1) % N_DESCS;
	nic->tx[last].command |= TX_EOP | TX_RS;
	nic->tx_is_last[last] = true;
	if (pkt->n_frags)
		nic->tx_pkts[last] = pkt;
	else
		pkt->done(pkt);
}

/* struct uk_netdev_queue.start */
static bool start(struct uk_netdev_queue *q, struct uk_net_pkt *pkt)
{
	struct e1000e *nic = UK_CONTAINER_OF(q, struct e1000e, queue);
	struct uk_net_layout lay;

	if (n_free(nic) < MAX_DESCS)
		return false;
	if (pkt->flags & UK_NET_CSUM_BLANK && (uk_net_layout(pkt, &lay) || !lay.l4_start))
		uk_netdev_drop(&nic->dev, pkt, UK_NET_DROP_HEADERS);
	else
		put_packet(nic, pkt, &lay);
	return true;
}

static void take_back(struct e1000e *nic)
{
	while (nic->tx_done != nic->tx_next) {
		unsigned int last = nic->tx_done;
		struct uk_net_pkt *pkt;

		while (!nic->tx_is_last[last])
			last = (last + 1) % N_DESCS;
		if (!(*(volatile uint8_t *)&nic->tx[last].status & TX_DD))
			return;
		pkt = nic->tx_pkts[last];
		nic->tx_done = (last + 1) % N_DESCS;
		if (pkt)
			pkt->done(pkt);
	}
}

static void ring_doorbell(struct e1000e *nic, unsigned int before)
{
	if (nic->tx_next == before)
		return;
	uk_arch_wmb();	/* descriptors before the index that covers them */
	e1000e_write(nic, REG_TDT, nic->tx_next);
}

void e1000e_tx_poll(struct e1000e *nic)
{
	unsigned int before = nic->tx_next;

	take_back(nic);
	uk_netdev_queue_run(&nic->queue);
	ring_doorbell(nic, before);
}

void e1000e_send(struct uk_netdev *dev, struct uk_list *pkts)
{
	struct e1000e *nic = UK_CONTAINER_OF(dev, struct e1000e, dev);
	unsigned int before = nic->tx_next;

	take_back(nic);
	uk_netdev_queue_send(&nic->queue, pkts);
	ring_doorbell(nic, before);
}

void e1000e_forget(struct uk_netdev *dev, const struct uk_netdev *from)
{
	struct e1000e *nic = UK_CONTAINER_OF(dev, struct e1000e, dev);

	uk_netdev_queue_forget(&nic->queue, from);
}

int e1000e_tx_init(struct e1000e *nic)
{
	uint64_t addr;

	uk_netdev_queue_init(&nic->queue, &nic->dev, start);
	nic->tx = uk_pages_alloc(0);
	nic->heads = uk_pages_alloc_n(HEAD_PAGES);
	if (!nic->tx || !nic->heads)
		return -ENOMEM;
	memset(nic->tx, 0, UK_PAGE_SIZE);
	addr = uk_plat_dma_addr(nic->tx);
	e1000e_write(nic, REG_TDBAL, (uint32_t)addr);
	e1000e_write(nic, REG_TDBAH, (uint32_t)(addr >> 32));
	e1000e_write(nic, REG_TDLEN, UK_PAGE_SIZE);
	e1000e_write(nic, REG_TDH, 0);
	e1000e_write(nic, REG_TDT, 0);
	e1000e_write(nic, REG_TXDCTL, TXDCTL_COUNT | TXDCTL_GRAN | TXDCTL_WTHRESH_1);
	e1000e_write(nic, REG_TIPG, TIPG_DEFAULT);
	e1000e_write(nic, REG_TCTL, TCTL_EN | TCTL_PSP | TCTL_CT | TCTL_COLD);
	return 0;
}
