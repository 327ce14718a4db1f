/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Page size. Every architecture here uses 4 KiB pages, as Xen's ABI does.
 *
 * Rules
 * - UK_PAGE_SIZE is in bytes, an unsigned long in C; a page's number is an address
 *   shifted by UK_PAGE_SHIFT.
 */
#ifndef UK_ARCH_PAGE_H
#define UK_ARCH_PAGE_H

#ifdef __ASSEMBLER__
#define UK_PAGE_SHIFT 12
#define UK_PAGE_SIZE  0x1000
#else
#define UK_PAGE_SHIFT 12
#define UK_PAGE_SIZE  (1UL << UK_PAGE_SHIFT)
#define UK_PAGE_MASK  (~(UK_PAGE_SIZE - 1))
#endif

#endif /* UK_ARCH_PAGE_H */
