/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What RAM the domain has: the toolstack's map, as far as it can be true.
 *
 * A map may promise more than there is: a domain that fills its memory on demand
 * has less than its maximum. Then it ends where Xen's count of the domain's pages
 * does. Or it says nothing: init-xenstore-domain of Xen 4.17, given --maxmem,
 * announces so many bytes instead of MiB. A map that says less than there is, or
 * does not even have the image, is set aside, and memory taken to begin at 0, as
 * toolstacks make it.
 * Specification: xen/memory.h.
 */
#include <stdbool.h>
#include <stdint.h>

#include <xen/memory.h>

#include <uk/arch/page.h>
#include <uk/plat/sections.h>
#include <uk/print.h>
#include <uk/util.h>

#include "hvm_priv.h"
#include "hypercall.h"
#include "native.h"

#define E820_RAM 1
#define VGA_HOLE 0xa0000
#define KIB_OF_PAGE (UK_PAGE_SIZE / 1024)

/* Xen's count includes the pages that the toolstack shares with its daemons, which
 * are elsewhere: eight, of Xen 4.17 */
#define SHARED_PAGES ((uint64_t)16)

/* What toolstacks populate from 0 on without a hole */
#define LOW_PAGES ((uint64_t)0xc0000000 >> UK_PAGE_SHIFT)

unsigned int hvm_memory_map(struct e820_entry *map)
{
	struct xen_memory_map op = { .nr_entries = E820_MAX };

	set_xen_guest_handle(op.buffer, map);
	return xen_memory_op(XENMEM_memory_map, &op) ? 0 : op.nr_entries;
}

/* The toolstack's map, where the start info has none */
static void ask_memory_map(void)
{
	struct e820_entry map[E820_MAX];
	unsigned int n = hvm_memory_map(map);

	for (unsigned int i = 0; i < n; i++)
		if (map[i].type == E820_RAM)
			native_boot_add_ram(map[i].addr, map[i].size);
}

uint64_t hvm_ram_pages(void)
{
	struct xen_memory_domain op = { .domid = DOMID_SELF };
	long n = xen_memory_op(XENMEM_current_reservation, &op);

	return n > 0 ? (uint64_t)n : 0;
}

static uint64_t pages_of_map(void)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < native_boot.n_ram; i++)
		n += native_boot.ram[i].len_bytes >> UK_PAGE_SHIFT;
	return n;
}

static bool map_has_image(void)
{
	for (unsigned int i = 0; i < native_boot.n_ram; i++) {
		const struct native_range *r = &native_boot.ram[i];

		if ((uintptr_t)uk_image_start >= r->base &&
		    (uintptr_t)uk_image_end - r->base <= r->len_bytes)
			return true;
	}
	return false;
}

/* Leave only the first @n_pages of the map. */
static void cut_map(uint64_t n_pages)
{
	for (unsigned int i = 0; i < native_boot.n_ram; i++) {
		struct native_range *r = &native_boot.ram[i];

		r->len_bytes = UK_MIN(r->len_bytes, n_pages << UK_PAGE_SHIFT);
		n_pages -= r->len_bytes >> UK_PAGE_SHIFT;
	}
}

/* Of a PVH domain, whose map begins at 0: others have memory that is no RAM */
static bool map_is_short(uint64_t map_pages, uint64_t own_pages)
{
	return native_boot.n_ram && !native_boot.ram[0].base &&
	       map_pages + SHARED_PAGES < own_pages;
}

void hvm_ram_init(uint64_t have_pages)
{
	const uint64_t own_pages = have_pages - UK_MIN(have_pages, SHARED_PAGES);
	uint64_t map_pages;

	if (!native_boot.n_ram)
		ask_memory_map();
	/* The map of a type="hvm" domain begins at 1 MiB, as hvmloader is to make
	 * a PC's map of it; below there is RAM as well */
	if (native_boot.n_ram && native_boot.ram[0].base >= VGA_HOLE)
		native_boot_add_ram(0, VGA_HOLE);
	map_pages = pages_of_map();
	if (have_pages && map_pages > have_pages)
		cut_map(own_pages);
	else if (have_pages && (map_is_short(map_pages, own_pages) || !map_has_image()))
		native_boot.n_ram = 0;
	else
		return;
	uk_pr_warn("xenhvm: memory: the toolstack's map says %llu KiB, Xen has given %llu KiB "
		   "(maxmem?): %llu KiB are used\n",
		   (unsigned long long)map_pages * KIB_OF_PAGE,
		   (unsigned long long)have_pages * KIB_OF_PAGE,
		   (unsigned long long)own_pages * KIB_OF_PAGE);
	if (!native_boot.n_ram)
		native_boot_add_ram(0, UK_MIN(own_pages, LOW_PAGES) << UK_PAGE_SHIFT);
}
