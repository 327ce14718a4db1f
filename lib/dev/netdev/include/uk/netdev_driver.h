/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Network devices, as their drivers see them.
 *
 * Rules
 * - A device belongs to its driver, which embeds struct uk_netdev in its own,
 *   fills in the first part and calls uk_netdev_attach(). Between that and the
 *   end of uk_netdev_detach() it must stay.
 * - send() gets packets that fit what `can` says, and takes them all: a device
 *   without room queues some (a bounded number) or drops them. It must not
 *   block, and must not call uk_netdev_receive().
 * - A packet may wait in another device's queue when its own device goes:
 *   uk_netdev_detach() has all of them given back first. What waits in its own
 *   queue the driver gives back (uk_netdev_drop()) before it frees the device or
 *   attaches it again.
 * - One guest's device (is_edge) may keep an eighth of the copies that netdev has
 *   memory for, and of their pages, all guests' devices three quarters; another one
 *   half of the pages.
 * - A device whose buffers for what comes in are few says how many (n_buffers).
 *   Where packets wait for a peer, they keep an eighth of them at most for each
 *   receiver and half for all; further ones wait as copies (uk_netdev_copy()).
 */
#ifndef UK_NETDEV_DRIVER_H
#define UK_NETDEV_DRIVER_H

#include <uk/netdev.h>

/* CSUM and GSO speak of frames without VLAN tags: tagged ones are always made
 * complete before. GSO counts only together with CSUM and FRAGS. */
enum {
	UK_NETDEV_CAN_FRAGS = 1 << 0,	/* any number up to UK_NET_MAX_FRAGS, not just one */
	UK_NETDEV_CAN_FOREIGN = 1 << 1,	/* fragments in other domains */
	UK_NETDEV_CAN_CSUM4 = 1 << 2,	/* TCP and UDP over IPv4 */
	UK_NETDEV_CAN_CSUM6 = 1 << 3,
	UK_NETDEV_CAN_GSO4 = 1 << 4,
	UK_NETDEV_CAN_GSO6 = 1 << 5,
};

#define UK_NETDEV_FETCH_MAX 64

struct uk_netdev_ops {
	/* Send all of @pkts (node). */
	void (*send)(struct uk_netdev *dev, struct uk_list *pkts);

	/* Give back (done) what is queued here and came from @from. NULL: the
	 * device keeps no packet beyond send(). Fragments that hardware, or another
	 * domain, is reading at the moment come back later, soon: who lends memory
	 * to others keeps it until the last done(), even if the device has gone.
	 * A device whose fragments are foreign need not: none is read so. */
	void (*forget)(struct uk_netdev *dev, const struct uk_netdev *from);

	/*
	 * Copy the fragments of @pkts[0 .. n), which came from this device, to
	 * memory of ours: pkts[i] gets its bytes behind the head, in order, at
	 * @to[i]. NULL: the device makes no packets with foreign fragments.
	 * @is_ok[i]: whether it succeeded. At most UK_NETDEV_FETCH_MAX at once.
	 */
	void (*fetch)(struct uk_netdev *dev, struct uk_net_pkt **pkts, unsigned int n,
		      void *const *to, bool *is_ok);
};

struct uk_netdev {
	/* The driver's, before uk_netdev_attach() */
	const struct uk_netdev_ops *ops;
	char name[UK_NET_NAME_BYTES];	/* for people: "vif3.0", "e1000e0" */
	uint8_t mac[UK_NET_MAC_BYTES];	/* an interface's own; a vif's guest's */
	uint16_t mtu_bytes;		/* payload of a frame it can send */
	uint16_t can;			/* UK_NETDEV_CAN_*; changes when a peer connects */
	bool is_edge;			/* one address, `mac`, lives behind it */
	unsigned int n_buffers;		/* for what comes in, a page at most; 0: no limit */

	/* netdev's and the switch's */
	bool is_up;
	void *port;			/* the switch's */
	struct uk_net_stats stats;
	struct uk_list pending;		/* packets to be sent at the end of a batch */
	struct uk_list sending;		/* those of them that are being made fit */
	struct uk_list dirty;		/* in the list of devices with such */
	struct uk_list devices;
	unsigned int n_copies;		/* made for it and not given back */
	unsigned int n_buf_pages;	/* it is charged with */
	unsigned int n_lent;		/* of its buffers: kept by packets that wait */
};

/**
 * Join @network (the name of a bridge; "": the default one) and let packets
 * through. @why: UK_NET_WHY_BYTES, one line when it fails.
 * @return 0; -ENODEV: no switch in this image; or what the switch says.
 */
int uk_netdev_attach(struct uk_netdev *dev, const char *network, char *why);

/** Join the network that parameter netdev.networks names for dev->name, or the
 *  default one. Says so in the log when it fails. @return as uk_netdev_attach();
 *  -ENAMETOOLONG: the parameter's is no name. */
int uk_netdev_attach_card(struct uk_netdev *dev);

/** Leave. When it returns nobody looks at @dev any more, and holds none of its
 *  packets but what uk_netdev_ops.forget says. Not from inside of a call of
 *  netdev's. */
void uk_netdev_detach(struct uk_netdev *dev);

/**
 * Packets (node) have come in: takes them all, and counts them. What they lead
 * to has been given to the devices' send() when it returns.
 */
void uk_netdev_receive(struct uk_netdev *dev, struct uk_list *pkts);

/**
 * A copy of @pkt, whose fragments are in memory of ours, for @dev to keep instead of
 * it; its `from` is NULL. @pkt stays the caller's.
 * @return NULL: no memory, or @dev has its share.
 */
struct uk_net_pkt *uk_netdev_copy(struct uk_netdev *dev, const struct uk_net_pkt *pkt);

/**
 * Where are the headers of @pkt? Reads the head only.
 * @return 0 and *@lay; -EBADMSG: a header is cut off or makes no sense for a
 *	packet of that length. A protocol it does not know is no error: l4 is 0.
 */
struct uk_net_layout {
	uint16_t ethertype;		/* of the payload, behind VLAN tags */
	uint16_t l3_start;
	uint16_t l4_start;		/* 0: no TCP or UDP, or a fragment of one */
	uint16_t payload_start;		/* behind the TCP or UDP header; 0 as above */
	uint8_t l4_protocol;		/* IPPROTO_*, 0 as above */
};
int uk_net_layout(const struct uk_net_pkt *pkt, struct uk_net_layout *lay);

/** Which of @n queues @pkt is for, so that those of a TCP or UDP flow stay in order:
 *  by addresses and ports; 0 for all others. Reads the head only. */
unsigned int uk_net_flow(const struct uk_net_pkt *pkt, unsigned int n);

/**
 * Fill in csum_start, csum_offset (and check gso) of a packet whose device
 * says "checksum is blank" or "gso" without saying where, as Xen's network
 * protocol does; writes the pseudo header's sum into the head.
 * @return 0; -EBADMSG: there is no checksum there, or no such segmentation.
 */
int uk_net_complete_offload(struct uk_net_pkt *pkt);

#endif /* UK_NETDEV_DRIVER_H */
