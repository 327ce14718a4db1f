/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Persistent grants: a frontend that offers them uses the same pages for its
 * data again and again, so they are mapped once and stay until it disconnects.
 * Moving data is then a memcpy, or the device's driver's own copy; Xen is not
 * asked at all. It pays most on HVM, where Xen walks page tables for each
 * operation of a grant copy.
 *
 * The frontend chooses the references and writes the pages while we read them;
 * nothing is concluded from either. It can have MAX_GRANTS mapped for a ring, all
 * frontends together MAX_IN_ALL, and no more: what does not fit, or does not map,
 * goes the way of a grant copy, where Xen's verdict is the request's.
 */
#include "blkback_priv.h"

#include <uk/alloc.h>
#include <uk/bitops.h>

/* All that a frontend with a ring of one page needs, and its indirect pages */
#define MAX_GRANTS (BLKBACK_RING_SIZE * (BLKBACK_MAX_SEGS + 1))
/* There are some 16,000 places for mapped pages: half of them is for rings, and for pages
 * that are mapped for a request, of which a disk has LIBBLKBACK_QUEUE_SEGS */
#define MAX_IN_ALL 8192

#define CHUNK 64
#define N_CHUNKS UK_DIV_ROUND_UP(MAX_GRANTS, CHUNK)

struct blkback_persist {
	unsigned int n;
	unsigned int n_slots;		/* a power of two, over 3/2 of MAX_GRANTS */
	struct uk_gnttab_map *chunks[N_CHUNKS];
	uint16_t slots[];		/* hash table of indices + 1; 0: free */
};

_Static_assert(MAX_GRANTS < UINT16_MAX, "an index has 16 bits");

static unsigned int n_in_all;

struct blkback_persist *blkback_persist_new(void)
{
	unsigned int n_slots = 2u << uk_bit_highest(MAX_GRANTS * 3 / 2);
	struct blkback_persist *p =
		uk_calloc(1, sizeof(*p) + n_slots * sizeof(p->slots[0]));

	if (p)
		p->n_slots = n_slots;
	return p;
}

static struct uk_gnttab_map *map_of(struct blkback_persist *p, unsigned int i)
{
	return &p->chunks[i / CHUNK][i % CHUNK];
}

static void *add(struct blkback_persist *p, uint16_t *slot, domid_t remote, grant_ref_t ref)
{
	struct uk_gnttab_map **chunk = &p->chunks[p->n / CHUNK], *m;

	if (p->n == MAX_GRANTS || n_in_all == MAX_IN_ALL)
		return NULL;
	if (!*chunk)
		*chunk = uk_malloc(CHUNK * sizeof(**chunk));
	if (!*chunk)
		return NULL;
	m = map_of(p, p->n);
	*m = (struct uk_gnttab_map) { .remote = remote, .ref = ref };
	if (uk_gnttab_map(m, 1))
		return NULL;
	n_in_all++;
	*slot = (uint16_t)++p->n;
	return m->va;
}

void *blkback_persist_find(struct blkback_persist *p, domid_t remote, grant_ref_t ref)
{
	unsigned int mask = p->n_slots - 1, i = ref & mask;

	/* Ends: the table is never full */
	for (; p->slots[i]; i = (i + 1) & mask) {
		struct uk_gnttab_map *m = map_of(p, p->slots[i] - 1u);

		if (m->ref == ref)
			return m->va;
	}
	return add(p, &p->slots[i], remote, ref);
}

void blkback_persist_free(struct blkback_persist *p)
{
	if (!p)
		return;
	for (unsigned int i = 0; i < N_CHUNKS && p->chunks[i]; i++) {
		uk_gnttab_unmap(p->chunks[i], UK_MIN(p->n - i * CHUNK, (unsigned int)CHUNK));
		uk_free(p->chunks[i]);
	}
	n_in_all -= p->n;
	uk_free(p);
}
