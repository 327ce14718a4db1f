/* SPDX-License-Identifier: BSD-3-Clause */
/* Grants from this domain to itself. */
#include <uk/xen/gnttab.h>

#include <errno.h>
#include <string.h>

#include <uk/pages.h>
#include <uk/plat/boot.h>
#include <uk/test.h>

#include "self.h"

/* More than one frame of the grant table */
#define N_GRANTS 1200

/* A page has one guest frame number: Xen takes it from its old one when an HVM
 * domain maps its own grant. */
static bool may_map_own(void)
{
	if (strcmp(uk_plat_name(), "xenhvm"))
		return true;
	uk_test_skip("an HVM domain cannot map its own page twice");
	return false;
}

static char *new_page(char fill)
{
	char *page = uk_pages_alloc(0);

	return page ? memset(page, fill, UK_PAGE_SIZE) : NULL;
}

static struct uk_gnttab_map map_of(grant_ref_t ref, bool is_readonly)
{
	return (struct uk_gnttab_map){
		.remote = self_domid(),
		.is_readonly = is_readonly,
		.ref = ref,
	};
}

static void mapped_page_is_the_granted_one(void)
{
	char *page = new_page('x');
	int ref = uk_gnttab_grant(self_domid(), page, false);
	struct uk_gnttab_map m = map_of(ref, false);

	if (!UK_EXPECT(ref > 0) || !UK_EXPECT_EQ(uk_gnttab_map(&m, 1), 0))
		return;
	UK_EXPECT_EQ(*(volatile char *)m.va, 'x');
	*((volatile char *)m.va + UK_PAGE_SIZE - 1) = 'y';
	UK_EXPECT_EQ(page[UK_PAGE_SIZE - 1], 'y');
	UK_EXPECT_EQ(uk_xen_gfn(m.va) == uk_xen_gfn(page), true);
	uk_gnttab_unmap(&m, 1);
	UK_EXPECT_EQ(uk_gnttab_end(ref), 0);
	uk_pages_free(page, 0);
}

UK_TEST(xen_gnttab, test_mapped_page_is_the_granted_one)
{
	if (may_map_own())
		mapped_page_is_the_granted_one();
}

static void end_of_a_mapped_grant_is_busy(void)
{
	char *page = new_page(0);
	int ref = uk_gnttab_grant(self_domid(), page, true);
	struct uk_gnttab_map m = map_of(ref, true);

	if (!UK_EXPECT_EQ(uk_gnttab_map(&m, 1), 0))
		return;
	UK_EXPECT_EQ(uk_gnttab_end(ref), -EBUSY);
	uk_gnttab_unmap(&m, 1);
	UK_EXPECT_EQ(uk_gnttab_end(ref), 0);
	uk_pages_free(page, 0);
}

UK_TEST(xen_gnttab, test_end_of_a_mapped_grant_is_busy)
{
	if (may_map_own())
		end_of_a_mapped_grant_is_busy();
}

static void bad_entry_fails_alone(void)
{
	char *page = new_page('g');
	int ref = uk_gnttab_grant(self_domid(), page, true);
	struct uk_gnttab_map m[4] = {
		map_of(999999, true), map_of(ref, true), map_of(ref, false), map_of(ref, true),
	};

	UK_EXPECT_EQ(uk_gnttab_map(m, UK_ARRAY_SIZE(m)), -EIO);
	UK_EXPECT(m[0].status < 0 && !m[0].va);
	UK_EXPECT_EQ(m[1].status, GNTST_okay);
	UK_EXPECT(m[2].status < 0 && !m[2].va);
	UK_EXPECT_EQ(m[3].status, GNTST_okay);
	UK_EXPECT_EQ(*(volatile char *)m[3].va, 'g');
	uk_gnttab_unmap(m, UK_ARRAY_SIZE(m));
	UK_EXPECT_EQ(uk_gnttab_end(ref), 0);
	uk_pages_free(page, 0);
}

UK_TEST(xen_gnttab, test_bad_entry_fails_alone)
{
	if (may_map_own())
		bad_entry_fails_alone();
}

/* Addresses that were given back are the next ones, the lowest first. */
static void addresses_are_used_again(void)
{
	char *page = new_page('a');
	int ref = uk_gnttab_grant(self_domid(), page, false);
	struct uk_gnttab_map m[4] = {
		map_of(ref, false), map_of(ref, false), map_of(ref, false), map_of(ref, false),
	};
	void *was[3];

	UK_EXPECT_EQ(uk_gnttab_map(m, 3), 0);
	for (unsigned int i = 0; i < 3; i++)
		was[i] = m[i].va;
	uk_gnttab_unmap(&m[1], 1);
	UK_EXPECT_EQ(uk_gnttab_map(&m[3], 1), 0);
	UK_EXPECT(m[3].va == was[1]);
	uk_gnttab_unmap(m, UK_ARRAY_SIZE(m));
	UK_EXPECT_EQ(uk_gnttab_map_contiguous(m, 3), 0);
	for (unsigned int i = 0; i < 3; i++)
		UK_EXPECT(m[i].va == was[i]);
	uk_gnttab_unmap(m, 3);
	UK_EXPECT_EQ(uk_gnttab_end(ref), 0);
	uk_pages_free(page, 0);
}

