/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory of a PV domain.
 *
 * The domain builder maps the first MiB or more read, write and execute. The
 * tables that cover the image's text and read-only data, mostly just one, are
 * replaced by ones which map the image section by section, what lies behind it
 * up to the end of the builder's data, and nothing else. The rest of the
 * builder's mapping loses execution by one bit in each entry one level up. RAM
 * beyond is mapped when the page allocator wants it.
 */
#include <uk/plat/memory.h>

#include <errno.h>

#include <uk/assert.h>
#include <uk/plat/sections.h>
#include <uk/plat/shutdown.h>
#include <uk/print.h>
#include <uk/restart.h>
#include <uk/util.h>
#include <uk/xen/gnttab.h>

#include "../hypercall.h"
#include "../xen_priv.h"
#include "pv_priv.h"

#define MIN_MAPPED 0x10000UL		/* promised by <uk/plat/memory.h> */

static struct {
	uintptr_t free;			/* RAM is free from here on */
	uintptr_t low;			/* end of what the new tables cover */
	uintptr_t low_end;		/* mapped below low, up to here */
	uintptr_t high_end;		/* mapped from low on, up to here */
	uintptr_t end;			/* of RAM */
} mem uk_kept;

/* ---- The first mapping --------------------------------------------------- */

static uintptr_t page_end(uintptr_t va, size_t len)
{
	return UK_ALIGN_UP(va + len, UK_PAGE_SIZE);
}

/* End of what the domain builder has put behind the image */
static uintptr_t builder_end(uintptr_t module_end)
{
	const struct start_info *si = xenpv_start_info;
	uintptr_t ends[] = {
		(uintptr_t)uk_image_end,
		module_end,
		si->mfn_list + si->nr_pages * sizeof(*xenpv_p2m),
		page_end((uintptr_t)si, sizeof(*si)),
		(uintptr_t)xen_console.page + UK_PAGE_SIZE,
		(uintptr_t)xen_store.page + UK_PAGE_SIZE,
		si->pt_base + si->nr_pt_frames * UK_PAGE_SIZE,
	};
	uintptr_t end = 0;

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(ends); i++)
		end = UK_MAX(end, ends[i]);
	return UK_ALIGN_UP(end, UK_PAGE_SIZE);
}

/* Entries for [@from, @to), as far as @table covers it: the span from @span */
static void fill(pte_t *table, uintptr_t span, uintptr_t from, uintptr_t to, pte_t flags)
{
	const unsigned long *mfn;

	from = UK_MAX(from, span);
	to = UK_MIN(to, span + PT_SPAN(2));
	mfn = &xenpv_p2m[(from - XENPV_VIRT_BASE) >> UK_PAGE_SHIFT];
	table += PT_INDEX(from, 1);
	for (; from < to; from += UK_PAGE_SIZE)
		*table++ = *mfn++ << UK_PAGE_SHIFT | flags;
}

static void fill_low(pte_t *table, uintptr_t span)
{
	const struct start_info *si = xenpv_start_info;

	fill(table, span, XENPV_STACK_BOTTOM, XENPV_STACK_TOP, PTE_RW);
	fill(table, span, XENPV_IMAGE_BASE, (uintptr_t)uk_text_end, PTE_RX);
	fill(table, span, (uintptr_t)uk_text_end, (uintptr_t)uk_rodata_end, PTE_RO);
	fill(table, span, (uintptr_t)uk_rodata_end, mem.low_end, PTE_RW);
	fill(table, span, si->pt_base, si->pt_base + si->nr_pt_frames * UK_PAGE_SIZE, PTE_RO);
}

/* Make the tables up to @low. The first, mostly the only one, is clear from the
 * start; it maps all tables, read-only as they must be. */
static void map_low(struct xenpv_batch *b, uintptr_t low)
{
	static pte_t first[PT_ENTRIES] uk_aligned(UK_PAGE_SIZE) uk_kept_pages("xenpv");
	pte_t *tables[XENPV_LOW_TABLES];
	uintptr_t span = UK_ALIGN_DOWN(XENPV_IMAGE_BASE, PT_SPAN(2));
	unsigned int n;
	pte_t pte;

	for (n = 0; span < low; n++, span += PT_SPAN(2)) {
		tables[n] = n ? xenpv_table_new() : first;
		fill_low(tables[n], span);
		pte = xenpv_pte((uintptr_t)tables[n], PTE_RO);
		first[PT_INDEX((uintptr_t)tables[n], 1)] = pte;
		/* In the old mapping too: Xen refuses a table that we can write */
		xenpv_batch_add(b, xenpv_slot((uintptr_t)tables[n], 1), pte);
	}
	first[PT_INDEX(XENPV_SHARED_INFO, 1)] = xenpv_start_info->shared_info | PTE_RW;
	while (n--) {
		span -= PT_SPAN(2);
		pte = xenpv_pte((uintptr_t)tables[n], PTE_TABLE);
		xenpv_batch_add(b, xenpv_slot(span, 2), pte);
	}
}

