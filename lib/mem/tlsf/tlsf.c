/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Heap by two-level segregated fit (Masmano, Ripoll, Crespo, Real, 2004).
 *
 * Free blocks hang in lists by size: the first level is the power of two, the
 * second splits each into N_SL steps. Two bitmaps find the first list whose
 * blocks all fit, so that allocation and release take the same bounded time,
 * whatever has happened before. Neighbours that are free are merged at once.
 *
 * Before all that comes a shelf: a few small blocks of each size that have just
 * been freed, kept whole. Programs take and free the same sizes again and again;
 * merging and cutting each time would be most of what the heap does. The shelf
 * is emptied before more memory is taken.
 *
 * Memory comes from the page allocator in pools of 16 KiB, then twice as much
 * each time up to POOL_MAX; a pool that is wholly free again goes back when
 * there is another one. Blocks of LARGE bytes and more are runs of pages.
 *
 * A used block costs one word, its size. Of a free block's neighbour above,
 * the word `prev_phys` is the last one of the free block:
 *
 *	block ->  prev_phys     (belongs to the block below, when that is used)
 *	          size | flags
 *	payload-> next, prev    (in the free list), or data
 *	          ...
 *	block + size: the next block. A pool ends with a used block of size 0.
 */
#include <uk/heap_driver.h>

#include <stdint.h>

#include <uk/arch/page.h>
#include <uk/asan.h>
#include <uk/assert.h>
#include <uk/pages.h>
#include <uk/util.h>

struct block {
	struct block *prev_phys;
	size_t size;
	struct block *next, *prev;
};

#define ALIGN UK_HEAP_ALIGN
#define HEAD_BYTES (2 * sizeof(void *))
/* Payload words of a free block: next, prev, the upper neighbour's prev_phys */
#define MIN_BLOCK UK_ALIGN_UP(HEAD_BYTES + 2 * sizeof(void *), (size_t)ALIGN)
#define POOL_END_BYTES ((size_t)ALIGN)

#define IS_FREE 1		/* this block */
#define IS_PREV_FREE 2		/* prev_phys is valid */
#define IS_FIRST 4		/* of its pool */
#define IS_LARGE 8		/* a run of pages of its own */
#define FLAGS 15

#define LARGE (32 * 1024)
#define POOL_MIN_PAGES 4
#define POOL_MAX_LOG2 18
#define POOL_MAX_PAGES ((size_t)1 << (POOL_MAX_LOG2 - UK_PAGE_SHIFT))

#define SL_LOG2 4
#define N_SL (1U << SL_LOG2)
/* Below: one list for each multiple of ALIGN */
#define LINEAR_LOG2 8
#define N_FL (POOL_MAX_LOG2 - LINEAR_LOG2 + 1)

#define SHELF_BYTES 512		/* blocks of less */
#define SHELF_DEPTH 8		/* so many of a size */
#define N_SHELVES (SHELF_BYTES / ALIGN)

static struct block *lists[N_FL][N_SL];
static uint32_t fl_map;
static uint16_t sl_map[N_FL];
static unsigned int n_idle_pools;
static size_t next_pool_pages = POOL_MIN_PAGES;
/* To the rest they are used; `prev` of each points to `shelves` */
static struct block *shelves[N_SHELVES];
static uint8_t n_shelved[N_SHELVES];
static struct uk_heap_stats stats;

static size_t size_of(const struct block *b)
{
	return b->size & ~(size_t)FLAGS;
}

static struct block *next_of(const struct block *b)
{
	return (struct block *)((char *)b + size_of(b));
}

static void *payload(const struct block *b)
{
	return (char *)b + HEAD_BYTES;
}

static struct block *block_of(const void *p)
{
	return (struct block *)((char *)p - HEAD_BYTES);
}

static unsigned int msb(size_t x)
{
	return (unsigned int)(8 * sizeof(long) - 1) -
	       (unsigned int)__builtin_clzl(x);
}

/* The list that a block of @size belongs to. */
static void list_index(size_t size, unsigned int *fl, unsigned int *sl)
{
	unsigned int top = msb(size);

	if (top < LINEAR_LOG2) {
		*fl = 0;
		*sl = size / ALIGN;
	} else {
		*fl = top - LINEAR_LOG2 + 1;
		*sl = (size >> (top - SL_LOG2)) & (N_SL - 1);
	}
}

static bool is_whole_pool(const struct block *b)
{
	return (b->size & IS_FIRST) && size_of(next_of(b)) == 0;
}

static void list_insert(struct block *b)
{
	unsigned int fl, sl;

	list_index(size_of(b), &fl, &sl);
	b->prev = NULL;
	b->next = lists[fl][sl];
	if (b->next)
		b->next->prev = b;
	lists[fl][sl] = b;
	fl_map |= 1U << fl;
	sl_map[fl] |= 1U << sl;
	n_idle_pools += is_whole_pool(b);
}

