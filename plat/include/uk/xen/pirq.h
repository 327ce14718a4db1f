/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts of devices that were given to a PV domain. Specification:
 * xen/physdev.h, xen/event_channel.h.
 *
 * Rules
 * - Provider: plat/xen/pv. Handlers and ports as in <uk/xen/evtchn.h>.
 */
#ifndef UK_XEN_PIRQ_H
#define UK_XEN_PIRQ_H

#include <stdbool.h>
#include <stdint.h>

#include <uk/xen/evtchn.h>

/**
 * Have the physical interrupt @pirq, a number that the PCI back end has said.
 * @needs_eoi: set if uk_xen_pirq_eoi() has to follow each event.
 * @return 0; -EINVAL, -EPERM, -EBUSY as Xen says; -ENOSPC, -ENOMEM.
 */
int uk_xen_pirq_bind(uint32_t pirq, uk_evtchn_handler_t handler, void *arg, evtchn_port_t *port,
		     bool *needs_eoi);

/** The device has been served: it may interrupt again. */
void uk_xen_pirq_eoi(uint32_t pirq);

#endif /* UK_XEN_PIRQ_H */
