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

struct frontend {
	bool is_32bit, is_persistent;		/* to be set before fe_attach() */
	struct uk_frontsim sim;
	struct uk_xen_ring_wire *ring;		/* a page, granted as ring_ref */
	grant_ref_t ring_ref;
	evtchn_port_t port;
	uint32_t req_prod, rsp_cons;
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
