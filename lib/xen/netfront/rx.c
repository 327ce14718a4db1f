/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From the back end. Each buffer is a page of its own, granted from when it is
 * posted until its answer: what is in a packet cannot be changed any more when it
 * is looked at. A packet goes on with its pages, and comes back with them.
 *
 * What the back end writes are answers, in the slots of the requests; each is
 * copied once, take_packet() and check() look at the copy. Whatever breaks a rule
 * ends the connection; contents are anybody's, and headers are read by
 * uk_net_layout().
 */
#include "netfront_priv.h"

#include <errno.h>

#include <uk/alloc.h>
#include <uk/pages.h>

#define MIN_FRAME_BYTES 14
/* Packets in one go, before others may run */
#define BUDGET 64
/* Below that the back end may wait for room for a large packet */
#define LOW_WATER (2 * NETFRONT_MAX_SLOTS)

/* What the answers say of a packet */
struct shape {
	uint16_t flags;			/* of its first */
	uint8_t gso;
	uint16_t gso_bytes;
	unsigned int n_bufs;
	bool is_bad;			/* the back end says so */
};

/* ---- Buffers ---- */

static unsigned int n_posted(const struct netfront_queue *q)
{
	return NETFRONT_RING_SIZE - uk_xen_front_room(&q->rx);
}

/* @return false: no grant is left. */
static bool post(struct netfront_queue *q, struct netfront_buf *buf)
{
	uint16_t id = q->rx.req_prod % NETFRONT_RING_SIZE;
	int ref = uk_gnttab_grant(q->remote, buf->page, false);
	union netfront_rx_wire w = { .req = { .id = id, .gref = (grant_ref_t)ref } };

	if (ref < 0)
		return false;
	q->posted[id] = buf;
	q->posted_refs[id] = (grant_ref_t)ref;
	uk_xen_front_put(&q->rx, w.words, NETFRONT_RX_WORDS);
	return true;
}

static void refill(struct netfront_queue *q)
{
	struct netfront_buf *buf;

	while (uk_xen_front_room(&q->rx) && !uk_list_is_empty(&q->free_bufs)) {
		buf = UK_LIST_FIRST(&q->free_bufs, struct netfront_buf, node);
		uk_list_del(&buf->node);
		if (post(q, buf))
			continue;
		uk_list_add(&q->free_bufs, &buf->node);
		break;
	}
	if (uk_xen_front_push(&q->rx))
		uk_evtchn_notify(q->rx_port);
}

static void put_back(struct netfront_buf *buf)
{
	struct uk_list *node;

	while ((node = uk_list_pop(&buf->others)))
		uk_list_add(&buf->q->free_bufs, node);
	uk_list_add(&buf->q->free_bufs, &buf->node);
}

static void buf_done(struct uk_net_pkt *pkt)
{
	struct netfront_buf *buf = UK_CONTAINER_OF(pkt, struct netfront_buf, pkt);
	struct netfront_queue *q = buf->q;

	q->n_lent--;
	put_back(buf);
	if (q->is_open && n_posted(q) < LOW_WATER)
		refill(q);
}

/* ---- Answers ---- */

/* The next answer's buffer. @return NULL: the back end has it still. */
static struct netfront_buf *take(struct netfront_queue *q, union netfront_rx_wire *w, uint32_t *at)
{
	struct netfront_buf *buf;

	*at = uk_xen_front_get(&q->rx, w->words);
	if (uk_gnttab_end(q->posted_refs[*at]))
		return NULL;
	buf = q->posted[*at];
	q->posted[*at] = NULL;
	q->posted_refs[*at] = 0;
	uk_list_init(&buf->others);
	return buf;
}

/* One that has contents. @return what is wrong; NULL: nothing. */
static const char *check(const struct netif_rx_response *rsp, uint32_t at,
			 struct netfront_buf *buf, struct shape *shape)
{
	if (rsp->id != at)
		return "the back end answers another buffer";
	if (rsp->status < 0) {
		shape->is_bad = true;
		buf->offset = buf->len_bytes = 0;
		return NULL;
	}
	if (rsp->offset + (uint32_t)rsp->status > UK_PAGE_SIZE)
		return "the back end's packet crosses its page";
	buf->offset = rsp->offset;
	buf->len_bytes = (uint16_t)rsp->status;
	return NULL;
}