UK_TEST(xen_gnttab, test_addresses_are_used_again)
{
	if (may_map_own())
		addresses_are_used_again();
}

/* More than a batch, across the border of a page table. Xen lets a grant be
 * mapped 255 times at most. */
#define N_RING 600
#define N_RING_PAGES 8

static void contiguous_map_is_in_order(void)
{
	static struct uk_gnttab_map m[N_RING];
	char *pages[N_RING_PAGES];
	int refs[N_RING_PAGES];

	for (unsigned int i = 0; i < N_RING_PAGES; i++) {
		pages[i] = new_page('0' + i);
		refs[i] = uk_gnttab_grant(self_domid(), pages[i], false);
	}
	for (unsigned int i = 0; i < N_RING; i++)
		m[i] = map_of(refs[i % N_RING_PAGES], false);
	if (!UK_EXPECT_EQ(uk_gnttab_map_contiguous(m, N_RING), 0))
		return;
	for (unsigned int i = 0; i < N_RING; i++) {
		UK_EXPECT((char *)m[i].va == (char *)m[0].va + i * UK_PAGE_SIZE);
		UK_EXPECT_EQ(*(volatile char *)m[i].va, '0' + i % N_RING_PAGES);
	}
	uk_gnttab_unmap(m, N_RING);
	for (unsigned int i = 0; i < N_RING_PAGES; i++) {
		UK_EXPECT_EQ(uk_gnttab_end(refs[i]), 0);
		uk_pages_free(pages[i], 0);
	}
}

UK_TEST(xen_gnttab, test_contiguous_map_is_in_order)
{
	if (may_map_own())
		contiguous_map_is_in_order();
}

static void contiguous_map_is_all_or_nothing(void)
{
	char *page = new_page(0);
	int ref = uk_gnttab_grant(self_domid(), page, false);
	struct uk_gnttab_map m[3] = {
		map_of(ref, false), map_of(999999, false), map_of(ref, false),
	};

	UK_EXPECT_EQ(uk_gnttab_map_contiguous(m, 3), -EIO);
	UK_EXPECT(!m[0].va && !m[1].va && !m[2].va);
	UK_EXPECT_EQ(uk_gnttab_end(ref), 0);
	uk_pages_free(page, 0);
}

UK_TEST(xen_gnttab, test_contiguous_map_is_all_or_nothing)
{
	if (may_map_own())
		contiguous_map_is_all_or_nothing();
}

UK_TEST(xen_gnttab, test_copy_in_and_out)
{
	char *page = new_page('p');
	char *mine = new_page('m');
	int ref = uk_gnttab_grant(self_domid(), page, false);
	struct gnttab_copy ops[3];

	memset(ops, 0, sizeof(ops));
	uk_gnttab_copy_in(&ops[0], mine + 100, DOMID_SELF, ref, 5, 10);
	uk_gnttab_copy_out(&ops[1], mine, DOMID_SELF, ref, 4000, 96);
	uk_gnttab_copy_in(&ops[2], mine, DOMID_SELF, 999999, 0, 1);
	UK_EXPECT_EQ(uk_gnttab_copy(ops, 3), -EIO);
	UK_EXPECT_EQ(ops[0].status, GNTST_okay);
	UK_EXPECT_EQ(ops[1].status, GNTST_okay);
	UK_EXPECT(ops[2].status < 0);
	UK_EXPECT_EQ(mine[99], 'm');
	UK_EXPECT_EQ(mine[100], 'p');
	UK_EXPECT_EQ(mine[109], 'p');
	UK_EXPECT_EQ(mine[110], 'm');
	UK_EXPECT_EQ(page[3999], 'p');
	UK_EXPECT_EQ(page[4095], 'm');
	UK_EXPECT_EQ(uk_gnttab_end(ref), 0);
	uk_pages_free(page, 0);
	uk_pages_free(mine, 0);
}

UK_TEST(xen_gnttab, test_table_grows_and_refs_come_back)
{
	static int refs[N_GRANTS];
	char *page = new_page(0);
	unsigned int n;
	int again;

	for (n = 0; n < N_GRANTS; n++) {
		refs[n] = uk_gnttab_grant(0, page, true);
		if (refs[n] <= 0)
			break;
	}
	UK_EXPECT_EQ(n, N_GRANTS);
	if (!n)
		return;
	for (unsigned int i = 0; i < n; i++)
		UK_EXPECT_EQ(uk_gnttab_end(refs[i]), 0);
	again = uk_gnttab_grant(0, page, true);
	UK_EXPECT_EQ(again, refs[n - 1]);
	UK_EXPECT_EQ(uk_gnttab_end(again), 0);
	uk_pages_free(page, 0);
}
