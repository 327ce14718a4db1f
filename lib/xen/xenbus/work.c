/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The thread that serves rings, and its ports. Alone with one frontend it never
 * switches: it sleeps where the event arrives.
 */
#include "xenbus_priv.h"

#include <uk/plat/time.h>
#include <uk/thread.h>
#include <uk/wait.h>
#include <uk/xen/evtchn.h>
#include <uk/xen/work.h>

/* What events without effect may cost: MAX_IDLE turns each QUIET_NS */
#define MAX_IDLE 16
#define QUIET_NS (2 * UK_NSEC_PER_MSEC)

static struct uk_list ready = UK_LIST_INIT(ready);
static struct uk_wait_queue work = UK_WAIT_QUEUE_INIT(work);

/* ---- Work ---- */

void uk_xen_work_init(struct uk_xen_work *w, void (*turn)(struct uk_xen_work *w))
{
	w->turn = turn;
	uk_list_init(&w->node);
}

void uk_xen_work_ready(struct uk_xen_work *w)
{
	if (uk_list_is_linked(&w->node))
		return;
	uk_list_add_tail(&ready, &w->node);
	uk_wait_wake_one(&work);
}

void uk_xen_work_cancel(struct uk_xen_work *w)
{
	uk_list_del(&w->node);
}

void xenbus_work_thread(void *arg uk_unused)
{
	for (;;) {
		struct uk_xen_work *w;

		uk_wait_event(&work, !uk_list_is_empty(&ready));
		w = UK_LIST_ENTRY(uk_list_pop(&ready), struct uk_xen_work, node);
		w->turn(w);
		/* Others may run, and events of other rings arrive */
		if (!uk_list_is_empty(&ready))
			uk_thread_yield();
	}
}

/* ---- Ports ---- */

static void on_event(evtchn_port_t port uk_unused, void *arg)
{
	struct uk_xen_port *p = arg;

	p->has_fired = true;
	uk_xen_work_ready(p->work);
}

static void on_quiet_end(struct uk_timer *t)
{
	struct uk_xen_port *p = UK_CONTAINER_OF(t, struct uk_xen_port, quiet);

	uk_evtchn_unmask(p->port);
	uk_xen_work_ready(p->work);
}

int uk_xen_port_open(struct uk_xen_port *p, domid_t remote, evtchn_port_t remote_port,
		     struct uk_xen_work *w)
{
	int err;

	*p = (struct uk_xen_port) { .work = w };
	uk_timer_init(&p->quiet, on_quiet_end);
	err = uk_evtchn_bind_interdomain(remote, remote_port, on_event, p, &p->port);
	if (err)
		return err;
	uk_evtchn_unmask(p->port);
	uk_xen_work_ready(w);
	return 0;
}

void uk_xen_port_close(struct uk_xen_port *p)
{
	uk_timer_stop(&p->quiet);
	uk_evtchn_close(p->port);
}

void uk_xen_port_judge(struct uk_xen_port *p, bool was_useful)
{
	if (was_useful)
		p->n_idle = 0;
	else if (p->has_fired && ++p->n_idle > MAX_IDLE && !uk_timer_is_armed(&p->quiet)) {
		uk_evtchn_mask(p->port);
		uk_timer_start(&p->quiet, uk_plat_mono_ns() + QUIET_NS);
	}
	p->has_fired = false;
}