static const char *check_extra(const struct netif_extra_info *extra, struct shape *shape)
{
	if (extra->flags & XEN_NETIF_EXTRA_FLAG_MORE || extra->type != XEN_NETIF_EXTRA_TYPE_GSO)
		return "an extra slot of a kind that was not asked for";
	if (extra->u.gso.type == XEN_NETIF_GSO_TYPE_TCPV4)
		shape->gso = UK_NET_GSO_TCPV4;
	else if (extra->u.gso.type == XEN_NETIF_GSO_TYPE_TCPV6)
		shape->gso = UK_NET_GSO_TCPV6;
	shape->gso_bytes = extra->u.gso.size;
	return shape->gso && shape->gso_bytes ? NULL : "segments of no type or size";
}

static const char *take_extra(struct netfront_queue *q, int *n_left, struct shape *shape)
{
	union netfront_rx_wire w;
	struct netfront_buf *buf;
	uint32_t at;

	if (!*n_left)
		return "the back end's packet has no end";
	--*n_left;
	buf = take(q, &w, &at);
	if (!buf)
		return "the back end answers a buffer and keeps it";
	put_back(buf);
	return check_extra(&w.extra, shape);
}

/* The next packet: *@first, and others behind it, to be given back in any case. Of
 * *@n_left answers. @return what is wrong; NULL: nothing. */
static const char *take_packet(struct netfront_queue *q, int *n_left, struct netfront_buf **first,
			       struct shape *shape)
{
	union netfront_rx_wire w;
	struct netfront_buf *buf;
	const char *why;
	uint32_t at;

	do {
		if (!*n_left)
			return "the back end's packet has no end";
		if (shape->n_bufs++ == NETFRONT_MAX_SLOTS)
			return "the back end's packet has too many slots";
		--*n_left;
		buf = take(q, &w, &at);
		if (!buf)
			return "the back end answers a buffer and keeps it";
		if (*first)
			uk_list_add_tail(&(*first)->others, &buf->node);
		else
			*first = buf;
		why = check(&w.rsp, at, buf, shape);
		if (why || shape->n_bufs > 1)
			continue;
		shape->flags = w.rsp.flags;
		if (w.rsp.flags & NETRXF_extra_info)
			why = take_extra(q, n_left, shape);
	} while (!why && w.rsp.flags & NETRXF_more_data);
	return why;
}

/* ---- Packets ---- */

static void add_buf(struct uk_net_pkt *pkt, const struct netfront_buf *buf)
{
	const char *at = buf->page + buf->offset;
	uint16_t head = (uint16_t)UK_MIN(UK_NET_HEAD_BYTES - pkt->head_bytes, (int)buf->len_bytes);

	memcpy(pkt->head + pkt->head_bytes, at, head);
	pkt->head_bytes += head;
	pkt->len_bytes += buf->len_bytes;
	if (buf->len_bytes > head)
		pkt->frags[pkt->n_frags++] = (struct uk_net_frag) {
			.va = at + head, .offset = (uint16_t)(buf->offset + head),
			.len_bytes = (uint16_t)(buf->len_bytes - head),
		};
}

static void make_packet(struct netfront_buf *first, const struct shape *shape)
{
	struct uk_net_pkt *pkt = &first->pkt;
	struct netfront_buf *buf;

	pkt->from = &first->q->nf->netdev;
	pkt->done = buf_done;
	pkt->len_bytes = 0;
	pkt->head_bytes = 0;
	pkt->n_frags = 0;
	pkt->csum_start = pkt->csum_offset = 0;
	pkt->gso = shape->gso;
	pkt->gso_bytes = shape->gso_bytes;
	pkt->flags = shape->flags & NETRXF_csum_blank || shape->gso ? UK_NET_CSUM_BLANK
		     : shape->flags & NETRXF_data_validated ? UK_NET_CSUM_GOOD : 0;
	add_buf(pkt, first);
	UK_LIST_FOREACH(buf, &first->others, node)
		add_buf(pkt, buf);
}

