/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Buddy allocator over memory that is taken from the platform lazily.
 *
 * Memory is known as a few extents. The pages of an extent below its `front`
 * have been handed to the buddy lists; those above have not been touched, and
 * perhaps not been mapped. When the lists run low, the front moves up by a
 * chunk that grows from 256 KiB to 4 MiB. So nothing is done at boot, and no
 * step costs more than one chunk.
 *
 * Each page has one byte of state: for the first page of a block its order and
 * whether it is free, else 0. That is enough to merge buddies and to notice a
 * wrong or second free. The bytes of the first extents lie in a small static
 * table; a later extent has them in its own first pages, of which one describes
 * 16 MiB. Free blocks are linked through their first words; for that reason this
 * file is not instrumented by the address sanitizer, to which free pages are
 * poison.
 */
#include <uk/pages.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <uk/asan.h>
#include <uk/assert.h>
#include <uk/plat/memory.h>
#include <uk/util.h>

#define MAX_ORDER 18
#define N_EXTENTS 32
#define STATIC_STATES 256
/* Do not open an extent with fewer static states than this */
#define STATIC_MIN 16
/* Tables of states are at most so long: with 32 extents, 128 GiB of memory */
#define TABLE_MAX_PAGES ((size_t)256)
#define CHUNK_MIN_PAGES 64
#define CHUNK_MAX_PAGES 1024

#define STATE_USED 0x40
#define STATE_FREE 0x80

struct extent {
	uintptr_t base, front, end;
	uint8_t *state;		/* of the pages from @base on */
	bool is_mapped;
};

struct free_block {
	struct free_block *next;
	struct free_block **prev;
};

static struct extent extents[N_EXTENTS];
static unsigned int n_extents;
static uint8_t static_states[STATIC_STATES];
static unsigned int n_static_states;

static struct free_block *free_lists[MAX_ORDER + 1];
static uint32_t free_orders;	/* bit n: free_lists[n] is not empty */

static size_t free_now;		/* pages in the lists */
static size_t used_now, used_max;

/* Where the next extent begins: all mapped regions first, then the others */
static struct {
	unsigned int region;
	uintptr_t from;		/* below it the region is taken */
	bool is_second_pass;
	bool is_at_end;
} cursor;
static bool is_growing;

static size_t order_bytes(unsigned int order)
{
	return UK_PAGE_SIZE << order;
}

/* State byte of the page at @va, or NULL when it is not ours. */
static uint8_t *state_of(uintptr_t va)
{
	unsigned int i;

	for (i = 0; i < n_extents; i++) {
		const struct extent *e = &extents[i];

		if (va - e->base < e->front - e->base)
			return &e->state[(va - e->base) >> UK_PAGE_SHIFT];
	}
	return NULL;
}

static void list_insert(uintptr_t va, unsigned int order)
{
	struct free_block *b = (struct free_block *)va;

	b->next = free_lists[order];
	b->prev = &free_lists[order];
	if (b->next)
		b->next->prev = &b->next;
	free_lists[order] = b;
	free_orders |= 1U << order;
}

static void list_remove(struct free_block *b, unsigned int order)
{
	*b->prev = b->next;
	if (b->next)
		b->next->prev = b->prev;
	if (!free_lists[order])
		free_orders &= ~(1U << order);
}

/* Put a block whose states are all 0 into the lists, merged with its free
 * buddies. */
static void block_free(uintptr_t va, unsigned int order)
{
	free_now += (size_t)1 << order;
	for (; order < MAX_ORDER; order++) {
		uintptr_t buddy = va ^ order_bytes(order);
		uint8_t *st = state_of(buddy);

		if (!st || *st != (STATE_FREE | order))
			break;
		list_remove((struct free_block *)buddy, order);
		*st = 0;
		va &= ~order_bytes(order);
	}
	*state_of(va) = STATE_FREE | order;
	list_insert(va, order);
}

