/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Split virtqueues. What the device writes is the used ring: its index, a
 * descriptor's number and a length. The number is checked against what is under
 * way (uk_virtq_get()), the length by the driver that knows its buffer.
 */
#include <errno.h>
#include <string.h>

#include <uk/arch/barrier.h>
#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/plat/dma.h>
#include <uk/print.h>

#include "virtio_priv.h"

#define DESC_NEXT 1
#define DESC_WRITE 2
#define AVAIL_NO_INTERRUPT 1
#define USED_NO_NOTIFY 1

struct uk_virtq_desc {
	uint64_t addr;
	uint32_t len_bytes;
	uint16_t flags, next;
};

/* Both rings: flags, index, then entries. In 16-bit words: */
#define RING_FLAGS 0
#define RING_INDEX 1
#define AVAIL_ENTRY(i) (2 + (i))
#define USED_ENTRY(i) (2 + 4 * (i))	/* number and length, 32 bits each */

/* They share a page: the available ring, then the used one */
#define USED_OFFSET 1024

_Static_assert(sizeof(struct uk_virtq_desc) * UK_VIRTQ_SIZE == UK_PAGE_SIZE, "fill a page");
_Static_assert(2 * AVAIL_ENTRY(UK_VIRTQ_SIZE) <= USED_OFFSET, "fit");
_Static_assert(USED_OFFSET + 2 * USED_ENTRY(UK_VIRTQ_SIZE) <= UK_PAGE_SIZE, "fit");

/* Make an empty queue of the two pages, and tell the device. */
static int set_up(struct uk_virtq *q, struct uk_virtio *v, uint16_t index,
		  struct uk_virtq_desc *desc, char *rings)
{
	uint64_t addr = uk_plat_dma_addr(rings);

	*q = (struct uk_virtq) { .virtio = v, .index = index, .desc = desc };
	memset(desc, 0, UK_PAGE_SIZE);
	memset(rings, 0, UK_PAGE_SIZE);
	q->avail = (volatile uint16_t *)rings;
	q->used = (volatile uint16_t *)(rings + USED_OFFSET);
	q->size = v->bus->queue(v, index, uk_plat_dma_addr(desc), addr, addr + USED_OFFSET,
				&q->bell);
	q->n_free = q->size;
	for (uint16_t i = 0; i < q->size; i++)
		desc[i].next = (uint16_t)(i + 1);
	return q->size ? 0 : -ENODEV;
}

int uk_virtq_open(struct uk_virtq *q, struct uk_virtio *v, uint16_t index)
{
	void *desc = uk_pages_alloc(0), *rings = uk_pages_alloc(0);
	int err = desc && rings ? set_up(q, v, index, desc, rings) : -ENOMEM;

	if (err && desc)
		uk_pages_free(desc, 0);
	if (err && rings)
		uk_pages_free(rings, 0);
	return err;
}

int uk_virtq_reset(struct uk_virtq *q)
{
	return set_up(q, q->virtio, q->index, q->desc, (char *)q->avail);
}

int uk_virtq_add(struct uk_virtq *q, const struct uk_virtq_seg *segs, unsigned int n_out,
		 unsigned int n_in, void *cookie)
{
	unsigned int n = n_out + n_in;
	uint16_t first = q->first_free, at = first;

	if (n > q->n_free || q->is_broken)
		return -ENOSPC;
	for (unsigned int i = 0; i < n; i++) {
		struct uk_virtq_desc *desc = &q->desc[at];

		desc->addr = segs[i].addr;
		desc->len_bytes = segs[i].len_bytes;
		desc->flags = (uint16_t)((i + 1 < n ? DESC_NEXT : 0) | (i < n_out ? 0 : DESC_WRITE));
		at = desc->next;
	}
	q->first_free = at;
	q->n_free = (uint16_t)(q->n_free - n);
	q->cookies[first] = cookie;
	q->avail[AVAIL_ENTRY(q->avail_next % q->size)] = first;
	q->avail_next++;
	return 0;
}

void uk_virtq_kick(struct uk_virtq *q)
{
	if (q->avail[RING_INDEX] == q->avail_next)
		return;
	uk_arch_wmb();	/* entries before the index that covers them */
	q->avail[RING_INDEX] = q->avail_next;
	uk_arch_mb();	/* the index before we look at the flags */
	if (!(q->used[RING_FLAGS] & USED_NO_NOTIFY))
		q->virtio->bus->ring(q->bell, q->index);
}

static bool has_used(const struct uk_virtq *q)
{
	return q->used[RING_INDEX] != q->used_next;
}

/* Put the chain that starts with @first back among the free ones. */
static void free_chain(struct uk_virtq *q, uint16_t first)
{
	uint16_t at = first;

	q->n_free++;
	while (q->desc[at].flags & DESC_NEXT) {
		at = q->desc[at].next;
		q->n_free++;
	}
	q->desc[at].next = q->first_free;
	q->first_free = first;
}

void *uk_virtq_get(struct uk_virtq *q, uint32_t *len_bytes)
{
	volatile uint16_t *entry = &q->used[USED_ENTRY(q->used_next % q->size)];
	uint32_t id;
	void *cookie;

	if (q->is_broken || !has_used(q))
		return NULL;
	uk_arch_rmb();	/* the entry after the index that covers it */
	id = *(volatile uint32_t *)entry;
	*len_bytes = *(volatile uint32_t *)(entry + 2);
	if (id >= q->size || !q->cookies[id]) {
		uk_pr_err("virtio: %s: queue %u: the device returns what it does not have\n",
			  q->virtio->name, q->index);
		q->is_broken = true;
		return NULL;
	}
	q->used_next++;
	cookie = q->cookies[id];
	q->cookies[id] = NULL;
	free_chain(q, (uint16_t)id);
	return cookie;
}

bool uk_virtq_set_irq(struct uk_virtq *q, bool is_on)
{
	q->avail[RING_FLAGS] = is_on ? 0 : AVAIL_NO_INTERRUPT;
	uk_arch_mb();	/* the flag before we look at the index */
	return !q->is_broken && has_used(q);
}
