/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timers in a pairing heap. It is intrusive, so arming cannot fail; a driver
 * domain has a few timers per virtual interface, hundreds in all, most of them
 * stopped before they expire, for which a sorted list would be too slow.
 */
#include <uk/timer.h>

#include <stddef.h>

#include <uk/plat/event.h>
#include <uk/plat/time.h>
#include <uk/util.h>

#include "sched_priv.h"

static struct uk_timer *root;
static uint64_t last_run_ns;	/* the clock as timer_run() saw it last */

/* Make the later of two heaps the first child of the other. */
static struct uk_timer *meld(struct uk_timer *a, struct uk_timer *b)
{
	struct uk_timer *later;

	if (!a || !b)
		return a ? a : b;
	if (b->deadline_ns < a->deadline_ns) {
		later = a;
		a = b;
	} else {
		later = b;
	}
	later->sibling = a->child;
	if (later->sibling)
		later->sibling->link = &later->sibling;
	later->link = &a->child;
	a->child = later;
	return a;
}

/* Meld a list of siblings: in pairs, then the pairs from the last one on. */
static struct uk_timer *meld_siblings(struct uk_timer *first)
{
	struct uk_timer *pairs = NULL, *all = NULL, *next;

	while (first) {
		struct uk_timer *a = first, *b = a->sibling;

		first = b ? b->sibling : NULL;
		a->sibling = NULL;
		if (b)
			b->sibling = NULL;
		a = meld(a, b);
		a->sibling = pairs;
		pairs = a;
	}
	for (; pairs; pairs = next) {
		next = pairs->sibling;
		pairs->sibling = NULL;
		all = meld(all, pairs);
	}
	return all;
}

static void set_root(struct uk_timer *t)
{
	root = t;
	if (t)
		t->link = &root;
}

void uk_timer_init(struct uk_timer *t, void (*fn)(struct uk_timer *t))
{
	t->link = NULL;
	t->fn = fn;
}

bool uk_timer_stop(struct uk_timer *t)
{
	struct uk_timer *rest;

	if (!t->link)
		return false;
	rest = meld_siblings(t->child);
	if (t == root) {
		set_root(rest);
	} else {
		*t->link = t->sibling;
		if (t->sibling)
			t->sibling->link = t->link;
		set_root(meld(root, rest));
	}
	t->link = NULL;
	return true;
}

void uk_timer_start(struct uk_timer *t, uint64_t deadline_ns)
{
	uk_timer_stop(t);
	t->child = NULL;
	t->sibling = NULL;
	/* Nothing expires twice in one run, or it might not end */
	t->deadline_ns = UK_MAX(deadline_ns, last_run_ns + 1);
	set_root(meld(root, t));
}

uint64_t timer_next_ns(void)
{
	return root ? root->deadline_ns : UK_FOREVER;
}

static void run_until(uint64_t now_ns)
{
	struct uk_timer *t;

	last_run_ns = now_ns;
	while (root && root->deadline_ns <= now_ns) {
		t = root;
		uk_timer_stop(t);
		t->fn(t);
	}
}

void timer_run(bool is_time)
{
	/* What was due at once is due now, a nanosecond later or more. A look at
	 * the clock may be a trap: it waits until a timer needs it. */
	if (root && root->deadline_ns <= last_run_ns + 1)
		run_until(last_run_ns + 1);
	if (root && is_time)
		run_until(uk_plat_mono_ns());
}
