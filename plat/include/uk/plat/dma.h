/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory and registers as devices see them.
 *
 * Rules
 * - Providers: the platforms on which an image may drive hardware
 *   (`<PLAT>_PROVIDES-y += dma`). A library that uses this says
 *   LIB<NAME>_NEEDS-y += dma.
 * - Pages that follow each other in memory need not do so for a device: a
 *   buffer that a device is told of as one run does not cross a page.
 * - Devices see the processor's caches (x86); order is made with
 *   <uk/arch/barrier.h>.
 */
#ifndef UK_PLAT_DMA_H
#define UK_PLAT_DMA_H

#include <stddef.h>
#include <stdint.h>

/** What a device is to be told to reach @va, which is memory of this image:
 *  the machine's address on Xen PV. */
uint64_t uk_plat_dma_addr(const void *va);

/**
 * Make the device registers at [@pa, @pa + @len_bytes) accessible, uncached,
 * for as long as the image runs.
 * @return where; NULL: no memory for page tables, or the image is not allowed
 *	to.
 */
volatile void *uk_plat_map_io(uint64_t pa, size_t len_bytes);

#endif /* UK_PLAT_DMA_H */
