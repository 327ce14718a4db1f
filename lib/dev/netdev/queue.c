/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets that wait for room. A packet is in no list while it is started, so that
 * whoever gets it back may send others meanwhile.
 */
#include <uk/netdev_queue.h>

void uk_netdev_queue_init(struct uk_netdev_queue *q, struct uk_netdev *dev,
			  bool (*start)(struct uk_netdev_queue *q, struct uk_net_pkt *pkt))
{
	q->dev = dev;
	q->start = start;
	uk_list_init(&q->waiting);
	q->n_waiting = 0;
}

void uk_netdev_queue_run(struct uk_netdev_queue *q)
{
	struct uk_list *node;

	while ((node = uk_list_pop(&q->waiting))) {
		q->n_waiting--;
		if (q->start(q, UK_LIST_ENTRY(node, struct uk_net_pkt, node)))
			continue;
		uk_list_add(&q->waiting, node);
		q->n_waiting++;
		return;
	}
}

void uk_netdev_queue_send(struct uk_netdev_queue *q, struct uk_list *pkts)
{
	struct uk_list *node;

	uk_netdev_queue_run(q);
	while ((node = uk_list_pop(pkts))) {
		struct uk_net_pkt *pkt = UK_LIST_ENTRY(node, struct uk_net_pkt, node);

		if (!q->n_waiting && q->start(q, pkt))
			continue;
		if (q->n_waiting == UK_NETDEV_QUEUE_MAX) {
			uk_netdev_drop(q->dev, pkt, UK_NET_DROP_QUEUE_FULL);
			continue;
		}
		uk_list_add_tail(&q->waiting, node);
		q->n_waiting++;
	}
}

void uk_netdev_queue_forget(struct uk_netdev_queue *q, const struct uk_netdev *from)
{
	struct uk_list gone = UK_LIST_INIT(gone);
	struct uk_net_pkt *pkt, *next;
	struct uk_list *node;

	UK_LIST_FOREACH_SAFE(pkt, next, &q->waiting, node) {
		if (pkt->from != from)
			continue;
		uk_list_del(&pkt->node);
		uk_list_add_tail(&gone, &pkt->node);
		q->n_waiting--;
	}
	while ((node = uk_list_pop(&gone))) {
		pkt = UK_LIST_ENTRY(node, struct uk_net_pkt, node);
		pkt->done(pkt);
	}
}

void uk_netdev_queue_drop(struct uk_netdev_queue *q)
{
	struct uk_list *node;

	while ((node = uk_list_pop(&q->waiting))) {
		q->n_waiting--;
		uk_netdev_drop(q->dev, UK_LIST_ENTRY(node, struct uk_net_pkt, node),
			       UK_NET_DROP_NOWHERE);
	}
}
