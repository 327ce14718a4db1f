/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A network interface that another domain serves, as a network device. It is
 * attached to its network while both ends are connected. A thread for each
 * interface serves its queues.
 */
#include "netfront_priv.h"

#include <errno.h>

#include <uk/alloc.h>
#include <uk/boot.h>
#include <uk/print.h>
#include <uk/thread.h>

/* ---- The network's side ---- */

static struct netfront *of(struct uk_netdev *netdev)
{
	return UK_CONTAINER_OF(netdev, struct netfront, netdev);
}

static void send(struct uk_netdev *netdev, struct uk_list *pkts)
{
	struct netfront *nf = of(netdev);
	struct uk_list parts[NETFRONT_MAX_QUEUES], *node;

	for (unsigned int i = 0; i < nf->n_queues; i++)
		uk_list_init(&parts[i]);
	while ((node = uk_list_pop(pkts))) {
		struct uk_net_pkt *pkt = UK_LIST_ENTRY(node, struct uk_net_pkt, node);
		unsigned int i = uk_net_flow(pkt, nf->n_queues);

		if (nf->queues[i]->is_open)
			uk_list_add_tail(&parts[i], node);
		else
			uk_netdev_drop(netdev, pkt, UK_NET_DROP_NOWHERE);
	}
	for (unsigned int i = 0; i < nf->n_queues; i++) {
		if (uk_list_is_empty(&parts[i]))
			continue;
		uk_netdev_queue_send(&nf->queues[i]->queue, &parts[i]);
		netfront_tx_poll(nf->queues[i]);
	}
}

static void forget(struct uk_netdev *netdev, const struct uk_netdev *from)
{
	struct netfront *nf = of(netdev);

	for (unsigned int i = 0; i < nf->n_queues; i++)
		uk_netdev_queue_forget(&nf->queues[i]->queue, from);
}

static const struct uk_netdev_ops ops = { .send = send, .forget = forget };

/* ---- The thread ---- */

static bool has_work(const struct netfront *nf)
{
	for (unsigned int i = 0; i < nf->n_queues; i++)
		if (nf->queues[i]->has_work && nf->queues[i]->is_open)
			return true;
	return nf->is_gone;
}

static void serve_queue(struct netfront_queue *q)
{
	q->has_work = false;
	netfront_tx_poll(q);
	if (q->is_open && netfront_rx_poll(q))
		q->has_work = true;
	if (!q->is_open)
		return;
	/* What came meanwhile is an event now */
	uk_evtchn_unmask(q->port);
	uk_evtchn_unmask(q->rx_port);
}

static void serve(void *arg)
{
	struct netfront *nf = arg;

	for (;;) {
		uk_wait_event(&nf->work, has_work(nf));
		if (nf->is_gone)
			break;
		for (unsigned int i = 0; i < nf->n_queues; i++)
			if (nf->queues[i]->has_work && nf->queues[i]->is_open)
				serve_queue(nf->queues[i]);
		uk_thread_yield();
	}
	nf->is_thread_over = true;
	uk_wait_wake_all(&nf->over);
}

/* ---- Life ---- */

static int netfront_probe(struct uk_xenfront_dev *dev, char *why)
{
	struct netfront *nf = uk_calloc(1, sizeof(*nf));
	int err;

	if (!nf)
		return -ENOMEM;
	nf->dev = dev;
	nf->netdev.ops = &ops;
	uk_wait_init(&nf->work);
	uk_wait_init(&nf->over);
	uk_snprintf(nf->netdev.name, sizeof(nf->netdev.name), "netfront%u", dev->id);
	err = netfront_read_own(nf, why);
	if (!err && !uk_thread_create(nf->netdev.name, serve, nf, 0))
		err = -ENOMEM;
	if (err)
		uk_free(nf);
	else
		dev->priv = nf;
	return err;
}

static void netfront_remove(struct uk_xenfront_dev *dev)
{
	struct netfront *nf = dev->priv;

	nf->is_gone = true;
	uk_wait_wake_all(&nf->work);
	uk_wait_event(&nf->over, nf->is_thread_over);
	uk_pr_info("netfront: %s is gone\n", nf->netdev.name);
	uk_free(nf);
}

static void end_queues(struct netfront *nf)
{
	while (nf->n_queues)
		netfront_queue_end(nf->queues[--nf->n_queues]);
}

static int netfront_connect(struct uk_xenfront_dev *dev, char *why)
{
	struct netfront *nf = dev->priv;
	unsigned int n;
	bool is_split;
	int err = netfront_read_backend(nf, &n, &is_split, why);

	if (err)
		return err;
	for (unsigned int i = 0; i < n; i++) {
		struct netfront_queue *q = netfront_queue_new(nf, i, is_split);

		if (!q) {
			uk_snprintf(why, UK_XENFRONT_WHY_BYTES,
				    "no memory, grants or event channels for its queue %u", i);
			end_queues(nf);
			return -ENOMEM;
		}
		nf->queues[nf->n_queues++] = q;
	}
	return 0;
}

static int netfront_open(struct uk_xenfront_dev *dev, char *why)
{
	struct netfront *nf = dev->priv;
	const uint8_t *mac = nf->netdev.mac;
	int err;

	nf->netdev.n_buffers = nf->n_queues * CONFIG_LIBNETFRONT_BUFFERS;
	err = uk_netdev_attach_card(&nf->netdev);

	if (err) {
		uk_snprintf(why, UK_XENFRONT_WHY_BYTES, "%s joins no network", nf->netdev.name);
		return err;
	}
	uk_pr_info("netfront: %s: connected to domain %u, %02x:%02x:%02x:%02x:%02x:%02x, "
		   "%u queue%s\n", nf->netdev.name, dev->remote, mac[0], mac[1], mac[2], mac[3],
		   mac[4], mac[5], nf->n_queues, nf->n_queues > 1 ? "s" : "");
	for (unsigned int i = 0; i < nf->n_queues; i++)
		nf->queues[i]->has_work = true;
	uk_wait_wake_one(&nf->work);
	return 0;
}

static void netfront_quiesce(struct uk_xenfront_dev *dev)
{
	struct netfront *nf = dev->priv;

	uk_netdev_detach(&nf->netdev);
	for (unsigned int i = 0; i < nf->n_queues; i++)
		netfront_queue_quiesce(nf->queues[i]);
}

static void netfront_disconnect(struct uk_xenfront_dev *dev)
{
	end_queues(dev->priv);
}

static struct uk_xenfront_driver driver = {
	.kind = "vif",
	.probe = netfront_probe,
	.connect = netfront_connect,
	.publish = netfront_publish,
	.open = netfront_open,
	.quiesce = netfront_quiesce,
	.disconnect = netfront_disconnect,
	.remove = netfront_remove,
	.reap = netfront_reap,
};

static int netfront_init(void)
{
	uk_xenfront_register(&driver);
	return 0;
}

UK_INIT_LIB(netfront_init);