static void list_remove(struct block *b)
{
	unsigned int fl, sl;

	list_index(size_of(b), &fl, &sl);
	if (b->next)
		b->next->prev = b->prev;
	if (b->prev)
		b->prev->next = b->next;
	else
		lists[fl][sl] = b->next;
	if (!lists[fl][sl]) {
		sl_map[fl] &= ~(1U << sl);
		if (!sl_map[fl])
			fl_map &= ~(1U << fl);
	}
	n_idle_pools -= is_whole_pool(b);
}

static struct block *list_find(size_t size)
{
	unsigned int fl, sl;
	uint32_t map;

	/* Round up: every block of the list found must fit */
	if (size >= 1UL << LINEAR_LOG2)
		size += ((size_t)1 << (msb(size) - SL_LOG2)) - 1;
	list_index(size, &fl, &sl);
	if (fl >= N_FL)
		return NULL;
	map = sl_map[fl] & (UINT32_MAX << sl);
	if (!map) {
		map = fl_map & (UINT32_MAX << (fl + 1));
		if (!map)
			return NULL;
		fl = (unsigned int)__builtin_ctz(map);
		map = sl_map[fl];
	}
	return lists[fl][__builtin_ctz(map)];
}

static void mark_free(struct block *b)
{
	struct block *next = next_of(b);

	b->size |= IS_FREE;
	next->prev_phys = b;
	next->size |= IS_PREV_FREE;
}

static void mark_used(struct block *b)
{
	b->size &= ~(size_t)IS_FREE;
	next_of(b)->size &= ~(size_t)IS_PREV_FREE;
}

/* Cut @b, which is in no list, after @size bytes. @return the upper part, its
 * flags still to be set. */
static struct block *split(struct block *b, size_t size)
{
	struct block *rest = (struct block *)((char *)b + size);

	rest->size = size_of(b) - size;
	b->size = size | (b->size & FLAGS);
	return rest;
}

/* Give the end of the used block @b back when it is worth it. */
static void trim(struct block *b, size_t size)
{
	struct block *rest, *next;

	if (size_of(b) < size + MIN_BLOCK)
		return;
	rest = split(b, size);
	next = next_of(rest);
	if (next->size & IS_FREE) {
		list_remove(next);
		rest->size += size_of(next);
	}
	mark_free(rest);
	list_insert(rest);
}

static struct block *pool_add(size_t need)
{
	size_t min = UK_DIV_ROUND_UP(need + POOL_END_BYTES, UK_PAGE_SIZE);
	size_t n = UK_MAX(min, next_pool_pages);
	struct block *b;
	char *base = uk_pages_alloc_n(n);

	if (!base && n > min)
		base = uk_pages_alloc_n(n = min);
	if (!base)
		return NULL;
	if (next_pool_pages < POOL_MAX_PAGES)
		next_pool_pages *= 2;
	stats.held_bytes += n << UK_PAGE_SHIFT;
	uk_asan_poison(base, n << UK_PAGE_SHIFT);
	b = block_of(base + ALIGN);
	b->size = ((n << UK_PAGE_SHIFT) - POOL_END_BYTES) | IS_FIRST;
	next_of(b)->size = 0;
	mark_free(b);
	list_insert(b);
	return b;
}

static void pool_remove(struct block *b)
{
	size_t bytes = size_of(b) + POOL_END_BYTES;

	stats.held_bytes -= bytes;
	uk_pages_free_n((char *)payload(b) - ALIGN, bytes >> UK_PAGE_SHIFT);
}

static void *large_get(size_t align, size_t size)
{
	size_t n;
	struct block *b;
	char *base;

	if (size > SIZE_MAX / 2)
		return NULL;
	n = UK_DIV_ROUND_UP(size + align, UK_PAGE_SIZE);
	base = uk_pages_alloc_n(n);
	if (!base)
		return NULL;
	uk_asan_poison(base, n << UK_PAGE_SHIFT);
	b = block_of(base + align);
	b->size = n << UK_PAGE_SHIFT | IS_LARGE;
	stats.held_bytes += size_of(b);
	stats.used_bytes += size_of(b);
	stats.n_allocs++;
	return payload(b);
}

static void large_put(struct block *b)
{
	size_t bytes = size_of(b);
	void *base = (void *)((uintptr_t)b & UK_PAGE_MASK);

	stats.held_bytes -= bytes;
	stats.used_bytes -= bytes;
	stats.n_allocs--;
	uk_pages_free_n(base, bytes >> UK_PAGE_SHIFT);
}

/* Size of the block that holds @size bytes of payload. */
static size_t block_size(size_t size)
{
	size = UK_ALIGN_UP(size + sizeof(size_t), (size_t)ALIGN);
	return UK_MAX(size, MIN_BLOCK);
}

/* Give the start of the used block @b back, so that its payload is aligned. */
static struct block *align_front(struct block *b, size_t align)
{
	uintptr_t p = (uintptr_t)payload(b);
	uintptr_t at = UK_ALIGN_UP(p, align);
	struct block *upper;

