/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "word.h"

static void move_down(unsigned char *d, const unsigned char *s, size_t n)
{
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
}

static void move_up(unsigned char *d, const unsigned char *s, size_t n)
{
	if (is_alike(d, s)) {
		for (; n > 0 && !is_aligned(d + n); n--)
			d[n - 1] = s[n - 1];
		for (; n >= WORD_BYTES; n -= WORD_BYTES)
			*(word_t *)(d + n - WORD_BYTES) =
				*(const word_t *)(s + n - WORD_BYTES);
	}
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
