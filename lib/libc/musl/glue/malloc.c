/* SPDX-License-Identifier: BSD-3-Clause */
/* The heap of the image in place of musl's: the libraries use it as well, and
 * it needs neither mmap() nor brk(). */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>

static void *checked(void *p)
{
	if (!p)
		errno = ENOMEM;
	return p;
}

void *malloc(size_t size)
{
	return checked(uk_malloc(size));
}

void *calloc(size_t n, size_t size)
{
	return checked(uk_calloc(n, size));
}

void *realloc(void *p, size_t size)
{
	return checked(uk_realloc(p, size));
}

void free(void *p)
{
	uk_free(p);
}

static int aligned(void **out, size_t align, size_t size)
{
	if (!align || (align & (align - 1)))
		return EINVAL;
	if (align > UK_PAGE_SIZE)
		return ENOMEM;
	*out = uk_memalign(align, size);
	return *out ? 0 : ENOMEM;
}

int posix_memalign(void **out, size_t align, size_t size)
{
	return align < sizeof(void *) ? EINVAL : aligned(out, align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	void *p = NULL;
	int err = aligned(&p, align, size);

	if (err)
		errno = err;
	return p;
}

void *memalign(size_t align, size_t size)
{
	return aligned_alloc(align, size);
}

/* musl's own files call these */
extern __typeof__(malloc) __libc_malloc __attribute__((alias("malloc")));
extern __typeof__(malloc) __libc_malloc_impl __attribute__((alias("malloc")));
extern __typeof__(calloc) __libc_calloc __attribute__((alias("calloc")));
extern __typeof__(realloc) __libc_realloc __attribute__((alias("realloc")));
extern __typeof__(free) __libc_free __attribute__((alias("free")));
