/* SPDX-License-Identifier: BSD-3-Clause */
/* The heap through its interface, whatever implements it. */
#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/test.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define N_SLOTS 64
#define N_STEPS 6000

static bool is_filled(const unsigned char *p, size_t n, unsigned char c)
{
	while (n-- > 0)
		if (*p++ != c)
			return false;
	return true;
}

UK_TEST(heap, test_any_size_is_aligned_and_usable)
{
	size_t size;

	for (size = 0; size < 70000; size = size < 300 ? size + 1 : size * 5 / 4) {
		unsigned char *p = uk_malloc(size);

		if (!UK_EXPECT(p))
			return;
		UK_EXPECT_EQ((uintptr_t)p % 16, 0);
		memset(p, 0x5a, size);
		uk_free(p);
	}
}

UK_TEST(heap, test_memalign_aligns)
{
	size_t align, size;

	for (align = 1; align <= UK_PAGE_SIZE; align *= 2) {
		for (size = 0; size <= 40000; size = size * 3 + 1) {
			unsigned char *p = uk_memalign(align, size);

			if (!UK_EXPECT(p))
				return;
			UK_EXPECT_EQ((uintptr_t)p % UK_MAX(align, 16UL), 0);
			memset(p, 0x5a, size);
			uk_free(p);
		}
	}
	UK_EXPECT(!uk_memalign(2 * UK_PAGE_SIZE, 1));
}

UK_TEST(heap, test_calloc_clears)
{
	unsigned char *p = uk_malloc(3000);

	if (!UK_EXPECT(p))
		return;
	memset(p, 0xff, 3000);
	uk_free(p);
	p = uk_calloc(30, 100);
	if (!UK_EXPECT(p))
		return;
	UK_EXPECT(is_filled(p, 3000, 0));
	uk_free(p);
}

UK_TEST(heap, test_too_much_is_null)
{
	struct uk_pages_stats st;
	void *p = uk_malloc(100), *q;

	uk_pages_stats(&st);
	UK_EXPECT(!uk_malloc(SIZE_MAX));
	UK_EXPECT(!uk_malloc(SIZE_MAX - 64));
	UK_EXPECT(!uk_malloc(SIZE_MAX / 2));
	UK_EXPECT(!uk_malloc(st.total_pages * UK_PAGE_SIZE));
	UK_EXPECT(!uk_memalign(4096, SIZE_MAX - 4095));
	UK_EXPECT(!uk_calloc(SIZE_MAX / 2, 3));
	UK_EXPECT(!uk_realloc(p, SIZE_MAX - 15));
	q = uk_malloc(100);
	UK_EXPECT(q);
	uk_free(q);
	uk_free(p);
}

UK_TEST(heap, test_realloc_keeps_content)
{
	unsigned char *p = uk_realloc(NULL, 10), *q;
	size_t size, old = 10;

	if (!UK_EXPECT(p))
		return;
	memset(p, 10 & 0xff, old);
	for (size = 17; size < 90000; size = size * 3 / 2) {
		q = uk_realloc(p, size);
		if (!UK_EXPECT(q))
			break;
		p = q;
		UK_EXPECT(is_filled(p, old, old & 0xff));
		memset(p, size & 0xff, size);
		old = size;
	}
	for (; old > 20; old = size) {
		size = old / 2;
		q = uk_realloc(p, size);
		if (!UK_EXPECT(q))
			break;
		p = q;
		UK_EXPECT(is_filled(p, size, old & 0xff));
		memset(p, size & 0xff, size);
	}
	p = uk_realloc(p, 0);
	UK_EXPECT(p);
	uk_free(p);
}

UK_TEST(heap, test_free_of_null_is_harmless)
{
	struct uk_heap_stats before, after;

	uk_heap_stats(&before);
	uk_free(NULL);
	uk_heap_stats(&after);
	UK_EXPECT_EQ(before.n_allocs, after.n_allocs);
}

struct slot {
	unsigned char *p;
	size_t size;
};

static size_t random_size(unsigned int *seed)
{
	unsigned int r = (unsigned int)rand_r(seed);

	switch (r % 16) {
	case 0:
		return (r >> 4) % 40000;
	case 1 ... 4:
		return (r >> 4) % 3000;
	default:
		return (r >> 4) % 200;
	}
}

/* One step on a slot: allocate, change the size, or free. */
static void slot_step(struct slot *s, unsigned char tag, unsigned int *seed)
{
	size_t size = random_size(seed);
	unsigned char *p;

	if (s->p && !UK_EXPECT(is_filled(s->p, s->size, tag)))
		s->p = NULL;
	if (!s->p) {
		p = rand_r(seed) % 8 ? uk_malloc(size)
				     : uk_memalign(16U << rand_r(seed) % 9, size);
	} else if (rand_r(seed) % 4 == 0) {
		p = uk_realloc(s->p, size);
		if (!p)
			return;
		UK_EXPECT(is_filled(p, UK_MIN(size, s->size), tag));
	} else {
		uk_free(s->p);
		p = NULL;
	}
	s->p = p;
	s->size = size;
	if (p)
		memset(p, tag, size);
}

UK_TEST(heap, test_random_blocks_do_not_overlap)
{
	static struct slot slots[N_SLOTS];
	unsigned int seed = 42, i, n_steps = N_STEPS;
	struct uk_heap_stats before, after;

	/* It only grows: do not use all of a small machine */
	if (IS_ENABLED(CONFIG_LIBREGION))
		n_steps = 300;
	uk_heap_stats(&before);
	for (i = 0; i < n_steps; i++) {
		unsigned int k = (unsigned int)rand_r(&seed) % N_SLOTS;

		slot_step(&slots[k], (unsigned char)(k + 1), &seed);
	}
	for (i = 0; i < N_SLOTS; i++) {
		if (slots[i].p)
			UK_EXPECT(is_filled(slots[i].p, slots[i].size,
					    (unsigned char)(i + 1)));
		uk_free(slots[i].p);
		slots[i].p = NULL;
	}
	uk_heap_stats(&after);
	UK_EXPECT_EQ(after.n_allocs, before.n_allocs);
}

/* ---- The last resort ---- */

static void *kept[3];
static unsigned int n_asked;

static bool give_one(size_t size)
{
	(void)size;
	n_asked++;
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(kept); i++) {
		if (kept[i]) {
			uk_free(kept[i]);
			kept[i] = NULL;
			return true;
		}
	}
	return false;
}

/* There is never so much: each try fails, and asks again */
UK_TEST(heap, test_last_resort_is_asked_until_it_has_nothing)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(kept); i++)
		kept[i] = uk_malloc(100);
	n_asked = 0;
	uk_heap_set_last_resort(give_one);
	UK_EXPECT(!uk_malloc(SIZE_MAX / 4));
	UK_EXPECT_EQ(n_asked, UK_ARRAY_SIZE(kept) + 1);
	UK_EXPECT(!kept[2]);
	uk_heap_set_last_resort(NULL);
	UK_EXPECT(!uk_malloc(SIZE_MAX / 4));
	UK_EXPECT_EQ(n_asked, UK_ARRAY_SIZE(kept) + 1);
}
