/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "word.h"

int (memcmp)(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a, *q = b;

	if (is_alike(p, q) && is_aligned(p)) {
		for (; n >= WORD_BYTES; n -= WORD_BYTES) {
			if (*(const word_t *)p != *(const word_t *)q)
				break;
			p += WORD_BYTES;
			q += WORD_BYTES;
		}
	}
	for (; n > 0; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}
