/* SPDX-License-Identifier: BSD-3-Clause */
#include "multiboot.h"

#include "native.h"

/* By convention the first word is the image's name; ours does not want it. */
static uint64_t skip_name(uint64_t pa)
{
	const char *s = native_map_boot(pa, NATIVE_CMDLINE_MAX);

	if (!s)
		return 0;
	while (*s && *s != ' ')
		s++;
	while (*s == ' ')
		s++;
	return (uintptr_t)s;
}

static void read_modules(const struct multiboot_info *mi)
{
	const struct multiboot_module *m;

	m = native_map_boot(mi->modules, mi->n_modules * sizeof(*m));
	for (unsigned int i = 0; m && i < mi->n_modules; i++)
		native_boot_add_module(m[i].start, m[i].end - m[i].start);
}

static void read_memmap(const struct multiboot_info *mi)
{
	uintptr_t p = mi->memmap, end = p + mi->memmap_len_bytes;

	if (!native_map_boot(p, mi->memmap_len_bytes))
		return;
	while (p < end) {
		const struct multiboot_memmap_entry *e = (const void *)p;

		if (e->type == MULTIBOOT_MEMMAP_RAM)
			native_boot_add_ram(e->base, e->len_bytes);
		p += e->size + sizeof(e->size);
	}
}

bool multiboot_read(const void *info)
{
	const struct multiboot_info *mi = native_map_boot((uintptr_t)info, sizeof(*mi));

	if (!mi)
		return false;
	if (mi->flags & MULTIBOOT_HAS_CMDLINE)
		native_boot_set_cmdline(skip_name(mi->cmdline));
	if (mi->flags & MULTIBOOT_HAS_MODULES)
		read_modules(mi);
	if (mi->flags & MULTIBOOT_HAS_MEMMAP) {
		read_memmap(mi);
	} else if (mi->flags & MULTIBOOT_HAS_MEM) {
		native_boot_add_ram(0, (uint64_t)mi->mem_lower_kib << 10);
		native_boot_add_ram(0x100000, (uint64_t)mi->mem_upper_kib << 10);
	}
	return true;
}
