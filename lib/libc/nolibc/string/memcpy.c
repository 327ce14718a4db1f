/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "word.h"

void *(memcpy)(void *restrict dst, const void *restrict src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if (is_alike(d, s)) {
		for (; n > 0 && !is_aligned(d); n--)
			*d++ = *s++;
		for (; n >= WORD_BYTES; n -= WORD_BYTES) {
			*(word_t *)d = *(const word_t *)s;
			d += WORD_BYTES;
			s += WORD_BYTES;
		}
	}
	while (n-- > 0)
		*d++ = *s++;
	return dst;
}
