/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two hostile frontends, an innocent one with a disk of its own, and one that
 * reads a disk which the hostile ones may read, too. An input is a list of actions
 * of the hostile ones (<uk/xen/frontsim_input.h>); they are attached when they act
 * first. `seed` of lib/xen/frontsim translates inputs to text and back, with the
 * arguments that stand behind each action here.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "frontend.h"

#include <uk/xen/frontsim_fuzz.h>

enum fuzz_action {
	FUZZ_REQ,	/* op segs sector:4 id:4 */
	FUZZ_SEG,	/* index page first last */
	FUZZ_SEG_REF,	/* index ref:4 */
	FUZZ_WORD,	/* word value:4 */
	FUZZ_INDIRECT,	/* op segs:2 sector:4 id:4 pages */
	FUZZ_ISEG,	/* index:2 page first last */
	FUZZ_DISCARD,	/* sector:4 count:4 flag id:4 */
	FUZZ_PUSH,	/* */
	FUZZ_MANY,	/* op segs sector:2 count */
	FUZZ_INDEX,	/* which by:2 */
	FUZZ_BYTE,	/* offset:2 value */
	FUZZ_REVOKE,	/* page */
	FUZZ_KICK,	/* count */
	FUZZ_TIME,	/* exponent */
	FUZZ_HOLD,	/* is_held */
	FUZZ_COMPLETE,	/* which count is_bad */
	FUZZ_PEER,	/* sector */
	FUZZ_NODE,	/* node text */
	FUZZ_STATE,	/* text */
	FUZZ_LIFE,	/* what options */
	FUZZ_RING,	/* number */
	FUZZ_N_ACTIONS,
};

/* Options of UK_FRONTSIM_ANEW. The first two: a device that completes later, or the disk
 * that others read; else one in memory. */
#define FUZZ_IS_SLOW 1
#define FUZZ_IS_SHARED 2
#define FUZZ_IS_32BIT 4
#define FUZZ_IS_PERSISTENT 8
#define FUZZ_IS_DMA 16		/* with FUZZ_IS_SLOW: it has the frontend's pages */
/* Bits 5 and 6: the order of its rings */
#define FUZZ_ORDER_SHIFT 5
#define FUZZ_IS_MULTI 128	/* it has four of them */
#define FUZZ_LARGEST 0xe0

#define FUZZ_N_HOSTILE 2
#define FUZZ_DISK_SECTORS 128
#define FUZZ_UNUSED_BYTE 0x5a

struct hostile {
	struct frontend fe;
	bool is_there;
	uint32_t revoked;		/* bit n: data page n */
	/* No index and no published entry was spoilt: then these are owed an answer */
	bool is_clean;
	struct owed {
		uint32_t published;
		unsigned int n_ids;
		uint64_t ids[FE_RING_SIZE << FE_MAX_ORDER];
	} rings[FE_MAX_RINGS];
};

/* Of the ring in hand */
static inline struct owed *fuzz_owed(struct hostile *h)
{
	return &h->rings[h->fe.in_hand];
}

extern struct hostile hostiles[FUZZ_N_HOSTILE];

/* ---- main.c ---- */
/* The innocent writes and reads, the reader reads. */
void exchange(unsigned int sector);
#define FUZZ_SHARED_TARGET "ram:name=shared,size=64K"

/* ---- device.c ---- */
/* Disks "slow:0" and "slow:1", which complete when they are told. They see to it
 * that each request is one that blkdev's rules allow. */
void device_start(void);
/* Nobody has it open. */
void device_set_dma(unsigned int i, bool is_dma);
void device_hold(unsigned int i, bool is_held);
void device_complete(unsigned int i, unsigned int which, bool is_bad);
/* All of them, from now on at once. */
void device_let_go(void);

/* ---- play.c ---- */
/* One action: see struct uk_frontsim_fuzz. */
void act(struct uk_frontsim_input *in);

/* ---- life.c ---- */
void life_start(struct hostile *h, uint8_t options);
void life_change(struct hostile *h, enum uk_frontsim_life what, uint8_t options);
/* Take it away, whatever it has become. */
void life_end(struct hostile *h);

/* ---- model.c ---- */
void model_start(struct hostile *h);
/* Is there room in the ring for another honest request? */
bool model_has_room(const struct hostile *h);	/* of the one in hand, as */
/* The requests up to its req_prod are about to be published. */
void model_publish(struct hostile *h);
/* Look at the responses that have come, in all rings. */
void model_collect(struct hostile *h);
/* All is quiet: nothing may be unanswered. */
void model_finish(struct hostile *h);

#endif /* FUZZ_H */
