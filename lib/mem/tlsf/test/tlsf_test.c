/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The inside of TLSF: a second instance of the code, whose pools are walked
 * after each step.
 */
#include <uk/assert.h>
#include <uk/heap_driver.h>
#include <uk/pages.h>
#include <uk/test.h>

#include <stdint.h>
#include <stdlib.h>

static unsigned int n_bugs;
static void *pool_pages_get(size_t n_pages);
static void pool_pages_put(void *p, size_t n_pages);

#undef uk_bug_on
#define uk_bug_on(cond)							\
	do {								\
		if (cond) {						\
			n_bugs++;					\
			return;						\
		}							\
	} while (0)
#define uk_pages_alloc_n pool_pages_get
#define uk_pages_free_n pool_pages_put
#define uk_heap_get t_get
#define uk_heap_put t_put
#define uk_heap_room t_room
#define uk_heap_resize t_resize
#define uk_heap_count t_count
void *t_get(size_t align, size_t size);
void t_put(void *p);
size_t t_room(const void *p);
bool t_resize(void *p, size_t size);
void t_count(struct uk_heap_stats *st);
#include "../tlsf.c"
#undef uk_pages_alloc_n
#undef uk_pages_free_n

void *uk_pages_alloc_n(size_t n_pages);
void uk_pages_free_n(void *va, size_t n_pages);

#define N_RUNS 128
#define N_SLOTS 96
#define N_STEPS 3000

/* What the instance holds: pools and large blocks */
static struct {
	char *base;
	size_t n_pages;
} runs[N_RUNS];
static size_t n_pages_held;
static bool are_pages_out;

static void *pool_pages_get(size_t n_pages)
{
	unsigned int i;

	for (i = 0; i < N_RUNS && runs[i].base; i++)
		;
	if (i == N_RUNS || are_pages_out)
		return NULL;
	runs[i].base = uk_pages_alloc_n(n_pages);
	runs[i].n_pages = n_pages;
	if (runs[i].base)
		n_pages_held += n_pages;
	return runs[i].base;
}

static void pool_pages_put(void *p, size_t n_pages)
{
	unsigned int i;

	for (i = 0; i < N_RUNS && runs[i].base != p; i++)
		;
	if (!UK_EXPECT(i < N_RUNS) || !UK_EXPECT_EQ(runs[i].n_pages, n_pages))
		return;
	n_pages_held -= n_pages;
	runs[i].base = NULL;
	uk_pages_free_n(p, n_pages);
}

/* Is @b in the list of its size? */
static bool is_listed(const struct block *b)
{
	const struct block *it;
	unsigned int fl, sl;

	list_index(size_of(b), &fl, &sl);
	if (!(fl_map >> fl & 1) || !(sl_map[fl] >> sl & 1))
		return false;
	for (it = lists[fl][sl]; it && it != b; it = it->next)
		;
	return it == b;
}

static void check_pool(char *base, size_t bytes, size_t *used)
{
	struct block *b = block_of(base + ALIGN), *below = NULL;

	UK_EXPECT(b->size & IS_FIRST);
	for (; size_of(b) > 0; below = b, b = next_of(b)) {
		bool is_below_free = below && (below->size & IS_FREE);

		UK_EXPECT_EQ(!!(b->size & IS_PREV_FREE), is_below_free);
		if (is_below_free) {
			UK_EXPECT(b->prev_phys == below);
			UK_EXPECT(!(b->size & IS_FREE));
		}
		if (b->size & IS_FREE)
			UK_EXPECT(is_listed(b));
		else if (!is_shelved(b))
			*used += size_of(b);
		if (!UK_EXPECT(size_of(b) >= MIN_BLOCK))
			return;
	}
	UK_EXPECT((char *)b == base + bytes - POOL_END_BYTES + ALIGN - HEAD_BYTES);
}

static void check_heap(void)
{
	size_t used = 0;
	unsigned int i;

	for (i = 0; i < N_RUNS; i++) {
		size_t bytes = runs[i].n_pages << UK_PAGE_SHIFT;

		if (!runs[i].base)
			continue;
		/* The first word of size tells a large block, if not aligned */
		if (block_of(runs[i].base + ALIGN)->size & IS_LARGE)
			used += bytes;
		else
			check_pool(runs[i].base, bytes, &used);
	}
	UK_EXPECT_EQ(stats.used_bytes, used);
	UK_EXPECT_EQ(stats.held_bytes, n_pages_held << UK_PAGE_SHIFT);
}

