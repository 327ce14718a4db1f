/* SPDX-License-Identifier: BSD-3-Clause */
/* What the sources of the driver share. */
#ifndef E1000E_PRIV_H
#define E1000E_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include <uk/arch/page.h>
#include <uk/list.h>
#include <uk/netdev_queue.h>
#include <uk/pci.h>
#include <uk/restart.h>
#include <uk/util.h>
#include <uk/wait.h>

#include "e1000e_hw.h"

/* A ring is one page */
#define N_DESCS (UK_PAGE_SIZE / 16)
/* Frames in one go, before others may run */
#define RX_BUDGET 64

struct e1000e_buf;

struct e1000e {
	struct uk_netdev dev;
	struct uk_pci_dev *pci;
	volatile char *regs;

	/* Receiving */
	struct e1000e_rx_desc *rx;
	struct e1000e_buf *rx_bufs[N_DESCS];	/* NULL: the card has no buffer there */
	struct uk_list free_bufs;
	unsigned int rx_next;			/* to look at */
	unsigned int rx_fill;			/* to be given a buffer */

	/* Sending */
	struct e1000e_tx_desc *tx;
	char *heads;				/* HEAD_ROOM for each descriptor */
	struct uk_net_pkt *tx_pkts[N_DESCS];	/* at a packet's last; may be NULL */
	bool tx_is_last[N_DESCS];
	unsigned int tx_next;			/* to be used */
	unsigned int tx_done;			/* the oldest the card has */
	struct uk_netdev_queue queue;		/* packets without room */

	struct uk_restart_stop at_restart;
	struct uk_wait_queue work;
	bool has_work;
	bool is_link_up;
};

static inline uint32_t e1000e_read(const struct e1000e *nic, unsigned int reg)
{
	return *(volatile uint32_t *)(nic->regs + reg);
}

static inline void e1000e_write(struct e1000e *nic, unsigned int reg, uint32_t value)
{
	*(volatile uint32_t *)(nic->regs + reg) = value;
}

/* ---- rx.c ---- */
int e1000e_rx_init(struct e1000e *nic);
/* Hand on what has come in, RX_BUDGET at most. @return how many frames. */
unsigned int e1000e_rx_poll(struct e1000e *nic);

/* ---- tx.c ---- */
int e1000e_tx_init(struct e1000e *nic);
/* struct uk_netdev_ops */
void e1000e_send(struct uk_netdev *dev, struct uk_list *pkts);
void e1000e_forget(struct uk_netdev *dev, const struct uk_netdev *from);
/* Take back what was sent, send what has waited for room. */
void e1000e_tx_poll(struct e1000e *nic);

#endif /* E1000E_PRIV_H */
