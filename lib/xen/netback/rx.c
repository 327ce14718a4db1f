/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * To a guest: which packets it gets, and when. The index of its ring is all that
 * is read of it here; uk_xen_ring_pending() checks it.
 *
 * Packets that find no slot wait: a bounded number, and not beyond the second
 * tick, because they hold others' memory: slots of another guest, receive buffers
 * of a card. So a guest that takes little does not stop who sends to it. A card has
 * few buffers for all guests: what exceeds a guest's share waits as a copy. After
 * STALL_NS without progress packets do not wait any more, until it posts slots
 * again. Only ticks look at the clock: where that is a trap it costs as much as a
 * packet.
 */
#include "netback_priv.h"

#include <uk/plat/time.h>

#define STALL_NS (CONFIG_LIBNETBACK_STALL_MS * UK_NSEC_PER_MSEC)
#define TICK_NS UK_MIN(STALL_NS / 4, 250 * UK_NSEC_PER_MSEC)

/* ---- The queue ---- */

/* Whoever gets a packet back may send others: nothing of ours is half done
 * then, and the list is not that of the queue. */
static void drop_list(struct netback_queue *q, struct uk_list *pkts, enum uk_net_drop why)
{
	struct uk_list *node;

	while ((node = uk_list_pop(pkts)))
		uk_netdev_drop(&q->vif->netdev, UK_LIST_ENTRY(node, struct uk_net_pkt, node), why);
}

/* Buffers of a card that @pkt keeps while it waits */
static unsigned int n_lent(const struct uk_net_pkt *pkt)
{
	if (!pkt->from || !pkt->from->n_buffers)
		return 0;
	return UK_MAX(pkt->n_frags, 1);
}

static void put(struct netback_queue *q, struct uk_net_pkt *pkt)
{
	unsigned int n = n_lent(pkt);

	q->n_waiting++;
	uk_list_add_tail(&q->waiting, &pkt->node);
	if (n) {
		q->vif->n_borrowed += n;
		pkt->from->n_lent += n;
	}
}

/* It waits no longer. */
static void take(struct netback_queue *q, struct uk_net_pkt *pkt)
{
	unsigned int n = n_lent(pkt);

	q->n_waiting--;
	uk_list_del(&pkt->node);
	if (n) {
		q->vif->n_borrowed -= n;
		pkt->from->n_lent -= n;
	}
}

static struct uk_net_pkt *first(const struct netback_queue *q)
{
	return UK_LIST_FIRST(&q->waiting, struct uk_net_pkt, node);
}

static void drop_first(struct netback_queue *q, unsigned int n, enum uk_net_drop why)
{
	struct uk_list pkts = UK_LIST_INIT(pkts);
	struct uk_net_pkt *pkt;

	while (n--) {
		pkt = first(q);
		take(q, pkt);
		uk_list_add_tail(&pkts, &pkt->node);
	}
	q->n_old = q->n_waiting;
	drop_list(q, &pkts, why);
}

static void drop_all(struct netback_queue *q, enum uk_net_drop why)
{
	drop_first(q, q->n_waiting, why);
}

/* Those that waited at the last tick */
static void drop_old(struct netback_queue *q)
{
	drop_first(q, q->n_old, UK_NET_DROP_QUEUE_FULL);
}

/* ---- Time ---- */

static void on_tick(struct uk_timer *t)
{
	struct netback_queue *q = UK_CONTAINER_OF(t, struct netback_queue, tick);

	q->is_tick_due = true;
	uk_xen_work_ready(&q->work);
}

/* The first packet has begun to wait, or others go on. */
static void start_tick(struct netback_queue *q, uint64_t now_ns)
{
	uk_timer_start(&q->tick, now_ns + TICK_NS);
}

static unsigned int pending(struct netback_queue *q)
{
	int n = uk_xen_ring_pending(&q->rx);

	if (n >= 0)
		return (unsigned int)n;
	netback_give_up(q, "the frontend's RX ring index makes no sense");
	return 0;
}

static void stall(struct netback_queue *q)
{
	q->is_stalled = true;
	q->n_at_stall = pending(q);
	drop_all(q, UK_NET_DROP_STALLED);
}

