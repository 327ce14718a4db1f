/* SPDX-License-Identifier: BSD-3-Clause */
/* Between the files of plat/xen/pv. */
#ifndef XENPV_PRIV_H
#define XENPV_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>

#include <uk/arch/page.h>
#include <uk/util.h>

#include "layout.h"

/* ---- Page-table entries -------------------------------------------------- */

typedef uint64_t pte_t;

#define PTE_PRESENT	0x001UL
#define PTE_WRITE	0x002UL
#define PTE_USER	0x004UL
#define PTE_PWT		0x008UL
#define PTE_PCD		0x010UL
#define PTE_ACCESSED	0x020UL
#define PTE_DIRTY	0x040UL
#define PTE_NX		(1UL << 63)
#define PTE_FRAME	0x000ffffffffff000UL

/* Xen runs us in ring 3: all is "user". Accessed and dirty from the start save
 * the processor the work. */
#define PTE_TABLE (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED | PTE_DIRTY)
#define PTE_RX (PTE_PRESENT | PTE_USER | PTE_ACCESSED)
#define PTE_RO (PTE_RX | PTE_NX)
#define PTE_RW (PTE_RO | PTE_WRITE | PTE_DIRTY)
#define PTE_IO (PTE_RW | PTE_PWT | PTE_PCD)

/* Levels: 1 maps pages, 4 is the root */
#define PT_ENTRIES 512
#define PT_SHIFT(level) (UK_PAGE_SHIFT + 9 * ((level) - 1))
#define PT_SPAN(level) (1UL << PT_SHIFT(level))		/* of one entry */
#define PT_INDEX(va, level) ((va) >> PT_SHIFT(level) & (PT_ENTRIES - 1))

/* ---- setup.c ------------------------------------------------------------- */

extern const struct start_info *xenpv_start_info;

/* Pseudo-physical to machine frame numbers, start_info->nr_pages of them */
extern const unsigned long *xenpv_p2m;

static inline unsigned long xenpv_mfn(uintptr_t va)
{
	return xenpv_p2m[(va - XENPV_VIRT_BASE) >> UK_PAGE_SHIFT];
}

static inline pte_t xenpv_pte(uintptr_t va, pte_t flags)
{
	return xenpv_mfn(va) << UK_PAGE_SHIFT | flags;
}

/** Address at which a frame of ours is mapped, from its machine frame. */
static inline void *xenpv_of_mfn(unsigned long mfn)
{
	return (void *)((machine_to_phys_mapping[mfn] << UK_PAGE_SHIFT) + XENPV_VIRT_BASE);
}

/* ---- pt.c: changing page tables ------------------------------------------ */

/* Changes that Xen is asked for in one hypercall. */
struct xenpv_batch {
	unsigned int n;
	long err;
	struct mmu_update ops[32];
};

/** Ask that the entry at @slot (an address in a page table) become @pte. */
void xenpv_batch_add(struct xenpv_batch *b, const pte_t *slot, pte_t pte);

/** Have everything done. @return 0 or Xen's error. */
long xenpv_batch_end(struct xenpv_batch *b);

/** Entry of @level that covers @va, or NULL when a table above is missing. */
pte_t *xenpv_slot(uintptr_t va, int level);

/**
 * A new page for a page table, cleared and writable; xenpv_table_hook() makes
 * it read-only and puts it into the entry of @level (2 or 3) for @va, with
 * PTE_NX for all that it maps.
 * @return NULL: out of memory.
 */
pte_t *xenpv_table_new(void);
long xenpv_table_hook(pte_t *table, uintptr_t va, int level);

/** The first @n tables of low memory are in use since the first life. */
void xenpv_tables_taken(unsigned int n);

/** See that the entry of @level (2 or 3) for @va leads to a table; that of the
 *  level above does. @return 0 or -ENOMEM. */
int xenpv_need_table(uintptr_t va, int level);

void xenpv_tlb_flush(void);

/* ---- mem.c --------------------------------------------------------------- */

/** Replace the domain builder's mapping by one that is W^X. */
void xenpv_mem_init(uintptr_t module_end);

/** After a restart: have the mapping that xenpv_mem_init() once left. */
#if IS_ENABLED(CONFIG_LIBRESTART)
void xenpv_mem_again(void);
#else
static inline void xenpv_mem_again(void)
{
}
#endif

/* ---- traps.c ------------------------------------------------------------- */

void xenpv_traps_init(void);

#endif /* XENPV_PRIV_H */
