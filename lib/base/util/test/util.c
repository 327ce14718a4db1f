/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/assert.h>
#include <uk/test.h>
#include <uk/util.h>

#define CONFIG_UTIL_TEST_ON 1

UK_TEST(util, test_align_and_round)
{
	UK_EXPECT_EQ(UK_ALIGN_UP(0x1001UL, 0x1000), 0x2000);
	UK_EXPECT_EQ(UK_ALIGN_UP(0x1000UL, 0x1000), 0x1000);
	UK_EXPECT_EQ(UK_ALIGN_DOWN(0x1fffUL, 0x1000), 0x1000);
	UK_EXPECT_EQ(UK_ALIGN_UP((uint64_t)0x100000001, 0x1000), 0x100001000);
	UK_EXPECT_EQ(UK_DIV_ROUND_UP(9, 4), 3);
	UK_EXPECT_EQ(UK_DIV_ROUND_UP(8, 4), 2);
}

UK_TEST(util, test_is_enabled_knows_unset_options)
{
	UK_EXPECT_EQ(IS_ENABLED(CONFIG_UTIL_TEST_ON), 1);
	UK_EXPECT_EQ(IS_ENABLED(CONFIG_UTIL_TEST_OFF), 0);
}

UK_TEST(util, test_min_max_evaluate_once)
{
	int i = 1;

	UK_EXPECT_EQ(UK_MIN(i++, 5), 1);
	UK_EXPECT_EQ(i, 2);
	UK_EXPECT_EQ(UK_MAX(i, 5), 5);
}

UK_TEST(util, test_assert_has_no_effect_when_true)
{
	uk_assert(1 + 1 == 2);
	uk_bug_on(1 + 1 == 3);
}
