/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Persistent grants: a frontend that offers them uses the same pages for its
 * data again and again, so they are mapped once and stay until it disconnects.
 * Moving data is then a memcpy; Xen is not asked at all. It pays most on HVM,
 * where Xen walks page tables for each operation of a grant copy.
 *
 * The frontend chooses the references and writes the pages while we read them;
 * nothing is concluded from either. It can have MAX_GRANTS mapped and no more:
 * what does not fit, or does not map, goes the way of a grant copy, where Xen's
 * verdict is the request's.
 */
#include "blkback_priv.h"

#include <uk/alloc.h>

/* All that a frontend with a full ring needs */
#define MAX_GRANTS (BLKBACK_RING_SIZE * BLKIF_MAX_SEGMENTS_PER_REQUEST)
#define N_SLOTS 1024	/* a power of two, over twice as many */

struct blkback_persist {
	unsigned int n;
	struct uk_gnttab_map maps[MAX_GRANTS];
	uint16_t slots[N_SLOTS];	/* hash table of indices + 1; 0: free */
};

struct blkback_persist *blkback_persist_new(void)
{
	return uk_calloc(1, sizeof(struct blkback_persist));
}

static void *add(struct blkback_persist *p, uint16_t *slot, domid_t remote, grant_ref_t ref)
{
	struct uk_gnttab_map *m = &p->maps[p->n];

	if (p->n == MAX_GRANTS)
		return NULL;
	*m = (struct uk_gnttab_map) { .remote = remote, .ref = ref };
	if (uk_gnttab_map(m, 1))
		return NULL;
	*slot = (uint16_t)++p->n;
	return m->va;
}

void *blkback_persist_find(struct blkback_persist *p, domid_t remote, grant_ref_t ref)
{
	unsigned int i = ref % N_SLOTS;

	/* Ends: the table is never full */
	for (; p->slots[i]; i = (i + 1) % N_SLOTS)
		if (p->maps[p->slots[i] - 1].ref == ref)
			return p->maps[p->slots[i] - 1].va;
	return add(p, &p->slots[i], remote, ref);
}

void blkback_persist_free(struct blkback_persist *p)
{
	if (!p)
		return;
	uk_gnttab_unmap(p->maps, p->n);
	uk_free(p);
}
