/* SPDX-License-Identifier: BSD-3-Clause */
/* What the sources of the driver share. */
#ifndef VIRTIO_NET_PRIV_H
#define VIRTIO_NET_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include <uk/list.h>
#include <uk/netdev_queue.h>
#include <uk/netdev_vnet_hdr.h>
#include <uk/util.h>
#include <uk/virtio.h>
#include <uk/wait.h>

/* Packets in one go, before others may run */
#define RX_BUDGET 64

/* Specification: VIRTIO 1.1, 5.1 */
#define F_CSUM		(1ULL << 0)
#define F_GUEST_CSUM	(1ULL << 1)
#define F_MAC		(1ULL << 5)
#define F_GUEST_TSO4	(1ULL << 7)
#define F_GUEST_TSO6	(1ULL << 8)
#define F_HOST_TSO4	(1ULL << 11)
#define F_HOST_TSO6	(1ULL << 12)
#define F_MRG_RXBUF	(1ULL << 15)

/* Before each packet */
struct net_hdr {
	struct uk_net_vnet_hdr offloads;
	uint16_t n_buffers;		/* receiving */
};

_Static_assert(sizeof(struct net_hdr) == 12, "as the device has it");

struct net_slot;

struct vnet {
	struct uk_netdev dev;
	struct uk_virtio *virtio;
	struct uk_virtq rx, tx;

	struct uk_list free_bufs;
	struct uk_list free_slots;
	struct uk_netdev_queue queue;	/* packets without room */
	bool is_owed;			/* what the device has is a card's that goes */

	struct uk_wait_queue work;
	bool has_work;
};

/* ---- rx.c ---- */
int vnet_rx_init(struct vnet *v);
/* Hand on what has come in, RX_BUDGET at most. @return how many packets. */
unsigned int vnet_rx_poll(struct vnet *v);

/* ---- tx.c ---- */
int vnet_tx_init(struct vnet *v);
/* struct uk_netdev_ops */
void vnet_send(struct uk_netdev *dev, struct uk_list *pkts);
void vnet_forget(struct uk_netdev *dev, const struct uk_netdev *from);
/* Take back what was sent, send what has waited for room. */
void vnet_tx_poll(struct vnet *v);

#endif /* VIRTIO_NET_PRIV_H */
