/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The disk of this domain's whose back end is attacked. Rules: those of link.h.
 */
#ifndef DISK_H
#define DISK_H

#include "blkback_wire.h"
#include "link.h"

#include <uk/plat/time.h>

#define N_SLOTS 32u
#define LOAD_NS (200 * UK_NSEC_PER_MSEC)

extern struct link vbd;
extern uint8_t *page;			/* of data, granted once and for all */
extern int page_ref;
extern bool is_persistent;		/* of the connection to come */

void disk_init(void);
/* Write what a connection takes; the state is left alone. */
void disk_offer(void);
void disk_connect(void);

/* A good request, to be spoilt, as it lies in the ring. It is not shown yet. */
struct blkback_wire_req64 *disk_put(uint8_t op, uint8_t n_segs, uint64_t sector);
/* One whose segments are in the page of @ref. */
struct blkback_wire_indirect *disk_put_indirect(uint8_t op, uint16_t n_segs, uint64_t sector,
						int ref);
/* A shared page of segments that @disk_put_indirect() may use, all of them good. */
struct blkback_wire_seg *disk_segs(int *ref);
#define DISK_N_SEGS 32

/* Show what was put. @return how many of the @n answers are @status. */
unsigned int disk_count(unsigned int n, int16_t status);
/* The same; all of them should. */
void disk_expect(unsigned int n, int16_t status, const char *what);

/* ---- requests.c: attacks that cost their request, or nothing ---- */
void bad_segments(void);
void bad_sectors(void);
void unknown_operations(void);
void bad_indirect(void);
void changing_segments(void);
void bad_discards(void);
void wrong_grants(void);
void revoked_grants(void);
void foreign_grants(void);

/* ---- connection.c: attacks that cost the connection, or there is none ---- */
void index_jump(void);
void index_back(void);
void jump_of_a_second_ring(void);
void revoked_ring(void);
void many_persistent_grants(void);
void bad_nodes(void);
void bad_ring_pages(void);
void bad_queues(void);

#endif /* DISK_H */