/* Take a block of @order out of the lists; 0: there is none. */
static uintptr_t block_take(unsigned int order)
{
	uint32_t fitting = free_orders & (UINT32_MAX << order);
	unsigned int have;
	uintptr_t va;

	if (!fitting)
		return 0;
	have = (unsigned int)__builtin_ctz(fitting);
	va = (uintptr_t)free_lists[have];
	list_remove(free_lists[have], have);
	while (have > order) {
		have--;
		*state_of(va + order_bytes(have)) = STATE_FREE | have;
		list_insert(va + order_bytes(have), have);
	}
	*state_of(va) = STATE_USED | order;
	free_now -= (size_t)1 << order;
	return va;
}

/* Order of the largest aligned block at @va that ends at or before @end. */
static unsigned int fitting_order(uintptr_t va, uintptr_t end)
{
	unsigned int order = 0;

	while (order < MAX_ORDER && !(va & order_bytes(order)) &&
	       end - va >= order_bytes(order + 1))
		order++;
	return order;
}

static void range_free(uintptr_t va, uintptr_t end)
{
	while (va < end) {
		unsigned int order = fitting_order(va, end);

		block_free(va, order);
		va += order_bytes(order);
	}
}

/* The rest of the region at the cursor; false: there are no more regions. */
static bool cursor_region(struct uk_mem_region *r)
{
	while (!cursor.is_at_end) {
		if (uk_plat_mem_region(cursor.region, r) < 0) {
			cursor.is_at_end = cursor.is_second_pass;
			cursor.is_second_pass = true;
			cursor.region = 0;
			cursor.from = 0;
			continue;
		}
		if (r->is_mapped != cursor.is_second_pass &&
		    r->base + r->len_bytes > cursor.from) {
			if (r->base < cursor.from) {
				r->len_bytes -= cursor.from - r->base;
				r->base = cursor.from;
			}
			return true;
		}
		cursor.region++;
	}
	return false;
}

/* Pages at the start of @e that hold its states */
static size_t table_pages_of(const struct extent *e)
{
	size_t n_pages = (e->end - e->base) >> UK_PAGE_SHIFT;

	return (uintptr_t)e->state == e->base ? UK_DIV_ROUND_UP(n_pages, UK_PAGE_SIZE) : 0;
}

/* Take static states for @n_pages, or for the first of many; false: too few are
 * left, or none. */
static bool has_static_states(struct extent *e, size_t *n_pages)
{
	size_t left = STATIC_STATES - n_static_states;

	if (left < UK_MIN(*n_pages, (size_t)STATIC_MIN))
		return false;
	*n_pages = UK_MIN(*n_pages, left);
	e->state = &static_states[n_static_states];
	n_static_states += *n_pages;
	return true;
}

static struct extent *extent_open(void)
{
	struct extent *e = &extents[n_extents];
	struct uk_mem_region r;
	size_t n_pages;

	while (n_extents < N_EXTENTS && cursor_region(&r)) {
		n_pages = r.len_bytes >> UK_PAGE_SHIFT;
		if (!has_static_states(e, &n_pages)) {
			n_pages = UK_MIN(n_pages, TABLE_MAX_PAGES << UK_PAGE_SHIFT);
			e->state = (uint8_t *)r.base;
		}
		e->base = r.base;
		e->front = r.base;
		e->end = r.base + (n_pages << UK_PAGE_SHIFT);
		e->is_mapped = r.is_mapped;
		cursor.from = e->end;
		/* A page that would only hold its own state is left alone */
		if (table_pages_of(e) == n_pages)
			continue;
		n_extents++;
		return e;
	}
	return NULL;
}

/* Bytes by which @e's front moves next: chunks end at multiples of their size
 * and grow with what there is already. */
static size_t chunk_bytes(const struct extent *e)
{
	size_t have = free_now + used_now, chunk = CHUNK_MIN_PAGES;
	uintptr_t end;

	while (chunk < CHUNK_MAX_PAGES && chunk < have)
		chunk <<= 1;
	chunk <<= UK_PAGE_SHIFT;
	end = (e->front + chunk) & ~(chunk - 1);
	return UK_MIN(end, e->end) - e->front;
}

