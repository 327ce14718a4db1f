/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Xen grant tables, version 1. Specification: xen/grant_table.h.
 *
 * Rules
 * - Providers as for <uk/xen/evtchn.h>.
 * - Map, unmap and copy take arrays: one hypercall a batch. Each entry has a
 *   status of its own (GNTST_*) that the caller must look at: an entry of a
 *   hostile peer fails alone.
 * - GNTST_eagain (paged-out frame) is retried inside, a bounded number of
 *   times, and then reported.
 * - Frame numbers of our own memory come from uk_xen_gfn(): a machine frame on
 *   PV, a guest frame elsewhere.
 */
#ifndef UK_XEN_GNTTAB_H
#define UK_XEN_GNTTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/grant_table.h>

#include <uk/arch/page.h>
#include <uk/util.h>

/** Frame number to name @va's page to Xen or another domain. */
xen_pfn_t uk_xen_gfn(const void *va);

/**
 * Offer the page of @va to domain @remote.
 * @return a grant reference (> 0); -ENOSPC: the table is full and cannot grow.
 */
int uk_gnttab_grant(domid_t remote, const void *va, bool is_readonly);

/**
 * Take grant @ref back.
 * @return 0; -EBUSY: the peer still has it mapped (the grant stays; try again).
 */
int uk_gnttab_end(grant_ref_t ref);

/**
 * Take back what an earlier life (<uk/restart.h>) has granted of the kept page at
 * @va; nothing is fine, too.
 * @return 0; -EBUSY: a peer still has it mapped (the page must not be used).
 */
#if IS_ENABLED(CONFIG_LIBRESTART)
int uk_gnttab_end_kept(const void *va);
#else
static inline int uk_gnttab_end_kept(const void *va uk_unused)
{
	return 0;
}
#endif

/** One page to map, and where it is mapped after success. */
struct uk_gnttab_map {
	domid_t remote;			/* in */
	bool is_readonly;		/* in */
	grant_ref_t ref;		/* in */
	int16_t status;			/* out: GNTST_okay or an error */
	grant_handle_t handle;		/* out, used by unmap */
	void *va;			/* out: page aligned */
};

/**
 * Map @n pages of other domains at addresses of our choice; the pages of one
 * call that succeed are not promised to be contiguous unless @n of them were
 * asked for with uk_gnttab_map_contiguous().
 * @return 0 when every entry succeeded; -EIO: at least one has a bad status
 *	(the others are mapped); -ENOMEM: no address space, nothing is mapped.
 */
int uk_gnttab_map(struct uk_gnttab_map *maps, unsigned int n);

/** As uk_gnttab_map(), but all or nothing, at consecutive addresses in the
 *  order of @maps: a ring of several pages. */
int uk_gnttab_map_contiguous(struct uk_gnttab_map *maps, unsigned int n);

/** Devices can be told of pages that are mapped, with uk_plat_dma_addr(). Does this cost
 *  less than to copy what is in them? */
bool uk_gnttab_is_dma(void);

/** Undo @n mappings that succeeded; entries with a bad status are skipped. */
void uk_gnttab_unmap(struct uk_gnttab_map *maps, unsigned int n);

/**
 * GNTTABOP_copy: @n copies in one hypercall.
 * @return 0 when every entry succeeded, -EIO when at least one has a bad
 *	status.
 */
int uk_gnttab_copy(struct gnttab_copy *ops, unsigned int n);

/** Fill one copy: @len bytes from @remote's granted page to local memory that
 *  does not cross a page; offset + len <= UK_PAGE_SIZE on both sides. */
static inline void uk_gnttab_copy_in(struct gnttab_copy *op, void *dst,
				     domid_t remote, grant_ref_t ref,
				     uint16_t offset, uint16_t len)
{
	op->source.u.ref = ref;
	op->source.domid = remote;
	op->source.offset = offset;
	op->dest.u.gmfn = uk_xen_gfn(dst);
	op->dest.domid = DOMID_SELF;
	op->dest.offset = (uintptr_t)dst & (UK_PAGE_SIZE - 1);
	op->len = len;
	op->flags = GNTCOPY_source_gref;
	op->status = GNTST_okay;
}

/** Fill one copy in the other direction. */
static inline void uk_gnttab_copy_out(struct gnttab_copy *op, const void *src,
				      domid_t remote, grant_ref_t ref,
				      uint16_t offset, uint16_t len)
{
	op->source.u.gmfn = uk_xen_gfn(src);
	op->source.domid = DOMID_SELF;
	op->source.offset = (uintptr_t)src & (UK_PAGE_SIZE - 1);
	op->dest.u.ref = ref;
	op->dest.domid = remote;
	op->dest.offset = offset;
	op->len = len;
	op->flags = GNTCOPY_dest_gref;
	op->status = GNTST_okay;
}

#endif /* UK_XEN_GNTTAB_H */
