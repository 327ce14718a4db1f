/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The reserves are blocks of the heap that are freed when memory has run out, for
 * those who may have it, and taken again afterwards: one thread, so that nobody
 * comes in between. All of the image's allocations are covered.
 *
 * What one request has left of a reserve is in pieces when something stays in it.
 * All is freed before it is taken again, largest blocks first, so that pieces
 * become one when they can.
 */
#include "reserve.h"

#include <stdint.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/param.h>
#include <uk/print.h>
#include <uk/util.h>

/* Less the heap's header: 16 pages */
#define BLOCK_MAX (64 * 1024 - 16)
#define BLOCK_MIN 256

struct block {
	struct block *next;
	size_t size;
};

struct share {
	size_t want_bytes, have_bytes;
	struct block *blocks;
};

static uint64_t reserve_bytes = 256 * 1024;

UK_PARAM(store_reserve, "store.reserve", UK_PARAM_SIZE, &reserve_bytes,
	 "memory kept for dom0, at most an eighth of all; a quarter as much for removals");

static struct share removal_share, host_share;
static enum reserve_user now = RESERVE_HOST;
static size_t used_when_short = SIZE_MAX;	/* bytes; less: something was freed */
static bool is_ready, is_reported;

static bool give(struct share *s, size_t size)
{
	size_t freed = 0;
	struct block *b;

	while (freed < size && (b = s->blocks)) {
		s->blocks = b->next;
		s->have_bytes -= b->size;
		freed += b->size;
		uk_free(b);
	}
	if (freed)
		used_when_short = SIZE_MAX;
	return freed;
}

static bool release(size_t size)
{
	if (now == RESERVE_GUEST)
		return false;
	if (!is_reported)
		uk_pr_warn("xenstored: memory has run out: from the reserve\n");
	is_reported = true;
	if (now != RESERVE_REMOVAL && give(&host_share, size))
		return true;
	return now != RESERVE_HOST_STORES && give(&removal_share, size);
}

static size_t missing(const struct share *s)
{
	return s->want_bytes - s->have_bytes;
}

static void take(struct share *s)
{
	size_t size = BLOCK_MAX;
	struct block *b;

	while (missing(s) && size >= BLOCK_MIN) {
		size = UK_MIN(size, missing(s));
		b = uk_malloc(size);
		if (!b) {
			size /= 2;
			continue;
		}
		b->size = size;
		b->next = s->blocks;
		s->blocks = b;
		s->have_bytes += size;
	}
}

static bool is_short(void)
{
	return missing(&host_share) >= BLOCK_MIN || missing(&removal_share) >= BLOCK_MIN;
}

/* As a guest: it must not call for the reserve itself. Removals first: they make room
 * for the other, and what dom0 stores takes that. */
static void refill(void)
{
	struct uk_heap_stats st;

	uk_heap_stats(&st);
	if (st.used_bytes >= used_when_short)
		return;
	give(&host_share, SIZE_MAX);
	give(&removal_share, SIZE_MAX);
	take(&removal_share);
	take(&host_share);
	uk_heap_stats(&st);
	used_when_short = st.used_bytes;
}

/* More than the reserves, and not in crumbs only: else each request would be news */
static bool is_plenty(void)
{
	struct uk_pages_stats pages;
	struct uk_heap_stats heap;
	void *p = uk_malloc(removal_share.want_bytes);

	uk_free(p);
	uk_pages_stats(&pages);
	uk_heap_stats(&heap);
	return p && pages.free_pages * UK_PAGE_SIZE + heap.held_bytes - heap.used_bytes >=
		    host_share.want_bytes;
}

static void init(void)
{
	struct uk_pages_stats st;

	uk_pages_stats(&st);
	host_share.want_bytes = UK_MIN(reserve_bytes, st.total_pages * UK_PAGE_SIZE / 8);
	removal_share.want_bytes = host_share.want_bytes / 4;
	uk_heap_set_last_resort(release);
	is_ready = true;
}

enum reserve_user reserve_for(enum reserve_user user)
{
	enum reserve_user before = now;

	if (!is_ready)
		init();
	if (user != RESERVE_HOST && (is_short() || is_reported)) {
		now = RESERVE_GUEST;
		if (is_short())
			refill();
		if (!is_short() && is_reported && is_plenty()) {
			uk_pr_warn("xenstored: there is memory again\n");
			is_reported = false;
		}
	}
	now = user;
	return before;
}

static bool is_low(const struct share *s)
{
	return missing(s) > s->want_bytes / 2;
}

bool reserve_refuses(void)
{
	switch (now) {
	case RESERVE_GUEST:
		return is_low(&removal_share);
	case RESERVE_HOST_STORES:
		return is_low(&removal_share) && is_low(&host_share);
	default:
		return false;
	}
}

void reserve_report(char *text, size_t size)
{
	struct uk_pages_stats pages;
	struct uk_heap_stats heap;

	uk_pages_stats(&pages);
	uk_heap_stats(&heap);
	uk_snprintf(text, size,
		    "Memory, KiB:\nall              : %8zu\nfree             : %8zu\n"
		    "least free       : %8zu\nheap             : %8zu\nof that used     : %8zu\n"
		    "reserve of dom0  : %8zu of %zu\nof removals      : %8zu of %zu\n",
		    pages.total_pages * (UK_PAGE_SIZE / 1024), pages.free_pages * (UK_PAGE_SIZE / 1024),
		    pages.min_free_pages * (UK_PAGE_SIZE / 1024), heap.held_bytes / 1024,
		    heap.used_bytes / 1024, host_share.have_bytes / 1024, host_share.want_bytes / 1024,
		    removal_share.have_bytes / 1024, removal_share.want_bytes / 1024);
}
