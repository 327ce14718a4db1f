/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Xen event channels. Specification: xen/event_channel.h (2-level and FIFO).
 *
 * Rules
 * - Providers: plat/xen (hypercalls, FIFO where Xen has it) and plat/linuxu's
 *   simulated Xen for unit tests. A library that uses <uk/xen/...> says
 *   LIB<NAME>_NEEDS-y += xen in its fragment and is linked only into images
 *   whose platform provides it.
 * - A port is masked from its creation until uk_evtchn_unmask().
 * - Handlers run in event context (<uk/plat/event.h>): they must not block.
 *   The event is acknowledged before its handler runs, so nothing is lost
 *   when the peer notifies again meanwhile. A port stays unmasked while its
 *   handler runs; a handler that wants quiet masks it.
 */
#ifndef UK_XEN_EVTCHN_H
#define UK_XEN_EVTCHN_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/event_channel.h>

#include <uk/util.h>

typedef void (*uk_evtchn_handler_t)(evtchn_port_t port, void *arg);

/**
 * Allocate a port that domain @remote may bind to.
 * @handler: may be NULL (poll with uk_evtchn_test_and_clear()).
 * @return 0; -ENOSPC: no port left; -EINVAL, -EPERM as Xen says.
 */
int uk_evtchn_alloc_unbound(domid_t remote, uk_evtchn_handler_t handler,
			    void *arg, evtchn_port_t *port);

/** Connect to @remote_port, which domain @remote has offered to us.
 *  @return 0; -EINVAL: no such port is offered; -ENOSPC. */
int uk_evtchn_bind_interdomain(domid_t remote, evtchn_port_t remote_port,
			       uk_evtchn_handler_t handler, void *arg,
			       evtchn_port_t *port);

/** Bind virtual interrupt @virq of vCPU 0. @return 0; -EEXIST; -EINVAL. */
int uk_evtchn_bind_virq(uint32_t virq, uk_evtchn_handler_t handler, void *arg,
			evtchn_port_t *port);

/** Take over a port that exists already (console and store ports from the
 *  start info). @return 0; -EINVAL: out of range; -ENOMEM. */
int uk_evtchn_adopt(evtchn_port_t port, uk_evtchn_handler_t handler, void *arg);

/** Close @port; a pending event on it is dropped, its handler is not called
 *  again once this returns. */
void uk_evtchn_close(evtchn_port_t port);

/** @port outlives a restart (<uk/restart.h>): the next life adopts it, masked,
 *  or closes it. At most 8 in a domain; for a peer that cannot connect anew. */
#if IS_ENABLED(CONFIG_LIBRESTART)
void uk_evtchn_keep(evtchn_port_t port);
#else
static inline void uk_evtchn_keep(evtchn_port_t port uk_unused)
{
}
#endif

void uk_evtchn_mask(evtchn_port_t port);

/** Let events through; one that came while masked is delivered then. */
void uk_evtchn_unmask(evtchn_port_t port);

/** Kick the other end. @return 0; -EINVAL: the port is not bound. */
int uk_evtchn_notify(evtchn_port_t port);

/** Was an event pending on (masked) @port? Clears it. */
bool uk_evtchn_test_and_clear(evtchn_port_t port);

#endif /* UK_XEN_EVTCHN_H */
