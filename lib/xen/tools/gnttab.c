/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libxengnttab over our grant mappings. A handle knows its mappings by their
 * address, in a table of lists: unmapping names nothing else.
 */
#include <xengnttab.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <uk/arch/page.h>
#include <uk/list.h>
#include <uk/xen/gnttab.h>

#define N_LISTS 64

struct mapping {
	struct uk_list list;
	struct uk_gnttab_map map;
};

struct xengntdev_handle {
	struct uk_list lists[N_LISTS];
	uint32_t n, max;
};

static struct uk_list *list_of(struct xengntdev_handle *xgt, const void *va)
{
	return &xgt->lists[((uintptr_t)va >> UK_PAGE_SHIFT) % N_LISTS];
}

static struct mapping *find(struct xengntdev_handle *xgt, const void *va)
{
	struct mapping *m;

	UK_LIST_FOREACH(m, list_of(xgt, va), list)
		if (m->map.va == va)
			return m;
	return NULL;
}

static void drop(struct xengntdev_handle *xgt, struct mapping *m)
{
	uk_list_del(&m->list);
	uk_gnttab_unmap(&m->map, 1);
	xgt->n--;
	free(m);
}

xengnttab_handle *xengnttab_open(xentoollog_logger *logger, unsigned int open_flags)
{
	struct xengntdev_handle *xgt = malloc(sizeof(*xgt));

	(void)logger;
	(void)open_flags;
	if (!xgt)
		return NULL;
	for (unsigned int i = 0; i < N_LISTS; i++)
		uk_list_init(&xgt->lists[i]);
	xgt->n = 0;
	xgt->max = UINT32_MAX;
	return xgt;
}

int xengnttab_close(xengnttab_handle *xgt)
{
	struct mapping *m, *tmp;

	if (!xgt)
		return 0;
	for (unsigned int i = 0; i < N_LISTS; i++)
		UK_LIST_FOREACH_SAFE(m, tmp, &xgt->lists[i], list)
			drop(xgt, m);
	free(xgt);
	return 0;
}

int xengnttab_set_max_grants(xengnttab_handle *xgt, uint32_t n)
{
	xgt->max = n;
	return 0;
}

void *xengnttab_map_grant_ref(xengnttab_handle *xgt, uint32_t domid, uint32_t ref, int prot)
{
	struct mapping *m;
	int err;

	m = xgt->n < xgt->max ? malloc(sizeof(*m)) : NULL;
	if (!m) {
		errno = ENOMEM;
		return NULL;
	}
	m->map = (struct uk_gnttab_map) {
		.remote = (domid_t)domid, .ref = ref, .is_readonly = !(prot & PROT_WRITE),
	};
	err = uk_gnttab_map(&m->map, 1);
	if (err) {
		free(m);
		errno = err == -ENOMEM ? ENOMEM : EINVAL;
		return NULL;
	}
	uk_list_add(list_of(xgt, m->map.va), &m->list);
	xgt->n++;
	return m->map.va;
}

int xengnttab_unmap(xengnttab_handle *xgt, void *start_address, uint32_t count)
{
	char *va = start_address;
	uint32_t i;

	for (i = 0; i < count && find(xgt, va + i * UK_PAGE_SIZE); i++)
		;
	if (!count || i < count) {
		errno = EINVAL;
		return -1;
	}
	for (i = 0; i < count; i++)
		drop(xgt, find(xgt, va + i * UK_PAGE_SIZE));
	return 0;
}
