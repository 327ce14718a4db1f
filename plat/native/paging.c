/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Page tables: the identity map. The image and what shares its 2 MiB blocks
 * are mapped by 4 KiB pages (entry.S), the rest by 2 MiB pages as it is needed.
 *
 * A 2 MiB page may cover memory beside the RAM it was asked for (what the
 * firmware keeps at the end of RAM): nobody has an address of it.
 */
#include "native.h"

#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/plat/memory.h>
#include <uk/util.h>

#include "x86.h"

#define N_ENTRIES 512
#define ADDR_MASK 0x000ffffffffff000
#define BLOCK_SIZE 0x200000UL

/* Page directories for what is mapped before the page allocator is up: device
 * registers, and what the loader put beyond the first GiB. */
#define N_SPARE_TABLES 2

typedef uint64_t table[N_ENTRIES] uk_aligned(UK_PAGE_SIZE);

#define PAGE_ALIGNED(name) __attribute__((section(".bss.page_aligned." name)))

PAGE_ALIGNED("pml4") table native_pml4;
PAGE_ALIGNED("pdpt") table native_pdpt;
PAGE_ALIGNED("pd") table native_pd;
PAGE_ALIGNED("spare") static table spare[N_SPARE_TABLES];
static unsigned int n_spare_used;

/* Neighbours: the stack grows down into the guard */
PAGE_ALIGNED("stack.a") char native_boot_guard[UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);
PAGE_ALIGNED("stack.b") char native_boot_stack[BOOT_STACK_BYTES] uk_aligned(UK_PAGE_SIZE);

/* Set by entry.S: PTE_NX, or 0 on a CPU without */
uint64_t native_nx;
uint64_t native_entry_tsc;

static uint64_t *table_get(void)
{
	uint64_t *t;

	if (n_spare_used < N_SPARE_TABLES)
		return spare[n_spare_used++];
	t = uk_pages_alloc(0);
	if (t)
		memset(t, 0, UK_PAGE_SIZE);
	return t;
}

static unsigned int index_of(uint64_t va, unsigned int level)
{
	return (va >> (UK_PAGE_SHIFT + 9 * level)) % N_ENTRIES;
}

/*
 * The entry for @va at @level (0: page, 1: 2 MiB block), or at the level above
 * where a larger page maps it.
 * @make: create missing tables. @return NULL: there is none.
 */
static uint64_t *entry_of(uint64_t va, unsigned int level, bool make)
{
	uint64_t *t = native_pml4;

	for (unsigned int l = 3;; l--) {
		uint64_t *e = &t[index_of(va, l)];

		if (l == level || (*e & PTE_PS))
			return e;
		if (!(*e & PTE_P)) {
			uint64_t *next = make ? table_get() : NULL;

			if (!next)
				return NULL;
			*e = (uintptr_t)next | PTE_P | PTE_W;
		}
		t = (uint64_t *)(*e & ADDR_MASK);
	}
}

static bool is_table(uint64_t entry)
{
	return (entry & PTE_P) && !(entry & PTE_PS);
}

/* Map [@from, @to): pages where the block has a table, else whole blocks */
static int map(uint64_t from, uint64_t to, uint64_t flags)
{
	flags |= PTE_P | native_nx;
	while (from < to) {
		uint64_t block = UK_ALIGN_DOWN(from, BLOCK_SIZE);
		uint64_t end = UK_MIN(to, block + BLOCK_SIZE);
		uint64_t *e = entry_of(from, 1, true);

		if (!e)
			return -ENOMEM;
		if (is_table(*e)) {
			e = (uint64_t *)(*e & ADDR_MASK) + index_of(from, 0);
			for (; from < end; from += UK_PAGE_SIZE, e++)
				if (!(*e & PTE_P))
					*e = from | flags;
		} else if (!(*e & PTE_P)) {
			*e = block | flags | PTE_PS;
		}
		from = end;
	}
	return 0;
}

/* Give the block at @va a page table in place of its large page. */
static int split(uint64_t va)
{
	uint64_t *e = entry_of(va, 1, false);
	uint64_t *t;

	if (!e || !(*e & PTE_PS))
		return 0;
	t = uk_pages_alloc(0);
	if (!t)
		return -ENOMEM;
	for (unsigned int i = 0; i < N_ENTRIES; i++)
		t[i] = (*e & ~(uint64_t)PTE_PS) + i * UK_PAGE_SIZE;
	*e = (uintptr_t)t | PTE_P | PTE_W;
	return 0;
}

void *native_map_boot(uint64_t pa, size_t len_bytes)
{
	uint64_t from = UK_ALIGN_DOWN(pa, UK_PAGE_SIZE);

	if (map(from, pa + len_bytes, PTE_W) < 0)
		return NULL;
	return (void *)pa;
}

volatile void *native_map_io(uint64_t pa)
{
	if (map(UK_ALIGN_DOWN(pa, UK_PAGE_SIZE), pa + 1, PTE_W | PTE_PCD | PTE_PWT) < 0)
		return NULL;
	return (volatile void *)pa;
}

int uk_plat_mem_map(uintptr_t base, size_t len_bytes)
{
	return map(base, base + len_bytes, PTE_W);
}

int uk_plat_mem_protect(void *va, size_t len_bytes, int prot)
{
	uintptr_t from = (uintptr_t)va, to = from + len_bytes, p;
	uint64_t flags = native_nx;

	if (prot != UK_PROT_NONE)
		flags |= PTE_P;
	if (prot & UK_PROT_WRITE)
		flags |= PTE_W;
	for (p = from; p < to; p = (p | (BLOCK_SIZE - 1)) + 1)
		if (split(p) < 0)
			return -ENOMEM;
	for (p = from; p < to; p += UK_PAGE_SIZE) {
		*entry_of(p, 0, true) = p | flags;
		x86_invlpg(p);
	}
	return 0;
}

bool uk_plat_mem_is_readable(uintptr_t addr, size_t len)
{
	uintptr_t last = addr + len - 1;

	if (!len)
		return true;
	/* Nothing is mapped in the upper half, nor above the first table */
	if (last < addr || last >> 47)
		return false;
	for (addr = UK_ALIGN_DOWN(addr, UK_PAGE_SIZE); addr <= last; addr += UK_PAGE_SIZE) {
		const uint64_t *e = entry_of(addr, 0, false);

		if (!e || !(*e & PTE_P))
			return false;
	}
	return true;
}
