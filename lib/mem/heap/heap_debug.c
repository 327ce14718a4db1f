/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The heap's interface with checks, in place of heap.c (LIBHEAP_DEBUG).
 *
 *	| gap | struct guard | size bytes for the caller | canary | room |
 *
 * Each block has a guard before it and a canary behind it, which are checked
 * when it is freed. A freed block is filled and waits in a small quarantine;
 * what is written to it there is noticed when it leaves. A report names the
 * block, its size, and the innermost callers that allocated or freed it.
 */
#include <uk/alloc.h>

#include <stdint.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/arch/regs.h>
#include <uk/asan.h>
#include <uk/assert.h>
#include <uk/crash.h>
#include <uk/heap_driver.h>
#include <uk/print.h>
#include <uk/thread.h>
#ifdef CONFIG_LIBSYMTAB
#include <uk/symtab.h>
#endif

#define LIVE ((uintptr_t)0x6c1fe0a5)
#define FREED ((uintptr_t)0xdeadf4ee)
#define CANARY 0xca
#define CANARY_BYTES 16
#define FILL_NEW 0xa5
#define FILL_FREED 0xdd
#define N_QUARANTINE 64
/* A larger block is freed at once */
#define QUARANTINE_MAX_BYTES 2048

/* So many that `state` ends where the block begins */
#define N_CALLERS (sizeof(void *) == 8 ? 3 : 5)

struct guard {
	void *raw;		/* from the implementation */
	size_t size;
	uintptr_t callers[N_CALLERS];	/* who allocated, then who freed it */
	uintptr_t state;	/* LIVE or FREED, mixed with the address */
} uk_aligned(UK_HEAP_ALIGN);
_Static_assert(offsetof(struct guard, state) + sizeof(uintptr_t) ==
		       sizeof(struct guard), "underflow hits state");

static struct guard *quarantine[N_QUARANTINE];
static unsigned int quarantine_at;

#ifndef CONFIG_LIBSYMTAB
static bool uk_symtab_lookup(uintptr_t pc uk_unused, char *name uk_unused,
			     size_t size uk_unused, size_t *offset uk_unused)
{
	return false;
}
#endif

/* Guards and canaries are poison to everybody but this file, which is compiled
 * without the address sanitizer; what it calls must not see them. */
static struct guard *guard_of(const void *p)
{
	return (struct guard *)p - 1;
}

static unsigned char *data_of(struct guard *g)
{
	return (unsigned char *)(g + 1);
}

/* The callers of the frame @fp, as far as they are on the thread's stack. */
static void find_callers(uintptr_t *callers, uintptr_t fp)
{
	struct uk_thread *t = uk_thread_current();
	bool is_end = !t || !IS_ENABLED(CONFIG_FRAME_POINTER);
	uintptr_t pc = 0;
	unsigned int i;

	for (i = 0; i < N_CALLERS; i++) {
		is_end = is_end || fp - (uintptr_t)t->stack >= t->stack_bytes ||
			 !uk_arch_unwind(&fp, &pc);
		callers[i] = is_end ? 0 : pc;
	}
}

static void show_callers(const struct guard *g, const char *what)
{
	char name[64];
	size_t offset;
	unsigned int i;

	for (i = 0; i < N_CALLERS && g->callers[i]; i++) {
		if (!uk_symtab_lookup(g->callers[i] - 1, name, sizeof(name),
				      &offset))
			uk_snprintf(name, sizeof(name), "?");
		uk_pr_err("heap: %s %p %s\n", i ? "   called by" : what,
			  (void *)g->callers[i], name);
	}
}

/* @g: NULL when nothing is known of the block. */
static void uk_noreturn report(const void *p, const struct guard *g,
			       const char *what)
{
	if (!g)
		uk_crash(NULL, 0, "heap: %p: %s", p, what);
	show_callers(g, g->state == (LIVE ^ (uintptr_t)g) ? "allocated by"
							   : "    freed by");
	uk_crash(NULL, 0, "heap: %p (%zu bytes): %s", p, g->size, what);
}

static const unsigned char *find_other(const unsigned char *p, size_t n,
				       unsigned char want)
{
	for (; n > 0; n--, p++)
		if (*p != want)
			return p;
	return NULL;
}

