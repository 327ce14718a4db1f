/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Over a restart: the next life of this image finds frontends that go on as if
 * nothing had been, and rings in the middle of something. What they do not tell is
 * kept (<uk/restart.h>).
 *
 * TX: requests that were taken and not answered are answered as dropped; packets
 * are lost now and then. Their ids are kept for each queue, by a ledger.
 * RX: slots are taken and answered in one go, in order. If it ended in the middle,
 * they are put back into the ring as they were posted; kept for the one batch that
 * there is, in a journal.
 *
 * What is kept may be damaged, and what is in the rings may be a lie: keeps_whose(),
 * uk_xen_ring_resume() and find_journal() check all of it, or the device starts anew.
 * A frontend's lies choose among ids and slots of its own.
 */
#include "netback_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/print.h>

#define KEPT_BYTES (sizeof(struct netback_kept) + UK_XEN_LEDGER_MAP_BYTES(NETBACK_RING_SIZE))

/* This life's, and what the two before it have left: a device may not have been
 * reached yet when the next one ends. */
#define N_JOURNALS (IS_ENABLED(CONFIG_LIBRESTART) ? 3 : 1)

static struct netback_rx_journal journals[N_JOURNALS] uk_kept;
static uint32_t current_journal uk_kept;

struct netback_rx_journal *netback_rx_journal;

void netback_resume_init(void)
{
	current_journal %= N_JOURNALS;
	if (journals[current_journal].n)
		current_journal = (current_journal + 1) % N_JOURNALS;
	netback_rx_journal = &journals[current_journal];
	netback_rx_journal->n = 0;
}

/* ---- Receiving ---- */

/* What was half done in @q's ring. NULL: nothing. */
static struct netback_rx_journal *find_journal(const struct netback_queue *q)
{
	for (unsigned int i = 0; i < N_JOURNALS; i++) {
		struct netback_rx_journal *j = &journals[i];

		if (j->n && j->n <= NETBACK_RING_SIZE && j->domain == q->vif->dev->remote &&
		    j->rx_ref == q->pages[1].ref && j->start == q->rx.rsp_prod)
			return j;
	}
	return NULL;
}

static int resume_rx(struct netback_queue *q)
{
	struct netback_rx_journal *j = find_journal(q);

	if (!j)
		return uk_xen_ring_pending(&q->rx) < 0 ? -EPROTO : 0;
	if (q->rx.shared->req_prod - j->start < j->n)
		return -EPROTO;
	q->rx.req_cons = j->start + j->n;
	for (uint32_t i = j->n; i--;) {
		union netback_rx_wire w = {
			.req = { .id = j->slots[i].id, .gref = j->slots[i].ref },
		};

		uk_xen_ring_unget(&q->rx, w.words);
	}
	j->n = 0;
	return uk_xen_ring_pending(&q->rx) < 0 ? -EPROTO : 0;
}

/* ---- Sending ---- */

static void drop_one(struct netback_queue *q, uint32_t at)
{
	unsigned int slot = uk_xen_ledger_slot(&q->kept->tx, at);
	uint16_t id = q->kept->ids[slot];
	bool is_extra = id == NETBACK_EXTRA_ID;
	union netback_tx_wire w = { .rsp = {
		.id = is_extra ? 0 : id,
		.status = is_extra ? NETIF_RSP_NULL : NETIF_RSP_DROPPED,
	} };

	uk_xen_ring_put(&q->tx, w.words, NETBACK_TX_RSP_WORDS);
}

static int resume_tx(struct netback_queue *q)
{
	uint32_t at = q->tx.rsp_prod;
	int err = uk_xen_ring_resume(&q->tx, &q->kept->tx);

	/* Which of them is the extra slot is not known */
	if (!err && q->kept->has_odd_id)
		err = -EPROTO;
	if (err)
		return err;
	uk_pr_info("netback: %s: queue %u: %u requests of before are dropped\n", q->vif->dev->be,
		   (unsigned int)(q - q->vif->queues), q->tx.req_cons - at);
	for (; at != q->tx.req_cons; at++)
		drop_one(q, at);
	uk_xen_ring_push(&q->tx);
	return 0;
}

/* ---- Start and end ---- */

static bool keeps_whose(const struct netback_queue *q, evtchn_port_t tx_port,
			evtchn_port_t rx_port)
{
	const struct netback_kept *k = q->kept;

	return k->tx_ref == q->pages[0].ref && k->rx_ref == q->pages[1].ref &&
	       k->tx_port == tx_port && k->rx_port == rx_port;
}

static void start(struct netback_queue *q, evtchn_port_t tx_port, evtchn_port_t rx_port)
{
	memset(q->kept, 0, KEPT_BYTES);
	uk_xen_ledger_init(&q->kept->tx, &q->tx);
	q->kept->tx_ref = q->pages[0].ref;
	q->kept->rx_ref = q->pages[1].ref;
	q->kept->tx_port = tx_port;
	q->kept->rx_port = rx_port;
}

static struct netback_kept *keep(const struct uk_xenbus_dev *dev, unsigned int queue,
				 bool *is_inherited)
{
	char name[32];

	uk_snprintf(name, sizeof(name), "netback/%u/%u/%u", dev->remote, dev->id, queue);
	return uk_keep(name, KEPT_BYTES, is_inherited);
}

void netback_resume_forget(struct uk_xenbus_dev *dev)
{
	bool is_inherited;

	for (unsigned int i = 0; IS_ENABLED(CONFIG_LIBRESTART) && i < NETBACK_MAX_QUEUES; i++)
		uk_keep_free(keep(dev, i, &is_inherited));
}

/* From the heap where there is no room: then it works, but for a restart.
 * @return whether it is an earlier life's. */
static bool get_kept(struct netback_queue *q)
{
	bool is_inherited;

	q->kept = keep(q->vif->dev, (unsigned int)(q - q->vif->queues), &is_inherited);
	q->is_kept = q->kept;
	if (!q->kept)
		q->kept = uk_malloc(KEPT_BYTES);
	return is_inherited;
}

int netback_resume_open(struct netback_queue *q, evtchn_port_t tx_port, evtchn_port_t rx_port)
{
	struct uk_xenbus_dev *dev = q->vif->dev;
	bool is_inherited;
	int err = 0;

	if (!IS_ENABLED(CONFIG_LIBRESTART))
		return 0;
	is_inherited = get_kept(q);
	if (!q->kept)
		return -ENOMEM;
	if (dev->may_resume && is_inherited && keeps_whose(q, tx_port, rx_port)) {
		err = resume_tx(q);
		if (!err)
			err = resume_rx(q);
	} else if (dev->must_resume) {
		err = -ESTALE;
	} else {
		start(q, tx_port, rx_port);
	}
	if (err)
		netback_resume_close(q);
	return err;
}

void netback_resume_close(struct netback_queue *q)
{
	if (!IS_ENABLED(CONFIG_LIBRESTART))
		return;
	if (q->is_kept)
		uk_keep_free(q->kept);
	else
		uk_free(q->kept);
	q->kept = NULL;
}
