/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where things are, for C, assembler and the linker script. The pseudo-physical
 * address of RAM is its virtual address less XENPV_VIRT_BASE.
 *
 *	0	never mapped
 *	base	page tables that are made at run time; unmapped until then
 *	+ c000	never mapped: guard of the boot stack
 *	+ d000	boot stack
 *	+ f000	shared info
 *	+ 10000	image: text, hypercall page, read-only data, data and bss
 *	...	what the domain builder puts behind it: module, p2m list, start
 *		info, rings, page tables
 *	...	RAM, mapped as it is used
 *	256 GiB	window: grant table, granted pages
 *	384 GiB	device registers
 *
 * The domain builder maps RAM from the base to the next multiple of 4 MiB that
 * leaves it 512 KiB, and refuses a domain that has less. With a base of 0 the
 * smallest domain has 4 MiB; with 3 MiB it has 1 MiB.
 */
#ifndef XENPV_LAYOUT_H
#define XENPV_LAYOUT_H

#define XENPV_VIRT_BASE		0x300000
#define XENPV_POOL_START	XENPV_VIRT_BASE
#define XENPV_POOL_END		(XENPV_VIRT_BASE + 0xc000)
#define XENPV_STACK_BOTTOM	(XENPV_VIRT_BASE + 0xd000)
#define XENPV_STACK_TOP		(XENPV_VIRT_BASE + 0xf000)
#define XENPV_SHARED_INFO	(XENPV_VIRT_BASE + 0xf000)
#define XENPV_IMAGE_BASE	(XENPV_VIRT_BASE + 0x10000)

/* Code and constants end here at the latest: page tables of 2 MiB each */
#define XENPV_LOW_TABLES	4
#define XENPV_LOW_END		0xa00000

#ifndef __ASSEMBLER__
#define XENPV_WINDOW_BASE	(256UL << 30)
#define XENPV_IO_BASE		(384UL << 30)
#define XENPV_IO_END		(512UL << 30)
#endif

#endif /* XENPV_LAYOUT_H */
