/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the loader left: command line, modules, memory map. PVH here
 * (xen/arch-x86/hvm/start_info.h); other protocols in the platform's folder.
 */
#include "native.h"

#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/plat/boot.h>
#include <uk/util.h>

#include "pvh.h"

struct native_boot native_boot = { .cmdline = "" };

static void add(struct native_range *ranges, unsigned int max, unsigned int *n, uint64_t base,
		uint64_t len_bytes)
{
	if (*n < max && len_bytes)
		ranges[(*n)++] = (struct native_range){ base, len_bytes };
}

void native_boot_add_ram(uint64_t base, uint64_t len_bytes)
{
	struct native_boot *b = &native_boot;

	add(b->ram, UK_ARRAY_SIZE(b->ram), &b->n_ram, base, len_bytes);
}

void native_boot_add_module(uint64_t base, uint64_t len_bytes)
{
	struct native_boot *b = &native_boot;

	add(b->modules, UK_ARRAY_SIZE(b->modules), &b->n_modules, base, len_bytes);
}

void native_boot_set_cmdline(uint64_t pa)
{
	char *line;

	/* Page 0 goes away */
	if (pa < UK_PAGE_SIZE)
		return;
	line = native_map_boot(pa, NATIVE_CMDLINE_MAX);
	if (!line)
		return;
	if (!memchr(line, '\0', NATIVE_CMDLINE_MAX))
		line[NATIVE_CMDLINE_MAX - 1] = '\0';
	native_boot.cmdline = line;
}

static void pvh_modules(const struct pvh_start_info *si)
{
	const struct pvh_module *m;

	m = native_map_boot(si->modlist_paddr, si->nr_modules * sizeof(*m));
	/* libxl announces a BIOS to type="hvm", and loads none */
	for (unsigned int i = 0; m && i < si->nr_modules; i++)
		if (m[i].paddr)
			native_boot_add_module(m[i].paddr, m[i].size);
}

static void pvh_memmap(const struct pvh_start_info *si)
{
	const struct pvh_memmap_entry *e;

	e = native_map_boot(si->memmap_paddr, si->memmap_entries * sizeof(*e));
	for (unsigned int i = 0; e && i < si->memmap_entries; i++)
		if (e[i].type == PVH_MEMMAP_RAM)
			native_boot_add_ram(e[i].addr, e[i].size);
}

bool native_boot_pvh(const void *info)
{
	const struct pvh_start_info *si = native_map_boot((uintptr_t)info, sizeof(*si));

	if (!si || si->magic != PVH_MAGIC)
		return false;
	native_boot.rsdp = si->rsdp_paddr;
	native_boot_set_cmdline(si->cmdline_paddr);
	if (si->nr_modules)
		pvh_modules(si);
	if (si->version >= 1 && si->memmap_entries)
		pvh_memmap(si);
	return true;
}

int uk_plat_boot_module(unsigned int i, void **base, size_t *len_bytes)
{
	const struct native_range *m = &native_boot.modules[i];

	if (i >= native_boot.n_modules || !native_map_boot(m->base, m->len_bytes))
		return -ENOENT;
	*base = (void *)m->base;
	*len_bytes = m->len_bytes;
	return 0;
}
