/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sparse pages, in two levels: an array of leaves, a leaf being a page of
 * pointers to pages.
 *
 * A frontend writes when it likes, and must not find the memory gone that
 * another one has taken meanwhile. So memory is set aside for a whole disk when
 * it is made (n_promised), although it is taken page by page.
 */
#include "ramdisk_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/util.h>

#define PAGES_PER_LEAF (UK_PAGE_SIZE / sizeof(void *))
#define RESERVE_PAGES (CONFIG_LIBRAMDISK_RESERVE_KB / 4)

/* Read where nothing was written; never written itself */
static const char zeros[UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);

/* Pages set aside for all disks and not taken yet */
static uint64_t n_promised;

static uint64_t n_leaves(uint64_t n_pages)
{
	return UK_DIV_ROUND_UP(n_pages, PAGES_PER_LEAF);
}

/* What @n_pages of contents take at most, without the array of leaves */
static uint64_t full_cost(uint64_t n_pages)
{
	return n_pages + n_leaves(n_pages);
}

uint64_t ramdisk_store_available(void)
{
	struct uk_pages_stats stats;
	uint64_t taken = n_promised + RESERVE_PAGES;

	uk_pages_stats(&stats);
	return stats.free_pages > taken ? stats.free_pages - taken : 0;
}

int ramdisk_store_grow(struct ramdisk_store *st, uint64_t n_pages)
{
	uint64_t old = n_leaves(st->n_pages), new = n_leaves(n_pages);
	uint64_t available = ramdisk_store_available();
	void ***leaves;

	if (st->kept)
		return -ENOMEM;
	/* The first comparison also keeps the arithmetic small */
	if (n_pages > available + st->n_pages ||
	    full_cost(n_pages) - full_cost(st->n_pages) +
			    new * sizeof(void *) / UK_PAGE_SIZE > available)
		return -ENOMEM;
	leaves = uk_realloc(st->leaves, (size_t)new * sizeof(*leaves));
	if (!leaves)
		return -ENOMEM;
	memset(leaves + old, 0, (size_t)(new - old) * sizeof(*leaves));
	st->leaves = leaves;
	n_promised += full_cost(n_pages) - full_cost(st->n_pages);
	st->n_pages = n_pages;
	return 0;
}

int ramdisk_store_init(struct ramdisk_store *st, uint64_t n_pages)
{
	*st = (struct ramdisk_store) { 0 };
	return ramdisk_store_grow(st, n_pages);
}

/* A leaf's entry of a page that was never written, or of one that reads as zeros now
 * and not as the image any more */
static bool has_page(const void *entry)
{
	return entry && entry != zeros;
}

static void free_leaf(void **leaf)
{
	for (size_t i = 0; i < PAGES_PER_LEAF; i++)
		if (has_page(leaf[i]))
			uk_pages_free(leaf[i], 0);
	uk_pages_free(leaf, 0);
}

void ramdisk_store_free(struct ramdisk_store *st)
{
	if (st->kept)
		return;
	for (uint64_t i = 0; i < n_leaves(st->n_pages); i++)
		if (st->leaves[i])
			free_leaf(st->leaves[i]);
	uk_free(st->leaves);
	n_promised -= full_cost(st->n_pages) - st->n_taken;
}

static void *take_page(struct ramdisk_store *st)
{
	void *va = uk_pages_alloc(0);

	if (va) {
		st->n_taken++;
		n_promised--;
	}
	return va;
}

/* What page @i reads as until it is written */
static const char *unwritten(const struct ramdisk_store *st, uint64_t i)
{
	return i < st->image_pages ? st->image + (size_t)i * UK_PAGE_SIZE : zeros;
}

/* The entry of page @i; NULL: no memory for its leaf. */
static void **take_entry(struct ramdisk_store *st, uint64_t i)
{
	void ***leaf = &st->leaves[i / PAGES_PER_LEAF];

	if (!*leaf) {
		*leaf = take_page(st);
		if (!*leaf)
			return NULL;
		memset(*leaf, 0, UK_PAGE_SIZE);
	}
	return &(*leaf)[i % PAGES_PER_LEAF];
}

/* The whole page gets contents, whatever part of it the caller writes: a write
 * that fails half-way must not show old memory. */
static void *first_write(struct ramdisk_store *st, uint64_t i)
{
	void **entry = take_entry(st, i), *va;

	if (!entry)
		return NULL;
	va = take_page(st);
	if (va) {
		memcpy(va, *entry ? *entry : unwritten(st, i), UK_PAGE_SIZE);
		*entry = va;
	}
	return va;
}

void *ramdisk_store_page(struct ramdisk_store *st, uint64_t i, bool is_write)
{
	void **leaf;

	if (st->kept)
		return st->kept + (size_t)i * UK_PAGE_SIZE;
	leaf = st->leaves[i / PAGES_PER_LEAF];
	if (leaf && leaf[i % PAGES_PER_LEAF] && (!is_write || has_page(leaf[i % PAGES_PER_LEAF])))
		return leaf[i % PAGES_PER_LEAF];
	return is_write ? first_write(st, i) : (void *)(uintptr_t)unwritten(st, i);
}

/* ---- What is not needed any more ---- */

static int clear_page(struct ramdisk_store *st, uint64_t i, bool is_erased)
{
	void **leaf = st->leaves[i / PAGES_PER_LEAF], **entry;

	if (!leaf && i >= st->image_pages)
		return 0;
	entry = take_entry(st, i);
	if (!entry)
		return -ENOSPC;
	if (has_page(*entry)) {
		if (is_erased)
			memset(*entry, 0, UK_PAGE_SIZE);
		uk_pages_free(*entry, 0);
		st->n_taken--;
		n_promised++;
	}
	*entry = i < st->image_pages ? (void *)(uintptr_t)zeros : NULL;
	return 0;
}

int ramdisk_store_clear(struct ramdisk_store *st, uint64_t i, uint64_t n, bool is_erased)
{
	int err = 0;

	if (st->kept) {
		memset(st->kept + (size_t)i * UK_PAGE_SIZE, 0, (size_t)n * UK_PAGE_SIZE);
		return 0;
	}
	for (uint64_t end = i + n; i < end && !err; i++)
		err = clear_page(st, i, is_erased);
	return err;
}
