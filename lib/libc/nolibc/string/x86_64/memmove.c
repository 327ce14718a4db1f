/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Upwards by words, also when source and destination overlap by less than a
 * word: the bytes that a store destroys are those that were read before. Not
 * by the string instruction with the direction flag set, which is slow.
 */
#include <string.h>

#include "../word.h"

static void move_down(char *d, const char *s, size_t n)
{
	size_t words = n / 8;

	n &= 7;
	if (words >= 8) {
		__asm__ volatile("rep movsq"
				 : "+D"(d), "+S"(s), "+c"(words)
				 :
				 : "memory");
	} else {
		for (; words > 0; words--, d += 8, s += 8)
			AS_U64(d) = AS_U64(s);
	}
	while (n-- > 0)
		*d++ = *s++;
}

static void move_up(char *d, const char *s, size_t n)
{
	for (; n >= 8; n -= 8)
		AS_U64(d + n - 8) = AS_U64(s + n - 8);
	for (; n > 0; n--)
		d[n - 1] = s[n - 1];
}

void *(memmove)(void *dst, const void *src, size_t n)
{
	if ((uintptr_t)dst - (uintptr_t)src >= n)
		move_down(dst, src, n);
	else
		move_up(dst, src, n);
	return dst;
}
