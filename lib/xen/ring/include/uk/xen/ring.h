/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The back end's side of a Xen shared ring. Specification: xen/io/ring.h.
 *
 * Rules
 * - The peer writes the whole ring at any time. What is read of it: req_prod
 *   and rsp_event, once a call, checked here; rsp_prod, once, at the start; and
 *   entries, copied once by uk_xen_ring_get(). The caller validates its copy
 *   and never looks at the ring again. Indices of ours (req_cons, rsp_prod)
 *   are private: what a running ring shows the peer is never read back.
 * - A ring whose req_prod makes no sense is broken for good: all functions
 *   then find nothing, and the caller disconnects the peer.
 * - One thread at a time. Nothing here blocks.
 */
#ifndef UK_XEN_RING_H
#define UK_XEN_RING_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uk/arch/barrier.h>
#include <uk/arch/page.h>
#include <uk/util.h>

/* Head of the shared memory; the entries follow. */
struct uk_xen_ring_wire {
	uint32_t req_prod, req_event;
	uint32_t rsp_prod, rsp_event;
	uint8_t pad[48];
	uint32_t entries[];
};

_Static_assert(offsetof(struct uk_xen_ring_wire, entries) == 64, "ABI of Xen's rings");

struct uk_xen_ring {
	volatile struct uk_xen_ring_wire *shared;
	uint32_t size;		/* entries, a power of two */
	uint32_t entry_words;	/* 32-bit words of an entry */
	uint32_t req_cons;	/* requests taken */
	uint32_t rsp_prod;	/* responses put, published or not */
	uint32_t rsp_published;
	uint32_t rsp_told;	/* the peer has had its event for those before */
	bool is_broken;
};

/**
 * Attach to @shared, @bytes long (a page or several consecutive ones), whose
 * entries take @entry_bytes (a multiple of 4, the larger of request and
 * response). Takes up after the last response that is in it: at 0 in a new ring.
 */
static inline void uk_xen_ring_init(struct uk_xen_ring *r, void *shared, size_t bytes,
				    size_t entry_bytes)
{
	uint32_t fit = (uint32_t)((bytes - sizeof(struct uk_xen_ring_wire)) / entry_bytes);
	volatile struct uk_xen_ring_wire *wire = shared;
	uint32_t start = wire->rsp_prod;

	*r = (struct uk_xen_ring) {
		.shared = wire,
		.size = 1u << (31 - __builtin_clz(fit)),
		.entry_words = (uint32_t)(entry_bytes / sizeof(uint32_t)),
		.req_cons = start,
		.rsp_prod = start,
		.rsp_published = start,
		.rsp_told = start,
	};
}

static inline volatile uint32_t *uk_xen_ring_entry_(const struct uk_xen_ring *r, uint32_t i)
{
	return &r->shared->entries[(i & (r->size - 1)) * r->entry_words];
}

/**
 * How many requests wait? They may be taken with uk_xen_ring_get().
 *
 * An honest peer has at most @size requests without a response, so a producer
 * further ahead than that of our responses is a lie, also when it lies within
 * @size of what we have taken.
 * @return a number <= size; -EPROTO: the producer makes no sense.
 */
static inline int uk_xen_ring_pending(struct uk_xen_ring *r)
{
	uint32_t prod;

	if (uk_unlikely(r->is_broken))
		return -EPROTO;
	prod = r->shared->req_prod;
	if (uk_unlikely(prod - r->rsp_prod > r->size || prod - r->req_cons > r->size)) {
		r->is_broken = true;
		return -EPROTO;
	}
	uk_arch_rmb();	/* entries are read after the index that covers them */
	return (int)(prod - r->req_cons);
}

/** Copy the next request, which uk_xen_ring_pending() has counted, to @dst:
 *  each word of it is read once. */
static inline void uk_xen_ring_get(struct uk_xen_ring *r, uint32_t *dst)
{
	volatile uint32_t *src = uk_xen_ring_entry_(r, r->req_cons++);
	uint32_t words = r->entry_words, i = 0;

	/* Most entries have many words, of which few matter */
	for (; i + 4 <= words; i += 4) {
		dst[i] = src[i];
		dst[i + 1] = src[i + 1];
		dst[i + 2] = src[i + 2];
		dst[i + 3] = src[i + 3];
	}
	for (; i < words; i++)
		dst[i] = src[i];
}

/** Put a response of @words 32-bit words; the peer sees it after
 *  uk_xen_ring_push(). The caller puts one for each request it has taken. */
static inline void uk_xen_ring_put(struct uk_xen_ring *r, const uint32_t *src, uint32_t words)
{
	volatile uint32_t *dst = uk_xen_ring_entry_(r, r->rsp_prod++);

	for (uint32_t i = 0; i < words; i++)
		dst[i] = src[i];
}

/** Publish the responses. @return whether there are any new ones. */
static inline bool uk_xen_ring_publish(struct uk_xen_ring *r)
{
	if (r->rsp_published == r->rsp_prod)
		return false;
	uk_arch_wmb();	/* responses before the index that covers them */
	r->shared->rsp_prod = r->rsp_prod;
	r->rsp_published = r->rsp_prod;
	uk_arch_mb();	/* the index before we look at rsp_event */
	return true;
}

/** Does the peer want an event for what is published and not settled? */
static inline bool uk_xen_ring_is_event_due(const struct uk_xen_ring *r)
{
	return r->rsp_published - r->shared->rsp_event < r->rsp_published - r->rsp_told;
}

/** The peer has its event for what is published, or wants none. */
static inline void uk_xen_ring_settle(struct uk_xen_ring *r)
{
	r->rsp_told = r->rsp_published;
}

/** Publish the responses. @return whether the peer wants to be notified. */
static inline bool uk_xen_ring_push(struct uk_xen_ring *r)
{
	bool is_due = uk_xen_ring_publish(r) && uk_xen_ring_is_event_due(r);

	uk_xen_ring_settle(r);
	return is_due;
}

/**
 * Ask for an event when @n requests wait, then look again, because some may
 * have come in between.
 * @return as uk_xen_ring_pending().
 */
static inline int uk_xen_ring_expect(struct uk_xen_ring *r, uint32_t n)
{
	r->shared->req_event = r->req_cons + n;
	uk_arch_mb();
	return uk_xen_ring_pending(r);
}

/**
 * Before going to sleep: whether anything waits; if not, there will be an event
 * with the next request.
 * @return as uk_xen_ring_pending().
 */
static inline int uk_xen_ring_final_check(struct uk_xen_ring *r)
{
	int n = uk_xen_ring_pending(r);

	return n ? n : uk_xen_ring_expect(r, 1);
}

#endif /* UK_XEN_RING_H */
