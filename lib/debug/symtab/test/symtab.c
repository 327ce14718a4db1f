/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/symtab.h>
#include <uk/test.h>

static void __attribute__((noinline)) symtab_test_static(void)
{
	__asm__ volatile("" ::: "memory");
}

UK_TEST(symtab, test_lookup_names_this_function)
{
	char name[64];
	size_t offset = 1;

	UK_EXPECT(uk_symtab_lookup((uintptr_t)uk_symtab_lookup, name, sizeof(name), &offset));
	UK_EXPECT_STR(name, "uk_symtab_lookup");
	UK_EXPECT_EQ(offset, 0);
	UK_EXPECT(uk_symtab_lookup((uintptr_t)uk_symtab_lookup + 3, name, sizeof(name), &offset));
	UK_EXPECT_STR(name, "uk_symtab_lookup");
	UK_EXPECT_EQ(offset, 3);
}

UK_TEST(symtab, test_lookup_names_static_function)
{
	char name[64];
	size_t offset;

	symtab_test_static();
	UK_EXPECT(uk_symtab_lookup((uintptr_t)symtab_test_static, name, sizeof(name), &offset));
	UK_EXPECT_STR(name, "symtab_test_static");
}

UK_TEST(symtab, test_lookup_cuts_name_to_size)
{
	char name[6] = "xxxxx";
	size_t offset;

	UK_EXPECT(uk_symtab_lookup((uintptr_t)uk_symtab_lookup, name, 4, &offset));
	UK_EXPECT_STR(name, "uk_");
	UK_EXPECT_EQ(name[4], 'x');
}

UK_TEST(symtab, test_lookup_outside_of_text_fails)
{
	static int data;
	char name[8];
	size_t offset;

	UK_EXPECT(!uk_symtab_lookup(0, name, sizeof(name), &offset));
	UK_EXPECT(!uk_symtab_lookup(~(uintptr_t)0, name, sizeof(name), &offset));
	UK_EXPECT(!uk_symtab_lookup((uintptr_t)&data, name, sizeof(name), &offset));
}
