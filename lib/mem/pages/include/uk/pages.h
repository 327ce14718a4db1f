/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The page allocator: whole pages, in power-of-two runs, aligned to their
 * size.
 *
 * Rules
 * - Ready before the first init function; takes memory from the platform
 *   piece by piece, so boot time does not grow with memory size.
 * - Not callable from event context. Contents of new pages are undefined.
 * - Freeing what was not allocated is a bug and is detected where it is cheap.
 */
#ifndef UK_PAGES_H
#define UK_PAGES_H

#include <stddef.h>

#include <uk/arch/page.h>

/** Allocate 2^@order pages (order <= 18), aligned to that size. @return NULL: out of memory. */
void *uk_pages_alloc(unsigned int order);

/** Free what uk_pages_alloc() returned for the same @order. */
void uk_pages_free(void *va, unsigned int order);

/**
 * Allocate @n_pages consecutive pages, without rounding up to a power of two;
 * aligned to a page. @return NULL: out of memory, or @n_pages is 0.
 */
void *uk_pages_alloc_n(size_t n_pages);

/** Free what uk_pages_alloc_n() returned for the same @n_pages. */
void uk_pages_free_n(void *va, size_t n_pages);

/** Smallest order whose run holds @len_bytes. */
unsigned int uk_pages_order(size_t len_bytes);

struct uk_pages_stats {
	size_t total_pages;	/* all RAM the platform offers */
	size_t free_pages;	/* not allocated (mapped yet or not) */
	size_t min_free_pages;	/* the fewest that were ever free */
};

void uk_pages_stats(struct uk_pages_stats *st);

#endif /* UK_PAGES_H */
