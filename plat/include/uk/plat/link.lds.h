/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Linker-script pieces that every platform's script is made of. A script is
 * run through the C preprocessor and places them: text (read, execute), then
 * read-only data, then data and bss (read, write), each from a fresh page.
 *
 * Symbols for C code: <uk/plat/sections.h>.
 *
 * Rules
 * - For linker scripts only. A script places every piece, each once; where what no
 *   piece takes goes is left to the linker.
 */
#ifndef UK_PLAT_LINK_LDS_H
#define UK_PLAT_LINK_LDS_H

#define UK_LDS_TEXT							\
	*(.text.entry .text.entry.*)					\
	*(.text .text.*)

/* Tables that libraries add to by placing a pointer in a named section. */
#define UK_LDS_TABLE(name)						\
	. = ALIGN(8);							\
	PROVIDE_HIDDEN(uk_##name##_start = .);				\
	KEEP(*(SORT_BY_NAME(.uk_##name.*)))				\
	KEEP(*(.uk_##name))						\
	PROVIDE_HIDDEN(uk_##name##_end = .);

#define UK_LDS_TABLES							\
	UK_LDS_TABLE(inittab)						\
	UK_LDS_TABLE(paramtab)						\
	UK_LDS_TABLE(testtab)						\
	UK_LDS_TABLE(drivertab)						\
	UK_LDS_TABLE(sockettab)

/* The symbol table of the crash screen comes last: it is filled in a second
 * link, and no address before it may move. */
#define UK_LDS_RODATA							\
	*(.rodata .rodata.*)						\
	UK_LDS_TABLES							\
	*(.uk_symtab)

#define UK_LDS_DATA							\
	*(.data.rel.ro .data.rel.ro.* .data .data.*)

/* Kept variables first (<uk/restart.h>): they are not cleared with the rest */
#define UK_LDS_BSS							\
	*(.bss.uk_kept.pages.*)						\
	*(.bss.uk_kept)							\
	uk_kept_end = .;						\
	*(.bss.page_aligned .bss.page_aligned.*)			\
	*(.bss .bss.* COMMON)

/* Room for a copy of the data, for a platform that can restart; follows .bss. */
#ifdef CONFIG_LIBRESTART
#define UK_LDS_PRISTINE							\
	. = ALIGN(UK_PAGE_SIZE);					\
	uk_pristine = .;						\
	.pristine (NOLOAD) : {						\
		. = . + uk_bss_start - uk_rodata_end;			\
		. = ALIGN(UK_PAGE_SIZE);				\
	} :data								\
	uk_pristine_end = .;
#else
#define UK_LDS_PRISTINE
#endif

/* What no image needs; debug sections stay, for the .dbg file. */
#define UK_LDS_DISCARD							\
	/DISCARD/ : {							\
		*(.comment .note.GNU-stack .note.gnu.* .eh_frame*	\
		  .gnu.* .ARM.exidx* .ARM.extab* .interp .dynamic)	\
	}

#endif /* UK_PLAT_LINK_LDS_H */
