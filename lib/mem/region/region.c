/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The smallest heap: a pointer that moves up through a chunk of pages.
 *
 * Only the block that was handed out last can be given back or grow; freeing
 * another one does nothing, its memory is lost until the image ends. Blocks of
 * more than LARGE bytes are runs of pages of their own, and are really freed.
 * For images that allocate while they start and then no more.
 */
#include <uk/heap_driver.h>

#include <stdint.h>

#include <uk/arch/page.h>
#include <uk/asan.h>
#include <uk/assert.h>
#include <uk/pages.h>
#include <uk/util.h>

#define CHUNK_PAGES 4
#define LARGE UK_PAGE_SIZE

/* Right before each block */
struct head {
	size_t size;		/* that may be used */
	size_t n_pages;		/* of a large block; else 0 */
};

static uintptr_t chunk_at, chunk_end;	/* what is left of the chunk */
static struct head *last;		/* the only block that can be freed */
static uintptr_t before_last;		/* chunk_at before it was handed out */
static struct uk_heap_stats stats;

static struct head *head_of(const void *p)
{
	return (struct head *)p - 1;
}

static void *large_get(size_t align, size_t size)
{
	size_t skip = UK_MAX(align, sizeof(struct head));
	struct head *h;
	size_t n;
	char *base;

	if (size > SIZE_MAX / 2)
		return NULL;
	n = UK_DIV_ROUND_UP(skip + size, UK_PAGE_SIZE);
	base = uk_pages_alloc_n(n);
	if (!base)
		return NULL;
	uk_asan_poison(base, n << UK_PAGE_SHIFT);
	h = head_of(base + skip);
	h->size = (n << UK_PAGE_SHIFT) - skip;
	h->n_pages = n;
	stats.held_bytes += n << UK_PAGE_SHIFT;
	stats.used_bytes += n << UK_PAGE_SHIFT;
	stats.n_allocs++;
	return h + 1;
}

static bool chunk_add(void)
{
	size_t bytes = CHUNK_PAGES << UK_PAGE_SHIFT;
	void *base = uk_pages_alloc_n(CHUNK_PAGES);

	if (!base)
		return false;
	uk_asan_poison(base, bytes);
	chunk_at = (uintptr_t)base;
	chunk_end = chunk_at + bytes;
	stats.held_bytes += bytes;
	return true;
}

/* Where in the chunk a block would be; 0: it does not fit. */
static uintptr_t place(size_t align, size_t size)
{
	uintptr_t p = UK_ALIGN_UP(chunk_at + sizeof(struct head), align);

	return p <= chunk_end && size <= chunk_end - p ? p : 0;
}

void *uk_heap_get(size_t align, size_t size)
{
	uintptr_t p;

	if (size > LARGE)
		return large_get(align, size);
	p = place(align, size);
	if (!p) {
		if (!chunk_add())
			return NULL;
		p = place(align, size);
	}
	last = head_of((void *)p);
	last->size = size;
	last->n_pages = 0;
	before_last = chunk_at;
	chunk_at = p + size;
	stats.used_bytes += chunk_at - before_last;
	stats.n_allocs++;
	return (void *)p;
}

void uk_heap_put(void *p)
{
	struct head *h = head_of(p);
	size_t n = h->n_pages;

	uk_bug_on((uintptr_t)p & (UK_HEAP_ALIGN - 1));
	stats.n_allocs--;
	if (n) {
		stats.held_bytes -= n << UK_PAGE_SHIFT;
		stats.used_bytes -= n << UK_PAGE_SHIFT;
		uk_pages_free_n((void *)((uintptr_t)h & UK_PAGE_MASK), n);
	} else if (h == last) {
		stats.used_bytes -= chunk_at - before_last;
		chunk_at = before_last;
		last = NULL;
	}
}

size_t uk_heap_room(const void *p)
{
	return head_of(p)->size;
}

bool uk_heap_resize(void *p, size_t size)
{
	struct head *h = head_of(p);

	if (h == last && size <= chunk_end - (uintptr_t)p) {
		stats.used_bytes += size - h->size;
		h->size = size;
		chunk_at = (uintptr_t)p + size;
		return true;
	}
	return size <= h->size && (!h->n_pages || size >= h->size / 2);
}

void uk_heap_count(struct uk_heap_stats *st)
{
	*st = stats;
}
