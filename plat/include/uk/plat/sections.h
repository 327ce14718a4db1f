/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Borders of the image, set by every platform's linker script.
 *
 * Rules
 * - Addresses, virtual ones: the symbols themselves hold nothing. Constant for the
 *   life of the image.
 */
#ifndef UK_PLAT_SECTIONS_H
#define UK_PLAT_SECTIONS_H

/* All page aligned: [text_start, text_end) is read-execute, [text_end,
 * rodata_end) read-only, [rodata_end, image_end) read-write (data, then bss).*/
extern char uk_image_start[], uk_text_start[], uk_text_end[];
extern char uk_rodata_end[], uk_bss_start[], uk_image_end[];

/* [bss_start, kept_end) outlives a restart. [pristine, pristine_end), whole
 * pages, is for a copy of the initial data; where there is no restart, empty. */
extern char uk_kept_end[], uk_pristine[], uk_pristine_end[];

#endif /* UK_PLAT_SECTIONS_H */
