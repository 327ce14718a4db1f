/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of requests that a device completes later. */
#ifndef BLKBACK_QUEUE_PRIV_H
#define BLKBACK_QUEUE_PRIV_H

#include "blkback_priv.h"

#include <uk/bitops.h>
#include <uk/wait.h>

#define BLKBACK_POOL_IOS CONFIG_LIBBLKBACK_QUEUE_DEPTH
/* Any request must find room when all others are gone */
#define BLKBACK_AT_LEAST_MAX_SEGS(n) ((n) > BLKBACK_MAX_SEGS ? (n) + 0u : BLKBACK_MAX_SEGS + 0u)
#define BLKBACK_POOL_PIECES BLKBACK_AT_LEAST_MAX_SEGS(CONFIG_LIBBLKBACK_QUEUE_SEGS)
#define BLKBACK_POOL_PAGES BLKBACK_AT_LEAST_MAX_SEGS(CONFIG_LIBBLKBACK_QUEUE_PAGES)

/* How a piece of a request's data gets between the frontend and the device */
enum blkback_way {
	BLKBACK_NOWHERE,	/* it does not: its page was not mapped */
	BLKBACK_COPY,		/* through a page of ours, by grant copies */
	BLKBACK_MAP,		/* its page is mapped for the request */
	BLKBACK_PERSISTENT,	/* its page is mapped anyway */
};

struct blkback_piece {
	void *va;		/* where it lies */
	grant_ref_t ref;
	grant_handle_t handle;	/* BLKBACK_MAP */
	uint16_t offset, len_bytes;	/* in the frontend's page */
	uint8_t way;
};

struct blkback_io {
	struct uk_blk_req req;
	struct blkback_ring *ring;
	struct uk_list node;		/* idle, taken or completed */
	uint64_t id;
	uint64_t sector, n_left;	/* of a discard: what the device has not got yet */
	uint8_t slot, op;
	int16_t status;			/* to be answered */
	unsigned int n_pieces, n_sg;
	struct blkback_piece *pieces;	/* of the pool */
	struct uk_blk_sg *sg;
};

/* Of a ring */
struct blkback_queue {
	struct uk_list completed;
	unsigned int n_in_flight;
	uint64_t waits_since;		/* for room in the pool: a number; 0: it does not */
	struct uk_wait_queue drained;
};

/* Of a disk */
struct blkback_pool {
	unsigned int n_users;		/* rings */
	struct uk_list idle;
	unsigned long used[UK_BITMAP_LONGS(BLKBACK_POOL_PIECES)];
	char *pages;
	unsigned int n_pages, n_free;
	uint16_t free[BLKBACK_POOL_PAGES];	/* numbers of pages */
	struct blkback_piece pieces[BLKBACK_POOL_PIECES];
	struct uk_blk_sg sg[BLKBACK_POOL_PIECES];
	struct blkback_io ios[BLKBACK_POOL_IOS];
};

/* ---- pool.c ---- */
int blkback_pool_open(struct blkback_vbd *vbd);
void blkback_pool_close(struct blkback_vbd *vbd);
/* An io with room for BLKBACK_MAX_SEGS pieces, and pages for them where they may all
 * be copied. @return NULL: there is not so much. */
struct blkback_io *blkback_pool_take(struct blkback_vbd *vbd);
/* The io that was taken last has so many pieces. */
void blkback_pool_claim(struct blkback_pool *pool, struct blkback_io *io, unsigned int n_pieces);
/* With its pieces and their pages. */
void blkback_pool_give(struct blkback_pool *pool, struct blkback_io *io);
void *blkback_pool_take_page(struct blkback_pool *pool);
void blkback_pool_give_page(struct blkback_pool *pool, void *page);

/* ---- share.c ---- */
/* @ring has requests, and waits with them from now on, if it does not yet; or takes one. */
void blkback_share_wait(struct blkback_ring *ring);
void blkback_share_go_on(struct blkback_ring *ring);
/* Has none of the disk's rings waited longer than @ring does? */
bool blkback_share_is_next(const struct blkback_ring *ring);
/* There is room, or another one's turn: the others that wait have a look. */
void blkback_share_wake(const struct blkback_ring *ring);

/* ---- map.c ---- */
/* Map the page of piece @i of @io, with the next flush at the latest; what fails sets
 * io->status. */
void blkback_map(struct blkback_io *io, unsigned int i);
void blkback_map_flush(void);
/* Unmap what was mapped for @io, with the next flush at the latest. */
void blkback_unmap(const struct blkback_io *io);
void blkback_unmap_flush(void);

#endif /* BLKBACK_QUEUE_PRIV_H */
