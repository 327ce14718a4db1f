/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pages that other domains offer to us: map, unmap, copy, in batches.
 *
 * A granted page is mapped in a slot of the window, address space outside RAM
 * of which the mode makes page tables as slots come into use. References and
 * domain numbers are the peer's word: Xen checks them, and each entry of a
 * batch has its own verdict, which is the caller's to look at.
 */
#include <uk/xen/gnttab.h>

#include <errno.h>

#include <xen/sched.h>

#include <uk/assert.h>
#include <uk/bitops.h>
#include <uk/restart.h>

#include "hypercall.h"
#include "restart.h"
#include "xen_priv.h"

/* Entries of one hypercall; they lie on the stack */
#define BATCH 32

/* A frame that its domain has paged out comes back in a while */
#define EAGAIN_TRIES 200

static unsigned long used[UK_BITMAP_LONGS(XEN_WINDOW_SLOTS)];
/* None before it is free: pages are mapped for a moment, behind thousands that stay */
static size_t first_free = XEN_GNTTAB_MAX_FRAMES;

#if IS_ENABLED(CONFIG_LIBRESTART)
/* What is mapped in each slot: its handle plus 1; 0: nothing */
static uint32_t mapped[XEN_WINDOW_SLOTS] uk_kept;
#endif

/* ---- Slots of the window ------------------------------------------------- */

static void *slot_va(unsigned int slot)
{
	return (void *)(xen_mode_window_base() + slot * UK_PAGE_SIZE);
}

static unsigned int va_slot(const void *va)
{
	return ((uintptr_t)va - xen_mode_window_base()) >> UK_PAGE_SHIFT;
}

/* @return the first of @n consecutive slots, or -ENOMEM. */
static int slots_alloc(unsigned int n)
{
	size_t first = uk_bitmap_find_clear(used, XEN_WINDOW_SLOTS, first_free, n);

	if (first == XEN_WINDOW_SLOTS || xen_mode_window_prepare(first, n))
		return -ENOMEM;
	uk_bitmap_set(used, first, n);
	if (n == 1)
		first_free = first + 1;
	return (int)first;
}

static void slots_free(const void *va, unsigned int n)
{
	uk_bitmap_clear(used, va_slot(va), n);
	first_free = UK_MIN(first_free, (size_t)va_slot(va));
}

/* The next life has to know. @handle_plus_1: 0 for none. */
static void note_mapped(const void *va, uint32_t handle_plus_1)
{
#if IS_ENABLED(CONFIG_LIBRESTART)
	mapped[va_slot(va)] = handle_plus_1;
#else
	(void)va;
	(void)handle_plus_1;
#endif
}

static int slots_assign(struct uk_gnttab_map *maps, unsigned int n)
{
	int slot;

	for (unsigned int i = 0; i < n; i++) {
		slot = slots_alloc(1);
		if (slot < 0) {
			while (i--)
				slots_free(maps[i].va, 1);
			return slot;
		}
		maps[i].va = slot_va(slot);
	}
	return 0;
}

static int slots_assign_contiguous(struct uk_gnttab_map *maps, unsigned int n)
{
	int first = slots_alloc(n);

	if (first < 0)
		return first;
	for (unsigned int i = 0; i < n; i++)
		maps[i].va = slot_va(first + i);
	return 0;
}

/* ---- Map ----------------------------------------------------------------- */

static void map_retry(struct gnttab_map_grant_ref *op)
{
	for (unsigned int i = 0; i < EAGAIN_TRIES && op->status == GNTST_eagain; i++) {
		xen_sched_op(SCHEDOP_yield, NULL);
		xen_grant_table_op(GNTTABOP_map_grant_ref, op, 1);
	}
}

static void map_batch(struct uk_gnttab_map *maps, unsigned int n)
{
	struct gnttab_map_grant_ref ops[BATCH];

	for (unsigned int i = 0; i < n; i++) {
		ops[i] = (struct gnttab_map_grant_ref){
			.host_addr = (uintptr_t)maps[i].va,
			.flags = GNTMAP_host_map | (maps[i].is_readonly ? GNTMAP_readonly : 0),
			.ref = maps[i].ref,
			.dom = maps[i].remote,
			/* Stays if Xen does not come this far */
			.status = GNTST_general_error,
		};
	}
	xen_grant_table_op(GNTTABOP_map_grant_ref, ops, n);
	for (unsigned int i = 0; i < n; i++) {
		map_retry(&ops[i]);
		maps[i].status = ops[i].status;
		maps[i].handle = ops[i].handle;
		if (ops[i].status == GNTST_okay)
			note_mapped(maps[i].va, ops[i].handle + 1);
	}
}

