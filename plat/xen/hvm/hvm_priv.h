/* SPDX-License-Identifier: BSD-3-Clause */
/* Between the files of plat/xen/hvm. */
#ifndef HVM_PRIV_H
#define HVM_PRIV_H

#include <stdint.h>

#include <xen/xen.h>

#include <uk/util.h>

/** Have @frame of Xen's @space (XENMAPSPACE_*) at @va. @return 0 or -errno. */
int hvm_add_to_physmap(unsigned int space, xen_ulong_t frame, uintptr_t va);

/* ---- ram.c --------------------------------------------------------------- */

#define E820_MAX 32

struct e820_entry {
	uint64_t addr;
	uint64_t size;
	uint32_t type;
} uk_packed;

/** The toolstack's map of the memory, up to E820_MAX entries.
 *  @return how many; 0: it says nothing. */
unsigned int hvm_memory_map(struct e820_entry *map);

/** Pages of memory that Xen has given to this domain; 0: it does not say. */
uint64_t hvm_ram_pages(void);

/** Fill native_boot with RAM, of which there are @have_pages. */
void hvm_ram_init(uint64_t have_pages);

/* ---- keep.c -------------------------------------------------------------- */

#if IS_ENABLED(CONFIG_LIBRESTART)
/** Keep native_boot for the lives to come; have it back. */
void hvm_boot_keep(void);
void hvm_boot_again(void);
#else
static inline void hvm_boot_keep(void)
{
}

static inline void hvm_boot_again(void)
{
}
#endif

#endif /* HVM_PRIV_H */
