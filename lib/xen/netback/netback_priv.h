/* SPDX-License-Identifier: BSD-3-Clause */
/* What the sources of the network back end share. "tx" and "rx" are the
 * guest's, as in the protocol: what it sends is tx. */
#ifndef NETBACK_PRIV_H
#define NETBACK_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "netback_wire.h"

#include <uk/list.h>
#include <uk/netdev_driver.h>
#include <uk/restart.h>
#include <uk/timer.h>
#include <uk/xen/gnttab.h>
#include <uk/xen/ledger.h>
#include <uk/xen/ring.h>
#include <uk/xen/work.h>
#include <uk/xen/xenbus.h>

#define NETBACK_MAX_QUEUES 4
#define NETBACK_MAX_MCASTS 64
/* In one page, of either ring */
#define NETBACK_RING_SIZE 256
/* A packet of more slots is dropped, of more than that is the end */
#define NETBACK_MAX_SLOTS XEN_NETIF_NR_SLOTS_MIN
#define NETBACK_FATAL_SLOTS 20
/* One of each type */
#define NETBACK_MAX_EXTRAS (XEN_NETIF_EXTRA_TYPE_MAX - 1)
/* Packets that wait for a frontend's RX slots, in one queue */
#define NETBACK_MAX_WAITING 256

/* A packet on its way out of a guest, as its slots describe it: copied once,
 * and found consistent. */
struct netback_desc {
	unsigned int n_slots, n_extras;
	uint16_t extra_ids[NETBACK_MAX_EXTRAS];
	uint32_t len_bytes;
	struct {
		uint16_t id;
		uint16_t offset, len_bytes;	/* in the granted page */
		grant_ref_t ref;
	} slots[NETBACK_FATAL_SLOTS];
	bool is_csum_blank, is_csum_good;
	uint8_t gso;			/* enum uk_net_gso */
	uint16_t gso_bytes;
	uint8_t mcast;			/* 0, or XEN_NETIF_EXTRA_TYPE_MCAST_*: no packet */
	uint8_t mcast_addr[UK_NET_MAC_BYTES];
};

struct netback_vif;

/* What a queue knows over a restart: which of the frontend's requests are taken
 * and not answered. */
struct netback_kept {
	uint32_t tx_ref, rx_ref, tx_port, rx_port;	/* whose it is */
	uint32_t has_odd_id;				/* one is NETBACK_EXTRA_ID */
	uint16_t ids[NETBACK_RING_SIZE];		/* by slots of the ledger */
	struct uk_xen_ledger tx;
};

/* Instead of an id: the request was an extra slot. */
#define NETBACK_EXTRA_ID 0xffff

/* The event for responses to what the guest sends, held back */
struct netback_hold {
	struct uk_list node;		/* of those that are */
	bool is_old;			/* since before the last tick */
	unsigned int n_at_once;		/* events that are not to be held */
	unsigned int penalty;		/* how many after the next one held in vain */
	unsigned int n_good;		/* in a row that nobody waited for */
	uint32_t req_cons;		/* of tx, at the last tick */
};

struct netback_queue {
	struct netback_vif *vif;
	struct uk_xen_work work;
	bool is_open;			/* the rings may be touched */
	bool is_quiet;			/* the frontend closes: nothing more */
	bool is_split;			/* rx_port is open, too */
	struct uk_gnttab_map pages[2];	/* of the rings: tx, rx */
	struct uk_xen_port port, rx_port;
	/* What the guest sends */
	struct uk_xen_ring tx;
	struct netback_kept *kept;
	bool is_kept;			/* of uk_keep(), not of the heap */
	bool is_in_turn;		/* responses are pushed at its end */
	struct netback_hold hold;
	/* What it receives */
	struct uk_xen_ring rx;
	bool is_notify_due;		/* of responses that were pushed */
	struct uk_list waiting;		/* packets (node) */
	unsigned int n_waiting;
	unsigned int n_new;		/* of them: came in this call, the last ones */
	unsigned int n_old;		/* of them: waited at the last tick */
	uint64_t progress_ns;		/* when one of them left, as ticks see it */
	bool has_progressed;		/* one has left since the last tick */
	bool is_stalled;
	unsigned int n_at_stall;	/* slots that were there then */
	bool is_tick_due;
	struct uk_timer tick;		/* while packets wait */
};