UK_TEST(tlsf, test_pools_stay_consistent_and_go_back)
{
	static char *slots[N_SLOTS];
	unsigned int seed = 7, i;

	for (i = 0; i < N_STEPS; i++) {
		char **s = &slots[(unsigned int)rand_r(&seed) % N_SLOTS];
		size_t size = (unsigned int)rand_r(&seed) %
			      (rand_r(&seed) % 8 ? 600 : 45000);
		size_t align = size < LARGE ? 16U << rand_r(&seed) % 4 : 16;

		if (!*s) {
			*s = t_get(align, size);
			UK_EXPECT(*s && t_room(*s) >= size);
			UK_EXPECT_EQ((uintptr_t)*s % align, 0);
		} else if (rand_r(&seed) & 1) {
			t_put(*s);
			*s = NULL;
		} else if (t_resize(*s, size)) {
			UK_EXPECT(t_room(*s) >= size);
		}
		check_heap();
	}
	for (i = 0; i < N_SLOTS; i++)
		if (slots[i])
			t_put(slots[i]);
	check_heap();
	UK_EXPECT_EQ(stats.n_allocs, 0);
	UK_EXPECT_EQ(stats.used_bytes, 0);
	UK_EXPECT(shelves_clear());
	check_heap();
	UK_EXPECT_EQ(n_idle_pools, 1);
	UK_EXPECT(n_pages_held <= POOL_MAX_PAGES);
	UK_EXPECT_EQ(n_bugs, 0);
}

UK_TEST(tlsf, test_neighbours_merge)
{
	char *a = t_get(16, 600), *b = t_get(16, 600), *c = t_get(16, 600), *d;

	/* Freed in the order that needs both directions */
	t_put(a);
	t_put(c);
	check_heap();
	t_put(b);
	check_heap();
	d = t_get(16, 1800);
	UK_EXPECT(d == a);
	t_put(d);
}

UK_TEST(tlsf, test_second_free_is_noticed)
{
	char *a = t_get(16, 100), *b = t_get(16, 100);

	n_bugs = 0;
	t_put(b);
	t_put(b);
	UK_EXPECT_EQ(n_bugs, 1);
	t_put(a);
	t_put(a);
	UK_EXPECT_EQ(n_bugs, 2);
	/* Not from the shelf */
	a = t_get(16, 600);
	t_put(a);
	t_put(a);
	UK_EXPECT_EQ(n_bugs, 3);
	n_bugs = 0;
	check_heap();
}

UK_TEST(tlsf, test_small_block_comes_back_as_it_was)
{
	char *a = t_get(16, 100), *b = t_get(16, 100);

	shelves_clear();
	t_put(a);
	t_put(b);
	UK_EXPECT(is_shelved(block_of(a)) && is_shelved(block_of(b)));
	/* By what it holds: a block may be larger than it had to be */
	UK_EXPECT(t_get(16, t_room(b)) == b);
	UK_EXPECT(t_get(16, t_room(a)) == a);
	check_heap();
	t_put(a);
	t_put(b);
}

UK_TEST(tlsf, test_shelf_is_emptied_before_more_memory_is_taken)
{
	char *a = t_get(16, 824), *b, *all = NULL, *p;

	UK_EXPECT(t_resize(a, 400));
	b = payload(next_of(block_of(a)));
	/* All that is free, and so what is behind a */
	are_pages_out = true;
	while ((p = t_get(16, 400))) {
		if (p == b)
			continue;
		*(char **)p = all;
		all = p;
	}
	t_put(a);
	t_put(b);
	a = t_get(16, 800);
	are_pages_out = false;
	if (UK_EXPECT(a))
		t_put(a);
	check_heap();
	while ((p = all)) {
		all = *(char **)p;
		t_put(p);
	}
	check_heap();
}

UK_TEST(tlsf, test_grows_where_it_is_when_it_can)
{
	char *a = t_get(16, 1000), *b = t_get(16, 1000), *c = t_get(16, 1000);

	t_put(b);
	UK_EXPECT(t_resize(a, 2000));
	UK_EXPECT(!t_resize(a, 3000));
	UK_EXPECT(t_resize(a, 10));
	check_heap();
	t_put(a);
	t_put(c);
	check_heap();
}
