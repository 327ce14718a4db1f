/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A queue's turn: first what waits for the guest, then what it sends, a bounded
 * amount of each, in the thread of all back ends (<uk/xen/work.h>).
 *
 * A ring whose index or chain of slots makes no sense ends its device and
 * nothing else. Events that bring nothing are bounded by their ports.
 */
#include "netback_priv.h"

#include <uk/xen/evtchn.h>

void netback_give_up(struct netback_queue *q, const char *why)
{
	struct netback_vif *vif = q->vif;

	for (unsigned int i = 0; i < vif->n_queues; i++)
		vif->queues[i].is_open = false;
	uk_xenbus_fail(vif->dev, "%s", why);
}

void netback_notify_rx(struct netback_queue *q)
{
	netback_hold_ride(q);
	uk_evtchn_notify(q->is_split ? q->rx_port.port : q->port.port);
}

static void judge(struct netback_queue *q, bool has_sent, bool has_received)
{
	uk_xen_port_judge(&q->port, has_sent || (has_received && !q->is_split));
	if (q->is_split)
		uk_xen_port_judge(&q->rx_port, has_received);
}

static void take_turn(struct uk_xen_work *w)
{
	struct netback_queue *q = UK_CONTAINER_OF(w, struct netback_queue, work);
	unsigned int n_received;
	int n = 0;

	if (!q->is_open)
		return;
	n_received = netback_rx_turn(q);
	if (q->is_open && !q->is_quiet)
		n = netback_tx_turn(q);
	if (!q->is_open)
		return;
	judge(q, n > 0, n_received);
	if (q->is_quiet)
		return;
	n = uk_xen_ring_final_check(&q->tx);
	if (n < 0)
		netback_give_up(q, "the frontend's TX ring index makes no sense");
	else if (n > 0 && netback_rate_has_credit(q->vif))
		uk_xen_work_ready(&q->work);
}

int netback_queue_open(struct netback_queue *q, evtchn_port_t tx_port, evtchn_port_t rx_port)
{
	domid_t remote = q->vif->dev->remote;
	int err;

	uk_xen_work_init(&q->work, take_turn);
	uk_xen_ring_init(&q->tx, q->pages[0].va, UK_PAGE_SIZE, sizeof(union netback_tx_wire));
	uk_xen_ring_init(&q->rx, q->pages[1].va, UK_PAGE_SIZE, sizeof(union netback_rx_wire));
	err = netback_resume_open(q, tx_port, rx_port);
	if (err)
		return err;
	err = uk_xen_port_open(&q->port, remote, tx_port, &q->work);
	if (err)
		goto out_kept;
	q->is_split = rx_port;
	err = q->is_split ? uk_xen_port_open(&q->rx_port, remote, rx_port, &q->work) : 0;
	if (err)
		goto out_port;
	netback_hold_open(q);
	q->is_open = true;
	/* An event of before may be lost */
	if (q->vif->dev->may_resume) {
		uk_evtchn_notify(q->port.port);
		netback_notify_rx(q);
	}
	return 0;

out_port:
	uk_xen_port_close(&q->port);
	uk_xen_work_cancel(&q->work);
out_kept:
	netback_resume_close(q);
	return err;
}

void netback_queue_close(struct netback_queue *q)
{
	netback_hold_close(q);
	netback_rx_close(q);
	q->is_open = false;
	uk_xen_port_close(&q->port);
	if (q->is_split)
		uk_xen_port_close(&q->rx_port);
	uk_xen_work_cancel(&q->work);
	netback_resume_close(q);
}
