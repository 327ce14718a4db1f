/* SPDX-License-Identifier: BSD-3-Clause */
/* PVH boot protocol, as in xen/arch-x86/hvm/start_info.h; here in own words,
 * so that an image for KVM alone builds without Xen's headers. */
#ifndef NATIVE_PVH_H
#define NATIVE_PVH_H

#include <stdint.h>

#define PVH_MAGIC 0x336ec578
#define PVH_MEMMAP_RAM 1

struct pvh_start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t nr_modules;
	uint64_t modlist_paddr;
	uint64_t cmdline_paddr;
	uint64_t rsdp_paddr;
	/* From version 1 on */
	uint64_t memmap_paddr;
	uint32_t memmap_entries;
	uint32_t reserved;
};

struct pvh_module {
	uint64_t paddr;
	uint64_t size;
	uint64_t cmdline_paddr;
	uint64_t reserved;
};

struct pvh_memmap_entry {
	uint64_t addr;
	uint64_t size;
	uint32_t type;
	uint32_t reserved;
};

_Static_assert(sizeof(struct pvh_start_info) == 56, "ABI");
_Static_assert(sizeof(struct pvh_module) == 32, "ABI");
_Static_assert(sizeof(struct pvh_memmap_entry) == 24, "ABI");

#endif /* NATIVE_PVH_H */
