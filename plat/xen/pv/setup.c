/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From the entry to uk_boot(). Specification: xen/xen.h, struct start_info and
 * "start-of-day memory layout".
 */
#include <uk/plat/boot.h>

#include <stdint.h>

#include <xen/vcpu.h>

#include <uk/plat/shutdown.h>
#include <uk/restart.h>

#include "../hypercall.h"
#include "../restart.h"
#include "../xen_priv.h"
#include "pv_priv.h"

const struct start_info *xenpv_start_info uk_kept;
const unsigned long *xenpv_p2m;

struct shared_info *xen_shared_info = (struct shared_info *)XENPV_SHARED_INFO;
struct xen_link xen_console;
struct xen_link xen_store;

static void links_init(const struct start_info *si)
{
	if (si->console.domU.mfn) {
		xen_console.page = xenpv_of_mfn(si->console.domU.mfn);
		xen_console.port = si->console.domU.evtchn;
	}
	if (si->store_mfn) {
		xen_store.page = xenpv_of_mfn(si->store_mfn);
		xen_store.port = si->store_evtchn;
	}
}

void xenpv_setup(const struct start_info *si, uint64_t entry_tsc)
	__attribute__((noreturn));

void xenpv_setup(const struct start_info *si, uint64_t entry_tsc)
{
	bool is_again = xen_restart_begin();

	xenpv_start_info = si;
	xenpv_p2m = (const unsigned long *)si->mfn_list;
	links_init(si);
	if (is_again) {
		xen_console_init();
		xen_restart_clean();
		xenpv_mem_again();
		xen_gnttab_restart();
	} else {
		xenpv_mem_init(si->mod_start + si->mod_len);
		xen_restart_protect();
		xen_console_init();
	}
	xen_time_set_entry(entry_tsc);
	xenpv_traps_init();
	/* 100 Hz from the days of the first guests */
	xen_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	uk_boot((const char *)si->cmd_line);
}

const char *uk_plat_name(void)
{
	return "xenpv";
}
