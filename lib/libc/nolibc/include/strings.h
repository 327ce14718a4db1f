/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What BSD has beside <string.h>.
 *
 * Rules
 * - Any context. Letters are those of ASCII.
 */
#ifndef UK_LIBC_STRINGS_H
#define UK_LIBC_STRINGS_H

#include <stddef.h>

int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t n);

/** Number of the lowest set bit, from 1; 0 when there is none. */
static inline int ffs(int x)
{
	return __builtin_ffs(x);
}

static inline int ffsl(long x)
{
	return __builtin_ffsl(x);
}

static inline int ffsll(long long x)
{
	return __builtin_ffsll(x);
}

#endif /* UK_LIBC_STRINGS_H */
