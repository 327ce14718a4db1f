/* SPDX-License-Identifier: BSD-3-Clause */
/* A device's interrupt, as an event of this domain's. */
#include <errno.h>

#include <uk/alloc.h>
#include <uk/xen/evtchn.h>
#include <uk/xen/pirq.h>

#include "pcifront_priv.h"

struct irq {
	void (*handler)(void *arg);
	void *arg;
	uint32_t pirq;
	bool needs_eoi;
};

static void on_irq(evtchn_port_t p uk_unused, void *arg)
{
	struct irq *irq = arg;

	irq->handler(irq->arg);
	if (irq->needs_eoi)
		uk_xen_pirq_eoi(irq->pirq);
}

int pcifront_irq_bind(uint32_t pirq, void (*handler)(void *arg), void *arg)
{
	struct irq *irq = uk_malloc(sizeof(*irq));
	evtchn_port_t port;
	int err;

	if (!irq)
		return -ENOMEM;
	*irq = (struct irq) { .handler = handler, .arg = arg, .pirq = pirq };
	err = uk_xen_pirq_bind(pirq, on_irq, irq, &port, &irq->needs_eoi);
	if (err) {
		uk_free(irq);
		return err;
	}
	uk_evtchn_unmask(port);
	return 0;
}
