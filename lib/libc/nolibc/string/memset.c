/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "word.h"

void *(memset)(void *dst, int c, size_t n)
{
	word_t v = (unsigned char)c * (~(word_t)0 / 255);
	unsigned char *d = dst;

	for (; n > 0 && !is_aligned(d); n--)
		*d++ = (unsigned char)c;
	for (; n >= WORD_BYTES; n -= WORD_BYTES) {
		*(word_t *)d = v;
		d += WORD_BYTES;
	}
	while (n-- > 0)
		*d++ = (unsigned char)c;
	return dst;
}
