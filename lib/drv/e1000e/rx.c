/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames that come in. A buffer of half a page goes with its packet wherever
 * that goes, and comes back to the card when the packet is done; the headers are
 * copied into the packet.
 *
 * The frames' contents are anybody's: only their length is looked at here.
 */
#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/arch/barrier.h>
#include <uk/pages.h>
#include <uk/plat/dma.h>

#include "e1000e_priv.h"

#define BUF_BYTES 2048
#define MIN_FRAME_BYTES 14

struct e1000e_buf {
	struct uk_net_pkt pkt;
	struct e1000e *nic;
	char *data;
};

/* Give the card as many buffers as there are, all but one descriptor at most. */
static void refill(struct e1000e *nic)
{
	unsigned int before = nic->rx_fill;

	while ((nic->rx_fill + 1) % N_DESCS != nic->rx_next && !uk_list_is_empty(&nic->free_bufs)) {
		struct e1000e_buf *buf = UK_LIST_ENTRY(uk_list_pop(&nic->free_bufs),
						       struct e1000e_buf, pkt.node);
		struct e1000e_rx_desc *desc = &nic->rx[nic->rx_fill];

		*desc = (struct e1000e_rx_desc) { .addr = uk_plat_dma_addr(buf->data) };
		nic->rx_bufs[nic->rx_fill] = buf;
		nic->rx_fill = (nic->rx_fill + 1) % N_DESCS;
	}
	if (nic->rx_fill == before)
		return;
	uk_arch_wmb();	/* descriptors before the index that covers them */
	e1000e_write(nic, REG_RDT, nic->rx_fill);
}

static void buf_done(struct uk_net_pkt *pkt)
{
	struct e1000e_buf *buf = UK_CONTAINER_OF(pkt, struct e1000e_buf, pkt);
	struct e1000e *nic = buf->nic;

	uk_list_add(&nic->free_bufs, &pkt->node);
	/* The card had none left: nobody else would tell it */
	if (nic->rx_fill == nic->rx_next)
		refill(nic);
}

static void make_packet(struct e1000e_buf *buf, const struct e1000e_rx_desc *desc)
{
	struct uk_net_pkt *pkt = &buf->pkt;
	uint16_t head = (uint16_t)UK_MIN(desc->len_bytes, (uint16_t)UK_NET_HEAD_BYTES);
	uint16_t rest = (uint16_t)(desc->len_bytes - head);

	pkt->len_bytes = desc->len_bytes;
	pkt->head_bytes = head;
	pkt->flags = 0;
	pkt->gso = UK_NET_GSO_NONE;
	pkt->gso_bytes = 0;
	pkt->n_frags = rest > 0;
	pkt->frags[0] = (struct uk_net_frag) {
		.va = buf->data + head, .len_bytes = rest,
		.offset = (uint16_t)((uintptr_t)(buf->data + head) % UK_PAGE_SIZE),
	};
	if (!(desc->status & RX_IXSM) && desc->status & (RX_TCPCS | RX_UDPCS) &&
	    !(desc->errors & RX_ERR_TCPE))
		pkt->flags = UK_NET_CSUM_GOOD;
	memcpy(pkt->head, buf->data, head);
}

static bool is_good(const struct e1000e_rx_desc *desc)
{
	return desc->status & RX_EOP && !(desc->errors & RX_ERR_FRAME) &&
	       desc->len_bytes >= MIN_FRAME_BYTES && desc->len_bytes <= BUF_BYTES;
}

/* The next frame, into @pkts. @return false: there is none. */
static bool take_one(struct e1000e *nic, struct uk_list *pkts)
{
	volatile struct e1000e_rx_desc *shared = &nic->rx[nic->rx_next];
	struct e1000e_buf *buf = nic->rx_bufs[nic->rx_next];
	struct e1000e_rx_desc desc;

	if (nic->rx_next == nic->rx_fill || !(shared->status & RX_DD))
		return false;
	uk_arch_rmb();	/* the rest after the status that covers it */
	desc = *(struct e1000e_rx_desc *)&nic->rx[nic->rx_next];
	nic->rx_bufs[nic->rx_next] = NULL;
	nic->rx_next = (nic->rx_next + 1) % N_DESCS;
	if (!is_good(&desc)) {
		nic->dev.stats.drops[UK_NET_DROP_MALFORMED]++;
		uk_list_add(&nic->free_bufs, &buf->pkt.node);
		return true;
	}
	make_packet(buf, &desc);
	uk_list_add_tail(pkts, &buf->pkt.node);
	return true;
}

unsigned int e1000e_rx_poll(struct e1000e *nic)
{
	struct uk_list pkts = UK_LIST_INIT(pkts);
	unsigned int n = 0;

	while (n < RX_BUDGET && take_one(nic, &pkts))
		n++;
	if (!uk_list_is_empty(&pkts))
		uk_netdev_receive(&nic->dev, &pkts);
	refill(nic);
	return n;
}

static int make_buffers(struct e1000e *nic)
{
	struct e1000e_buf *bufs = uk_calloc(CONFIG_LIBE1000E_BUFFERS, sizeof(*bufs));
	char *page = NULL;

	if (!bufs)
		return -ENOMEM;
	for (unsigned int i = 0; i < CONFIG_LIBE1000E_BUFFERS; i++) {
		unsigned int part = i % (UK_PAGE_SIZE / BUF_BYTES);

		if (!part)
			page = uk_pages_alloc(0);
		if (!page)
			return -ENOMEM;
		bufs[i].nic = nic;
		bufs[i].data = page + part * BUF_BYTES;
		bufs[i].pkt.from = &nic->dev;
		bufs[i].pkt.done = buf_done;
		uk_list_add_tail(&nic->free_bufs, &bufs[i].pkt.node);
	}
	return 0;
}

int e1000e_rx_init(struct e1000e *nic)
{
	uint64_t addr;
	int err;

	uk_list_init(&nic->free_bufs);
	nic->rx = uk_pages_alloc(0);
	if (!nic->rx)
		return -ENOMEM;
	memset(nic->rx, 0, UK_PAGE_SIZE);
	err = make_buffers(nic);
	if (err)
		return err;
	addr = uk_plat_dma_addr(nic->rx);
	e1000e_write(nic, REG_RDBAL, (uint32_t)addr);
	e1000e_write(nic, REG_RDBAH, (uint32_t)(addr >> 32));
	e1000e_write(nic, REG_RDLEN, UK_PAGE_SIZE);
	e1000e_write(nic, REG_RDH, 0);
	e1000e_write(nic, REG_RDT, 0);
	e1000e_write(nic, REG_RXCSUM, RXCSUM_TUOFL);
	/* All frames: what they are for is the switch's to know */
	e1000e_write(nic, REG_RCTL, RCTL_EN | RCTL_UPE | RCTL_MPE | RCTL_BAM | RCTL_SECRC);
	refill(nic);
	return 0;
}