/* @return a reason to drop it, or UK_NET_N_DROPS. */
static enum uk_net_drop refusal(struct netfront_buf *first, const struct shape *shape)
{
	struct uk_net_pkt *pkt = &first->pkt;

	if (shape->is_bad)
		return UK_NET_DROP_PEER;
	make_packet(first, shape);
	if (pkt->head_bytes < MIN_FRAME_BYTES || pkt->len_bytes > UK_NET_MAX_BYTES)
		return UK_NET_DROP_MALFORMED;
	if (pkt->flags & UK_NET_CSUM_BLANK && uk_net_complete_offload(pkt))
		return UK_NET_DROP_HEADERS;
	return UK_NET_N_DROPS;
}

/* @return what is wrong; NULL: nothing. */
static const char *receive_one(struct netfront_queue *q, int *n_left, struct uk_list *pkts)
{
	struct netfront_buf *first = NULL;
	struct shape shape = { 0 };
	const char *why = take_packet(q, n_left, &first, &shape);
	enum uk_net_drop drop;

	if (!first)
		return why;
	drop = why ? UK_NET_DROP_MALFORMED : refusal(first, &shape);
	if (drop == UK_NET_N_DROPS) {
		q->n_lent++;
		uk_list_add_tail(pkts, &first->pkt.node);
	} else {
		q->nf->netdev.stats.drops[drop]++;
		put_back(first);
	}
	return why;
}

bool netfront_rx_poll(struct netfront_queue *q)
{
	struct uk_list pkts = UK_LIST_INIT(pkts);
	int n_left = uk_xen_front_pending(&q->rx);
	const char *why = n_left < 0 ? "the back end's RX ring index makes no sense" : NULL;

	for (unsigned int n = 0; !why && n_left > 0 && n < BUDGET; n++)
		why = receive_one(q, &n_left, &pkts);
	if (why)
		netfront_give_up(q, why);
	if (!uk_list_is_empty(&pkts))
		uk_netdev_receive(&q->nf->netdev, &pkts);
	if (!q->is_open)
		return false;
	refill(q);
	return n_left > 0 || uk_xen_front_expect(&q->rx, 1) != 0;
}

/* ---- Start and end ---- */

int netfront_rx_init(struct netfront_queue *q)
{
	uk_xen_front_init(&q->rx, q->rings[1].va, sizeof(union netfront_rx_wire));
	q->bufs = uk_calloc(CONFIG_LIBNETFRONT_BUFFERS, sizeof(*q->bufs));
	if (!q->bufs)
		return -ENOMEM;
	for (unsigned int i = 0; i < CONFIG_LIBNETFRONT_BUFFERS; i++) {
		struct netfront_buf *buf = &q->bufs[i];

		buf->page = uk_pages_alloc(0);
		if (!buf->page)
			return -ENOMEM;
		/* What was there before is not for the back end */
		memset(buf->page, 0, UK_PAGE_SIZE);
		buf->q = q;
		uk_list_init(&buf->others);
		uk_list_init(&buf->pkt.node);
		uk_list_add_tail(&q->free_bufs, &buf->node);
	}
	refill(q);
	return 0;
}

bool netfront_rx_reap(struct netfront_queue *q)
{
	bool is_over = true;

	for (unsigned int i = 0; i < NETFRONT_RING_SIZE; i++) {
		if (q->posted_refs[i] && uk_gnttab_end(q->posted_refs[i]))
			is_over = false;
		else
			q->posted_refs[i] = 0;
	}
	return is_over;
}

void netfront_rx_free(struct netfront_queue *q)
{
	for (unsigned int i = 0; q->bufs && i < CONFIG_LIBNETFRONT_BUFFERS; i++)
		if (q->bufs[i].page)
			uk_pages_free(q->bufs[i].page, 0);
	uk_free(q->bufs);
}