struct netback_rate {
	uint64_t bytes, period_ns;	/* bytes = 0: unlimited */
	int64_t credit_bytes;
	uint64_t refilled_ns;
	struct uk_timer refill;
};

struct netback_vif {
	struct uk_netdev netdev;
	struct uk_xenbus_dev *dev;
	char bridge[32];
	struct netback_rate rate;
	bool is_attached;
	/* While connected */
	unsigned int n_in_flight;	/* packets of its own */
	unsigned int n_borrowed;	/* buffers of cards that its waiting packets keep */
	unsigned int n_queues;
	struct netback_queue *queues;
	bool has_sg, has_rx_notify, has_mcast_filter;
	unsigned int n_mcasts;
	uint8_t mcasts[NETBACK_MAX_MCASTS][UK_NET_MAC_BYTES];
};

/* ---- decode.c ---- */
/*
 * Take the slots of one packet from @ring, of which *@n (> 0) wait; *@n becomes
 * what is left. n_slots, n_extras and the ids are set in any case but the last.
 * @return 0; -EINVAL: to be answered with an error; -EPROTO: the ring cannot
 *	be understood any further, *@why says why.
 */
int netback_decode(struct uk_xen_ring *ring, unsigned int *n, struct netback_desc *desc,
		   const char **why);

/* ---- copy.c ---- */
#define NETBACK_MAX_COPIES 256
/* Add copies to the batch, which has room for netback_copy_room() of them; the
 * bytes of ours may cross pages. @tag: index in netback_copy_run()'s @is_ok. */
unsigned int netback_copy_room(void);
void netback_copy_in(unsigned int tag, void *dst, domid_t dom, grant_ref_t ref, uint16_t offset,
		     uint16_t len);
void netback_copy_out(unsigned int tag, const void *src, domid_t dom, grant_ref_t ref,
		      uint16_t offset, uint16_t len);
void netback_copy_across(unsigned int tag, const struct uk_net_frag *src, uint16_t from,
			 domid_t dom, grant_ref_t ref, uint16_t offset, uint16_t len);
/* One hypercall. is_ok[tag] becomes false where one failed. @is_dest_bad: NULL,
 * or becomes true where the page written to was the reason. */
void netback_copy_run(bool *is_ok, bool *is_dest_bad);
/* ops->fetch */
void netback_fetch(struct uk_netdev *netdev, struct uk_net_pkt **pkts, unsigned int n,
		   void *const *to, bool *is_ok);

/* ---- rate.c ---- */
/* @text: "bytes,microseconds". @return 0 or -EINVAL. */
int netback_rate_parse(struct netback_rate *rate, const char *text);
bool netback_rate_has_credit(struct netback_vif *vif);
void netback_rate_charge(struct netback_rate *rate, uint32_t bytes);

/* ---- mcast.c ---- */
/* What an extra slot asks for. @return whether it was done. */
bool netback_mcast_change(struct netback_vif *vif, const struct netback_desc *desc);
/* Does the guest want @pkt? */
bool netback_mcast_wants(const struct netback_vif *vif, const struct uk_net_pkt *pkt);

/* ---- tx.c ---- */
/* Packets of all guests */
extern struct netback_in_flight {
	unsigned int n, max;
} netback_in_flight;
/* When the first device comes: how much memory is there? */
void netback_tx_init(void);
/* Take what the guest sends, a bounded amount.
 * @return how many packets; -EPROTO: the frontend has been given up. */
int netback_tx_turn(struct netback_queue *q);

/* ---- hold.c ---- */
/* Publish the responses to what the guest sends; it hears of them soon. */
void netback_tx_push(struct netback_queue *q);
/* An event for what it receives goes out now: one that is held may, too. */
void netback_hold_ride(struct netback_queue *q);
void netback_hold_open(struct netback_queue *q);
void netback_hold_close(struct netback_queue *q);

/* ---- rx.c ---- */
/* ops->send and ops->forget */
void netback_rx_send(struct uk_netdev *netdev, struct uk_list *pkts);
void netback_rx_forget(struct uk_netdev *netdev, const struct uk_netdev *from);
/* Give the guest what waits. @return how many packets. */
unsigned int netback_rx_turn(struct netback_queue *q);
/* Of a zeroed one, before others can see it: they may have something to be sent or
 * forgotten while it is not open. */
