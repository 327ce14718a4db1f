/* SPDX-License-Identifier: BSD-3-Clause */
/* The image's own page allocator, as everybody uses it. */
#include <uk/pages.h>
#include <uk/test.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define N_SLOTS 48
#define N_STEPS 4000
/* Growth takes pages too, for page tables and for states */
#define MAX_GROWTH_PAGES 16

static size_t free_pages(void)
{
	struct uk_pages_stats st;

	uk_pages_stats(&st);
	return st.free_pages;
}

/* Make the allocator hold so much that small requests do not let it grow. */
static void warm_up(void)
{
	void *p = uk_pages_alloc(7);

	if (p)
		uk_pages_free(p, 7);
}

UK_TEST(pages, test_order_is_smallest_that_fits)
{
	UK_EXPECT_EQ(uk_pages_order(0), 0);
	UK_EXPECT_EQ(uk_pages_order(1), 0);
	UK_EXPECT_EQ(uk_pages_order(UK_PAGE_SIZE), 0);
	UK_EXPECT_EQ(uk_pages_order(UK_PAGE_SIZE + 1), 1);
	UK_EXPECT_EQ(uk_pages_order(4 * UK_PAGE_SIZE), 2);
	UK_EXPECT_EQ(uk_pages_order(5 * UK_PAGE_SIZE), 3);
}

UK_TEST(pages, test_run_is_aligned_to_its_size)
{
	size_t before;
	unsigned int order;

	warm_up();
	before = free_pages();
	for (order = 0; order <= 6; order++) {
		char *p = uk_pages_alloc(order);

		if (!UK_EXPECT(p))
			return;
		UK_EXPECT_EQ((uintptr_t)p & ((UK_PAGE_SIZE << order) - 1), 0);
		UK_EXPECT_EQ(before - free_pages(), 1UL << order);
		memset(p, 0x5a, UK_PAGE_SIZE << order);
		uk_pages_free(p, order);
		UK_EXPECT_EQ(free_pages(), before);
	}
}

UK_TEST(pages, test_exact_run_takes_no_more)
{
	size_t before, n;

	warm_up();
	before = free_pages();
	for (n = 1; n <= 33; n++) {
		char *p = uk_pages_alloc_n(n);

		if (!UK_EXPECT(p))
			return;
		UK_EXPECT_EQ((uintptr_t)p & ~UK_PAGE_MASK, 0);
		UK_EXPECT_EQ(before - free_pages(), n);
		memset(p, 0x5a, n * UK_PAGE_SIZE);
		uk_pages_free_n(p, n);
		UK_EXPECT_EQ(free_pages(), before);
	}
}

UK_TEST(pages, test_impossible_requests_fail)
{
	struct uk_pages_stats st;

	uk_pages_stats(&st);
	UK_EXPECT(!uk_pages_alloc(19));
	UK_EXPECT(!uk_pages_alloc(64));
	UK_EXPECT(!uk_pages_alloc_n(0));
	UK_EXPECT(!uk_pages_alloc_n(st.total_pages + 1));
	UK_EXPECT(!uk_pages_alloc_n(SIZE_MAX));
	UK_EXPECT_EQ(free_pages(), st.free_pages);
}

UK_TEST(pages, test_low_water_mark_stays)
{
	struct uk_pages_stats st;
	void *p = uk_pages_alloc(3);

	if (!UK_EXPECT(p))
		return;
	uk_pages_stats(&st);
	UK_EXPECT(st.min_free_pages <= st.free_pages);
	uk_pages_free(p, 3);
	UK_EXPECT(st.min_free_pages <= free_pages() - 8);
}

/* A run, its first and last word filled with a tag of its own. */
struct slot {
	uintptr_t *p;
	size_t n_pages;
	bool is_exact;
};

static uintptr_t *last_word(const struct slot *s)
{
	return s->p + s->n_pages * UK_PAGE_SIZE / sizeof(*s->p) - 1;
}

static void slot_take(struct slot *s, unsigned int *seed)
{
	unsigned int order = (unsigned int)rand_r(seed) % 5;

	s->is_exact = rand_r(seed) & 1;
	s->n_pages = s->is_exact ? 1 + (unsigned int)rand_r(seed) % 13
				 : 1UL << order;
	s->p = s->is_exact ? uk_pages_alloc_n(s->n_pages)
			   : uk_pages_alloc(order);
	if (!s->p)
		return;
	*last_word(s) = ~(uintptr_t)s;
	*s->p = (uintptr_t)s;
}

static void slot_drop(struct slot *s)
{
	UK_EXPECT_EQ(*s->p, (uintptr_t)s);
	UK_EXPECT_EQ(*last_word(s), ~(uintptr_t)s);
	if (s->is_exact)
		uk_pages_free_n(s->p, s->n_pages);
	else
		uk_pages_free(s->p, uk_pages_order(s->n_pages * UK_PAGE_SIZE));
	s->p = NULL;
}

UK_TEST(pages, test_random_runs_do_not_overlap)
{
	static struct slot slots[N_SLOTS];
	size_t before = free_pages();
	unsigned int seed = 20240229, i;

	for (i = 0; i < N_STEPS; i++) {
		struct slot *s = &slots[(unsigned int)rand_r(&seed) % N_SLOTS];

		if (s->p)
			slot_drop(s);
		else
			slot_take(s, &seed);
	}
	for (i = 0; i < N_SLOTS; i++)
		if (slots[i].p)
			slot_drop(&slots[i]);
	UK_EXPECT(free_pages() <= before && free_pages() + MAX_GROWTH_PAGES >= before);
}

UK_TEST(pages, test_all_memory_can_be_used)
{
	static struct slot slots[256];
	size_t before = free_pages();
	unsigned int n, i;

	/* As much as there is in pieces of 1 MiB, up to 256 MiB */
	for (n = 0; n < UK_ARRAY_SIZE(slots); n++) {
		slots[n].n_pages = 256;
		slots[n].p = uk_pages_alloc(8);
		if (!slots[n].p)
			break;
		*last_word(&slots[n]) = ~(uintptr_t)&slots[n];
		*slots[n].p = (uintptr_t)&slots[n];
	}
	UK_EXPECT(n == UK_ARRAY_SIZE(slots) || n >= before / 256 / 2);
	for (i = 0; i < n; i++)
		slot_drop(&slots[i]);
	UK_EXPECT(before - free_pages() <= MAX_GROWTH_PAGES + n);
}