static void look_at_clock(struct netback_queue *q)
{
	uint64_t now_ns;

	q->is_tick_due = false;
	if (!q->n_waiting)
		return;
	now_ns = uk_plat_mono_ns();
	if (q->has_progressed)
		q->progress_ns = now_ns;
	q->has_progressed = false;
	if (now_ns - q->progress_ns >= STALL_NS)
		stall(q);
	else
		drop_old(q);
	if (q->n_waiting)
		start_tick(q, now_ns);
}

/* It is not stalled any more once it has posted something. */
static bool is_stalled(struct netback_queue *q)
{
	if (q->is_stalled && pending(q) != q->n_at_stall)
		q->is_stalled = false;
	return q->is_stalled;
}

/* ---- A turn ---- */

/* As much as fits into @n_free slots and a batch. @return how many packets. */
static unsigned int give_batch(struct netback_queue *q, unsigned int n_free)
{
	struct uk_net_pkt *pkt;
	unsigned int n = 0, n_slots;

	while ((pkt = first(q))) {
		n_slots = netback_rx_slots(pkt);
		if (n_slots > n_free || !netback_rx_has_room(pkt))
			break;
		n_free -= n_slots;
		take(q, pkt);
		netback_rx_add(q, pkt);
		n++;
	}
	q->n_old -= UK_MIN(q->n_old, n);
	netback_rx_finish(q);
	return n;
}

/* Are there slots for the first packet? If not there will be an event. */
static bool may_go_on(struct netback_queue *q)
{
	unsigned int n_needed;

	if (!q->n_waiting || !q->is_open)
		return false;
	n_needed = netback_rx_slots(first(q));
	if (pending(q) >= n_needed)
		return true;
	return q->is_open && uk_xen_ring_expect(&q->rx, n_needed) >= (int)n_needed;
}

static unsigned int give(struct netback_queue *q)
{
	unsigned int n = 0, n_given = 1;

	/* None: the guest has taken its index back meanwhile, and can do so for
	 * ever. The next tick looks again. */
	while (n_given && may_go_on(q)) {
		n_given = give_batch(q, pending(q));
		n += n_given;
	}
	q->has_progressed |= n;
	if (!q->is_open)
		drop_all(q, UK_NET_DROP_NOWHERE);
	else if (q->is_notify_due)
		netback_notify_rx(q);
	q->is_notify_due = false;
	return n;
}

unsigned int netback_rx_turn(struct netback_queue *q)
{
	unsigned int n = give(q);

	if (q->is_open && q->is_tick_due)
		look_at_clock(q);
	if (q->is_open && is_stalled(q))
		uk_xen_ring_expect(&q->rx, q->n_at_stall + 1);
	return n;
}

/* ---- From the network ---- */

/* @return a reason not to take it, or UK_NET_N_DROPS. */
static enum uk_net_drop refusal(struct netback_queue *q, const struct uk_net_pkt *pkt)
{
	if (!q || !q->is_open || q->is_quiet)
		return UK_NET_DROP_NOWHERE;
	if (!netback_mcast_wants(q->vif, pkt))
		return UK_NET_DROP_FILTERED;
	if (!q->vif->has_sg && pkt->len_bytes > UK_PAGE_SIZE)
		return UK_NET_DROP_TOO_LONG;
	if (is_stalled(q))
		return UK_NET_DROP_STALLED;
	if (q->n_waiting == NETBACK_MAX_WAITING)
		return UK_NET_DROP_QUEUE_FULL;
	return UK_NET_N_DROPS;
}

/* Packets of a flow stay in order, and in one queue. NULL: not connected. */
static struct netback_queue *queue_for(struct netback_vif *vif, const struct uk_net_pkt *pkt)
{
	return vif->n_queues ? &vif->queues[uk_net_flow(pkt, vif->n_queues)] : NULL;
}

static bool exceeds_share(const struct netback_vif *vif, const struct uk_netdev *from)
{
	return vif->n_borrowed > from->n_buffers / 8 || from->n_lent > from->n_buffers / 2;
}

