/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What back ends share when they serve rings: one thread for all of them, and
 * event channels with a bound on what a frontend's events can cost.
 *
 * Rules
 * - The thread "backend" gives each piece of work that is ready a turn, in the
 *   order they became it. A turn must not block, and takes a bounded amount: so
 *   a busy frontend delays the others by that much and no more. Who has more to
 *   do makes itself ready again.
 * - An event makes the work of its port ready. One that brings nothing is the
 *   frontend's mistake or malice: after a number of them in a row the port
 *   stays masked for a while.
 * - The memory is the caller's, from init or open to cancel or close; after
 *   these nothing is called any more. A turn is never under way in another
 *   thread's eyes.
 */
#ifndef UK_XEN_WORK_H
#define UK_XEN_WORK_H

#include <stdbool.h>

#include <xen/xen.h>
#include <xen/event_channel.h>

#include <uk/list.h>
#include <uk/timer.h>

struct uk_xen_work {
	void (*turn)(struct uk_xen_work *w);
	struct uk_list node;
};

void uk_xen_work_init(struct uk_xen_work *w, void (*turn)(struct uk_xen_work *w));

/** Have a turn soon. Any context; may be called again before it. */
void uk_xen_work_ready(struct uk_xen_work *w);

void uk_xen_work_cancel(struct uk_xen_work *w);

struct uk_xen_port {
	struct uk_xen_work *work;
	evtchn_port_t port;
	bool has_fired;			/* since the last uk_xen_port_judge() */
	unsigned int n_idle;		/* events in a row that brought nothing */
	struct uk_timer quiet;		/* until it is unmasked again */
};

/** Bind to @remote_port of domain @remote; its events make @work ready, and
 *  those it may have sent before do so now.
 *  @return as uk_evtchn_bind_interdomain(). */
int uk_xen_port_open(struct uk_xen_port *p, domid_t remote, evtchn_port_t remote_port,
		     struct uk_xen_work *work);
void uk_xen_port_close(struct uk_xen_port *p);

/** In a turn: did it find anything that an event may announce? */
void uk_xen_port_judge(struct uk_xen_port *p, bool was_useful);

#endif /* UK_XEN_WORK_H */
