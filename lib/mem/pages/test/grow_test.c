/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The page allocator on a machine of our making: an instance of its own, whose
 * platform is simulated here, within 1 MiB that the real one lends.
 */
#include <uk/asan.h>
#include <uk/assert.h>
#include <uk/pages.h>
#include <uk/plat/memory.h>
#include <uk/test.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>

static int machine_region(unsigned int i, struct uk_mem_region *r);
static int machine_map(uintptr_t base, size_t len_bytes);
static unsigned int n_bugs;

/* A second instance of the code under test */
#undef uk_bug_on
#define uk_bug_on(cond)							\
	do {								\
		if (cond) {						\
			n_bugs++;					\
			return;						\
		}							\
	} while (0)
#define uk_plat_mem_region machine_region
#define uk_plat_mem_map machine_map
#define uk_pages_alloc sim_alloc
#define uk_pages_free sim_free
#define uk_pages_alloc_n sim_alloc_n
#define uk_pages_free_n sim_free_n
#define uk_pages_order sim_order
#define uk_pages_stats(st) sim_stats(st)
void *sim_alloc(unsigned int order);
void sim_free(void *va, unsigned int order);
void *sim_alloc_n(size_t n_pages);
void sim_free_n(void *va, size_t n_pages);
unsigned int sim_order(size_t len_bytes);
void sim_stats(struct uk_pages_stats *st);
#include "../pages.c"
#undef uk_pages_alloc
#undef uk_pages_free

void *uk_pages_alloc(unsigned int order);
void uk_pages_free(void *va, unsigned int order);

#define MACHINE_ORDER 8
#define MACHINE_PAGES (1U << MACHINE_ORDER)

/* Regions in pages from the machine's start; ends with n_pages 0 */
struct plan {
	unsigned int from, n_pages;
	bool is_mapped;
};

static char *ram;
static const struct plan *plan;
static bool can_map[MACHINE_PAGES];	/* page is free RAM, not mapped yet */
static bool is_owned[MACHINE_PAGES];	/* handed out to the test */
static unsigned int table_pages;	/* machine_map() takes so many a call */
static unsigned int n_tables;
static int map_error;

static size_t page_index(uintptr_t va)
{
	return (va - (uintptr_t)ram) >> UK_PAGE_SHIFT;
}

static int machine_region(unsigned int i, struct uk_mem_region *r)
{
	unsigned int k;

	for (k = 0; plan[k].n_pages; k++) {
		if (k == i) {
			r->base = (uintptr_t)ram + plan[k].from * UK_PAGE_SIZE;
			r->len_bytes = plan[k].n_pages * UK_PAGE_SIZE;
			r->is_mapped = plan[k].is_mapped;
			return 0;
		}
	}
	return -ENOENT;
}

static int machine_map(uintptr_t base, size_t len_bytes)
{
	size_t i;
	unsigned int k;

	if (map_error)
		return map_error;
	UK_EXPECT(len_bytes > 0 && len_bytes <= (size_t)4 << 20);
	for (k = 0; k < table_pages; k++, n_tables++)
		UK_EXPECT(sim_alloc(0));
	for (i = page_index(base); i < page_index(base + len_bytes); i++) {
		UK_EXPECT(can_map[i]);
		can_map[i] = false;
	}
	return 0;
}

static bool machine_start(const struct plan *p)
{
	unsigned int i;

	memset(extents, 0, sizeof(extents));
	memset(static_states, 0xee, sizeof(static_states));
	memset(free_lists, 0, sizeof(free_lists));
	memset(&cursor, 0, sizeof(cursor));
	memset(can_map, 0, sizeof(can_map));
	memset(is_owned, 0, sizeof(is_owned));
	n_extents = n_static_states = free_orders = 0;
	free_now = used_now = used_max = 0;
	n_tables = n_bugs = table_pages = 0;
	map_error = 0;
	plan = p;
	ram = uk_pages_alloc(MACHINE_ORDER);
	if (!ram) {
		uk_test_skip("no memory for the simulated machine");
		return false;
	}
	for (; p->n_pages; p++)
		for (i = p->from; i < p->from + p->n_pages && i < MACHINE_PAGES; i++)
			can_map[i] = !p->is_mapped;
	return true;
}

static void machine_stop(void)
{
	uk_asan_unpoison(ram, MACHINE_PAGES * UK_PAGE_SIZE);
	uk_pages_free(ram, MACHINE_ORDER);
}

/* Check that [@p, @p + @n_pages) is RAM, mapped, and nobody else's. */
static void own(const void *p, size_t n_pages)
{
	size_t i = page_index((uintptr_t)p), end = i + n_pages;

	if (!UK_EXPECT(i < MACHINE_PAGES && end <= MACHINE_PAGES))
		return;
	for (; i < end; i++) {
		UK_EXPECT(!can_map[i]);
		UK_EXPECT(!is_owned[i]);
		is_owned[i] = true;
	}
}

/* Allocate single pages until there are none. @return how many. */
static unsigned int exhaust(void)
{
	unsigned int n = 0;
	void *p;

	while ((p = sim_alloc(0)) != NULL) {
		own(p, 1);
		n++;
	}
	return n;
}

static const struct plan two_regions[] = {
	{ 3, 16, true }, { 19, 200, false }, { 0, 0, false },
};

UK_TEST(pages_grow, test_every_page_is_handed_out_once)
{
	struct uk_pages_stats st;

	if (!machine_start(two_regions))
		return;
	UK_EXPECT_EQ(exhaust(), 216);
	sim_stats(&st);
	UK_EXPECT_EQ(st.total_pages, 216);
	UK_EXPECT_EQ(st.free_pages, 0);
	UK_EXPECT_EQ(st.min_free_pages, 0);
	machine_stop();
}

