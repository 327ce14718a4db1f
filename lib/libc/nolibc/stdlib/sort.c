/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

typedef int (*cmp_t)(const void *a, const void *b);

static void swap(char *a, char *b, size_t size)
{
	while (size-- > 0) {
		char c = *a;

		*a++ = *b;
		*b++ = c;
	}
}

/* Let the element @i of the heap of @n sink to its place. */
static void sift(char *base, size_t i, size_t n, size_t size, cmp_t cmp)
{
	size_t child;

	for (; (child = 2 * i + 1) < n; i = child) {
		char *c = base + child * size;

		if (child + 1 < n && cmp(c, c + size) < 0) {
			child++;
			c += size;
		}
		if (cmp(base + i * size, c) >= 0)
			return;
		swap(base + i * size, c, size);
	}
}

void qsort(void *base, size_t n, size_t size, cmp_t cmp)
{
	size_t i;

	for (i = n / 2; i > 0; i--)
		sift(base, i - 1, n, size, cmp);
	while (n > 1) {
		n--;
		swap(base, (char *)base + n * size, size);
		sift(base, 0, n, size, cmp);
	}
}

void *bsearch(const void *key, const void *base, size_t n, size_t size,
	      cmp_t cmp)
{
	const char *from = base;

	while (n > 0) {
		const char *mid = from + n / 2 * size;
		int order = cmp(key, mid);

		if (order == 0)
			return (void *)mid;
		if (order > 0) {
			from = mid + size;
			n--;
		}
		n /= 2;
	}
	return NULL;
}
