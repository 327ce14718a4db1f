/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two hostile frontends, an innocent one and the wire on one bridge. An input is
 * a list of actions of the hostile ones (<uk/xen/frontsim_input.h>); they are
 * attached when they act first. `seed` of lib/xen/frontsim translates inputs to
 * text and back, with the arguments that stand behind each action here.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "common.h"

#include <uk/xen/frontsim_fuzz.h>

enum fuzz_action {
	FUZZ_SLOT,	/* queue page offset:2 size:2 flags id:2 */
	FUZZ_EXTRA,	/* queue type flags gso_type size:2 */
	FUZZ_WORD,	/* queue word value:4 */
	FUZZ_PUSH,	/* queue */
	FUZZ_PACKET,	/* queue to len:2 flags gso:2 count */
	FUZZ_POST,	/* queue count */
	FUZZ_POST_REF,	/* queue ref:4 */
	FUZZ_INDEX,	/* queue which by:2 */
	FUZZ_BYTE,	/* queue ring offset:2 value */
	FUZZ_REVOKE,	/* page */
	FUZZ_KICK,	/* queue port count */
	FUZZ_TIME,	/* exponent */
	FUZZ_WIRE,	/* len:2 flags gso:2 count */
	FUZZ_RELEASE,	/* */
	FUZZ_PEER,	/* len:2 */
	FUZZ_NODE,	/* node text */
	FUZZ_STATE,	/* text */
	FUZZ_LIFE,	/* what options */
	FUZZ_N_ACTIONS,
};

/* Options of UK_FRONTSIM_ANEW */
#define FUZZ_QUEUES(o) (1u + ((o) & 3))
#define FUZZ_IS_SPLIT 4
#define FUZZ_NO_NOTIFY 8
#define FUZZ_NO_SG 16
#define FUZZ_NO_OFFLOAD 32
#define FUZZ_MCAST 64
#define FUZZ_RATE 128

#define FUZZ_N_HOSTILE 2

/* What an honest look at a queue's rings must find: model.c */
#define MODEL_MAX_IDS FE_RING_SIZE
struct model {
	bool is_tx_clean, is_rx_clean;	/* no index and no published entry was spoilt */
	/* Of the slots that are published: where the chain is, and which are not
	 * answered yet */
	enum { MODEL_FIRST, MODEL_EXTRA, MODEL_MORE } next;
	bool has_more;
	uint32_t tx_published;
	unsigned int n_ids, n_extras;
	uint16_t ids[MODEL_MAX_IDS];
	bool is_extra_next;		/* in the RX ring */
};

struct hostile {
	struct frontend fe;
	bool is_there;
	uint64_t revoked;		/* bit n: page n of rx_data */
	struct model models[FE_MAX_QUEUES];
};

extern struct hostile hostiles[FUZZ_N_HOSTILE];

/* ---- main.c ---- */
/* A packet in each direction between the innocent and the wire, @len bytes. */
void exchange(unsigned int len);

/* ---- play.c ---- */
/* One action: see struct uk_frontsim_fuzz. */
void act(struct uk_frontsim_input *in);

/* ---- life.c ---- */
void life_start(struct hostile *h, uint8_t options);
void life_change(struct hostile *h, enum uk_frontsim_life what, uint8_t options);
/* What the rings hold does not count any more: they may be offered once more. */
void life_lose_track(struct hostile *h);
/* Take it away, whatever it has become. */
void life_end(struct hostile *h);

/* ---- model.c ---- */
void model_start(struct hostile *h);
/* Is there room in the ring for another honest slot? */
bool model_has_tx_room(struct hostile *h, unsigned int q);
bool model_has_rx_room(struct hostile *h, unsigned int q);
/* The slots up to tx_prod are about to be published. */
void model_publish(struct hostile *h, unsigned int q);
/* Look at the responses that have come. */
void model_collect(struct hostile *h);
/* All is quiet: nothing may be unanswered. */
void model_finish(struct hostile *h);

#endif /* FUZZ_H */
