/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Free memory: the RAM of the loader's map without page 0, the image, the
 * modules and the command line. Kept as a short ascending list.
 */
#include "native.h"

#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/plat/memory.h>
#include <uk/plat/sections.h>
#include <uk/util.h>

#define MAX_REGIONS 32
/* Mapped at boot; the contract asks for 64 KiB */
#define MAPPED_BYTES 0x10000UL
/* Physical is virtual, whose upper half nobody uses */
#define ADDRESS_END (1UL << 46)

static struct uk_mem_region regions[MAX_REGIONS];
static unsigned int n_regions;

/* Make room for one more at @i; drops the last one when the list is full. */
static void insert(unsigned int i, uintptr_t base, uintptr_t end)
{
	if (n_regions == MAX_REGIONS)
		n_regions--;
	if (i > n_regions)
		return;
	memmove(&regions[i + 1], &regions[i], (n_regions - i) * sizeof(regions[0]));
	regions[i] = (struct uk_mem_region){ .base = base, .len_bytes = end - base };
	n_regions++;
}

static void erase(unsigned int i)
{
	n_regions--;
	memmove(&regions[i], &regions[i + 1], (n_regions - i) * sizeof(regions[0]));
}

/* Take [@from, @to), enlarged to whole pages, out of all regions. */
static void cut(uintptr_t from, uintptr_t to)
{
	from = UK_ALIGN_DOWN(from, UK_PAGE_SIZE);
	to = UK_ALIGN_UP(to, UK_PAGE_SIZE);
	for (unsigned int i = n_regions; i--;) {
		struct uk_mem_region *r = &regions[i];
		uintptr_t end = r->base + r->len_bytes;

		if (to <= r->base || from >= end)
			continue;
		if (to < end)
			insert(i + 1, to, end);
		if (from > r->base)
			r->len_bytes = from - r->base;
		else
			erase(i);
	}
}

/* Whole pages only, none twice, nothing that cannot be addressed */
static void add(uint64_t base, uint64_t len_bytes)
{
	uint64_t end = len_bytes > ADDRESS_END - UK_MIN(base, ADDRESS_END) ? ADDRESS_END
									   : base + len_bytes;
	uintptr_t from = UK_ALIGN_UP(UK_MIN(base, ADDRESS_END), UK_PAGE_SIZE);
	uintptr_t to = UK_ALIGN_DOWN(end, UK_PAGE_SIZE);
	unsigned int i;

	if (from >= to)
		return;
	cut(from, to);
	i = n_regions;
	while (i && regions[i - 1].base > from)
		i--;
	insert(i, from, to);
}

/* Map the first pages, and split the region where that ends. */
static void map_first(void)
{
	size_t left = MAPPED_BYTES;

	for (unsigned int i = 0; i < n_regions && left; i++) {
		struct uk_mem_region *r = &regions[i];
		size_t len = UK_MIN(left, r->len_bytes);

		if (uk_plat_mem_map(r->base, len) < 0)
			return;
		if (len < r->len_bytes)
			insert(i + 1, r->base + len, r->base + r->len_bytes);
		r->len_bytes = len;
		r->is_mapped = true;
		left -= len;
	}
}

void native_mem_init(void)
{
	const struct native_boot *b = &native_boot;
	unsigned int i;

	/* These have page tables: nothing can fail. Page 0 may be mapped, if a
	 * loader put its data there. */
	uk_plat_mem_protect(NULL, UK_PAGE_SIZE, UK_PROT_NONE);
	uk_plat_mem_protect(native_boot_guard, UK_PAGE_SIZE, UK_PROT_NONE);
	for (i = 0; i < b->n_ram; i++)
		add(b->ram[i].base, b->ram[i].len_bytes);
	cut(0, UK_PAGE_SIZE);
	cut((uintptr_t)uk_image_start, (uintptr_t)uk_image_end);
	cut((uintptr_t)b->cmdline, (uintptr_t)b->cmdline + strlen(b->cmdline) + 1);
	for (i = 0; i < b->n_modules; i++)
		cut(b->modules[i].base, b->modules[i].base + b->modules[i].len_bytes);
	map_first();
}

int uk_plat_mem_region(unsigned int i, struct uk_mem_region *r)
{
	if (i >= n_regions)
		return -ENOENT;
	*r = regions[i];
	return 0;
}
