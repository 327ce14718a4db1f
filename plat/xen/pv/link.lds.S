/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/arch/page.h>
#include <uk/plat/link.lds.h>

#include "layout.h"

ENTRY(_start)

PHDRS {
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
	notes PT_NOTE FLAGS(4);
}

SECTIONS {
	. = XENPV_IMAGE_BASE;
	uk_image_start = .;
	uk_text_start = .;
	.text : { UK_LDS_TEXT } :text
	/* Filled by Xen; takes no room in the file */
	.hypercall (NOLOAD) : {
		. = ALIGN(UK_PAGE_SIZE);
		xen_hypercall_page = .;
		. += UK_PAGE_SIZE;
	} :text
	. = ALIGN(UK_PAGE_SIZE);
	uk_text_end = .;
	.note : { *(.note.Xen) } :rodata :notes
	.rodata : { UK_LDS_RODATA } :rodata
	. = ALIGN(UK_PAGE_SIZE);
	uk_rodata_end = .;
	.data : { UK_LDS_DATA } :data
	. = ALIGN(UK_PAGE_SIZE);
	uk_bss_start = .;
	.bss : { UK_LDS_BSS } :data
	UK_LDS_PRISTINE
	. = ALIGN(UK_PAGE_SIZE);
	uk_image_end = .;
	UK_LDS_DISCARD

	ASSERT(uk_rodata_end <= XENPV_LOW_END, "the image's code and constants exceed 6.9 MiB")
}
