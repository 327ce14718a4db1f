/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets that wait for room in a card's ring: what the send() and forget() of a
 * driver of hardware, or of a host's device, have in common.
 *
 * Rules
 * - Thread context; nothing blocks. The driver embeds the struct, and calls
 *   uk_netdev_queue_run() when its ring has got room.
 * - Packets leave in the order in which they came. At most UK_NETDEV_QUEUE_MAX
 *   wait, further ones are dropped.
 * - A packet whose fragments the hardware reads already cannot be given back at
 *   once. It comes back when it is sent, maybe after its device has gone: see
 *   uk_netdev_ops.forget.
 */
#ifndef UK_NETDEV_QUEUE_H
#define UK_NETDEV_QUEUE_H

#include <uk/netdev_driver.h>

#define UK_NETDEV_QUEUE_MAX 512

struct uk_netdev_queue {
	struct uk_netdev *dev;
	/* Take @pkt, which is in no list: start it or drop it. @return false: there
	 * is no room for it now, nothing was done. */
	bool (*start)(struct uk_netdev_queue *q, struct uk_net_pkt *pkt);
	struct uk_list waiting;
	unsigned int n_waiting;
};

void uk_netdev_queue_init(struct uk_netdev_queue *q, struct uk_netdev *dev,
			  bool (*start)(struct uk_netdev_queue *q, struct uk_net_pkt *pkt));

/** Start what waits, as far as there is room. */
void uk_netdev_queue_run(struct uk_netdev_queue *q);

/** Take all of @pkts: behind what waits. */
void uk_netdev_queue_send(struct uk_netdev_queue *q, struct uk_list *pkts);

/** Give back what waits and came from @from. */
void uk_netdev_queue_forget(struct uk_netdev_queue *q, const struct uk_netdev *from);

/** Drop all that waits: the device has nowhere to send it any more. */
void uk_netdev_queue_drop(struct uk_netdev_queue *q);

#endif /* UK_NETDEV_QUEUE_H */
