/* SPDX-License-Identifier: BSD-3-Clause */
/* What the common Xen code wants of a PV domain (../xen_priv.h). */
#include <errno.h>
#include <stdint.h>

#include <xen/sched.h>

#include <uk/arch/barrier.h>
#include <uk/util.h>
#include <uk/xen/gnttab.h>

#include "../hypercall.h"
#include "../xen_priv.h"
#include "pv_priv.h"

/*
 * Upcalls are masked whenever we run. SCHEDOP_block unmasks them in Xen, so
 * that an event that comes on the way there ends the sleep; the upcall that
 * is made then masks them again and does no more (trap_entry.S).
 */
void xen_mode_sleep(void)
{
	xen_sched_op(SCHEDOP_block, NULL);
	UK_WRITE_ONCE(xen_vcpu_info()->evtchn_upcall_mask, 1);
}

bool xen_mode_poll(void)
{
	return false;
}

uintptr_t xen_mode_window_base(void)
{
	return XENPV_WINDOW_BASE;
}

/* Mapped pages keep their addresses of the machine. */
bool uk_gnttab_is_dma(void)
{
	return true;
}

int xen_mode_window_prepare(unsigned int first, unsigned int n)
{
	uintptr_t va = XENPV_WINDOW_BASE + first * UK_PAGE_SIZE;
	uintptr_t end = va + n * UK_PAGE_SIZE;
	int err;

	for (va = UK_ALIGN_DOWN(va, PT_SPAN(2)); va < end; va += PT_SPAN(2)) {
		err = xenpv_need_table(va, 3);
		if (!err)
			err = xenpv_need_table(va, 2);
		if (err)
			return err;
	}
	return 0;
}

int xen_mode_gnttab_frames(uintptr_t va, unsigned int have, unsigned int n)
{
	static xen_pfn_t frames[XEN_GNTTAB_MAX_FRAMES];
	struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = n };

	set_xen_guest_handle(op.frame_list, frames);
	if (xen_grant_table_op(GNTTABOP_setup_table, &op, 1) || op.status != GNTST_okay)
		return -ENOSPC;
	for (unsigned int i = have; i < n; i++) {
		if (xen_hypercall3(__HYPERVISOR_update_va_mapping, va + i * UK_PAGE_SIZE,
				   frames[i] << UK_PAGE_SHIFT | PTE_RW, UVMF_INVLPG))
			return -ENOMEM;
	}
	return 0;
}
