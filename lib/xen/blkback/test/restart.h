/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A restart as frontends see it, made of its two ends: what is kept and the rings are
 * put aside; the device's directory goes, and the instance with it; then all of it
 * comes back. The disks are of here, too: "held:" completes when a test says so,
 * "flat:" is memory.
 */
#ifndef TEST_RESTART_H
#define TEST_RESTART_H

#include "common.h"
#include "../blkback_priv.h"

#define DISK_BYTES (256 * 1024)
#define SECTORS_PER_PAGE (UK_PAGE_SIZE / UK_BLK_SECTOR)

/* ---- The disks ---- */

extern char disk[DISK_BYTES];
extern struct uk_blkdev held;
extern struct uk_list pending;		/* requests to "held:" */
extern unsigned int n_pending;
extern bool is_held;

void complete(struct uk_list *node, int err);
void wait_pending(unsigned int n);
/* Of the n-th pending one. */
uint64_t sector_of(unsigned int n);

/* fe, connected to a fresh disk. @return whether it is. */
bool start_on(const char *which);

/* ---- The restart ---- */

/* What the life before leaves of each ring: a test may spoil it between leave() and
 * come_back(). */
extern struct left {
	char ring[UK_PAGE_SIZE << FE_MAX_ORDER];
	union {
		struct blkback_kept kept;
		char bytes[40 * 1024];
	};
	bool has_kept;
} left[FE_MAX_RINGS];

/* And in xenstore, of the disk */
#define LEFT_NODE_BYTES 24
extern char left_sectors[LEFT_NODE_BYTES], left_sector_size[LEFT_NODE_BYTES];

/* Of the ring in hand */
static inline size_t left_bytes(void)
{
	return blkback_kept_bytes(fe_ring_size(&fe));
}
static inline struct uk_xen_ring_wire *left_ring(void)
{
	return (void *)left[fe.in_hand].ring;
}
static inline struct blkback_kept *left_kept(void)
{
	return &left[fe.in_hand].kept;
}
static inline struct uk_xen_ledger *left_ledger(void)
{
	return (void *)&left_kept()->reqs[fe_ring_size(&fe)];
}

void leave(void);
/* The next life finds the ring in hand as it is now. */
void leave_ring(void);
/* The next life; ring 0 is in hand then. */
void come_back(void);
void expect_resumed(void);
/* Of fe's rings, and found by no next life */
bool is_anything_kept(void);

/* ---- Requests ---- */

void put_write(uint64_t page, uint64_t id);
/* The next @n answers are these ids, in any order, each once, and good. */
void expect_answers(const uint64_t *ids, unsigned int n);

#endif /* TEST_RESTART_H */
