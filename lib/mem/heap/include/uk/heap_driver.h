/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an implementation of the heap provides; <uk/alloc.h> is built on it.
 *
 * Rules
 * - Exactly one implementation is linked (the choice LIBHEAP_IMPL).
 * - An implementation checks what is cheap (double free, alignment); canaries
 *   and poisoning are done above it, by lib/mem/heap. It is itself compiled
 *   without the address sanitizer, because its headers lie between blocks
 *   that are poison to everybody else. What it holds but has not handed out
 *   is poisoned by it.
 */
#ifndef UK_HEAP_DRIVER_H
#define UK_HEAP_DRIVER_H

#include <stdbool.h>
#include <stddef.h>

#include <uk/alloc.h>

#define UK_HEAP_ALIGN 16

/**
 * @align: a power of two, UK_HEAP_ALIGN .. UK_PAGE_SIZE. @size: may be 0.
 * @return NULL: out of memory.
 */
void *uk_heap_get(size_t align, size_t size);

/** Give @p, not NULL, back. */
void uk_heap_put(void *p);

/** Bytes that the owner of @p may use: at least what was asked for. */
size_t uk_heap_room(const void *p);

/** Make @p hold @size bytes where it is. @return whether that was possible. */
bool uk_heap_resize(void *p, size_t size);

void uk_heap_count(struct uk_heap_stats *st);

/* ---- Of the heap itself, above its implementation ---- */

/** Ask the last resort (uk_heap_set_last_resort()) as long as it helps. */
void *uk_heap_get_hard(size_t align, size_t size);

/** uk_heap_get(), and then the last resort. */
static inline void *uk_heap_take(size_t align, size_t size)
{
	void *p = uk_heap_get(align, size);

	return uk_likely(p) ? p : uk_heap_get_hard(align, size);
}

#endif /* UK_HEAP_DRIVER_H */
