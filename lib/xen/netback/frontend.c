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
	grant_ref_t tx_ref, rx_ref;
	evtchn_port_t port, rx_port;		/* rx_port = 0: none */
};

/* ---- Reading ---- */

enum { COPY, N_QUEUES, SG, RX_NOTIFY, MCAST, NO_CSUM, IPV6_CSUM, GSO4, GSO6 };

/* What is not there, or no plain 0 or 1, is 0. */
static uint16_t offload_of(const struct netback_vif *vif, const struct uk_xenbus_number *f)
{
	uint16_t can = UK_NETDEV_CAN_FRAGS | UK_NETDEV_CAN_FOREIGN;

	if (!f[NO_CSUM].val)
		can |= UK_NETDEV_CAN_CSUM4;
	if (f[IPV6_CSUM].val)
		can |= UK_NETDEV_CAN_CSUM6;
	/* A packet yet to be cut is long, and its checksum blank */
	if (vif->has_sg && can & UK_NETDEV_CAN_CSUM4 && f[GSO4].val)
		can |= UK_NETDEV_CAN_GSO4;
	if (vif->has_sg && can & UK_NETDEV_CAN_CSUM6 && f[GSO6].val)
		can |= UK_NETDEV_CAN_GSO6;
	return can;
}

static int read_features(struct netback_vif *vif, unsigned int *n_queues, char *why)
{
	struct uk_xenbus_number f[] = {
		[COPY] = { .node = "request-rx-copy", .max = 1 },
		[N_QUEUES] = { .node = "multi-queue-num-queues", .max = NETBACK_MAX_QUEUES },
		[SG] = { .node = "feature-sg", .max = 1 },
		[RX_NOTIFY] = { .node = "feature-rx-notify", .max = 1 },
		[MCAST] = { .node = "request-multicast-control", .max = 1 },
		[NO_CSUM] = { .node = "feature-no-csum-offload", .max = 1 },
		[IPV6_CSUM] = { .node = "feature-ipv6-csum-offload", .max = 1 },
		[GSO4] = { .node = "feature-gso-tcpv4", .max = 1 },
		[GSO6] = { .node = "feature-gso-tcpv6", .max = 1 },
	};
	int err;

	uk_xenbus_read_fe_numbers(vif->dev, NULL, f, UK_ARRAY_SIZE(f));
	if (!f[COPY].val) {
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "the frontend wants no request-rx-copy");
		return -EOPNOTSUPP;
	}
	err = f[N_QUEUES].err;
	*n_queues = err == -ENOENT ? 1 : (unsigned int)f[N_QUEUES].val;
	if (!*n_queues) {
		uk_snprintf(why, UK_XENBUS_WHY_BYTES,
			    "the frontend's multi-queue-num-queues makes no sense");
		return err ? err : -EINVAL;
	}
	vif->has_sg = f[SG].val;
	vif->has_rx_notify = f[RX_NOTIFY].val;
	/* The list of an earlier life is gone: the guest gets all groups then */
	vif->has_mcast_filter = f[MCAST].val && !vif->dev->may_resume;
	vif->n_mcasts = 0;
	vif->netdev.can = offload_of(vif, f);
	return 0;
}

enum { TX_REF, RX_REF, PORT_TX, PORT_RX, PORT };

static int read_queue(const struct netback_vif *vif, unsigned int i, struct nodes *nodes,
		      char *why)
{
	struct uk_xenbus_number f[] = {
		[TX_REF] = { .node = "tx-ring-ref", .max = UINT32_MAX },
		[RX_REF] = { .node = "rx-ring-ref", .max = UINT32_MAX },
		[PORT_TX] = { .node = "event-channel-tx", .max = UINT32_MAX },
		[PORT_RX] = { .node = "event-channel-rx", .max = UINT32_MAX },
		[PORT] = { .node = "event-channel", .max = UINT32_MAX },
	};
	const struct uk_xenbus_number *bad = NULL;
	bool is_split;
	char dir[12];

	uk_snprintf(dir, sizeof(dir), "queue-%u", i);
	uk_xenbus_read_fe_numbers(vif->dev, vif->n_queues > 1 ? dir : NULL, f, UK_ARRAY_SIZE(f));
	/* Two event channels, or one for both */
	is_split = f[PORT_TX].err != -ENOENT;
	for (unsigned int n = 0; n < UK_ARRAY_SIZE(f) && !bad; n++)
		if (f[n].err && (n <= RX_REF || is_split == (n != PORT)))
			bad = &f[n];
	if (!bad && is_split && !f[PORT_RX].val)
		bad = &f[PORT_RX];
	if (bad) {
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "the frontend's %s of queue %u makes no sense",
			    bad->node, i);
		return bad->err ? bad->err : -EINVAL;
	}
	*nodes = (struct nodes) {
		.tx_ref = (grant_ref_t)f[TX_REF].val, .rx_ref = (grant_ref_t)f[RX_REF].val,
		.port = (evtchn_port_t)f[is_split ? PORT_TX : PORT].val,
		.rx_port = is_split ? (evtchn_port_t)f[PORT_RX].val : 0,
	};
	return 0;
}

/* ---- Connecting ---- */

static int map_rings(struct netback_queue *q, const struct nodes *nodes, char *why)
{
	domid_t remote = q->vif->dev->remote;
	int err;

	q->pages[0] = (struct uk_gnttab_map) { .remote = remote, .ref = nodes->tx_ref };
	q->pages[1] = (struct uk_gnttab_map) { .remote = remote, .ref = nodes->rx_ref };
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
		err = netback_queue_open(&vif->queues[i], nodes[i].port, nodes[i].rx_port);
		if (!err)
			continue;
		if (err == -ESTALE || err == -EPROTO)
			uk_snprintf(why, UK_XENBUS_WHY_BYTES,
				    "queue %u cannot be resumed where it was before the restart", i);
		else
			uk_snprintf(why, UK_XENBUS_WHY_BYTES,
				    "event channels %u and %u cannot be bound",
				    nodes[i].port, nodes[i].rx_port);
		while (i--)
			netback_queue_close(&vif->queues[i]);
		return err;
	}
	return 0;
}

int netback_connect_queues(struct netback_vif *vif, char *why)
{
	struct nodes nodes[NETBACK_MAX_QUEUES];
	unsigned int n_queues;
	int err = read_features(vif, &n_queues, why);

	if (!err)
		err = map_queues(vif, n_queues, nodes, why);
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
