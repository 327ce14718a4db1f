/* SPDX-License-Identifier: BSD-3-Clause */
/* Multiboot specification 0.6.96, section 3.3 "Boot information format". */
#ifndef KVM_MULTIBOOT_H
#define KVM_MULTIBOOT_H

#include <stdbool.h>
#include <stdint.h>

#include <uk/util.h>

#define MULTIBOOT_HAS_MEM	0x001
#define MULTIBOOT_HAS_CMDLINE	0x004
#define MULTIBOOT_HAS_MODULES	0x008
#define MULTIBOOT_HAS_MEMMAP	0x040
#define MULTIBOOT_MEMMAP_RAM	1

struct multiboot_info {
	uint32_t flags;
	uint32_t mem_lower_kib, mem_upper_kib;
	uint32_t boot_device;
	uint32_t cmdline;
	uint32_t n_modules, modules;
	uint32_t syms[4];
	uint32_t memmap_len_bytes, memmap;
};

struct multiboot_module {
	uint32_t start, end;
	uint32_t cmdline;
	uint32_t reserved;
};

struct multiboot_memmap_entry {
	uint32_t size;		/* of the rest */
	uint64_t base, len_bytes;
	uint32_t type;
} uk_packed;

/** Read what a multiboot loader says into native_boot. */
bool multiboot_read(const void *info);

#endif /* KVM_MULTIBOOT_H */
