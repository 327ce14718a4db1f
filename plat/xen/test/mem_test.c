/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory and clock of a Xen domain. */
#include <uk/plat/memory.h>

#include <errno.h>
#include <string.h>

#include <uk/pages.h>
#include <uk/plat/boot.h>
#include <uk/plat/sections.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>

UK_TEST(xen_mem, test_regions_ascend_and_do_not_overlap)
{
	struct uk_mem_region r;
	uintptr_t end = 0;
	size_t mapped = 0;
	unsigned int i;

	for (i = 0; !uk_plat_mem_region(i, &r); i++) {
		UK_EXPECT(r.base >= end);
		UK_EXPECT(r.base >= (uintptr_t)uk_image_end ||
			  r.base + r.len_bytes <= (uintptr_t)uk_image_start);
		UK_EXPECT(r.len_bytes);
		UK_EXPECT(!((r.base | r.len_bytes) & (UK_PAGE_SIZE - 1)));
		end = r.base + r.len_bytes;
		mapped += r.is_mapped ? r.len_bytes : 0;
	}
	UK_EXPECT(i);
	UK_EXPECT(mapped >= 0x10000);
	UK_EXPECT_EQ(uk_plat_mem_region(i + 1, &r), -ENOENT);
}

UK_TEST(xen_mem, test_protection_follows)
{
	char *page = uk_pages_alloc(0);
	const uintptr_t va = (uintptr_t)page;

	*page = 'a';
	UK_EXPECT(uk_plat_mem_is_readable(va, UK_PAGE_SIZE));
	UK_EXPECT_EQ(uk_plat_mem_protect(page, UK_PAGE_SIZE, UK_PROT_NONE), 0);
	UK_EXPECT(!uk_plat_mem_is_readable(va, 1));
	UK_EXPECT(!uk_plat_mem_is_readable(va - 1, 2));
	UK_EXPECT_EQ(uk_plat_mem_protect(page, UK_PAGE_SIZE, UK_PROT_READ), 0);
	UK_EXPECT_EQ(*(volatile char *)page, 'a');
	UK_EXPECT_EQ(uk_plat_mem_protect(page, UK_PAGE_SIZE, UK_PROT_READ | UK_PROT_WRITE), 0);
	*(volatile char *)page = 'b';
	uk_pages_free(page, 0);
}

UK_TEST(xen_mem, test_is_readable_of_wild_addresses)
{
	UK_EXPECT(!uk_plat_mem_is_readable(0, 1));
	UK_EXPECT(!uk_plat_mem_is_readable(0x800, 8));
	UK_EXPECT(!uk_plat_mem_is_readable(1UL << 46, 8));
	UK_EXPECT(!uk_plat_mem_is_readable(1UL << 52, 8));
	UK_EXPECT(!uk_plat_mem_is_readable(UINTPTR_MAX - 3, 8));
	UK_EXPECT(uk_plat_mem_is_readable((uintptr_t)uk_text_start, 64));
}

/* Takes all memory, so that every page table that is to be made is made */
UK_TEST(xen_mem, test_all_memory_can_be_written)
{
	struct page { struct page *next; } *list = NULL, *p;
	struct uk_pages_stats st;
	size_t n = 0, good = 0;

	uk_pages_stats(&st);
	while ((p = uk_pages_alloc(0))) {
		memset(p, (int)++n, UK_PAGE_SIZE);
		p->next = list;
		list = p;
	}
	while (list) {
		p = list;
		list = p->next;
		good += ((unsigned char *)p)[UK_PAGE_SIZE - 1] == (unsigned char)n--;
		uk_pages_free(p, 0);
	}
	uk_console_printf("# wrote %zu of %zu free pages\n", good, st.free_pages);
	/* What is not here became page tables and the allocator's tables */
	UK_EXPECT(good * 50 > st.free_pages * 49);
}

/* The bench gives it: byte i is i * 7 + i / 251 */
UK_TEST(xen_boot, test_module_is_whole)
{
	unsigned char *bytes;
	size_t len, good = 0;
	void *base;

	if (uk_plat_boot_module(0, &base, &len))
		return uk_test_skip("there is no module");
	bytes = base;
	for (size_t i = 0; i < len; i++)
		good += bytes[i] == (unsigned char)(i * 7 + i / 251);
	UK_EXPECT_EQ(len, (3 << 20) + 1234);
	UK_EXPECT_EQ(good, len);
	UK_EXPECT_EQ((uintptr_t)base & (UK_PAGE_SIZE - 1), 0);
	UK_EXPECT_EQ(uk_plat_boot_module(1, &base, &len), -ENOENT);
}

UK_TEST(xen_time, test_clock_moves_forward)
{
	uint64_t last = uk_plat_mono_ns(), now;

	for (int i = 0; i < 10000; i++, last = now) {
		now = uk_plat_mono_ns();
		if (!UK_EXPECT(now >= last))
			break;
	}
	/* 2020-01-01 and 2100-01-01 */
	UK_EXPECT(uk_plat_wall_ns() > 1577836800 * UK_NSEC_PER_SEC);
	UK_EXPECT(uk_plat_wall_ns() < 4102444800 * UK_NSEC_PER_SEC);
}