void netback_rx_init(struct netback_queue *q);
void netback_rx_close(struct netback_queue *q);

/* ---- rx_copy.c ---- */
/* Slots that @pkt takes in the guest's ring. */
unsigned int netback_rx_slots(const struct uk_net_pkt *pkt);
/* Does it fit into the batch? */
bool netback_rx_has_room(const struct uk_net_pkt *pkt);
/* Add it to the batch, with as many slots, which wait in the ring. */
void netback_rx_add(struct netback_queue *q, struct uk_net_pkt *pkt);
/* Do the batch: answer the slots, push, and give the packets back. */
void netback_rx_finish(struct netback_queue *q);

/* ---- resume.c ---- */
/* The slots of the batch that is being answered, as they were posted: their
 * responses lie over them before they are pushed. One batch, one ring. */
struct netback_rx_journal {
	uint32_t domain, rx_ref;	/* whose it is */
	uint32_t start;			/* position of the first one in the ring */
	uint32_t n;			/* 0: nothing is half done */
	struct netback_rx_slot {
		uint16_t id, len_bytes;
		grant_ref_t ref;
	} slots[NETBACK_RING_SIZE];
};
extern struct netback_rx_journal *netback_rx_journal;

/* An earlier life may have kept something about @dev: it is a new one. */
void netback_resume_forget(struct uk_xenbus_dev *dev);
/* Before the first connection: a journal for this life. */
void netback_resume_init(void);
/*
 * Start to keep what @q's attached rings are about; or, where an earlier life has
 * kept it, go on: what was taken is answered as dropped.
 * @return 0; -ESTALE, -EPROTO: the connection had to be resumed, and cannot be.
 */
int netback_resume_open(struct netback_queue *q, evtchn_port_t tx_port, evtchn_port_t rx_port);
void netback_resume_close(struct netback_queue *q);

/* The slots of @desc are taken: from here on their ids are those of the ledger. */
static inline void netback_take(struct netback_queue *q, struct netback_desc *desc)
{
	struct netback_kept *k = q->kept;
	uint32_t at = q->tx.req_cons - desc->n_slots - desc->n_extras;

	if (!IS_ENABLED(CONFIG_LIBRESTART))
		return;
	for (unsigned int i = 0; i < desc->n_slots; i++) {
		uint16_t slot = (uint16_t)uk_xen_ledger_slot(&k->tx, at++);

		if (uk_unlikely(desc->slots[i].id == NETBACK_EXTRA_ID))
			k->has_odd_id = 1;
		k->ids[slot] = desc->slots[i].id;
		desc->slots[i].id = slot;
	}
	for (unsigned int i = 0; i < desc->n_extras; i++) {
		desc->extra_ids[i] = (uint16_t)uk_xen_ledger_slot(&k->tx, at++);
		k->ids[desc->extra_ids[i]] = NETBACK_EXTRA_ID;
	}
	uk_xen_ledger_set_taken(&k->tx, at);
}

/* The next response in the ring is for @id of the ledger. @return the frontend's. */
static inline uint16_t netback_answer(struct netback_queue *q, uint16_t id)
{
	if (!IS_ENABLED(CONFIG_LIBRESTART))
		return id;
	uk_xen_ledger_answer(&q->kept->tx, id, q->tx.rsp_prod);
	return q->kept->ids[id];
}

/* ---- queue.c ---- */
/* Start and stop serving mapped rings. After the latter nothing touches them. */
int netback_queue_open(struct netback_queue *q, evtchn_port_t tx_port, evtchn_port_t rx_port);
void netback_queue_close(struct netback_queue *q);
/* End the frontend's connection; @why: one line. */
void netback_give_up(struct netback_queue *q, const char *why);
/* Tell the frontend of RX responses. */
void netback_notify_rx(struct netback_queue *q);

/* ---- frontend.c ---- */
/* Read the frontend's nodes, map and open its queues. On failure nothing stays. */
int netback_connect_queues(struct netback_vif *vif, char *why);
void netback_disconnect_queues(struct netback_vif *vif);

#endif /* NETBACK_PRIV_H */