/* Map at the addresses that are assigned. @return number of failures. */
static unsigned int map_all(struct uk_gnttab_map *maps, unsigned int n)
{
	unsigned int n_failed = 0;

	for (unsigned int i = 0; i < n; i += BATCH)
		map_batch(maps + i, UK_MIN(n - i, (unsigned int)BATCH));
	for (unsigned int i = 0; i < n; i++)
		n_failed += maps[i].status != GNTST_okay;
	return n_failed;
}

int uk_gnttab_map(struct uk_gnttab_map *maps, unsigned int n)
{
	if (slots_assign(maps, n))
		return -ENOMEM;
	if (!map_all(maps, n))
		return 0;
	for (unsigned int i = 0; i < n; i++) {
		if (maps[i].status == GNTST_okay)
			continue;
		slots_free(maps[i].va, 1);
		maps[i].va = NULL;
	}
	return -EIO;
}

/* ---- Unmap --------------------------------------------------------------- */

/* Unmap the entries of a batch that are mapped. Their slots stay taken. */
static void unmap_batch(struct uk_gnttab_map *maps, unsigned int n)
{
	struct gnttab_unmap_grant_ref ops[BATCH];
	unsigned int n_ops = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (maps[i].status != GNTST_okay)
			continue;
		ops[n_ops++] = (struct gnttab_unmap_grant_ref){
			.host_addr = (uintptr_t)maps[i].va,
			.handle = maps[i].handle,
			.status = GNTST_general_error,
		};
	}
	if (n_ops)
		xen_grant_table_op(GNTTABOP_unmap_grant_ref, ops, n_ops);
	/* The handle is ours and so is the address: a failure is our mistake */
	for (unsigned int i = 0; i < n_ops; i++) {
		uk_bug_on(ops[i].status != GNTST_okay);
		note_mapped((void *)(uintptr_t)ops[i].host_addr, 0);
	}
}

static void unmap_all(struct uk_gnttab_map *maps, unsigned int n)
{
	for (unsigned int i = 0; i < n; i += BATCH)
		unmap_batch(maps + i, UK_MIN(n - i, (unsigned int)BATCH));
}

void uk_gnttab_unmap(struct uk_gnttab_map *maps, unsigned int n)
{
	unmap_all(maps, n);
	for (unsigned int i = 0; i < n; i++) {
		if (maps[i].status != GNTST_okay)
			continue;
		slots_free(maps[i].va, 1);
		maps[i].va = NULL;
		maps[i].status = GNTST_bad_handle;
	}
}

int uk_gnttab_map_contiguous(struct uk_gnttab_map *maps, unsigned int n)
{
	if (slots_assign_contiguous(maps, n))
		return -ENOMEM;
	if (!map_all(maps, n))
		return 0;
	unmap_all(maps, n);
	slots_free(maps[0].va, n);
	for (unsigned int i = 0; i < n; i++)
		maps[i].va = NULL;
	return -EIO;
}

#if IS_ENABLED(CONFIG_LIBRESTART)
unsigned int xen_gntmap_restart(void)
{
	struct gnttab_unmap_grant_ref op;
	unsigned int n_left = 0;

	for (unsigned int slot = 0; slot < XEN_WINDOW_SLOTS; slot++) {
		if (!mapped[slot])
			continue;
		op = (struct gnttab_unmap_grant_ref){
			.host_addr = (uintptr_t)slot_va(slot),
			.handle = mapped[slot] - 1,
			.status = GNTST_general_error,
		};
		xen_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1);
		n_left += op.status != GNTST_okay;
		mapped[slot] = 0;
	}
	return n_left;
}
#endif

/* ---- Copy ---------------------------------------------------------------- */

int uk_gnttab_copy(struct gnttab_copy *ops, unsigned int n)
{
	int err = 0;

	for (unsigned int i = 0; i < n; i++)
		ops[i].status = GNTST_general_error;
	xen_grant_table_op(GNTTABOP_copy, ops, n);
	for (unsigned int i = 0; i < n; i++) {
		for (unsigned int t = 0; t < EAGAIN_TRIES && ops[i].status == GNTST_eagain; t++) {
			xen_sched_op(SCHEDOP_yield, NULL);
			xen_grant_table_op(GNTTABOP_copy, &ops[i], 1);
		}
		if (ops[i].status != GNTST_okay)
			err = -EIO;
	}
	return err;
}
