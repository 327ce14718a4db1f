/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory maps that no sound toolstack makes, through what reads them: ram.c of
 * plat/xen/hvm and regions.c of plat/native, compiled for the host. Prints TAP.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <xen/xen.h>
#include <xen/memory.h>

/* In the place of hypercall.h */
#define XEN_HYPERCALL_H
static long xen_memory_op(unsigned int cmd, void *arg);

#include "ram.c"
#include "regions.c"

#define KIB 1024ULL
#define MIB (1024 * KIB)
#define RAM 1
#define RESERVED 2
#define REACH (1ULL << 46)

struct native_boot native_boot;
char native_boot_guard[1];

static struct e820_entry e820[E820_MAX];
static unsigned int n_e820;
static uint64_t domain_pages;

static long xen_memory_op(unsigned int cmd, void *arg)
{
	struct xen_memory_map *op = arg;

	if (cmd != XENMEM_memory_map)
		return (long)domain_pages;
	if (!n_e820)
		return -ENOSYS;
	memcpy(op->buffer.p, e820, sizeof(e820));
	op->nr_entries = n_e820;
	return 0;
}

void native_boot_add_ram(uint64_t base, uint64_t len_bytes)
{
	struct native_boot *b = &native_boot;

	if (b->n_ram < UK_ARRAY_SIZE(b->ram) && len_bytes)
		b->ram[b->n_ram++] = (struct native_range){ base, len_bytes };
}

int uk_plat_mem_map(uintptr_t base, size_t len_bytes)
{
	(void)base;
	(void)len_bytes;
	return 0;
}

int uk_plat_mem_protect(void *va, size_t len_bytes, int prot)
{
	(void)va;
	(void)len_bytes;
	(void)prot;
	return 0;
}

void uk_print(int level, const char *fmt, ...)
{
	(void)level;
	(void)fmt;
}

/* Regions that ascend, do not overlap and can be addressed: their KiB, or -1 */
static long usable_kib(uint64_t n_pages)
{
	struct uk_mem_region r;
	uintptr_t end = 0;
	long sum = 0;

	n_regions = 0;
	native_boot = (struct native_boot){ .cmdline = "" };
	domain_pages = n_pages;
	hvm_ram_init(hvm_ram_pages());
	native_mem_init();
	for (unsigned int i = 0; !uk_plat_mem_region(i, &r); i++) {
		if (r.base < end || !r.len_bytes || r.base + r.len_bytes > REACH)
			return -1;
		end = r.base + r.len_bytes;
		sum += (long)(r.len_bytes / KIB);
	}
	return sum;
}

static void set_map(unsigned int n, const struct e820_entry *map)
{
	n_e820 = n;
	memcpy(e820, map, n * sizeof(*map));
}

#define MAP(...) do {							\
	static const struct e820_entry map_[] = { __VA_ARGS__ };	\
	set_map(UK_ARRAY_SIZE(map_), map_);				\
} while (0)

static unsigned int n_tests;

static void expect(const char *name, long got, long from, long to)
{
	bool good = got >= from && got <= to;

	if (!good)
		printf("# %ld KiB, not %ld to %ld\n", got, from, to);
	printf("%sok %u - memmap.%s\n", good ? "" : "not ", ++n_tests, name);
}

/* A domain of 8 MiB and eight shared pages, as init-xenstore-domain makes it */
#define GIVEN (8 * MIB / 4096 + 8)
#define GIVEN_4 (4 * MIB / 4096 + 8)
#define ABOUT_8_MIB 7890, 8192

int main(void)
{
	puts("1..14");
	MAP({ 0, 8 * MIB, RAM }, { 0xfeff8000, 0x8000, RESERVED });
	expect("test_a_sound_map_is_used", usable_kib(GIVEN), ABOUT_8_MIB);
	MAP({ MIB, 63 * MIB, RAM });
	expect("test_the_map_of_an_hvm_domain_is_used", usable_kib(64 * MIB / 4096 - 32), 64500, 65000);
	MAP({ 0, 16, RAM }, { 0xfeff8000, 0x8000, RESERVED });
	expect("test_bytes_for_mebibytes", usable_kib(GIVEN), ABOUT_8_MIB);
	MAP({ 0, 1000000, RAM }, { 0xfeff8000, 0x8000, RESERVED });
	expect("test_many_bytes_for_mebibytes", usable_kib(GIVEN), ABOUT_8_MIB);
	MAP({ 0, 16 * MIB, RAM }, { 0xfeff8000, 0x8000, RESERVED });
	expect("test_a_map_larger_than_memory", usable_kib(GIVEN), ABOUT_8_MIB);
	n_e820 = 0;
	expect("test_no_map", usable_kib(GIVEN), ABOUT_8_MIB);
	MAP({ 0, 0, RAM });
	expect("test_an_empty_map", usable_kib(GIVEN), ABOUT_8_MIB);
	MAP({ 0, 8 * MIB, RESERVED });
	expect("test_a_map_without_ram", usable_kib(GIVEN), ABOUT_8_MIB);
	MAP({ 0, 5 * MIB, RAM }, { 4 * MIB, 4 * MIB, RAM }, { 1 * MIB, 4 * KIB, RAM });
	expect("test_overlapping_ranges_count_once", usable_kib(GIVEN), 4900, 8192);
	MAP({ 0, UINT64_MAX, RAM });
	expect("test_a_map_of_everything", usable_kib(GIVEN), ABOUT_8_MIB);
	MAP({ 0, 4 * MIB, RAM }, { UINT64_MAX - 4 * KIB, 8 * KIB, RAM });
	expect("test_a_range_that_wraps", usable_kib(GIVEN_4), 3800, 4096);
	MAP({ 0, 4 * MIB, RAM }, { UINT64_MAX / 2, 4 * KIB, RAM });
	expect("test_a_range_out_of_reach", usable_kib(GIVEN_4), 3800, 4096);
	MAP({ 100, 8 * MIB - 200, RAM });
	expect("test_parts_of_pages_are_left_out", usable_kib(GIVEN), ABOUT_8_MIB);
	MAP({ 0, 8 * MIB, RAM });
	expect("test_xen_does_not_say", usable_kib(0), ABOUT_8_MIB);
	return 0;
}
