/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Responses to what a guest sends are published at once, but an event only for
 * them wakes a domain that has nothing else to do. So the event is held back, and
 * goes out together with one that announces packets, once there are RIDE_SLOTS of
 * them; at MAX_SLOTS at once; or else after HOLD_NS to twice that.
 *
 * A guest that sends nothing more meanwhile may be waiting for them: that happens
 * to it once. Each time an event was held from such a guest the next ones go at
 * once, twice as many as the time before; after N_GOOD others it begins anew.
 */
#include "netback_priv.h"

#include <uk/plat/time.h>
#include <uk/xen/evtchn.h>

#define HOLD_NS (2 * UK_NSEC_PER_MSEC)
#define RIDE_SLOTS 8
#define MAX_SLOTS 16
#define MIN_AT_ONCE 64u
#define MAX_AT_ONCE 4096u
#define N_GOOD 16

static void on_tick(struct uk_timer *t);

static struct uk_list held = UK_LIST_INIT(held);
static struct uk_timer tick = { .fn = on_tick };

static bool is_held(const struct netback_queue *q)
{
	return uk_list_is_linked(&q->hold.node);
}

/* Slots that the frontend believes in use */
static uint32_t n_untold(const struct netback_queue *q)
{
	return q->tx.req_cons - q->tx.rsp_told;
}

static void settle(struct netback_queue *q)
{
	uk_list_del(&q->hold.node);
	uk_xen_ring_settle(&q->tx);
}

static void tell(struct netback_queue *q)
{
	settle(q);
	uk_evtchn_notify(q->port.port);
}

static void tell_in_time(struct netback_queue *q)
{
	if (++q->hold.n_good == N_GOOD)
		q->hold.penalty = MIN_AT_ONCE;
	tell(q);
}

static void tell_late(struct netback_queue *q)
{
	q->hold.n_good = 0;
	q->hold.n_at_once = q->hold.penalty;
	q->hold.penalty = UK_MIN(2 * q->hold.penalty, MAX_AT_ONCE);
	tell(q);
}

/* What was held before the tick that came last is told now. */
static void on_tick(struct uk_timer *t)
{
	struct netback_queue *q, *tmp;

	UK_LIST_FOREACH_SAFE(q, tmp, &held, hold.node) {
		if (!uk_xen_ring_is_event_due(&q->tx))
			settle(q);
		else if (q->hold.is_old && q->hold.req_cons == q->tx.req_cons)
			tell_late(q);
		else if (q->hold.is_old)
			tell_in_time(q);
		q->hold.is_old = true;
		q->hold.req_cons = q->tx.req_cons;
	}
	if (!uk_list_is_empty(&held))
		uk_timer_start(t, uk_plat_mono_ns() + HOLD_NS);
}

static bool may_hold(struct netback_queue *q)
{
	if (q->hold.n_at_once) {
		q->hold.n_at_once--;
		return false;
	}
	return n_untold(q) <= MAX_SLOTS;
}

static void hold(struct netback_queue *q)
{
	if (is_held(q))
		return;
	q->hold.is_old = false;
	uk_list_add_tail(&held, &q->hold.node);
	if (!uk_timer_is_armed(&tick))
		uk_timer_start(&tick, uk_plat_mono_ns() + HOLD_NS);
}

void netback_tx_push(struct netback_queue *q)
{
	if (!uk_xen_ring_publish(&q->tx))
		return;
	if (!uk_xen_ring_is_event_due(&q->tx))
		settle(q);
	else if (may_hold(q))
		hold(q);
	else
		tell(q);
}

void netback_hold_ride(struct netback_queue *q)
{
	if (!is_held(q))
		return;
	if (!q->is_split)
		settle(q);
	else if (n_untold(q) >= RIDE_SLOTS)
		tell_in_time(q);
}

void netback_hold_open(struct netback_queue *q)
{
	uk_list_init(&q->hold.node);
	q->hold.n_at_once = q->hold.n_good = 0;
	q->hold.penalty = MIN_AT_ONCE;
}

void netback_hold_close(struct netback_queue *q)
{
	uk_list_del(&q->hold.node);
}