UK_TEST(pages_grow, test_rest_of_an_exact_run_is_used)
{
	char *p;

	if (!machine_start(two_regions))
		return;
	p = sim_alloc_n(37);
	if (UK_EXPECT(p)) {
		own(p, 37);
		UK_EXPECT_EQ(exhaust(), 216 - 37);
	}
	machine_stop();
}

UK_TEST(pages_grow, test_page_tables_are_always_to_be_had)
{
	if (!machine_start(two_regions))
		return;
	table_pages = UK_PLAT_MEM_MAP_RESERVE_PAGES;
	UK_EXPECT_EQ(exhaust() + n_tables, 216);
	UK_EXPECT(n_tables >= 2 * UK_PLAT_MEM_MAP_RESERVE_PAGES);
	machine_stop();
}

UK_TEST(pages_grow, test_first_page_maps_nothing)
{
	if (!machine_start(two_regions))
		return;
	map_error = -EIO;
	own(sim_alloc(0), 1);
	UK_EXPECT_EQ(n_extents, 1);
	machine_stop();
}

UK_TEST(pages_grow, test_failure_to_map_is_out_of_memory)
{
	if (!machine_start(two_regions))
		return;
	map_error = -ENOMEM;
	UK_EXPECT_EQ(exhaust(), 16);
	map_error = 0;
	UK_EXPECT_EQ(exhaust(), 200);
	machine_stop();
}

UK_TEST(pages_grow, test_run_across_two_regions)
{
	static const struct plan adjacent[] = {
		{ 1, 40, true }, { 41, 200, false }, { 0, 0, false },
	};
	char *p;

	if (!machine_start(adjacent))
		return;
	p = sim_alloc(6);
	if (UK_EXPECT(p)) {
		own(p, 64);
		UK_EXPECT_EQ((uintptr_t)p & ((UK_PAGE_SIZE << 6) - 1), 0);
	}
	machine_stop();
}

UK_TEST(pages_grow, test_scattered_regions_all_serve)
{
	static const struct plan scattered[] = {
		{ 1, 1, true },	   { 3, 2, false },  { 7, 5, true },
		{ 13, 40, false }, { 60, 3, true },  { 70, 130, false },
		{ 201, 9, true },  { 211, 1, true }, { 213, 20, false },
		{ 0, 0, false },
	};

	if (!machine_start(scattered))
		return;
	table_pages = 1;
	UK_EXPECT_EQ(exhaust() + n_tables, 211);
	machine_stop();
}

UK_TEST(pages_grow, test_table_of_states_from_pages)
{
	struct uk_pages_stats st;

	if (!machine_start(two_regions))
		return;
	/* Only the first region finds room in the static table */
	n_static_states = STATIC_STATES - 16;
	UK_EXPECT_EQ(exhaust(), 215);
	sim_stats(&st);
	UK_EXPECT_EQ(st.free_pages, 0);
	UK_EXPECT_EQ(n_extents, 2);
	machine_stop();
}

UK_TEST(pages_grow, test_large_region_is_one_extent)
{
	/* Most of it is not there, and not reached */
	static const struct plan huge[] = {
		{ 3, 16, true }, { 19, 200000, false }, { 0, 0, false },
	};
	unsigned int i;

	if (!machine_start(huge))
		return;
	n_static_states = STATIC_STATES - 16;
	for (i = 0; i < 30; i++)
		own(sim_alloc(0), 1);
	UK_EXPECT_EQ(n_extents, 2);
	/* However little is free when it is opened */
	UK_EXPECT_EQ((extents[1].end - extents[1].base) >> UK_PAGE_SHIFT, 200000);
	UK_EXPECT_EQ(table_pages_of(&extents[1]), 49);
	UK_EXPECT_EQ(used_now, 30 + 49);
	machine_stop();
}

UK_TEST(pages_grow, test_all_merges_again)
{
	static const struct plan one[] = {
		{ 0, MACHINE_PAGES, true }, { 0, 0, false },
	};
	unsigned int i;

	if (!machine_start(one))
		return;
	UK_EXPECT_EQ(exhaust(), MACHINE_PAGES);
	for (i = 0; i < MACHINE_PAGES; i++)
		sim_free(ram + (i * 37 % MACHINE_PAGES) * UK_PAGE_SIZE, 0);
	UK_EXPECT_EQ(free_orders, 1U << MACHINE_ORDER);
	sim_free(sim_alloc(0), 0);
	UK_EXPECT_EQ(free_orders, 1U << MACHINE_ORDER);
	sim_free_n(sim_alloc_n(21), 21);
	UK_EXPECT_EQ(free_orders, 1U << MACHINE_ORDER);
	UK_EXPECT(sim_alloc(MACHINE_ORDER) == ram);
	UK_EXPECT_EQ(n_bugs, 0);
	machine_stop();
}

UK_TEST(pages_grow, test_wrong_frees_are_noticed)
{
	char *p, *q;

	if (!machine_start(two_regions))
		return;
	p = sim_alloc(1);
	q = sim_alloc(0);
	sim_free(p, 0);				/* wrong order */
	sim_free(p + UK_PAGE_SIZE, 0);		/* inside of a run */
	sim_free(p + 16, 1);			/* not a page */
	sim_free(ram, 0);			/* not ours */
	UK_EXPECT_EQ(n_bugs, 4);
	sim_free(p, 1);
	sim_free(q, 0);
	UK_EXPECT_EQ(n_bugs, 4);
	sim_free(p, 1);				/* twice, merged */
	sim_free(q, 0);
	UK_EXPECT_EQ(n_bugs, 6);
	machine_stop();
}
