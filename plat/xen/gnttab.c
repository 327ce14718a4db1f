/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The grant table, version 1: pages that we offer to other domains.
 *
 * The table is set up at the first use and grows a frame at a time. Xen ignores
 * an entry whose flags are 0, so free entries are chained through their frame
 * numbers. A peer cannot write the table; it can only keep a page mapped.
 */
#include <uk/xen/gnttab.h>

#include <errno.h>

#include <xen/sched.h>

#include <uk/arch/barrier.h>
#include <uk/assert.h>
#include <uk/plat/sections.h>
#include <uk/plat/shutdown.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/restart.h>

#include "hypercall.h"
#include "restart.h"
#include "xen_priv.h"

#define ENTRIES_PER_FRAME (UK_PAGE_SIZE / sizeof(struct grant_entry_v1))

/* Reference 0 is reserved by Xen: it ends the chain */
#define NO_REF 0

/* What a peer is doing with pages of the old life, such as moving a disk's data, is
 * over by then, or will never be */
#define RESTART_PATIENCE_NS (3 * UK_NSEC_PER_SEC)

static struct grant_entry_v1 *table;
static unsigned int n_frames uk_kept;
static grant_ref_t first_free = NO_REF;

/* Have frames [@have, @n) of the table at their place. */
static int map_frames(unsigned int have, unsigned int n)
{
	uintptr_t base = xen_mode_window_base();
	int err = xen_mode_window_prepare(0, n);

	if (!err)
		err = xen_mode_gnttab_frames(base, have, n);
	if (!err)
		table = (struct grant_entry_v1 *)base;
	return err;
}

static int grow(void)
{
	grant_ref_t from = n_frames * ENTRIES_PER_FRAME;
	grant_ref_t to = from + ENTRIES_PER_FRAME;
	int err;

	if (n_frames == XEN_GNTTAB_MAX_FRAMES)
		return -ENOSPC;
	err = map_frames(n_frames, n_frames + 1);
	if (err)
		return err;
	n_frames++;
	for (grant_ref_t ref = UK_MAX(from, (grant_ref_t)GNTTAB_NR_RESERVED_ENTRIES); ref < to; ref++)
		table[ref].frame = ref + 1 < to ? ref + 1 : NO_REF;
	first_free = UK_MAX(from, (grant_ref_t)GNTTAB_NR_RESERVED_ENTRIES);
	return 0;
}

int uk_gnttab_grant(domid_t remote, const void *va, bool is_readonly)
{
	grant_ref_t ref;

	if (first_free == NO_REF && grow())
		return -ENOSPC;
	ref = first_free;
	first_free = table[ref].frame;
	table[ref].domid = remote;
	table[ref].frame = uk_xen_gfn(va);
	/* Xen may look as soon as the flags are there */
	uk_arch_wmb();
	UK_WRITE_ONCE(table[ref].flags,
		      (uint16_t)(GTF_permit_access | (is_readonly ? GTF_readonly : 0)));
	return (int)ref;
}

int uk_gnttab_end(grant_ref_t ref)
{
	uint16_t flags;

	uk_bug_on(ref < GNTTAB_NR_RESERVED_ENTRIES || ref >= n_frames * ENTRIES_PER_FRAME);
	flags = UK_READ_ONCE(table[ref].flags);
	uk_bug_on(!(flags & GTF_type_mask));
	/* Xen sets the in-use bits with the same kind of operation, so none can
	 * appear between our look and our write */
	do {
		if (flags & (GTF_reading | GTF_writing))
			return -EBUSY;
	} while (!__atomic_compare_exchange_n(&table[ref].flags, &flags, 0, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	table[ref].frame = first_free;
	first_free = ref;
	return 0;
}

#if IS_ENABLED(CONFIG_LIBRESTART)
static bool is_kept_frame(uint32_t frame)
{
	for (const char *page = uk_bss_start; page < uk_kept_end; page += UK_PAGE_SIZE)
		if (uk_xen_gfn(page) == frame)
			return true;
	return false;
}

static int end_patiently(grant_ref_t ref, uint64_t deadline_ns)
{
	int err;

	while ((err = uk_gnttab_end(ref)) && uk_plat_mono_ns() < deadline_ns)
		xen_sched_op(SCHEDOP_yield, NULL);
	return err;
}

int uk_gnttab_end_kept(const void *va)
{
	const uint32_t frame = (uint32_t)uk_xen_gfn(va);

	for (grant_ref_t ref = GNTTAB_NR_RESERVED_ENTRIES; ref < n_frames * ENTRIES_PER_FRAME; ref++)
		if (table[ref].flags & GTF_type_mask && table[ref].frame == frame &&
		    uk_gnttab_end(ref))
			return -EBUSY;
	return 0;
}

void xen_gnttab_restart(void)
{
	uint64_t deadline_ns = uk_plat_mono_ns() + RESTART_PATIENCE_NS;

	if (!n_frames)
		return;
	if (map_frames(0, n_frames)) {
		uk_console_printf("restart: no memory for the grant table\n");
		uk_plat_shutdown(UK_SHUTDOWN_CRASH, 1);
	}
	for (grant_ref_t ref = n_frames * ENTRIES_PER_FRAME; ref-- > GNTTAB_NR_RESERVED_ENTRIES;) {
		if (!(table[ref].flags & GTF_type_mask)) {
			table[ref].frame = first_free;
			first_free = ref;
		} else if (!is_kept_frame(table[ref].frame) &&
			   end_patiently(ref, deadline_ns)) {
			uk_console_printf("restart: domain %u still uses page 0x%x of the old "
					  "life (grant %u)\n", table[ref].domid, table[ref].frame,
					  ref);
			uk_plat_shutdown(UK_SHUTDOWN_CRASH, 1);
		}
	}
}
#endif
