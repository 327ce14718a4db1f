/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <uk/pages.h>
#include <uk/plat/memory.h>
#include <uk/test.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static size_t free_pages(void)
{
	struct uk_pages_stats st;

	uk_pages_stats(&st);
	return st.free_pages;
}

UK_TEST(mmap, test_memory_is_zero_and_given_back)
{
	size_t before = free_pages();
	char *p;

	for (int i = 0; i < 2; i++) {
		p = mmap(NULL, 5000, RW, ANON, -1, 0);
		if (!UK_EXPECT(p != MAP_FAILED))
			return;
		for (int k = 0; k < 5000; k++) {
			if (!UK_EXPECT_EQ(p[k], 0))
				break;
		}
		memset(p, 1, 8192);
		UK_EXPECT_EQ(munmap(p, 5000), 0);
	}
	UK_EXPECT(free_pages() + 2 >= before);
	UK_EXPECT_EQ(munmap(p, 5000), -1);
}

UK_TEST(mmap, test_mapping_grows_with_its_contents)
{
	char *p = mmap(NULL, 4096, RW, ANON, -1, 0), *q;

	if (!UK_EXPECT(p != MAP_FAILED))
		return;
	p[4095] = 42;
	q = mremap(p, 4096, 40960, MREMAP_MAYMOVE);
	if (!UK_EXPECT(q != MAP_FAILED))
		return;
	UK_EXPECT_EQ(q[4095], 42);
	UK_EXPECT_EQ(q[40959], 0);
	UK_EXPECT_EQ(munmap(q, 40960), 0);
}

UK_TEST(mmap, test_protected_page_cannot_be_read)
{
	char *p = mmap(NULL, 8192, PROT_NONE, ANON, -1, 0);

	if (!UK_EXPECT(p != MAP_FAILED))
		return;
	UK_EXPECT(!uk_plat_mem_is_readable((uintptr_t)p, 1));
	UK_EXPECT_EQ(mprotect(p + 4096, 4096, RW), 0);
	UK_EXPECT(!uk_plat_mem_is_readable((uintptr_t)p, 1));
	UK_EXPECT(uk_plat_mem_is_readable((uintptr_t)p + 4096, 1));
	p[4096] = 1;
	/* Whoever gets these pages next may use them */
	UK_EXPECT_EQ(munmap(p, 8192), 0);
	UK_EXPECT(uk_plat_mem_is_readable((uintptr_t)p, 1));
}

UK_TEST(mmap, test_what_cannot_be_is_refused)
{
	UK_EXPECT(mmap(NULL, 4096, RW | PROT_EXEC, ANON, -1, 0) == MAP_FAILED);
	UK_EXPECT_EQ(errno, EACCES);
	UK_EXPECT(mmap(NULL, 4096, RW, MAP_PRIVATE, 0, 0) == MAP_FAILED);
	UK_EXPECT_EQ(errno, ENODEV);
	UK_EXPECT(mmap((void *)0x10000, 4096, RW, ANON | MAP_FIXED, -1, 0) == MAP_FAILED);
	UK_EXPECT(mmap(NULL, (size_t)1 << 60, RW, ANON, -1, 0) == MAP_FAILED);
	UK_EXPECT_EQ(errno, ENOMEM);
}
