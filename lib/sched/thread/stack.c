/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory of threads: a guard page, the stack, and on top of it the struct
 * uk_thread, in one run of pages. A guard costs a change of page tables
 * (on Xen PV a hypercall) at both ends of a thread's life; therefore some
 * stacks of the default size are kept with their guard for the next thread.
 */
#include <errno.h>

#include <uk/arch/page.h>
#include <uk/asan.h>
#include <uk/assert.h>
#include <uk/pages.h>
#include <uk/plat/memory.h>

#include "sched_priv.h"

#define DEFAULT_PAGES UK_DIV_ROUND_UP(CONFIG_LIBTHREAD_STACK_SIZE, UK_PAGE_SIZE)

static struct uk_list cache = UK_LIST_INIT(cache);	/* of uk_thread.all */
static int n_cached;

/* Pages of the stack without the guard */
static size_t n_pages_of(const struct uk_thread *t)
{
	return (t->stack_bytes + sizeof(*t)) >> UK_PAGE_SHIFT;
}

static struct uk_thread *stack_new(size_t n_pages)
{
	size_t bytes = n_pages << UK_PAGE_SHIFT;
	char *base = uk_pages_alloc_n(n_pages + 1);
	struct uk_thread *t;

	if (!base)
		return NULL;
	if (uk_plat_mem_protect(base, UK_PAGE_SIZE, UK_PROT_NONE) < 0) {
		uk_pages_free_n(base, n_pages + 1);
		return NULL;
	}
	base += UK_PAGE_SIZE;
	t = (struct uk_thread *)(base + bytes) - 1;
	t->stack = base;
	t->stack_bytes = bytes - sizeof(*t);
	return t;
}

struct uk_thread *stack_get(size_t stack_bytes)
{
	struct uk_thread *t;
	size_t n_pages = DEFAULT_PAGES;

	if (stack_bytes > SIZE_MAX / 2)
		return NULL;
	if (stack_bytes)
		n_pages = UK_DIV_ROUND_UP(stack_bytes + sizeof(*t), UK_PAGE_SIZE);
	if (n_pages != DEFAULT_PAGES || !n_cached)
		return stack_new(n_pages);
	n_cached--;
	t = UK_LIST_ENTRY(uk_list_pop(&cache), struct uk_thread, all);
	/* The last owner did not return from all its functions */
	uk_asan_unpoison(t->stack, t->stack_bytes);
	return t;
}

void stack_put(struct uk_thread *t)
{
	size_t n_pages = n_pages_of(t);
	char *base = (char *)t->stack - UK_PAGE_SIZE;

	if (n_pages == DEFAULT_PAGES && n_cached < CONFIG_LIBTHREAD_STACK_CACHE) {
		uk_list_add(&cache, &t->all);
		n_cached++;
		return;
	}
	/* Cannot fail: the page table that holds the guard is there */
	uk_bug_on(uk_plat_mem_protect(base, UK_PAGE_SIZE,
				      UK_PROT_READ | UK_PROT_WRITE) < 0);
	uk_pages_free_n(base, n_pages + 1);
}
