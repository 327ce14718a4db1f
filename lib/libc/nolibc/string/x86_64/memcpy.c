/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Up to 64 bytes by words, the last of which overlaps the one before it; more
 * by the string instruction, whose start costs about as much as that.
 */
#include <string.h>

#include "../word.h"

static void copy_few(char *d, const char *s, size_t n)
{
	if (n >= 4) {
		uint32_t last = AS_U32(s + n - 4);

		AS_U32(d) = AS_U32(s);
		AS_U32(d + n - 4) = last;
	} else if (n >= 2) {
		uint16_t last = AS_U16(s + n - 2);

		AS_U16(d) = AS_U16(s);
		AS_U16(d + n - 2) = last;
	} else if (n) {
		*d = *s;
	}
}

void *(memcpy)(void *restrict dst, const void *restrict src, size_t n)
{
	char *d = dst;
	const char *s = src;
	uint64_t last;
	size_t words;

	if (n < 8) {
		copy_few(d, s, n);
		return dst;
	}
	last = AS_U64(s + n - 8);
	AS_U64(d + n - 8) = last;
	words = (n - 1) / 8;
	if (n > 64) {
		__asm__ volatile("rep movsq"
				 : "+D"(d), "+S"(s), "+c"(words)
				 :
				 : "memory");
		return dst;
	}
	for (; words > 0; words--, d += 8, s += 8)
		AS_U64(d) = AS_U64(s);
	return dst;
}
