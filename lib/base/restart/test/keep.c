/* SPDX-License-Identifier: BSD-3-Clause */
/* Kept memory, over restarts that are played, and after being written over. */
#include <uk/restart.h>
#include <uk/test.h>

#include <stdint.h>
#include <string.h>

#include <uk/print.h>

#include "../restart_priv.h"

#define NAME_43 "0123456789012345678901234567890123456789012"

static bool is_inherited;

static void *keep(const char *name, size_t size)
{
	return uk_keep(name, size, &is_inherited);
}

/* Have nothing kept by anybody. */
static void wipe(void)
{
	size_t len;

	memset(keep_area(&len), 0, 64);
	uk_keep_simulate_restart();
}

static bool is_zero(const char *p, size_t len)
{
	while (len && !*p)
		p++, len--;
	return !len;
}

UK_TEST(restart, test_keep_new_is_zeroed_and_aligned)
{
	char *small, *page;

	wipe();
	small = keep("small", 100);
	if (!UK_EXPECT(small))
		return;
	UK_EXPECT(!is_inherited);
	UK_EXPECT(is_zero(small, 100));
	UK_EXPECT_EQ((uintptr_t)small % 16, 0);
	memset(small, 0xff, 100);
	page = keep("page", UK_PAGE_SIZE);
	if (!UK_EXPECT(page))
		return;
	UK_EXPECT_EQ((uintptr_t)page % UK_PAGE_SIZE, 0);
	UK_EXPECT(is_zero(page, UK_PAGE_SIZE));
	memset(page, 0xff, UK_PAGE_SIZE);
	UK_EXPECT_EQ(small[99], (char)0xff);
	uk_keep_free(small);
	small = keep("again", 100);
	UK_EXPECT(small && is_zero(small, 100));
	UK_EXPECT(!keep("page", UK_PAGE_SIZE));
}

UK_TEST(restart, test_keep_is_inherited_once_with_its_contents)
{
	char *a, *b;

	wipe();
	a = keep("a", 24);
	b = keep("b", 2 * UK_PAGE_SIZE);
	if (!UK_EXPECT(a && b))
		return;
	strcpy(a, "from a");
	strcpy(b, "from b");
	uk_keep_simulate_restart();
	UK_EXPECT(keep("b", 2 * UK_PAGE_SIZE) == b);
	UK_EXPECT(is_inherited);
	UK_EXPECT(keep("a", 24) == a);
	UK_EXPECT(is_inherited);
	UK_EXPECT_STR(a, "from a");
	UK_EXPECT_STR(b, "from b");
	UK_EXPECT(!keep("a", 24));
	UK_EXPECT(!is_inherited);
	uk_keep_free(a);
	uk_keep_simulate_restart();
	a = keep("a", 24);
	UK_EXPECT(a && !is_inherited && is_zero(a, 24));
}

UK_TEST(restart, test_keep_of_another_size_is_new)
{
	char *a;

	wipe();
	a = keep("a", 24);
	if (!UK_EXPECT(a))
		return;
	memset(a, 1, 24);
	uk_keep_simulate_restart();
	a = keep("a", 32);
	UK_EXPECT(a && !is_inherited && is_zero(a, 32));
}

UK_TEST(restart, test_keep_small_blocks_share_pages)
{
	size_t len, n = 0;
	char name[8] = "b";

	wipe();
	keep_area(&len);
	for (; keep(name, 600); n++) {
		name[1] = (char)('0' + n / 100 % 10);
		name[2] = (char)('0' + n / 10 % 10);
		name[3] = (char)('0' + n % 10);
		if (n == 999)
			break;
	}
	UK_EXPECT(n >= UK_MIN(len / 700, (size_t)999));
	UK_EXPECT(n <= len / 600);
	wipe();
}

UK_TEST(restart, test_keep_full_area_serves_again_after_free)
{
	size_t len;
	void *all, *half, *one;

	wipe();
	keep_area(&len);
	UK_EXPECT(!keep("more", len));
	all = keep("all", len - 64);
	UK_EXPECT(all);
	UK_EXPECT(!keep("one", 1));
	uk_keep_free(all);
	half = keep("half", len / 2 + 16);
	UK_EXPECT(half);
	UK_EXPECT(!keep("rest", len / 2));
	one = keep("one", 1);
	UK_EXPECT(one);
	uk_keep_free(half);
	uk_keep_free(one);
	UK_EXPECT(keep("all", len - 64));
	wipe();
}

UK_TEST(restart, test_keep_refuses_bad_requests)
{
	wipe();
	UK_EXPECT(keep(NAME_43, 1));
	UK_EXPECT(!keep(NAME_43 "x", 1));
	UK_EXPECT(!keep("none", 0));
	UK_EXPECT(!keep("huge", SIZE_MAX));
	UK_EXPECT(!keep("huge", SIZE_MAX - 10));
	wipe();
}

/* Whatever a bug has written there: no fault, and all names can be had. */
static void expect_usable(void)
{
	char name[2] = "a", *p;

	uk_keep_simulate_restart();
	for (; *name < 'i'; ++*name) {
		p = keep(name, 200);
		if (!UK_EXPECT(p))
			return;
		if (!is_inherited)
			UK_EXPECT(is_zero(p, 200));
	}
}

UK_TEST(restart, test_keep_survives_being_written_over)
{
	size_t len, at;
	uint32_t seed = 1;
	char *area = keep_area(&len);

	uk_print_set_level(UK_LVL_ERR);
	for (unsigned int round = 0; round < 2000; round++) {
		if (round % 16 == 0)
			memset(area, 0, len);
		expect_usable();
		seed = seed * 1664525 + 1013904223;
		at = seed % 2600;
		seed = seed * 1664525 + 1013904223;
		memset(area + at, (int)(seed >> 8), seed >> 24);
	}
	memset(area, 0xff, len);
	expect_usable();
	wipe();
}

UK_TEST(restart, test_keep_before_the_damage_is_inherited)
{
	char *a, *b, *c;

	wipe();
	a = keep("a", 64);
	b = keep("b", 64);
	c = keep("c", 64);
	if (!UK_EXPECT(a && b && c))
		return;
	a[0] = 'A';
	memset(a + 64, 0x55, 8);
	uk_keep_simulate_restart();
	UK_EXPECT(keep("a", 64) == a && is_inherited && a[0] == 'A');
	UK_EXPECT(keep("b", 64) == b && !is_inherited);
	UK_EXPECT(keep("c", 64) && !is_inherited);
	wipe();
}

UK_TEST(restart, test_keep_room_is_what_is_free)
{
	size_t all, one;
	char *a, *b;

	wipe();
	all = uk_keep_room();
	a = keep("a", 1000);
	one = all - uk_keep_room();
	UK_EXPECT(a && one >= 1000 && one < 1200);
	b = keep("b", 1000);
	UK_EXPECT(b && all - uk_keep_room() == 2 * one);
	uk_keep_free(a);
	UK_EXPECT(all - uk_keep_room() <= one + one && all - uk_keep_room() >= 1000);
	uk_keep_free(b);
	UK_EXPECT_EQ(uk_keep_room(), all);
	wipe();
}
