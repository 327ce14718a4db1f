/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bits: logarithms, and maps of bits in arrays of unsigned long.
 *
 * Rules
 * - Bit i of a map is bit i % UK_BITS_PER_LONG of word i / UK_BITS_PER_LONG,
 *   as Xen's shared bitmaps have it.
 * - Nothing here is atomic. A map that another domain writes is read and
 *   changed with __atomic builtins; uk_bit_word() and uk_bit_mask() say where.
 * - Indices are the caller's own and in range.
 */
#ifndef UK_BITOPS_H
#define UK_BITOPS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include <uk/util.h>

#define UK_BITS_PER_LONG (sizeof(long) * CHAR_BIT)

/** Words of a map of @bits bits. */
#define UK_BITMAP_LONGS(bits) UK_DIV_ROUND_UP((size_t)(bits), UK_BITS_PER_LONG)

static inline size_t uk_bit_word(size_t i)
{
	return i / UK_BITS_PER_LONG;
}

static inline unsigned long uk_bit_mask(size_t i)
{
	return 1UL << i % UK_BITS_PER_LONG;
}

/** Index of the lowest bit set in @v, which is not 0. */
static inline unsigned int uk_bit_lowest(unsigned long v)
{
	return (unsigned int)__builtin_ctzl(v);
}

/** Index of the highest bit set in @v, which is not 0: log2, rounded down. */
static inline unsigned int uk_bit_highest(unsigned long v)
{
	return (unsigned int)(UK_BITS_PER_LONG - 1) - (unsigned int)__builtin_clzl(v);
}

static inline bool uk_is_power_of_2(unsigned long v)
{
	return v && !(v & (v - 1));
}

static inline bool uk_bit_is_set(const unsigned long *map, size_t i)
{
	return map[uk_bit_word(i)] & uk_bit_mask(i);
}

static inline void uk_bit_set(unsigned long *map, size_t i)
{
	map[uk_bit_word(i)] |= uk_bit_mask(i);
}

static inline void uk_bit_clear(unsigned long *map, size_t i)
{
	map[uk_bit_word(i)] &= ~uk_bit_mask(i);
}

/** Set or clear bits [@from, @from + @n). */
void uk_bitmap_set(unsigned long *map, size_t from, size_t n);
void uk_bitmap_clear(unsigned long *map, size_t from, size_t n);

/** First bit at or after @from that is set (clear), @bits when there is none
 *  in a map of @bits. */
size_t uk_bitmap_next_set(const unsigned long *map, size_t bits, size_t from);
size_t uk_bitmap_next_clear(const unsigned long *map, size_t bits, size_t from);

/** Start of the first run of @n clear bits at or after @from, @bits when there
 *  is none. */
size_t uk_bitmap_find_clear(const unsigned long *map, size_t bits, size_t from, size_t n);

#endif /* UK_BITOPS_H */