/* Take execution from the builder's mapping above @low; returns its end. */
static uintptr_t protect_high(struct xenpv_batch *b, uintptr_t low)
{
	uintptr_t va = low;
	pte_t *slot;

	while ((slot = xenpv_slot(va, 2)) && (*slot & PTE_PRESENT)) {
		xenpv_batch_add(b, slot, *slot | PTE_NX);
		va += PT_SPAN(2);
	}
	return UK_MIN(va, mem.end);
}

void xenpv_mem_init(uintptr_t module_end)
{
	struct xenpv_batch b = { .n = 0 };
	uintptr_t low = UK_ALIGN_UP((uintptr_t)uk_rodata_end, PT_SPAN(2));
	long err;

	mem.end = XENPV_VIRT_BASE + (xenpv_start_info->nr_pages << UK_PAGE_SHIFT);
	mem.end = UK_MIN(mem.end, XENPV_WINDOW_BASE);
	mem.free = builder_end(module_end);
	mem.low = UK_MIN(low, mem.end);
	mem.high_end = protect_high(&b, low);
	mem.low_end = mem.free;
	if (mem.high_end < UK_MAX(low, mem.free) + MIN_MAPPED) {
		mem.low_end = UK_MIN(mem.free + MIN_MAPPED, mem.end);
		mem.low_end = UK_MIN(mem.low_end, low);
	}
	map_low(&b, low);
	err = xenpv_batch_end(&b);
	xenpv_tlb_flush();
	if (err)
		uk_plat_shutdown(UK_SHUTDOWN_CRASH, 1);
}

/* ---- The mapping after a restart ------------------------------------------ */

#if IS_ENABLED(CONFIG_LIBRESTART)
static bool is_of_builder(pte_t entry)
{
	uintptr_t table = (uintptr_t)xenpv_of_mfn((entry & PTE_FRAME) >> UK_PAGE_SHIFT);

	return table - xenpv_start_info->pt_base <
	       xenpv_start_info->nr_pt_frames * UK_PAGE_SIZE;
}

/* Take the tables that the old life has made out of the one of @level (2, 3)
 * that has the entry for @va, from that on. */
static void unhook_tables(struct xenpv_batch *b, uintptr_t va, int level)
{
	pte_t *slot = xenpv_slot(va, level);

	for (unsigned int i = PT_INDEX(va, level); i < PT_ENTRIES; i++, slot++)
		if ((*slot & PTE_PRESENT) && !is_of_builder(*slot))
			xenpv_batch_add(b, slot, 0);
}

/* Pages that had become guards, read-only or page tables */
static void make_writable(struct xenpv_batch *b, uintptr_t from, uintptr_t to)
{
	const pte_t all = PTE_PRESENT | PTE_WRITE;
	pte_t *slot;

	for (; from < to; from += UK_PAGE_SIZE) {
		slot = xenpv_slot(from, 1);
		if ((*slot & all) != all)
			xenpv_batch_add(b, slot, xenpv_pte(from, PTE_RW));
	}
}

void xenpv_mem_again(void)
{
	struct xenpv_batch b = { .n = 0 };
	uintptr_t low = UK_ALIGN_UP((uintptr_t)uk_rodata_end, PT_SPAN(2));
	uintptr_t from = UK_ALIGN_DOWN(XENPV_IMAGE_BASE, PT_SPAN(2));

	/* All but the first are from the pool (map_low()) */
	xenpv_tables_taken((low - from) / PT_SPAN(2) - 1);
	for (uintptr_t va = 0; va < XENPV_IO_END; va += PT_SPAN(3)) {
		pte_t *slot = xenpv_slot(va, 3);

		if ((*slot & PTE_PRESENT) && is_of_builder(*slot))
			unhook_tables(&b, UK_MAX(va, low), 2);
	}
	unhook_tables(&b, 0, 3);
	xenpv_batch_end(&b);
	make_writable(&b, mem.free, mem.low_end);
	make_writable(&b, UK_MAX(mem.low, mem.free), mem.high_end);
	xenpv_batch_end(&b);
	xenpv_tlb_flush();
	if (!b.err)
		return;
	uk_console_printf("restart: Xen refuses page tables (%ld)\n", b.err);
	uk_plat_shutdown(UK_SHUTDOWN_CRASH, 1);
}
#endif

