/* SPDX-License-Identifier: BSD-3-Clause */
/* What the sources of the network front end share. "tx" and "rx" are ours: what
 * we send is tx. */
#ifndef NETFRONT_PRIV_H
#define NETFRONT_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "netfront_wire.h"

#include <uk/list.h>
#include <uk/netdev_queue.h>
#include <uk/wait.h>
#include <uk/xen/evtchn.h>
#include <uk/xen/gnttab.h>
#include <uk/xen/ring_front.h>
#include <uk/xen/xenbus_front.h>

#define NETFRONT_MAX_QUEUES 4
/* Entries of either ring, in one page */
#define NETFRONT_RING_SIZE 256
/* A back end takes that many slots for a packet, whatever it is */
#define NETFRONT_MAX_SLOTS XEN_NETIF_NR_SLOTS_MIN
/* Heads of packets that go out: one for each entry of the ring, in pages that the
 * back end may read for as long as the connection lasts */
#define NETFRONT_HEAD_ROOM 256
#define NETFRONT_HEADS_PER_PAGE (UK_PAGE_SIZE / NETFRONT_HEAD_ROOM)
#define NETFRONT_HEAD_PAGES (NETFRONT_RING_SIZE / NETFRONT_HEADS_PER_PAGE)

struct netfront;

/* A TX slot, by its id; 0 for a reference means none. */
struct netfront_tx_slot {
	grant_ref_t ref;
	uint16_t first;			/* of the same packet */
	uint16_t next;			/* of the same packet, or the next free one */
	bool is_sent;			/* the back end has it */
	/* Of a packet's first: */
	uint16_t n_left;		/* slots that are not answered */
	struct uk_net_pkt *pkt;		/* to be told then; or NULL */
	void *copy;			/* of its contents, n_pages, to be freed then */
	uint16_t n_pages;
};

/* A page for what comes in */
struct netfront_buf {
	struct uk_net_pkt pkt;		/* of a packet's first */
	struct uk_list node;		/* free, or behind the packet's first */
	struct uk_list others;		/* of a packet's first */
	struct netfront_queue *q;
	char *page;
	uint16_t offset, len_bytes;	/* of the packet's part in it */
};

/* One pair of rings, from connect() until nobody has any of its memory. */
struct netfront_queue {
	struct netfront *nf;		/* NULL: the connection has ended */
	struct uk_list node;		/* then: among those to be reaped */
	domid_t remote;
	bool is_open, is_split;
	bool has_work;
	evtchn_port_t port, rx_port;	/* 0: none; the same if not split */
	struct uk_xenfront_page rings[2];	/* tx, rx */

	struct uk_xen_front_ring tx;
	struct uk_netdev_queue queue;	/* packets without room */
	struct netfront_tx_slot slots[NETFRONT_RING_SIZE];
	uint16_t first_free, n_free;
	char *heads[NETFRONT_HEAD_PAGES];
	grant_ref_t head_refs[NETFRONT_HEAD_PAGES];

	struct uk_xen_front_ring rx;
	struct netfront_buf *bufs;
	struct uk_list free_bufs;
	unsigned int n_lent;		/* buffers that are packets of somebody's */
	struct netfront_buf *posted[NETFRONT_RING_SIZE];
	grant_ref_t posted_refs[NETFRONT_RING_SIZE];
};

struct netfront {
	struct uk_netdev netdev;
	struct uk_xenfront_dev *dev;
	bool is_trusted, has_sg;
	uint16_t mtu_bytes;		/* as the toolstack says */
	bool is_gone;			/* the thread is to end */
	bool is_thread_over;
	struct uk_wait_queue work, over;
	unsigned int n_queues;
	struct netfront_queue *queues[NETFRONT_MAX_QUEUES];
};

/* ---- nodes.c: xenstore ---- */
extern uint64_t netfront_max_queues;
int netfront_read_own(struct netfront *nf, char *why);
/* What the back end can. *@n_queues: to be made; @is_split: with two ports each. */
int netfront_read_backend(struct netfront *nf, unsigned int *n_queues, bool *is_split, char *why);
int netfront_publish(struct uk_xenfront_dev *dev, uk_xs_tx_t tx);

/* ---- queue.c ---- */
/* @return NULL: no memory, ports or grants. */
struct netfront_queue *netfront_queue_new(struct netfront *nf, unsigned int number,
					  bool is_split);
/* Nothing goes to the back end any more, and nobody is told of what comes. */
void netfront_queue_quiesce(struct netfront_queue *q);
/* The connection has ended: the memory is freed, now or later. */
void netfront_queue_end(struct netfront_queue *q);
/* struct uk_xenfront_driver.reap */
bool netfront_reap(void);
/* Have the connection ended; @why: one line. */
void netfront_give_up(struct netfront_queue *q, const char *why);

/* ---- tx.c ---- */
int netfront_tx_init(struct netfront_queue *q);
/* Take back what was sent, send what has waited, tell the back end. */
void netfront_tx_poll(struct netfront_queue *q);
/* After the end: take back what the back end lets go. @return whether that is all. */
bool netfront_tx_reap(struct netfront_queue *q);

/* ---- rx.c ---- */
int netfront_rx_init(struct netfront_queue *q);
/* Hand on what has come in, a bounded amount. @return whether there is more. */
bool netfront_rx_poll(struct netfront_queue *q);
/* As netfront_tx_reap(). */
bool netfront_rx_reap(struct netfront_queue *q);
void netfront_rx_free(struct netfront_queue *q);

#endif /* NETFRONT_PRIV_H */
