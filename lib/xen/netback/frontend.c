/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the frontend has written, and the queues made of it. Its nodes are read
 * in read_features() and read_queue(): strict numbers in their range, or no
 * connection. Whether grants and ports exist and belong to that domain is Xen's
 * to say.
 */
#include "netback_priv.h"

#include <errno.h>

#include <uk/alloc.h>
#include <uk/print.h>

/* A queue as its nodes describe it */
struct nodes {
	uint64_t tx_ref, rx_ref, port, rx_port;		/* rx_port = 0: none */
};

/* ---- Reading ---- */

/* What is not there, or no plain 0 or 1, is 0. */
static bool has_feature(const struct uk_xenbus_dev *dev, const char *node)
{
	uint64_t val;

	return !uk_xenbus_read_fe_dec(dev, node, 1, &val) && val;
}

static uint16_t offload_of(const struct netback_vif *vif)
{
	const struct uk_xenbus_dev *dev = vif->dev;
	uint16_t can = UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_FOREIGN;

	if (!has_feature(dev, "feature-no-csum-offload"))
		can |= UK_NETDEV_CAN_CSUM4;
	if (has_feature(dev, "feature-ipv6-csum-offload"))
		can |= UK_NETDEV_CAN_CSUM6;
	/* A packet yet to be cut is long, and its checksum blank */
	if (vif->has_sg && can & UK_NETDEV_CAN_CSUM4 && has_feature(dev, "feature-gso-tcpv4"))
		can |= UK_NETDEV_CAN_GSO4;
	if (vif->has_sg && can & UK_NETDEV_CAN_CSUM6 && has_feature(dev, "feature-gso-tcpv6"))
		can |= UK_NETDEV_CAN_GSO6;
	return can;
}

static int read_features(struct netback_vif *vif, uint64_t *n_queues, char *why)
{
	struct uk_xenbus_dev *dev = vif->dev;
	int err;

	if (!has_feature(dev, "request-rx-copy")) {
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "the frontend wants no request-rx-copy");
		return -EOPNOTSUPP;
	}
	*n_queues = 1;
	err = uk_xenbus_read_fe_dec(dev, "multi-queue-num-queues", NETBACK_MAX_QUEUES, n_queues);
	if ((err && err != -ENOENT) || !*n_queues) {
		uk_snprintf(why, UK_XENBUS_WHY_BYTES,
			    "the frontend's multi-queue-num-queues makes no sense");
		return err ? err : -EINVAL;
	}
	vif->has_sg = has_feature(dev, "feature-sg");
	vif->has_rx_notify = has_feature(dev, "feature-rx-notify");
	/* The list of an earlier life is gone: the guest gets all groups then */
	vif->has_mcast_filter = has_feature(dev, "request-multicast-control") &&
				!dev->may_resume;
	vif->n_mcasts = 0;
	vif->netdev.can = offload_of(vif);
	return 0;
}

static int read_node(const struct netback_vif *vif, unsigned int i, const char *node,
		     uint64_t *val)
{
	char path[40];

	if (vif->n_queues == 1)
		return uk_xenbus_read_fe_dec(vif->dev, node, UINT32_MAX, val);
	uk_snprintf(path, sizeof(path), "queue-%u/%s", i, node);
	return uk_xenbus_read_fe_dec(vif->dev, path, UINT32_MAX, val);
}

/* Two event channels, or one for both. */
static int read_ports(const struct netback_vif *vif, unsigned int i, struct nodes *nodes,
		      const char **what)
{
	int err;

	*what = "event-channel-tx";
	err = read_node(vif, i, *what, &nodes->port);
	if (err == -ENOENT) {
		nodes->rx_port = 0;
		*what = "event-channel";
		return read_node(vif, i, *what, &nodes->port);
	}
	if (err)
		return err;
	*what = "event-channel-rx";
	err = read_node(vif, i, *what, &nodes->rx_port);
	return err || nodes->rx_port ? err : -EINVAL;
}

