/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where memory ends, and dom0 itself has taken the last of it: it is answered, and can
 * remove what it has stored, as often as it likes. Run as memory_test.c.
 */
#include "sim.h"

#include <stdio.h>
#include <string.h>

#include <uk/pages.h>
#include <uk/test.h>
#include <uk/util.h>

/* More takes too long to fill */
#define ENOUGH_PAGES (16U << 20 >> 12)
#define N_LARGE 1900
#define LIST "/x/large/0"
#define ONE LIST "/1"
#define N_STEPS 1500

static char value[N_LARGE + 1];

/* @return false: the test is none. */
static bool is_fit(void)
{
	struct uk_pages_stats st;

	uk_pages_stats(&st);
	memset(value, 'v', N_LARGE);
	if (st.total_pages <= ENOUGH_PAGES && !IS_ENABLED(CONFIG_LIBHEAP_DEBUG))
		return !sim_reset();
	uk_test_skip("freed blocks are kept, or there is too much memory: LIBHEAP_DEBUG=n, --memory 8M");
	return false;
}

/* A node of @len bytes, a hundred in a directory */
static int put(const char *name, unsigned int n, size_t len)
{
	char path[40];

	snprintf(path, sizeof(path), "/x/%s/%u/%u", name, n / 100, n);
	return sim_write(sim_dom0(), 0, path, value + N_LARGE - len);
}

/* Until there is an error: @return how many nodes. */
static unsigned int fill(const char *name, size_t len)
{
	unsigned int n = 0;
	int err;

	while (!(err = put(name, n, len)))
		n++;
	UK_EXPECT(err == -ENOMEM || err == -EIO);
	return n;
}

static void fill_all(void)
{
	UK_EXPECT(fill("large", N_LARGE) > 100);
	fill("medium", 400);
	fill("small", 1);
}

static void expect_all_but_storing(void)
{
	static struct sim_msg m;
	static char found[N_LARGE + 1];

	UK_EXPECT_EQ(sim_read(sim_dom0(), 0, ONE, found, sizeof(found)), N_LARGE);
	UK_EXPECT_EQ(sim_ask(sim_dom0(), XS_DIRECTORY, 0, &m, LIST, NULL), 0);
	UK_EXPECT(m.hdr.len > 100);
	UK_EXPECT_EQ(sim_ask(sim_dom0(), XS_GET_PERMS, 0, &m, ONE, NULL), 0);
	UK_EXPECT_EQ(sim_control(&m, "memreport", NULL), 0);
	UK_EXPECT(strstr(m.payload, "of removals"));
}

static void expect_removal(void)
{
	UK_EXPECT_EQ(sim_rm(sim_dom0(), 0, ONE), 0);
	UK_EXPECT_EQ(sim_rm(sim_dom0(), 0, LIST), 0);
	UK_EXPECT_EQ(put("large", 1, N_LARGE), 0);
	UK_EXPECT_EQ(sim_rm(sim_dom0(), 0, "/x"), 0);
}

static void expect_used(size_t before)
{
	size_t used;

	UK_EXPECT_EQ(sim_reset(), 0);
	UK_EXPECT_EQ(sim_records(), 3);
	UK_EXPECT_EQ(sim_corruptions(), 0);
	/* The reserves may be in more pieces than before */
	used = sim_memory().used_bytes;
	UK_EXPECT(used + 1024 > before && used < before + 1024);
}

UK_TEST(memory, test_host_removes_what_it_has_filled_memory_with)
{
	size_t before;

	if (!is_fit())
		return;
	before = sim_memory().used_bytes;
	for (unsigned int i = 0; i < 3; i++) {
		fill_all();
		expect_all_but_storing();
		expect_removal();
	}
	expect_used(before);
}

/* Requests that wait for one another hold memory while the next one stores. */
UK_TEST(memory, test_storing_does_not_nibble_at_removals)
{
	static const char read[] = ONE;
	static struct sim_msg m;
	const char *line;
	unsigned int have = 0, want = 0, n = 0;
	size_t before;

	if (!is_fit())
		return;
	before = sim_memory().used_bytes;
	fill_all();
	for (unsigned int i = 0; i < N_STEPS; i++) {
		sim_post(sim_dom0(), XS_READ, 0, read, sizeof(read));
		n += !put("gap", i, i % 200);
		put("large", 100000 + i, N_LARGE);
	}
	UK_EXPECT(n < N_STEPS);
	UK_EXPECT_EQ(sim_control(&m, "memreport", NULL), 0);
	line = strstr(m.payload, "of removals");
	UK_EXPECT(line && sscanf(line, "of removals : %u of %u", &have, &want) == 2);
	UK_EXPECT(want && have >= want / 2);
	expect_all_but_storing();
	expect_removal();
	expect_used(before);
}
