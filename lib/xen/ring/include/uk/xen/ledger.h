/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which requests of a ring were taken and are not answered yet, in memory that
 * outlives a restart (<uk/restart.h>). A ring's own entries do not say: answers
 * come in any order, each into the next entry, whatever stood there.
 *
 * Rules
 * - A taken request gets a slot, a number below the ring's size, until it is
 *   answered. The user keeps what he needs to know of it under this number.
 * - Take: fill what is kept under uk_xen_ledger_slot(), then count the request
 *   with uk_xen_ledger_set_taken(). One that was not counted is in the ring still.
 * - Answer: uk_xen_ledger_answer(), then uk_xen_ring_put(). The slot is free when
 *   the answer has been pushed, which the ring itself remembers.
 * - uk_xen_ring_resume() checks all of it. The frontend can write rsp_prod, and so
 *   choose which of its own requests are answered twice or never.
 */
#ifndef UK_XEN_LEDGER_H
#define UK_XEN_LEDGER_H

#include <uk/xen/ring.h>

#define UK_XEN_LEDGER_MAX 256

struct uk_xen_ledger {
	uint32_t mask;		/* entries of the ring - 1 */
	uint32_t req_cons;	/* requests taken */
	/* slot[position in the ring], then position[slot]. Those of the positions
	 * from the last answer that was pushed to req_cons are taken. */
	uint8_t map[];
};

#define UK_XEN_LEDGER_MAP_BYTES(size) (2u * (size))

/** For the new ring @r, of at most UK_XEN_LEDGER_MAX entries. */
static inline void uk_xen_ledger_init(struct uk_xen_ledger *l, const struct uk_xen_ring *r)
{
	l->mask = r->size - 1;
	l->req_cons = r->req_cons;
	for (uint32_t i = 0; i < r->size; i++)
		l->map[i] = l->map[r->size + i] = (uint8_t)i;
}

/** The slot of the request at position @i of the ring, when it is or will be
 *  taken. */
static inline unsigned int uk_xen_ledger_slot(const struct uk_xen_ledger *l, uint32_t i)
{
	return l->map[i & l->mask];
}

/** All requests up to position @req_cons are taken. */
static inline void uk_xen_ledger_set_taken(struct uk_xen_ledger *l, uint32_t req_cons)
{
	uk_barrier();	/* what is kept of them, before */
	l->req_cons = req_cons;
}

/** @slot's answer goes to position @i of the ring, rsp_prod. */
static inline void uk_xen_ledger_answer(struct uk_xen_ledger *l, unsigned int slot, uint32_t i)
{
	uint8_t *slots = l->map, *positions = l->map + l->mask + 1;
	uint8_t to = (uint8_t)(i & l->mask), from = positions[slot];

	if (uk_likely(from == to))
		return;
	slots[from] = slots[to];
	positions[slots[to]] = from;
	slots[to] = (uint8_t)slot;
	positions[slot] = to;
}

/** Does it fit a ring of @size entries, each slot in one place? */
static inline bool uk_xen_ledger_is_sound(const struct uk_xen_ledger *l, uint32_t size)
{
	if (l->mask != size - 1)
		return false;
	for (uint32_t i = 0; i < size; i++)
		if (l->map[i] >= size || l->map[size + l->map[i]] != i)
			return false;
	return true;
}

/**
 * Go on with @r, which uk_xen_ring_init() has just attached, where an earlier
 * life was. Its unanswered requests are at positions r->rsp_prod to r->req_cons.
 * @return 0; -EPROTO: ledger and ring do not fit, the ring is as it was.
 */
static inline int uk_xen_ring_resume(struct uk_xen_ring *r, const struct uk_xen_ledger *l)
{
	uint32_t prod = r->shared->req_prod;

	if (!uk_xen_ledger_is_sound(l, r->size) || l->req_cons - r->rsp_prod > r->size ||
	    prod - r->rsp_prod > r->size || prod - l->req_cons > r->size)
		return -EPROTO;
	r->req_cons = l->req_cons;
	return 0;
}

/** Undo uk_xen_ring_get(): put the request that was taken last back into its
 *  entry. There is no answer in or behind it. */
static inline void uk_xen_ring_unget(struct uk_xen_ring *r, const uint32_t *src)
{
	volatile uint32_t *dst = uk_xen_ring_entry_(r, --r->req_cons);

	for (uint32_t i = 0; i < r->entry_words; i++)
		dst[i] = src[i];
}

#endif /* UK_XEN_LEDGER_H */
