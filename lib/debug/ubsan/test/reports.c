/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/test.h>
#include <uk/ubsan.h>

#include <limits.h>

static volatile int one = 1;

/* Value: whether running @statement was reported */
#define IS_REPORTED(statement)						\
	({								\
		unsigned int before_ = uk_ubsan_count();		\
		statement;						\
		uk_ubsan_count() > before_;				\
	})

UK_TEST(ubsan, test_overflow_is_reported)
{
	volatile int v = INT_MAX;

	UK_EXPECT(IS_REPORTED(v = v + one));
	v = INT_MIN;
	UK_EXPECT(IS_REPORTED(v = v - one));
	UK_EXPECT(IS_REPORTED(v = INT_MAX * (one + 1)));
}

UK_TEST(ubsan, test_shift_is_reported)
{
	volatile int v;

	UK_EXPECT(IS_REPORTED(v = one << (one + 31)));
	UK_EXPECT(!IS_REPORTED(v = one << one));
	(void)v;
}

UK_TEST(ubsan, test_index_is_reported)
{
	static volatile int table[3];
	volatile int v;

	UK_EXPECT(IS_REPORTED(v = table[one + 2]));
	UK_EXPECT(!IS_REPORTED(v = table[one + 1]));
	(void)v;
}

UK_TEST(ubsan, test_misaligned_pointer_is_reported)
{
	static char bytes[8] uk_aligned(8);
	volatile int v;

	UK_EXPECT(IS_REPORTED(v = *(int *)(void *)(bytes + one)));
	(void)v;
}

static int __attribute__((noinline)) add(int a, int b)
{
	return a + b;
}

UK_TEST(ubsan, test_a_place_reports_once)
{
	volatile int v;

	UK_EXPECT(IS_REPORTED(v = add(INT_MAX, one)));
	UK_EXPECT(!IS_REPORTED(v = add(INT_MAX, one)));
	(void)v;
}
