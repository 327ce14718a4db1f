/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A pair of rings: its memory, its ports, its end. Memory that the back end has
 * still mapped when the connection ends, and buffers that are still packets of
 * somebody's, are waited for: the queue then stands in `ending`.
 *
 * An event masks its port until the queue has been looked at: a back end that
 * sends many costs a look each, no more.
 */
#include "netfront_priv.h"

#include <uk/alloc.h>
#include <uk/pages.h>
#include <uk/print.h>

static struct uk_list ending = UK_LIST_INIT(ending);

static void on_event(evtchn_port_t port, void *arg)
{
	struct netfront_queue *q = arg;

	uk_evtchn_mask(port);
	q->has_work = true;
	if (q->nf)
		uk_wait_wake_one(&q->nf->work);
}

void netfront_give_up(struct netfront_queue *q, const char *why)
{
	q->is_open = false;
	if (q->nf)
		uk_xenfront_fail(q->nf->dev, "%s", why);
}

/* ---- Start ---- */

static int offer_rings(struct netfront_queue *q, unsigned int number)
{
	char name[8];
	int err = 0;

	for (unsigned int i = 0; !err && i < UK_ARRAY_SIZE(q->rings); i++) {
		uk_snprintf(name, sizeof(name), "%s%u", i ? "rx" : "tx", number);
		err = uk_xenfront_page_open(q->nf->dev, name, &q->rings[i]);
	}
	return err;
}

static int offer_ports(struct netfront_queue *q)
{
	int err = uk_evtchn_alloc_unbound(q->remote, on_event, q, &q->port);

	if (err) {
		q->port = 0;
		return err;
	}
	q->rx_port = q->port;
	if (q->is_split)
		err = uk_evtchn_alloc_unbound(q->remote, on_event, q, &q->rx_port);
	if (err)
		q->rx_port = q->port;
	return err;
}

struct netfront_queue *netfront_queue_new(struct netfront *nf, unsigned int number,
					  bool is_split)
{
	struct netfront_queue *q = uk_calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->nf = nf;
	q->remote = nf->dev->remote;
	q->is_split = is_split;
	uk_list_init(&q->node);
	uk_list_init(&q->free_bufs);
	if (offer_rings(q, number) || offer_ports(q) || netfront_tx_init(q) ||
	    netfront_rx_init(q)) {
		netfront_queue_quiesce(q);
		netfront_queue_end(q);
		return NULL;
	}
	q->is_open = true;
	uk_evtchn_unmask(q->port);
	uk_evtchn_unmask(q->rx_port);
	return q;
}

/* ---- End ---- */

static void close_ports(struct netfront_queue *q)
{
	if (q->port)
		uk_evtchn_close(q->port);
	if (q->rx_port && q->rx_port != q->port)
		uk_evtchn_close(q->rx_port);
	q->port = q->rx_port = 0;
}

void netfront_queue_quiesce(struct netfront_queue *q)
{
	q->is_open = false;
	if (q->queue.start)
		uk_netdev_queue_drop(&q->queue);
}

/* @return whether nobody has anything of it any more; then it is freed. */
static bool reap(struct netfront_queue *q)
{
	bool is_over = uk_xenfront_page_close(&q->rings[0]);

	is_over &= uk_xenfront_page_close(&q->rings[1]);
	is_over &= netfront_tx_reap(q);
	is_over &= netfront_rx_reap(q);
	if (!is_over || q->n_lent)
		return false;
	for (unsigned int i = 0; i < NETFRONT_HEAD_PAGES; i++)
		if (q->heads[i])
			uk_pages_free(q->heads[i], 0);
	netfront_rx_free(q);
	uk_list_del(&q->node);
	uk_free(q);
	return true;
}

void netfront_queue_end(struct netfront_queue *q)
{
	close_ports(q);
	q->nf = NULL;
	if (!reap(q))
		uk_list_add_tail(&ending, &q->node);
}

bool netfront_reap(void)
{
	struct netfront_queue *q, *tmp;

	UK_LIST_FOREACH_SAFE(q, tmp, &ending, node)
		reap(q);
	return uk_list_is_empty(&ending);
}
