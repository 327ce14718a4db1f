/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Event channels: who handles which port. How ports are kept is the business
 * of evtchn_2l.c and evtchn_fifo.c; one of them is chosen at the first use.
 */
#include <uk/xen/evtchn.h>

#include <errno.h>
#include <string.h>

#include <uk/arch/barrier.h>
#include <uk/assert.h>
#include <uk/pages.h>

#include "hypercall.h"
#include "restart.h"
#include "xen_priv.h"

struct slot {
	uk_evtchn_handler_t handler;
	void *arg;
};

#define SLOTS_PER_PAGE (UK_PAGE_SIZE / sizeof(struct slot))

static const struct xen_evtchn_abi *abi;

/* By port; a page of it exists once one of its ports has been used. Few images
 * need more than the first. */
static struct slot first_slots[SLOTS_PER_PAGE];
static struct slot *slots[EVTCHN_FIFO_NR_CHANNELS / SLOTS_PER_PAGE];

static void choose_abi(void)
{
	if (abi)
		return;
	slots[0] = first_slots;
	abi = xen_evtchn_fifo_probe();
	if (abi)
		return;
	abi = &xen_evtchn_2l;
	memset(xen_shared_info->evtchn_mask, 0xff, sizeof(xen_shared_info->evtchn_mask));
}

static struct slot *slot_of(evtchn_port_t port)
{
	struct slot *page = slots[port / SLOTS_PER_PAGE];

	return page ? &page[port % SLOTS_PER_PAGE] : NULL;
}

static int slot_prepare(evtchn_port_t port)
{
	struct slot **page = &slots[port / SLOTS_PER_PAGE];

	if (*page)
		return 0;
	*page = uk_pages_alloc(0);
	if (!*page)
		return -ENOMEM;
	memset(*page, 0, UK_PAGE_SIZE);
	return 0;
}

static void close_port(evtchn_port_t port)
{
	struct evtchn_close op = { .port = port };

	xen_event_channel_op(EVTCHNOP_close, &op);
}

/* Xen has just given us @port: take it, or give it back */
static int take(int err, evtchn_port_t port, uk_evtchn_handler_t handler, void *arg,
		evtchn_port_t *out)
{
	if (err)
		return err;
	err = uk_evtchn_adopt(port, handler, arg);
	if (err) {
		close_port(port);
		return err == -EINVAL ? -ENOSPC : err;
	}
	*out = port;
	return 0;
}

int uk_evtchn_adopt(evtchn_port_t port, uk_evtchn_handler_t handler, void *arg)
{
	int err;

	choose_abi();
	if (!port || port >= abi->max_ports)
		return -EINVAL;
	err = slot_prepare(port);
	if (!err)
		err = abi->prepare(port);
	if (err)
		return err;
	abi->mask(port);
	*slot_of(port) = (struct slot){ handler, arg };
	return 0;
}

int uk_evtchn_alloc_unbound(domid_t remote, uk_evtchn_handler_t handler, void *arg,
			    evtchn_port_t *port)
{
	struct evtchn_alloc_unbound op = { .dom = DOMID_SELF, .remote_dom = remote };
	int err;

	choose_abi();
	err = (int)xen_event_channel_op(EVTCHNOP_alloc_unbound, &op);
	return take(err, op.port, handler, arg, port);
}

int uk_evtchn_bind_interdomain(domid_t remote, evtchn_port_t remote_port,
			       uk_evtchn_handler_t handler, void *arg, evtchn_port_t *port)
{
	struct evtchn_bind_interdomain op = { .remote_dom = remote, .remote_port = remote_port };
	int err;

	choose_abi();
	err = (int)xen_event_channel_op(EVTCHNOP_bind_interdomain, &op);
	return take(err, op.local_port, handler, arg, port);
}

int uk_evtchn_bind_virq(uint32_t virq, uk_evtchn_handler_t handler, void *arg,
			evtchn_port_t *port)
{
	struct evtchn_bind_virq op = { .virq = virq };
	int err;

	choose_abi();
	err = (int)xen_event_channel_op(EVTCHNOP_bind_virq, &op);
	return take(err, op.port, handler, arg, port);
}

void uk_evtchn_close(evtchn_port_t port)
{
	struct slot *s;

	if (!abi || port >= abi->max_ports)
		return;
	s = slot_of(port);
	if (!s)
		return;
	abi->mask(port);
	*s = (struct slot){ NULL, NULL };
	xen_restart_forget_port(port);
	close_port(port);
	abi->test_and_clear(port);
}

void uk_evtchn_mask(evtchn_port_t port)
{
	if (abi && port < abi->max_ports && slot_of(port))
		abi->mask(port);
}

void uk_evtchn_unmask(evtchn_port_t port)
{
	uk_bug_on(!abi || port >= abi->max_ports || !slot_of(port));
	abi->unmask(port);
}

int uk_evtchn_notify(evtchn_port_t port)
{
	struct evtchn_send op = { .port = port };

	return (int)xen_event_channel_op(EVTCHNOP_send, &op);
}

bool uk_evtchn_test_and_clear(evtchn_port_t port)
{
	uk_bug_on(!abi || port >= abi->max_ports || !slot_of(port));
	return abi->test_and_clear(port);
}

#if IS_ENABLED(CONFIG_LIBRESTART)
void xen_evtchn_quiet(void)
{
	choose_abi();
	abi->quiet();
	UK_WRITE_ONCE(xen_vcpu_info()->evtchn_upcall_pending, 0);
}
#endif

void xen_evtchn_deliver(evtchn_port_t port)
{
	struct slot *s = slot_of(port);

	if (s && s->handler)
		s->handler(port, s->arg);
}

void xen_evtchn_scan(void)
{
	/* Before we look: an event that comes while we do sets it again */
	UK_WRITE_ONCE(xen_vcpu_info()->evtchn_upcall_pending, 0);
	uk_arch_mb();
	if (abi)
		abi->scan();
}
