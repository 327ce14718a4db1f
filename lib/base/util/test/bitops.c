/* SPDX-License-Identifier: BSD-3-Clause */
/* Every range of a small map, against one bit at a time. */
#include <uk/bitops.h>
#include <uk/test.h>

#include <string.h>

#define BITS 150

static unsigned long map[UK_BITMAP_LONGS(BITS)];

static bool is_exactly(size_t from, size_t n, bool inside)
{
	for (size_t i = 0; i < BITS; i++)
		if (uk_bit_is_set(map, i) != ((i >= from && i < from + n) == inside))
			return false;
	return true;
}

UK_TEST(bitops, test_single_bits)
{
	memset(map, 0, sizeof(map));
	uk_bit_set(map, 70);
	UK_EXPECT(uk_bit_is_set(map, 70) && is_exactly(70, 1, true));
	uk_bit_clear(map, 70);
	UK_EXPECT(is_exactly(0, 0, true));
}

UK_TEST(bitops, test_logarithms)
{
	UK_EXPECT_EQ(uk_bit_lowest(0x50), 4);
	UK_EXPECT_EQ(uk_bit_highest(0x50), 6);
	UK_EXPECT_EQ(uk_bit_highest(1), 0);
	UK_EXPECT_EQ(uk_bit_highest(~0UL), UK_BITS_PER_LONG - 1);
	UK_EXPECT(uk_is_power_of_2(1) && uk_is_power_of_2(4096));
	UK_EXPECT(!uk_is_power_of_2(0) && !uk_is_power_of_2(12));
}

UK_TEST(bitops, test_ranges_touch_nothing_else)
{
	for (size_t from = 0; from < BITS; from++) {
		for (size_t n = 0; n <= BITS - from; n++) {
			memset(map, 0, sizeof(map));
			uk_bitmap_set(map, from, n);
			if (!UK_EXPECT(is_exactly(from, n, true)))
				return;
			memset(map, 0xff, sizeof(map));
			uk_bitmap_clear(map, from, n);
			if (!UK_EXPECT(is_exactly(from, n, false)))
				return;
		}
	}
}

UK_TEST(bitops, test_next_finds_the_first_or_none)
{
	memset(map, 0, sizeof(map));
	UK_EXPECT_EQ(uk_bitmap_next_set(map, BITS, 0), BITS);
	uk_bit_set(map, 3);
	uk_bit_set(map, 130);
	UK_EXPECT_EQ(uk_bitmap_next_set(map, BITS, 0), 3);
	UK_EXPECT_EQ(uk_bitmap_next_set(map, BITS, 3), 3);
	UK_EXPECT_EQ(uk_bitmap_next_set(map, BITS, 4), 130);
	UK_EXPECT_EQ(uk_bitmap_next_set(map, 130, 4), 130);
	memset(map, 0xff, sizeof(map));
	UK_EXPECT_EQ(uk_bitmap_next_clear(map, BITS, 0), BITS);
	uk_bit_clear(map, 128);
	UK_EXPECT_EQ(uk_bitmap_next_clear(map, BITS, 1), 128);
	UK_EXPECT_EQ(uk_bitmap_next_clear(map, BITS, 129), BITS);
}

UK_TEST(bitops, test_find_clear_run)
{
	memset(map, 0xff, sizeof(map));
	uk_bitmap_clear(map, 10, 3);
	uk_bitmap_clear(map, 60, 8);
	uk_bitmap_clear(map, 145, 5);
	UK_EXPECT_EQ(uk_bitmap_find_clear(map, BITS, 0, 1), 10);
	UK_EXPECT_EQ(uk_bitmap_find_clear(map, BITS, 0, 4), 60);
	UK_EXPECT_EQ(uk_bitmap_find_clear(map, BITS, 62, 6), 62);
	UK_EXPECT_EQ(uk_bitmap_find_clear(map, BITS, 63, 6), BITS);
	UK_EXPECT_EQ(uk_bitmap_find_clear(map, BITS, 63, 5), 63);
	UK_EXPECT_EQ(uk_bitmap_find_clear(map, BITS, 64, 5), 145);
	UK_EXPECT_EQ(uk_bitmap_find_clear(map, BITS, 0, 9), BITS);
}
