/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include <errno.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>

static void *or_enomem(void *p)
{
	if (!p)
		errno = ENOMEM;
	return p;
}

void *malloc(size_t size)
{
	return or_enomem(uk_malloc(size));
}

void *calloc(size_t n, size_t size)
{
	return or_enomem(uk_calloc(n, size));
}

void *realloc(void *p, size_t size)
{
	return or_enomem(uk_realloc(p, size));
}

void *reallocarray(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return or_enomem(NULL);
	return realloc(p, bytes);
}

int posix_memalign(void **p, size_t align, size_t size)
{
	void *q;

	if (align == 0 || (align & (align - 1)) || align > UK_PAGE_SIZE)
		return EINVAL;
	q = uk_memalign(align, size);
	if (!q)
		return ENOMEM;
	*p = q;
	return 0;
}

void *aligned_alloc(size_t align, size_t size)
{
	void *p = NULL;
	int err = posix_memalign(&p, align, size);

	if (err)
		errno = err;
	return p;
}

void free(void *p)
{
	uk_free(p);
}
