/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one place that looks into what a guest sends. Each slot is copied once;
 * every bit of the copies is hostile. What leaves netback_decode() with 0 lies
 * within granted pages and adds up. Whether the grants are good is Xen's to
 * say, when the data is copied; what the headers in the packet say is checked
 * by uk_net_layout().
 *
 * The first slot's size is that of the whole packet; its own is what the others
 * leave. Extra slots follow the first one. A chain of slots that breaks a rule
 * leaves open where the next packet starts, so it ends the connection.
 */
#include "netback_priv.h"

#include <errno.h>
#include <string.h>

#define ETHERNET_BYTES 14

struct cursor {
	struct uk_xen_ring *ring;
	unsigned int n_left;
	const char *why;
};

static int broken(struct cursor *c, const char *why)
{
	c->why = why;
	return -EPROTO;
}

static int next(struct cursor *c, union netback_tx_wire *w)
{
	if (!c->n_left)
		return broken(c, "a packet of the frontend's has no end");
	c->n_left--;
	uk_xen_ring_get(c->ring, w->words);
	return 0;
}

static int decode_gso(struct cursor *c, const struct netif_extra_info *extra,
		      struct netback_desc *desc)
{
	if (!extra->u.gso.size)
		return broken(c, "segments without a size");
	if (extra->u.gso.type == XEN_NETIF_GSO_TYPE_TCPV4)
		desc->gso = UK_NET_GSO_TCPV4;
	else if (extra->u.gso.type == XEN_NETIF_GSO_TYPE_TCPV6)
		desc->gso = UK_NET_GSO_TCPV6;
	else
		return broken(c, "segments of an unknown type");
	desc->gso_bytes = extra->u.gso.size;
	return 0;
}

static int decode_extra(struct cursor *c, const struct netif_extra_info *extra,
			struct netback_desc *desc)
{
	switch (extra->type) {
	case XEN_NETIF_EXTRA_TYPE_GSO:
		return decode_gso(c, extra, desc);
	case XEN_NETIF_EXTRA_TYPE_MCAST_ADD:
	case XEN_NETIF_EXTRA_TYPE_MCAST_DEL:
		desc->mcast = extra->type;
		memcpy(desc->mcast_addr, extra->u.mcast.addr, sizeof(desc->mcast_addr));
		return 0;
	case XEN_NETIF_EXTRA_TYPE_HASH:
		return 0;
	default:
		return broken(c, "an extra slot of an unknown type");
	}
}

static int decode_extras(struct cursor *c, struct netback_desc *desc)
{
	union netback_tx_wire w;
	int err;

	do {
		err = next(c, &w);
		if (!err && desc->n_extras++ == NETBACK_MAX_EXTRAS)
			err = broken(c, "too many extra slots");
		if (!err)
			err = decode_extra(c, &w.extra, desc);
	} while (!err && w.extra.flags & XEN_NETIF_EXTRA_FLAG_MORE);
	return err;
}

static void add_slot(struct netback_desc *desc, const struct netif_tx_request *req)
{
	unsigned int i = desc->n_slots++;

	desc->slots[i].id = req->id;
	desc->slots[i].ref = req->gref;
	desc->slots[i].offset = req->offset;
	desc->slots[i].len_bytes = req->size;
}

static int decode_slots(struct cursor *c, const struct netif_tx_request *first,
			struct netback_desc *desc)
{
	uint16_t flags = first->flags;
	union netback_tx_wire w;
	int err;

	add_slot(desc, first);
	while (flags & NETTXF_more_data) {
		err = next(c, &w);
		if (err)
			return err;
		if (desc->n_slots == NETBACK_FATAL_SLOTS)
			return broken(c, "a packet of too many slots");
		add_slot(desc, &w.req);
		flags = w.req.flags;
	}
	return 0;
}

/* Find the first slot's own size; see that each lies in its page. */
static int check_slots(struct cursor *c, struct netback_desc *desc)
{
	uint32_t left = desc->len_bytes;

	for (unsigned int i = 1; i < desc->n_slots; i++) {
		if (desc->slots[i].len_bytes > left)
			return broken(c, "slots that are larger than their packet");
		left -= desc->slots[i].len_bytes;
	}
	desc->slots[0].len_bytes = (uint16_t)left;
	for (unsigned int i = 0; i < desc->n_slots; i++)
		if (desc->slots[i].offset + desc->slots[i].len_bytes > UK_PAGE_SIZE)
			return broken(c, "a slot that crosses its page");
	return 0;
}

static int decode(struct cursor *c, struct netback_desc *desc)
{
	union netback_tx_wire first;
	int err;

	err = next(c, &first);
	if (!err && first.req.flags & NETTXF_extra_info)
		err = decode_extras(c, desc);
	if (!err)
		err = decode_slots(c, &first.req, desc);
	/* A change of the multicast list: there is no data */
	if (err || desc->mcast)
		return err;
	desc->len_bytes = first.req.size;
	desc->is_csum_blank = first.req.flags & NETTXF_csum_blank;
	desc->is_csum_good = first.req.flags & NETTXF_data_validated;
	err = check_slots(c, desc);
	if (err)
		return err;
	return desc->n_slots > NETBACK_MAX_SLOTS || desc->len_bytes < ETHERNET_BYTES ? -EINVAL : 0;
}

int netback_decode(struct uk_xen_ring *ring, unsigned int *n, struct netback_desc *desc,
		   const char **why)
{
	struct cursor c = { .ring = ring, .n_left = *n };
	int err;

	memset(desc, 0, sizeof(*desc));
	err = decode(&c, desc);
	*n = c.n_left;
	*why = c.why;
	return err;
}
