/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hardware that was given to this domain: registers, addresses for devices,
 * interrupts. What the domain may reach is for Xen to say, each time.
 */
#include <errno.h>
#include <stdint.h>

#include <xen/event_channel.h>
#include <xen/physdev.h>

#include <uk/plat/dma.h>
#include <uk/util.h>
#include <uk/xen/gnttab.h>
#include <uk/xen/pirq.h>

#include "../hypercall.h"
#include "pv_priv.h"

uint64_t uk_plat_dma_addr(const void *va)
{
	return uk_xen_gfn(va) << UK_PAGE_SHIFT | ((uintptr_t)va & (UK_PAGE_SIZE - 1));
}

static int map_io_page(uintptr_t va, uint64_t pa)
{
	int err = xenpv_need_table(va, 3);

	if (!err)
		err = xenpv_need_table(va, 2);
	if (!err && xen_hypercall3(__HYPERVISOR_update_va_mapping, va, pa | PTE_IO, UVMF_INVLPG))
		err = -EPERM;
	return err;
}

volatile void *uk_plat_map_io(uint64_t pa, size_t len_bytes)
{
	static uintptr_t next = XENPV_IO_BASE;
	uint64_t from = UK_ALIGN_DOWN(pa, UK_PAGE_SIZE);
	size_t span = UK_ALIGN_UP(pa - from + len_bytes, UK_PAGE_SIZE);
	uintptr_t va = next;

	if (span > XENPV_IO_END - va)
		return NULL;
	for (size_t at = 0; at < span; at += UK_PAGE_SIZE)
		if (map_io_page(va + at, from + at))
			return NULL;
	next += span;
	return (volatile void *)(va + (pa - from));
}

int uk_xen_pirq_bind(uint32_t pirq, uk_evtchn_handler_t handler, void *arg, evtchn_port_t *port,
		     bool *needs_eoi)
{
	/* A line may be other devices' as well, and is for a while dom0's */
	struct evtchn_bind_pirq op = { .pirq = pirq, .flags = BIND_PIRQ__WILL_SHARE };
	struct physdev_irq_status_query status = { .irq = pirq };
	struct evtchn_close close = { 0 };
	int err = (int)xen_event_channel_op(EVTCHNOP_bind_pirq, &op);

	if (err)
		return err;
	err = uk_evtchn_adopt(op.port, handler, arg);
	if (err) {
		close.port = op.port;
		xen_event_channel_op(EVTCHNOP_close, &close);
		return err;
	}
	*needs_eoi = xen_physdev_op(PHYSDEVOP_irq_status_query, &status) ||
		     status.flags & XENIRQSTAT_needs_eoi;
	*port = op.port;
	return 0;
}

void uk_xen_pirq_eoi(uint32_t pirq)
{
	struct physdev_eoi op = { .irq = pirq };

	xen_physdev_op(PHYSDEVOP_eoi, &op);
}
