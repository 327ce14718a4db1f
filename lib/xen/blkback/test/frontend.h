/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A toolstack and a block frontend, as a test plays them against the simulated
 * Xen: honest by default, with every part open to be spoilt.
 */
#ifndef TEST_FRONTEND_H
#define TEST_FRONTEND_H

#include <stdbool.h>
#include <stdint.h>

#include "../blkback_wire.h"

#include <uk/arch/page.h>
#include <uk/xen/frontsim.h>

#define FE_RING_SIZE 32
#define FE_PAGES 16

#define FE_MAX_ORDER 3
#define FE_MAX_RINGS 4

struct frontend {
	/* To be set before fe_attach(); n_rings = 0 is 1 */
	bool is_32bit, is_persistent, is_cdrom;
	unsigned int order, n_rings;
	struct uk_frontsim sim;
	/* The ring in hand, see fe_use() */
	struct uk_xen_ring_wire *ring;		/* 1 << order pages, the first granted as */
	grant_ref_t ring_ref;
	grant_ref_t more_refs[(1 << FE_MAX_ORDER) - 1];
	evtchn_port_t port;
	uint32_t req_prod, rsp_cons;
	/* The others, as they were when they were in hand last */
	unsigned int in_hand;
	struct fe_ring {
		struct uk_xen_ring_wire *ring;
		grant_ref_t ring_ref, more_refs[(1 << FE_MAX_ORDER) - 1];
		evtchn_port_t port;
		uint32_t req_prod, rsp_cons;
	} others[FE_MAX_RINGS];
	char *data;				/* FE_PAGES pages, granted as refs[] */
	grant_ref_t refs[FE_PAGES];
};

/* The toolstack's part of xl block-attach, and the frontend's memory.
 * @target: what xl has as target=. */
void fe_attach(struct frontend *fe, domid_t dom, unsigned int id, const char *target,
	       const char *mode);
/* fe_attach(), then go to Connected. @return whether that worked. */
bool fe_connect(struct frontend *fe, domid_t dom, unsigned int id, const char *target);
/* Offer a fresh ring, and write its nodes. */
void fe_offer(struct frontend *fe);
/* The same, and state=3. */
void fe_initialise(struct frontend *fe);
static inline void fe_set_state(const struct frontend *fe, const char *state)
{
	uk_frontsim_set_state(&fe->sim, state);
}

/* xl block-detach, and the frontend goes along with it. */
void fe_detach(struct frontend *fe);
/* Give back what fe_attach() took; nodes too. */
void fe_free(struct frontend *fe);

/* Wait for a node of the back end's to have @value; NULL: to be gone.
 * @return whether that happened in time. */
static inline bool fe_wait(const struct frontend *fe, const char *node, const char *value)
{
	return uk_frontsim_wait(&fe->sim, node, value);
}

/* Take ring @i in hand: all that follows is about it. */
void fe_use(struct frontend *fe, unsigned int i);
/* Entries of a ring */
static inline uint32_t fe_ring_size(const struct frontend *fe)
{
	return FE_RING_SIZE << fe->order;
}

/* Write a node of a ring's, in the form for as many rings as there are. */
void fe_write_ring(const struct frontend *fe, unsigned int i, const char *node, uint32_t value);

/* Fill the next slot: @op on @n_segs whole pages from sector @sector on, with
 * data page i for segment i. The slot stays open to be spoilt until fe_push().
 * @return where its 64-bit form lies (is_32bit: NULL). */
struct blkback_wire_req64 *fe_put(struct frontend *fe, uint8_t op, uint64_t sector,
				  unsigned int n_segs, uint64_t id);
/* Where entry @i of the ring lies, in the frontend's ABI. */
void *fe_slot(const struct frontend *fe, uint32_t i);
/* Show what was put, and kick. */
void fe_push(struct frontend *fe);
/* Wait for one response. @return its status; FE_NO_ANSWER. */
#define FE_NO_ANSWER 1000
int fe_answer(struct frontend *fe, uint64_t *id);
/* fe_put(), fe_push(), fe_answer() */
int fe_do(struct frontend *fe, uint8_t op, uint64_t sector, unsigned int n_segs);

#endif /* TEST_FRONTEND_H */