/* A copy takes the place of @pkt, or nothing does. */
static void replace(struct netback_queue *q, struct uk_net_pkt *pkt)
{
	struct uk_net_pkt *copy = uk_netdev_copy(&q->vif->netdev, pkt);

	if (copy) {
		uk_list_add(&pkt->node, &copy->node);
		q->n_waiting++;
	} else {
		q->vif->netdev.stats.drops[UK_NET_DROP_QUEUE_FULL]++;
	}
	take(q, pkt);
}

/* Only of what came in this call and waits, behind all others: what waited before
 * is within the share. */
static void keep_to_share(struct netback_queue *q)
{
	struct uk_list replaced = UK_LIST_INIT(replaced);
	struct uk_list *node = q->waiting.prev, *prev;
	struct uk_net_pkt *pkt;

	for (unsigned int n = UK_MIN(q->n_new, q->n_waiting); n--; node = prev) {
		prev = node->prev;
		pkt = UK_LIST_ENTRY(node, struct uk_net_pkt, node);
		if (!n_lent(pkt) || !exceeds_share(q->vif, pkt->from))
			continue;
		replace(q, pkt);
		uk_list_add(&replaced, node);
	}
	while ((node = uk_list_pop(&replaced))) {
		pkt = UK_LIST_ENTRY(node, struct uk_net_pkt, node);
		pkt->done(pkt);
	}
}

/* What cannot be given at once waits, or without the events for it does not. */
static void give_new(struct netback_queue *q)
{
	give(q);
	if (q->n_waiting && q->vif->n_borrowed)
		keep_to_share(q);
	q->n_new = 0;
	if (!q->n_waiting)
		return;
	if (!q->vif->has_rx_notify) {
		drop_all(q, UK_NET_DROP_QUEUE_FULL);
	} else if (!uk_timer_is_armed(&q->tick) && !q->is_tick_due) {
		q->progress_ns = uk_plat_mono_ns();
		q->has_progressed = false;
		start_tick(q, q->progress_ns);
	}
}

void netback_rx_send(struct uk_netdev *netdev, struct uk_list *pkts)
{
	struct netback_vif *vif = UK_CONTAINER_OF(netdev, struct netback_vif, netdev);
	struct uk_list *node;

	while ((node = uk_list_pop(pkts))) {
		struct uk_net_pkt *pkt = UK_LIST_ENTRY(node, struct uk_net_pkt, node);
		struct netback_queue *q = queue_for(vif, pkt);
		enum uk_net_drop why = refusal(q, pkt);

		if (why == UK_NET_DROP_QUEUE_FULL) {
			give(q);
			why = refusal(q, pkt);
		}
		if (why != UK_NET_N_DROPS) {
			uk_netdev_drop(netdev, pkt, why);
			continue;
		}
		put(q, pkt);
		q->n_new++;
	}
	for (unsigned int i = 0; i < vif->n_queues; i++)
		if (vif->queues[i].n_waiting)
			give_new(&vif->queues[i]);
}

static void forget(struct netback_queue *q, const struct uk_netdev *from)
{
	struct uk_list pkts = UK_LIST_INIT(pkts);
	struct uk_net_pkt *pkt, *tmp;

	UK_LIST_FOREACH_SAFE(pkt, tmp, &q->waiting, node) {
		if (pkt->from != from)
			continue;
		take(q, pkt);
		uk_list_add_tail(&pkts, &pkt->node);
	}
	q->n_old = UK_MIN(q->n_old, q->n_waiting);
	drop_list(q, &pkts, UK_NET_DROP_NOWHERE);
}

void netback_rx_forget(struct uk_netdev *netdev, const struct uk_netdev *from)
{
	struct netback_vif *vif = UK_CONTAINER_OF(netdev, struct netback_vif, netdev);

	for (unsigned int i = 0; i < vif->n_queues; i++)
		forget(&vif->queues[i], from);
}

/* ---- Start and end ---- */

void netback_rx_init(struct netback_queue *q)
{
	uk_list_init(&q->waiting);
	uk_timer_init(&q->tick, on_tick);
}

void netback_rx_close(struct netback_queue *q)
{
	uk_timer_stop(&q->tick);
	drop_all(q, UK_NET_DROP_NOWHERE);
}
