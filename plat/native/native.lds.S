/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Layout of an image that runs on page tables of its own. Physical and virtual
 * addresses are the same, and the file for kvm holds the bytes at the distances
 * they have in memory, which lets a multiboot loader copy it in one piece.
 */
#include <uk/arch/page.h>
#include <uk/plat/link.lds.h>

#define LOW_BASE 0x10000
#define LOW_END 0x9f000		/* then the BIOS's data, the VGA's, the BIOS */
#define HIGH_BASE 0x100000
#define BOOT_SECTOR 0x200
/* Less what lies between the sections, and the page table */
#define LOW_ROOM (LOW_END - LOW_BASE - 8 * UK_PAGE_SIZE)
#if defined(CONFIG_LIBRESTART) && defined(__PLAT_XENHVM__)
#define PRISTINE SIZEOF(.pristine)
#else
#define PRISTINE 0
#endif

ENTRY(_start)

PHDRS
{
	text PT_LOAD FILEHDR PHDRS FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(4);
}

SECTIONS
{
#if CONFIG_PLAT_NATIVE_BASE
	. = CONFIG_PLAT_NATIVE_BASE;
#else
	. = SIZEOF(.text) + SIZEOF(.rodata) + SIZEOF(.data) + SIZEOF(.bss) + PRISTINE < LOW_ROOM
	    ? LOW_BASE : HIGH_BASE;
#endif
	uk_image_start = .;
	uk_text_start = .;
	. = . + SIZEOF_HEADERS;
	.text : {
#ifdef __PLAT_XENHVM__
		/* With kernel=, which is how a command line gets to it, Xen's
		 * device model takes the file for a Linux kernel of the oldest
		 * kind, and refuses it unless byte 0x1f1, the size of that
		 * kernel's setup code, is small */
		FILL(0)
		. = BOOT_SECTOR - SIZEOF_HEADERS;
		FILL(0x90909090)
#endif
		KEEP(*(.text.multiboot))
		UK_LDS_TEXT
	} :text
#ifdef __PLAT_XENHVM__
	/* Filled by Xen; takes no room in the file */
	.hypercall (NOLOAD) : {
		. = ALIGN(UK_PAGE_SIZE);
		xen_hypercall_page = .;
		. += UK_PAGE_SIZE;
	} :text
#endif
	. = ALIGN(UK_PAGE_SIZE);
	uk_text_end = .;
	.note : { KEEP(*(.note.Xen)) } :rodata :note
	.rodata : { UK_LDS_RODATA } :rodata
	. = ALIGN(UK_PAGE_SIZE);
	uk_rodata_end = .;
	.data : { UK_LDS_DATA } :data
	. = ALIGN(16);
	uk_bss_start = .;
	/* Not at the end of .data: a library's script may add to it */
	native_load_end = .;
	.bss : { UK_LDS_BSS } :data
#ifdef __PLAT_XENHVM__
	UK_LDS_PRISTINE
#endif
	. = ALIGN(UK_PAGE_SIZE);
	/* One page table for each 2 MiB that the image, with these tables,
	 * reaches into */
	native_n_pts = ((. + (. >> 9) + 2 * UK_PAGE_SIZE) >> 21) + 1;
	.pagetables (NOLOAD) : {
		native_pts = .;
		. = . + native_n_pts * UK_PAGE_SIZE;
	} :data
	. = ALIGN(UK_PAGE_SIZE);
	uk_image_end = .;
	UK_LDS_DISCARD
}

ASSERT(uk_image_start >= LOW_BASE && uk_image_start % UK_PAGE_SIZE == 0,
       "PLAT_NATIVE_BASE: below 0x10000, or no multiple of 0x1000")
ASSERT(uk_image_start >= HIGH_BASE || uk_image_end <= LOW_END,
       "PLAT_NATIVE_BASE: the image does not fit below 0x9f000")