/* ---- Regions ------------------------------------------------------------- */

int uk_plat_mem_region(unsigned int i, struct uk_mem_region *r)
{
	const struct {
		uintptr_t from, to;
		bool is_mapped;
	} parts[] = {
		{ mem.free, mem.low_end, true },
		{ mem.low_end, mem.low, false },
		{ UK_MAX(mem.low, mem.free), mem.high_end, true },
		{ UK_MAX(mem.low, mem.high_end), mem.end, false },
	};

	for (unsigned int p = 0; p < UK_ARRAY_SIZE(parts); p++) {
		if (parts[p].from >= parts[p].to || i--)
			continue;
		r->base = parts[p].from;
		r->len_bytes = parts[p].to - parts[p].from;
		r->is_mapped = parts[p].is_mapped;
		return 0;
	}
	return -ENOENT;
}

/* Map [@from, @to), which lies in the span of one level-1 table. */
static int map_in_table(uintptr_t from, uintptr_t to)
{
	pte_t *slot = xenpv_slot(from, 1);
	struct xenpv_batch b = { .n = 0 };
	pte_t *table;

	if (slot) {
		for (uintptr_t va = from; va < to; va += UK_PAGE_SIZE)
			xenpv_batch_add(&b, slot++, xenpv_pte(va, PTE_RW));
		return xenpv_batch_end(&b) ? -ENOMEM : 0;
	}
	table = xenpv_table_new();
	if (!table)
		return -ENOMEM;
	for (uintptr_t va = from; va < to; va += UK_PAGE_SIZE)
		table[PT_INDEX(va, 1)] = xenpv_pte(va, PTE_RW);
	return xenpv_table_hook(table, from, 2) ? -ENOMEM : 0;
}

/* See that a level-2 table covers @va. */
static int need_level2(uintptr_t va)
{
	pte_t *table;

	if (xenpv_slot(va, 2))
		return 0;
	table = xenpv_table_new();
	if (!table)
		return -ENOMEM;
	return xenpv_table_hook(table, va, 3) ? -ENOMEM : 0;
}

int uk_plat_mem_map(uintptr_t base, size_t len_bytes)
{
	uintptr_t end = base + len_bytes;
	uintptr_t to;
	int err;

	for (uintptr_t from = base; from < end; from = to) {
		to = UK_MIN(UK_ALIGN_DOWN(from, PT_SPAN(2)) + PT_SPAN(2), end);
		err = need_level2(from);
		if (!err)
			err = map_in_table(from, to);
		if (err)
			return err;
	}
	return 0;
}

int uk_plat_mem_protect(void *va, size_t len_bytes, int prot)
{
	uintptr_t from = (uintptr_t)va;
	pte_t pte;

	for (uintptr_t page = from; page < from + len_bytes; page += UK_PAGE_SIZE) {
		pte = xenpv_pte(page, prot & UK_PROT_WRITE ? PTE_RW : PTE_RO);
		if (prot == UK_PROT_NONE)
			pte = 0;
		uk_bug_on(xen_hypercall3(__HYPERVISOR_update_va_mapping, page, pte,
					 UVMF_INVLPG | UVMF_LOCAL));
	}
	return 0;
}

/* ---- Questions ----------------------------------------------------------- */

bool uk_plat_mem_is_readable(uintptr_t addr, size_t len)
{
	uintptr_t page = UK_ALIGN_DOWN(addr, UK_PAGE_SIZE);
	pte_t *slot;

	if (addr + len < addr)
		return false;
	for (; page < addr + len; page += UK_PAGE_SIZE) {
		slot = xenpv_slot(page, 1);
		if (!slot || !(*slot & PTE_PRESENT))
			return false;
	}
	return true;
}

xen_pfn_t uk_xen_gfn(const void *va)
{
	uintptr_t addr = (uintptr_t)va;

	if (uk_likely(addr < XENPV_WINDOW_BASE))
		return xenpv_mfn(addr);
	return (*xenpv_slot(addr, 1) & PTE_FRAME) >> UK_PAGE_SHIFT;
}
