/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/arch/page.h>
#include <uk/plat/link.lds.h>

ENTRY(_start)

PHDRS {
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
	/* Without it Linux makes all of memory executable on some machines */
	stack PT_GNU_STACK FLAGS(6);
}

SECTIONS {
	. = CONFIG_PLAT_LINUXU_BASE;
	uk_image_start = .;
	uk_text_start = .;
	.text : { UK_LDS_TEXT } :text
	. = ALIGN(UK_PAGE_SIZE);
	uk_text_end = .;
	.rodata : { UK_LDS_RODATA } :rodata
	. = ALIGN(UK_PAGE_SIZE);
	uk_rodata_end = .;
	.data : { UK_LDS_DATA } :data
	. = ALIGN(UK_PAGE_SIZE);
	uk_bss_start = .;
	.bss : { UK_LDS_BSS } :data
	. = ALIGN(UK_PAGE_SIZE);
	uk_image_end = .;
	UK_LDS_DISCARD
}