/* Bring one more chunk into the lists. @return whether there was one. */
static bool grow(void)
{
	struct extent *e = n_extents ? &extents[n_extents - 1] : NULL;
	size_t len, n_table;
	uintptr_t from;

	if (is_growing)
		return false;
	is_growing = true;
	if (!e || e->front == e->end)
		e = extent_open();
	if (!e)
		goto out;
	/* A table is in its extent's first chunk */
	n_table = e->front == e->base ? table_pages_of(e) : 0;
	len = UK_MAX(chunk_bytes(e), n_table ? (n_table + 1) << UK_PAGE_SHIFT : 0);
	if (!e->is_mapped && uk_plat_mem_map(e->front, len) < 0) {
		e = NULL;
		goto out;
	}
	from = e->front;
	memset(&e->state[(from - e->base) >> UK_PAGE_SHIFT], 0,
	       len >> UK_PAGE_SHIFT);
	e->front += len;
	used_now += n_table;
	range_free(from + (n_table << UK_PAGE_SHIFT), e->front);
out:
	is_growing = false;
	return e != NULL;
}

/* Could @n_pages be had at all? Only asked when the lists cannot serve it. */
static bool is_within_total(size_t n_pages)
{
	struct uk_pages_stats st;

	uk_pages_stats(&st);
	return n_pages <= st.free_pages;
}

/* A block of @order of which the caller uses @n_pages; 0: out of memory. */
static uintptr_t block_get(unsigned int order, size_t n_pages)
{
	size_t need = (size_t)1 << order;
	uintptr_t va;

	if (!(free_orders >> order) && !is_within_total(need))
		return 0;
	/* Mapping more needs some pages itself: keep them */
	while ((!(free_orders >> order) || free_now < need + UK_PLAT_MEM_MAP_RESERVE_PAGES) &&
	       grow())
		;
	va = block_take(order);
	if (!va)
		return 0;
	used_now += n_pages;
	if (used_now > used_max)
		used_max = used_now;
	uk_asan_unpoison((void *)va, n_pages << UK_PAGE_SHIFT);
	return va;
}

void *uk_pages_alloc(unsigned int order)
{
	if (order > MAX_ORDER)
		return NULL;
	return (void *)block_get(order, (size_t)1 << order);
}

void uk_pages_free(void *va, unsigned int order)
{
	uint8_t *st = state_of((uintptr_t)va);

	uk_bug_on(!st || *st != (STATE_USED | order) ||
		  ((uintptr_t)va & ~UK_PAGE_MASK));
	*st = 0;
	used_now -= (size_t)1 << order;
	uk_asan_poison(va, order_bytes(order));
	block_free((uintptr_t)va, order);
}

void *uk_pages_alloc_n(size_t n_pages)
{
	unsigned int order;
	uintptr_t va, p, end;

	if (n_pages == 0 || n_pages > (size_t)1 << MAX_ORDER)
		return NULL;
	order = uk_pages_order(n_pages << UK_PAGE_SHIFT);
	va = block_get(order, n_pages);
	if (!va)
		return NULL;
	end = va + (n_pages << UK_PAGE_SHIFT);
	range_free(end, va + order_bytes(order));
	/* Cut as uk_pages_free_n() will free it */
	for (p = va; p < end; p += order_bytes(order)) {
		order = fitting_order(p, end);
		*state_of(p) = STATE_USED | order;
	}
	return (void *)va;
}

void uk_pages_free_n(void *va, size_t n_pages)
{
	uintptr_t p = (uintptr_t)va, end = p + (n_pages << UK_PAGE_SHIFT);

	while (p < end) {
		unsigned int order = fitting_order(p, end);

		uk_pages_free((void *)p, order);
		p += order_bytes(order);
	}
}

unsigned int uk_pages_order(size_t len_bytes)
{
	unsigned long last = len_bytes ? (len_bytes - 1) >> UK_PAGE_SHIFT : 0;

	return last ? 8 * sizeof(last) - (unsigned int)__builtin_clzl(last) : 0;
}

void uk_pages_stats(struct uk_pages_stats *st)
{
	struct uk_mem_region r;
	unsigned int i;

	st->total_pages = 0;
	for (i = 0; uk_plat_mem_region(i, &r) == 0; i++)
		st->total_pages += r.len_bytes >> UK_PAGE_SHIFT;
	st->free_pages = st->total_pages - used_now;
	st->min_free_pages = st->total_pages - used_max;
}