static void fill(unsigned char *p, unsigned char c, size_t n)
{
	while (n-- > 0)
		*p++ = c;
}

/* Does @p look like a live block? Does not return when not. */
static struct guard *check(const void *p)
{
	struct guard *g = guard_of(p);

	if ((uintptr_t)p & (UK_HEAP_ALIGN - 1))
		report(p, NULL, "not a block (not aligned)");
	if (g->state == (FREED ^ (uintptr_t)g))
		report(p, g, "freed twice");
	if (g->state != (LIVE ^ (uintptr_t)g))
		report(p, NULL, "not a block, or written before its start");
	if (find_other(data_of(g) + g->size, CANARY_BYTES, CANARY))
		report(p, g, "written past its end");
	return g;
}

static void *get(size_t align, size_t size, uintptr_t fp)
{
	size_t front = UK_ALIGN_UP(sizeof(struct guard), align);
	struct guard *g;
	char *raw;

	if (size > SIZE_MAX / 2)
		return NULL;
	raw = uk_heap_take(align, front + size + CANARY_BYTES);
	if (!raw)
		return NULL;
	uk_asan_unpoison(raw, uk_heap_room(raw));
	g = guard_of(raw + front);
	g->raw = raw;
	g->size = size;
	find_callers(g->callers, fp);
	g->state = LIVE ^ (uintptr_t)g;
	fill(data_of(g), FILL_NEW, size);
	fill(data_of(g) + size, CANARY, CANARY_BYTES);
	uk_asan_poison(raw, uk_heap_room(raw));
	uk_asan_unpoison(data_of(g), size);
	return data_of(g);
}

static void put(struct guard *g)
{
	g->state = 0;
	uk_heap_put(g->raw);
}

/* Keep @g for a while, and let the oldest go. */
static void quarantine_add(struct guard *g)
{
	struct guard *old = quarantine[quarantine_at];

	quarantine[quarantine_at] = g;
	quarantine_at = (quarantine_at + 1) % N_QUARANTINE;
	if (!old)
		return;
	if (old->state != (FREED ^ (uintptr_t)old) ||
	    find_other(data_of(old), old->size, FILL_FREED))
		report(data_of(old), old, "written after it was freed");
	put(old);
}

static void release(void *p, uintptr_t fp)
{
	struct guard *g = check(p);

	fill(data_of(g), FILL_FREED, g->size);
	g->state = FREED ^ (uintptr_t)g;
	find_callers(g->callers, fp);
	uk_asan_poison(p, g->size);
	if (g->size <= QUARANTINE_MAX_BYTES)
		quarantine_add(g);
	else
		put(g);
}

void *uk_malloc(size_t size)
{
	return get(UK_HEAP_ALIGN, size, uk_arch_current_fp());
}

void *uk_memalign(size_t align, size_t size)
{
	uk_bug_on(align & (align - 1));
	if (align > UK_PAGE_SIZE)
		return NULL;
	return get(UK_MAX(align, (size_t)UK_HEAP_ALIGN), size,
		   uk_arch_current_fp());
}

void *uk_calloc(size_t n, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	p = get(UK_HEAP_ALIGN, bytes, uk_arch_current_fp());
	return p ? memset(p, 0, bytes) : NULL;
}

/* Always moves: whoever kept the old address is found out */
void *uk_realloc(void *p, size_t size)
{
	uintptr_t fp = uk_arch_current_fp();
	void *q;

	if (!p)
		return get(UK_HEAP_ALIGN, size, fp);
	check(p);
	q = get(UK_HEAP_ALIGN, size, fp);
	if (!q)
		return NULL;
	memcpy(q, p, UK_MIN(guard_of(p)->size, size));
	release(p, fp);
	return q;
}

void uk_free(void *p)
{
	if (p)
		release(p, uk_arch_current_fp());
}

void uk_heap_stats(struct uk_heap_stats *st)
{
	unsigned int i;

	uk_heap_count(st);
	for (i = 0; i < N_QUARANTINE; i++)
		st->n_allocs -= quarantine[i] != NULL;
}