	if (at == p)
		return b;
	if (at - p < MIN_BLOCK)
		at = UK_ALIGN_UP(p + MIN_BLOCK, align);
	upper = split(b, at - p);
	mark_free(b);
	list_insert(b);
	return upper;
}

/* Make the block free memory, in one piece with its free neighbours. */
static void release(struct block *b)
{
	struct block *next = next_of(b);

	/* Marks also a block that disappears in its neighbour: a second free
	 * is noticed as long as nobody has taken the memory */
	b->size |= IS_FREE;
	if (next->size & IS_FREE) {
		list_remove(next);
		b->size += size_of(next);
	}
	if (b->size & IS_PREV_FREE) {
		list_remove(b->prev_phys);
		b->prev_phys->size += size_of(b);
		b = b->prev_phys;
	}
	if (n_idle_pools && is_whole_pool(b)) {
		pool_remove(b);
		return;
	}
	mark_free(b);
	list_insert(b);
}

static struct block *shelf_get(size_t size)
{
	size_t i = size / ALIGN;
	struct block *b;

	if (i >= N_SHELVES || !shelves[i])
		return NULL;
	b = shelves[i];
	shelves[i] = b->next;
	n_shelved[i]--;
	b->prev = NULL;
	return b;
}

static bool shelf_put(struct block *b)
{
	size_t i = size_of(b) / ALIGN;

	if (i >= N_SHELVES || n_shelved[i] == SHELF_DEPTH)
		return false;
	b->next = shelves[i];
	b->prev = (struct block *)shelves;
	shelves[i] = b;
	n_shelved[i]++;
	return true;
}

static bool is_shelved(const struct block *b)
{
	size_t i = size_of(b) / ALIGN;
	const struct block *it;

	if (b->prev != (struct block *)shelves || i >= N_SHELVES)
		return false;
	for (it = shelves[i]; it && it != b; it = it->next)
		;
	return it;
}

/* @return whether there was anything. */
static bool shelves_clear(void)
{
	struct block *b;
	bool is_any = false;

	for (size_t size = MIN_BLOCK; size < SHELF_BYTES; size += ALIGN) {
		while ((b = shelf_get(size))) {
			release(b);
			is_any = true;
		}
	}
	return is_any;
}

/* A used block of @need bytes, from the lists or from more memory. */
static struct block *cut(size_t align, size_t need)
{
	size_t search = align > ALIGN ? need + align + MIN_BLOCK : need;
	struct block *b = list_find(search);

	if (!b && shelves_clear())
		b = list_find(search);
	if (!b)
		b = pool_add(search);
	if (!b)
		return NULL;
	list_remove(b);
	mark_used(b);
	if (align > ALIGN)
		b = align_front(b, align);
	trim(b, need);
	return b;
}

void *uk_heap_get(size_t align, size_t size)
{
	struct block *b;
	size_t need;
	void *p;

	if (size >= LARGE) {
		p = large_get(align, size);
		return p || !shelves_clear() ? p : large_get(align, size);
	}
	need = block_size(size);
	b = align > ALIGN ? NULL : shelf_get(need);
	if (!b)
		b = cut(align, need);
	if (!b)
		return NULL;
	stats.used_bytes += size_of(b);
	stats.n_allocs++;
	return payload(b);
}

void uk_heap_put(void *p)
{
	struct block *b = block_of(p), *next;

	uk_bug_on(((uintptr_t)p & (ALIGN - 1)) || (b->size & IS_FREE));
	if (b->size & IS_LARGE) {
		large_put(b);
		return;
	}
	next = next_of(b);
	/* Often all that shows of an overflow */
	uk_bug_on(size_of(b) >= (size_t)1 << POOL_MAX_LOG2 ||
		  (next->size & IS_PREV_FREE) || is_shelved(b));
	stats.used_bytes -= size_of(b);
	stats.n_allocs--;
	if (!shelf_put(b))
		release(b);
}

size_t uk_heap_room(const void *p)
{
	const struct block *b = block_of(p);

	if (b->size & IS_LARGE)
		return ((uintptr_t)b & UK_PAGE_MASK) + size_of(b) -
		       (uintptr_t)p;
	return size_of(b) - sizeof(size_t);
}

bool uk_heap_resize(void *p, size_t size)
{
	struct block *b = block_of(p), *next;
	size_t need, old;

	if (b->size & IS_LARGE)
		return size >= LARGE && size <= uk_heap_room(p) &&
		       size >= uk_heap_room(p) / 2;
	if (size >= LARGE)
		return false;
	need = block_size(size);
	old = size_of(b);
	next = next_of(b);
	if (need > old) {
		if (!(next->size & IS_FREE) || old + size_of(next) < need)
			return false;
		list_remove(next);
		b->size += size_of(next);
		mark_used(b);
	}
	trim(b, need);
	stats.used_bytes += size_of(b) - old;
	return true;
}

void uk_heap_count(struct uk_heap_stats *st)
{
	*st = stats;
}
