/* SPDX-License-Identifier: BSD-3-Clause */
/* As memcpy(): few bytes by overlapping words, many by the string instruction. */
#include <string.h>

#include "../word.h"

static void set_few(char *d, uint64_t v, size_t n)
{
	if (n >= 4) {
		AS_U32(d) = (uint32_t)v;
		AS_U32(d + n - 4) = (uint32_t)v;
	} else if (n >= 2) {
		AS_U16(d) = (uint16_t)v;
		AS_U16(d + n - 2) = (uint16_t)v;
	} else if (n) {
		*d = (char)v;
	}
}

void *(memset)(void *dst, int c, size_t n)
{
	uint64_t v = (unsigned char)c * 0x0101010101010101ULL;
	char *d = dst;
	size_t words;

	if (n < 8) {
		set_few(d, v, n);
		return dst;
	}
	AS_U64(d + n - 8) = v;
	words = (n - 1) / 8;
	if (n > 64) {
		__asm__ volatile("rep stosq"
				 : "+D"(d), "+c"(words)
				 : "a"(v)
				 : "memory");
		return dst;
	}
	for (; words > 0; words--, d += 8)
		AS_U64(d) = v;
	return dst;
}
