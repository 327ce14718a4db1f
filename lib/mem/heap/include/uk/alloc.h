/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The heap: one interface, its implementation chosen in menuconfig
 * (LIBTLSF: general, O(1); LIBREGION: only grows, smallest).
 *
 * Rules
 * - Not callable from event context. Memory comes from <uk/pages.h>.
 * - Results are aligned to 16 bytes. A size of 0 gives a pointer that may be
 *   freed. NULL means out of memory, always to be handled.
 * - uk_free() of a bad pointer or twice is a bug; debug builds
 *   (LIBHEAP_DEBUG) find it, and writes past the end, and name the block.
 */
#ifndef UK_ALLOC_H
#define UK_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

#include <uk/util.h>

void *uk_malloc(size_t size) uk_warn_unused;
void *uk_calloc(size_t n, size_t size) uk_warn_unused;
void *uk_realloc(void *p, size_t size) uk_warn_unused;
/** @align: a power of two, at most UK_PAGE_SIZE. */
void *uk_memalign(size_t align, size_t size) uk_warn_unused;
void uk_free(void *p);

/**
 * @release is called when memory has run out, before NULL is returned: it frees
 * something of its own with uk_free() and says whether it did, for another try. It
 * must not allocate. One for the image; NULL: none.
 */
void uk_heap_set_last_resort(bool (*release)(size_t size));

struct uk_heap_stats {
	size_t used_bytes;	/* handed out, with headers */
	size_t held_bytes;	/* taken from the page allocator */
	size_t n_allocs;	/* live blocks */
};

void uk_heap_stats(struct uk_heap_stats *st);

#endif /* UK_ALLOC_H */
