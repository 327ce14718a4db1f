/* SPDX-License-Identifier: BSD-3-Clause */
/* What the common Xen code wants of an HVM domain (../xen_priv.h). */
#include <errno.h>
#include <stdint.h>

#include <xen/memory.h>

#include <uk/plat/memory.h>
#include <uk/util.h>
#include <uk/xen/gnttab.h>

#include "hvm_priv.h"
#include "native.h"
#include "xen_priv.h"

/* Beyond what the toolstack and devices use below 4 GiB */
#define WINDOW_MIN 0x100000000UL
#define WINDOW_ALIGN 0x40000000UL

/*
 * The upcall is an interrupt, which does nothing when it is taken: that it is
 * pending stays noted in the vcpu_info.
 */
void xen_mode_sleep(void)
{
	native_irq_sleep();
}

/* Devices interrupt past the event channels. Where there is none, nothing is
 * looked for: the upcall is seen in memory. */
bool xen_mode_poll(void)
{
	if (!native_irq_is_used())
		return false;
	native_irq_poll();
	return native_irq_dispatch();
}

/* Frames outside of all RAM, to which Xen maps grants; above the RAM */
uintptr_t xen_mode_window_base(void)
{
	static uintptr_t base;
	uint64_t end = WINDOW_MIN;

	if (base)
		return base;
	for (unsigned int i = 0; i < native_boot.n_ram; i++)
		end = UK_MAX(end, native_boot.ram[i].base + native_boot.ram[i].len_bytes);
	base = UK_ALIGN_UP(end, WINDOW_ALIGN);
	return base;
}

/* Each mapping is a change of what is behind a frame, which Xen makes known to the
 * processor and to the IOMMU: more than twice a copy. */
bool uk_gnttab_is_dma(void)
{
	return false;
}

int xen_mode_window_prepare(unsigned int first, unsigned int n)
{
	return uk_plat_mem_map(xen_mode_window_base() + first * UK_PAGE_SIZE, n * UK_PAGE_SIZE);
}

int xen_mode_gnttab_frames(uintptr_t va, unsigned int have, unsigned int n)
{
	for (unsigned int i = have; i < n; i++)
		if (hvm_add_to_physmap(XENMAPSPACE_grant_table, i, va + i * UK_PAGE_SIZE))
			return -ENOSPC;
	return 0;
}

xen_pfn_t uk_xen_gfn(const void *va)
{
	return (uintptr_t)va >> UK_PAGE_SHIFT;
}