static int read_queue(const struct netback_vif *vif, unsigned int i, struct nodes *nodes,
		      char *why)
{
	const char *what = "tx-ring-ref";
	int err = read_node(vif, i, what, &nodes->tx_ref);

	if (!err) {
		what = "rx-ring-ref";
		err = read_node(vif, i, what, &nodes->rx_ref);
	}
	if (!err)
		err = read_ports(vif, i, nodes, &what);
	if (err)
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "the frontend's %s of queue %u makes no sense",
			    what, i);
	return err;
}

/* ---- Connecting ---- */

static int map_rings(struct netback_queue *q, const struct nodes *nodes, char *why)
{
	domid_t remote = q->vif->dev->remote;
	int err;

	q->pages[0] = (struct uk_gnttab_map) { .remote = remote, .ref = (grant_ref_t)nodes->tx_ref };
	q->pages[1] = (struct uk_gnttab_map) { .remote = remote, .ref = (grant_ref_t)nodes->rx_ref };
	err = uk_gnttab_map(q->pages, 2);
	if (!err)
		return 0;
	uk_snprintf(why, UK_XENBUS_WHY_BYTES, "grants %u and %u cannot be mapped", q->pages[0].ref,
		    q->pages[1].ref);
	/* Otherwise nothing is mapped */
	if (err == -EIO)
		uk_gnttab_unmap(q->pages, 2);
	return err;
}

static void unmap(struct netback_vif *vif, unsigned int n)
{
	while (n--)
		uk_gnttab_unmap(vif->queues[n].pages, 2);
	uk_free(vif->queues);
	vif->queues = NULL;
	vif->n_queues = 0;
}

/* Blocks on xenstore; nothing is served yet. */
static int map_queues(struct netback_vif *vif, unsigned int n, struct nodes *nodes, char *why)
{
	int err = 0;

	vif->queues = uk_calloc(n, sizeof(*vif->queues));
	if (!vif->queues)
		return -ENOMEM;
	for (unsigned int i = 0; i < n; i++) {
		vif->queues[i].vif = vif;
		netback_rx_init(&vif->queues[i]);
	}
	vif->n_queues = n;
	for (unsigned int i = 0; i < n; i++) {
		err = read_queue(vif, i, &nodes[i], why);
		if (!err)
			err = map_rings(&vif->queues[i], &nodes[i], why);
		if (err) {
			unmap(vif, i);
			return err;
		}
	}
	return 0;
}

static int open_queues(struct netback_vif *vif, const struct nodes *nodes, char *why)
{
	int err;

	for (unsigned int i = 0; i < vif->n_queues; i++) {
		err = netback_queue_open(&vif->queues[i], (evtchn_port_t)nodes[i].port,
					 (evtchn_port_t)nodes[i].rx_port);
		if (!err)
			continue;
		if (err == -ESTALE || err == -EPROTO)
			uk_snprintf(why, UK_XENBUS_WHY_BYTES,
				    "queue %u cannot be resumed where it was before the restart", i);
		else
			uk_snprintf(why, UK_XENBUS_WHY_BYTES,
				    "event channels %u and %u cannot be bound",
				    (unsigned int)nodes[i].port, (unsigned int)nodes[i].rx_port);
		while (i--)
			netback_queue_close(&vif->queues[i]);
		return err;
	}
	return 0;
}

int netback_connect_queues(struct netback_vif *vif, char *why)
{
	struct nodes nodes[NETBACK_MAX_QUEUES];
	uint64_t n_queues;
	int err = read_features(vif, &n_queues, why);

	if (!err)
		err = map_queues(vif, (unsigned int)n_queues, nodes, why);
	if (err)
		return err;
	err = open_queues(vif, nodes, why);
	if (err)
		unmap(vif, vif->n_queues);
	return err;
}

void netback_disconnect_queues(struct netback_vif *vif)
{
	for (unsigned int i = 0; i < vif->n_queues; i++)
		netback_queue_close(&vif->queues[i]);
	unmap(vif, vif->n_queues);
}
