/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Page tables of a PV domain: they hold machine frames, we may read them, and
 * Xen writes them for us after a check. Each of ours is mapped, read-only, at
 * its place like any other page.
 */
#include <errno.h>
#include <string.h>

#include <uk/pages.h>
#include <uk/util.h>

#include "../hypercall.h"
#include "pv_priv.h"

#define LEVELS 4

void xenpv_batch_add(struct xenpv_batch *b, const pte_t *slot, pte_t pte)
{
	uintptr_t va = (uintptr_t)slot;

	if (b->n == UK_ARRAY_SIZE(b->ops))
		xenpv_batch_end(b);
	b->ops[b->n].ptr = xenpv_pte(va, va & (UK_PAGE_SIZE - 1)) | MMU_NORMAL_PT_UPDATE;
	b->ops[b->n].val = pte;
	b->n++;
}

long xenpv_batch_end(struct xenpv_batch *b)
{
	long err = 0;

	if (b->n)
		err = xen_hypercall4(__HYPERVISOR_mmu_update, (unsigned long)b->ops, b->n, 0,
				     DOMID_SELF);
	b->n = 0;
	if (!b->err)
		b->err = err;
	return b->err;
}

pte_t *xenpv_slot(uintptr_t va, int level)
{
	pte_t *table = (pte_t *)xenpv_start_info->pt_base;
	pte_t entry;

	if (va >= PT_SPAN(LEVELS))
		return NULL;
	for (int l = LEVELS; l > level; l--) {
		entry = table[PT_INDEX(va, l)];
		if (!(entry & PTE_PRESENT))
			return NULL;
		table = xenpv_of_mfn((entry & PTE_FRAME) >> UK_PAGE_SHIFT);
	}
	return &table[PT_INDEX(va, level)];
}

/* The first ones come from low memory, so that neither the boot nor a small
 * domain depends on the page allocator. */
static uintptr_t pool = XENPV_POOL_START;

void xenpv_tables_taken(unsigned int n)
{
	pool += n * UK_PAGE_SIZE;
}

pte_t *xenpv_table_new(void)
{
	uintptr_t va;

	if (pool == XENPV_POOL_END)
		va = (uintptr_t)uk_pages_alloc(0);
	else {
		va = pool;
		pool += UK_PAGE_SIZE;
		if (xen_hypercall3(__HYPERVISOR_update_va_mapping, va, xenpv_pte(va, PTE_RW),
				   UVMF_NONE))
			return NULL;
	}
	return va ? memset((void *)va, 0, UK_PAGE_SIZE) : NULL;
}

long xenpv_table_hook(pte_t *table, uintptr_t va, int level)
{
	struct xenpv_batch b = { .n = 0 };

	xenpv_batch_add(&b, xenpv_slot((uintptr_t)table, 1), xenpv_pte((uintptr_t)table, PTE_RO));
	xenpv_batch_add(&b, xenpv_slot(va, level), xenpv_pte((uintptr_t)table, PTE_TABLE | PTE_NX));
	return xenpv_batch_end(&b);
}

int xenpv_need_table(uintptr_t va, int level)
{
	pte_t *slot = xenpv_slot(va, level);
	pte_t *table;

	if (*slot & PTE_PRESENT)
		return 0;
	table = xenpv_table_new();
	if (!table)
		return -ENOMEM;
	return xenpv_table_hook(table, va, level) ? -ENOMEM : 0;
}

void xenpv_tlb_flush(void)
{
	struct mmuext_op op = { .cmd = MMUEXT_TLB_FLUSH_LOCAL };

	xen_hypercall4(__HYPERVISOR_mmuext_op, (unsigned long)&op, 1, 0, DOMID_SELF);
}
