/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What requests on their way through a device need, for all rings of a disk: a
 * fixed number of requests, of pieces of memory, and of pages to copy through. A
 * frontend that keeps all of them busy waits for itself and takes nothing from
 * other disks.
 */
#include "queue_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/bitops.h>
#include <uk/pages.h>

/* Where pages are mapped, only what is small is copied, and what finds no page for
 * it is mapped, too. */
static unsigned int pages_of(const struct blkback_vbd *vbd)
{
	return vbd->limits.is_dma ? UK_DIV_ROUND_UP(BLKBACK_POOL_PAGES, 4) : BLKBACK_POOL_PAGES;
}

static void fill(struct blkback_pool *pool)
{
	uk_list_init(&pool->idle);
	for (unsigned int i = 0; i < BLKBACK_POOL_IOS; i++)
		uk_list_add_tail(&pool->idle, &pool->ios[i].node);
	for (unsigned int i = 0; i < pool->n_pages; i++)
		pool->free[pool->n_free++] = (uint16_t)i;
}

int blkback_pool_open(struct blkback_vbd *vbd)
{
	struct blkback_pool *pool = vbd->pool;

	if (pool) {
		pool->n_users++;
		return 0;
	}
	pool = uk_calloc(1, sizeof(*pool));
	if (!pool)
		return -ENOMEM;
	pool->n_users = 1;
	pool->n_pages = pages_of(vbd);
	pool->pages = uk_pages_alloc_n(pool->n_pages);
	if (!pool->pages) {
		uk_free(pool);
		return -ENOMEM;
	}
	/* A device that reads less than it says would show what was there before */
	memset(pool->pages, 0, pool->n_pages * UK_PAGE_SIZE);
	fill(pool);
	vbd->pool = pool;
	return 0;
}

void blkback_pool_close(struct blkback_vbd *vbd)
{
	struct blkback_pool *pool = vbd->pool;

	if (--pool->n_users)
		return;
	vbd->pool = NULL;
	uk_pages_free_n(pool->pages, pool->n_pages);
	uk_free(pool);
}

struct blkback_io *blkback_pool_take(struct blkback_vbd *vbd)
{
	struct blkback_pool *pool = vbd->pool;
	struct blkback_io *io = UK_LIST_FIRST(&pool->idle, struct blkback_io, node);
	size_t first;

	if (!io || (!vbd->limits.is_dma && pool->n_free < BLKBACK_MAX_SEGS))
		return NULL;
	first = uk_bitmap_find_clear(pool->used, BLKBACK_POOL_PIECES, 0, BLKBACK_MAX_SEGS);
	if (first == BLKBACK_POOL_PIECES)
		return NULL;
	uk_list_del(&io->node);
	io->pieces = pool->pieces + first;
	io->sg = pool->sg + first;
	io->n_pieces = io->n_sg = 0;
	return io;
}

void blkback_pool_claim(struct blkback_pool *pool, struct blkback_io *io, unsigned int n_pieces)
{
	io->n_pieces = n_pieces;
	uk_bitmap_set(pool->used, (size_t)(io->pieces - pool->pieces), n_pieces);
}

void blkback_pool_give(struct blkback_pool *pool, struct blkback_io *io)
{
	for (unsigned int i = 0; i < io->n_pieces; i++) {
		struct blkback_piece *p = &io->pieces[i];

		if (p->way == BLKBACK_COPY && !((uintptr_t)p->va % UK_PAGE_SIZE))
			blkback_pool_give_page(pool, p->va);
	}
	uk_bitmap_clear(pool->used, (size_t)(io->pieces - pool->pieces), io->n_pieces);
	uk_list_add(&pool->idle, &io->node);
}

void *blkback_pool_take_page(struct blkback_pool *pool)
{
	return pool->n_free ? pool->pages + pool->free[--pool->n_free] * UK_PAGE_SIZE : NULL;
}

void blkback_pool_give_page(struct blkback_pool *pool, void *page)
{
	pool->free[pool->n_free++] =
		(uint16_t)((size_t)((char *)page - pool->pages) / UK_PAGE_SIZE);
}
