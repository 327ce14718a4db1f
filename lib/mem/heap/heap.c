/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The heap's interface over its implementation. With the address sanitizer,
 * exactly the bytes that were asked for are accessible.
 */
#include <uk/alloc.h>

#include <string.h>

#include <uk/arch/page.h>
#include <uk/asan.h>
#include <uk/assert.h>
#include <uk/heap_driver.h>

/* Even an empty block has a byte that can be touched: see uk_free() */
static void *show(void *p, size_t size)
{
	if (IS_ENABLED(CONFIG_SAN_ADDRESS) && p)
		uk_asan_unpoison(p, size ? size : 1);
	return p;
}

static void hide(void *p)
{
	/* A block that was freed before is poison already: report it here */
	if (IS_ENABLED(CONFIG_SAN_ADDRESS)) {
		(void)*(volatile char *)p;
		uk_asan_poison(p, uk_heap_room(p));
	}
}

void *uk_malloc(size_t size)
{
	return show(uk_heap_take(UK_HEAP_ALIGN, size), size);
}

void *uk_memalign(size_t align, size_t size)
{
	uk_bug_on(align & (align - 1));
	if (align > UK_PAGE_SIZE)
		return NULL;
	return show(uk_heap_take(UK_MAX(align, (size_t)UK_HEAP_ALIGN), size),
		    size);
}

void *uk_calloc(size_t n, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	p = uk_malloc(bytes);
	return p ? memset(p, 0, bytes) : NULL;
}

void *uk_realloc(void *p, size_t size)
{
	size_t room;
	void *q;

	if (!p)
		return uk_malloc(size);
	if (uk_heap_resize(p, size)) {
		if (IS_ENABLED(CONFIG_SAN_ADDRESS))
			uk_asan_poison(p, uk_heap_room(p));
		return show(p, size);
	}
	q = uk_malloc(size);
	if (!q)
		return NULL;
	/* The room may exceed what was asked for: all of it may be copied */
	room = uk_heap_room(p);
	if (IS_ENABLED(CONFIG_SAN_ADDRESS))
		uk_asan_unpoison(p, room);
	memcpy(q, p, UK_MIN(room, size));
	uk_free(p);
	return q;
}

void uk_free(void *p)
{
	if (!p)
		return;
	hide(p);
	uk_heap_put(p);
}

void uk_heap_stats(struct uk_heap_stats *st)
{
	uk_heap_count(st);
}
