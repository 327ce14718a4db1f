/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory as the platform finds it.
 *
 * Rules
 * - A virtual address equals the physical address; on Xen PV it is the
 *   pseudo-physical one plus a constant, on linuxu, where there is no physical
 *   memory, just an address. For Xen, uk_xen_gfn() names a page.
 * - Nothing is mapped both writable and executable. Page 0 is never mapped.
 * - All sizes and addresses are multiples of UK_PAGE_SIZE.
 * - Only the page allocator calls uk_plat_mem_region() and uk_plat_mem_map().
 */
#ifndef UK_PLAT_MEMORY_H
#define UK_PLAT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uk_mem_region {
	uintptr_t base;
	size_t len_bytes;
	/* Accessible now. If not, uk_plat_mem_map() makes it so. Platforms leave
	 * memory unmapped so that the boot time does not grow with it. */
	bool is_mapped;
};

/**
 * The @i'th region of RAM that is free for general use, in ascending order,
 * without overlap; the mapped regions hold at least 64 KiB together.
 * @return 0, or -ENOENT past the last one.
 */
int uk_plat_mem_region(unsigned int i, struct uk_mem_region *r);

/** Pages uk_plat_mem_map() may take from uk_pages_alloc() for page tables. */
#define UK_PLAT_MEM_MAP_RESERVE_PAGES 4

/**
 * Make [@base, @base + @len_bytes) accessible, read-write, not executable. The
 * range lies within an unmapped region and is at most 4 MiB.
 * @return 0, or -ENOMEM when a page table could not be had.
 */
int uk_plat_mem_map(uintptr_t base, size_t len_bytes);

/** Protection of uk_plat_mem_protect(). */
#define UK_PROT_NONE 0
#define UK_PROT_READ 1
#define UK_PROT_WRITE 2

/**
 * Change the protection of mapped memory: guard pages, read-only tables.
 * Never grants execution.
 * @return 0; -ENOMEM: a page table could not be had (nothing has changed).
 */
int uk_plat_mem_protect(void *va, size_t len_bytes, int prot);

/**
 * Can @len bytes at @addr be read without a fault? For the crash screen: does
 * not fault, whatever the address.
 */
bool uk_plat_mem_is_readable(uintptr_t addr, size_t len);

#endif /* UK_PLAT_MEMORY_H */
