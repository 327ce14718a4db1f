/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranges and searches in maps of bits, a word at a time. */
#include <uk/bitops.h>

/* Bits of word @w that lie in [@from, @end) */
static unsigned long range_mask(size_t w, size_t from, size_t end)
{
	size_t base = w * UK_BITS_PER_LONG;
	unsigned long mask = ~0UL;

	if (from > base)
		mask &= ~0UL << (from - base);
	if (end - base < UK_BITS_PER_LONG)
		mask &= ~(~0UL << (end - base));
	return mask;
}

void uk_bitmap_set(unsigned long *map, size_t from, size_t n)
{
	size_t end = from + n;

	for (size_t w = uk_bit_word(from); w * UK_BITS_PER_LONG < end; w++)
		map[w] |= range_mask(w, from, end);
}

void uk_bitmap_clear(unsigned long *map, size_t from, size_t n)
{
	size_t end = from + n;

	for (size_t w = uk_bit_word(from); w * UK_BITS_PER_LONG < end; w++)
		map[w] &= ~range_mask(w, from, end);
}

/* @flip: 0 to look for a set bit, ~0 for a clear one */
static size_t next(const unsigned long *map, size_t bits, size_t from, unsigned long flip)
{
	for (size_t w = uk_bit_word(from); w * UK_BITS_PER_LONG < bits; w++) {
		unsigned long found = (map[w] ^ flip) & range_mask(w, from, bits);

		if (found)
			return w * UK_BITS_PER_LONG + uk_bit_lowest(found);
	}
	return bits;
}

size_t uk_bitmap_next_set(const unsigned long *map, size_t bits, size_t from)
{
	return next(map, bits, from, 0);
}

size_t uk_bitmap_next_clear(const unsigned long *map, size_t bits, size_t from)
{
	return next(map, bits, from, ~0UL);
}

size_t uk_bitmap_find_clear(const unsigned long *map, size_t bits, size_t from, size_t n)
{
	size_t start = uk_bitmap_next_clear(map, bits, from);

	while (start < bits && n <= bits - start) {
		size_t end = uk_bitmap_next_set(map, start + n, start);

		if (end == start + n)
			return start;
		start = uk_bitmap_next_clear(map, bits, end);
	}
	return bits;
}
