/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where things are, for C, assembler and the linker script. A virtual address
 * is a pseudo-physical address, except in the window.
 *
 *	0x00000	never mapped
 *	0x01000	page tables that are made at run time; unmapped until then
 *	0x0c000	never mapped: guard of the boot stack
 *	0x0d000	boot stack
 *	0x0f000	shared info
 *	0x10000	image: text, hypercall page, read-only data, data and bss
 *	...	what the domain builder puts behind it: module, p2m list, start
 *		info, rings, page tables
 *	...	RAM, mapped as it is used
 *	256 GiB	window: grant table, granted pages
 */
#ifndef XENPV_LAYOUT_H
#define XENPV_LAYOUT_H

#define XENPV_POOL_START	0x1000
#define XENPV_POOL_END		0xc000
#define XENPV_STACK_BOTTOM	0xd000
#define XENPV_STACK_TOP		0xf000
#define XENPV_SHARED_INFO	0xf000
#define XENPV_IMAGE_BASE	0x10000

#ifndef __ASSEMBLER__
#define XENPV_WINDOW_BASE	(256UL << 30)
#endif

#endif /* XENPV_LAYOUT_H */
