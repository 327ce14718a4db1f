/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The front end's side of a Xen shared ring. Specification: xen/io/ring.h. As
 * <uk/xen/ring.h>, which see, with the roles exchanged.
 *
 * Rules
 * - The memory is ours, and the peer writes it at any time. What is read of it:
 *   rsp_prod and req_event, once a call, checked here; and responses, copied once
 *   by uk_xen_front_get(). req_prod and rsp_cons are private.
 * - A ring whose rsp_prod makes no sense is broken for good.
 * - One thread at a time. Nothing here blocks.
 */
#ifndef UK_XEN_RING_FRONT_H
#define UK_XEN_RING_FRONT_H

#include <string.h>

#include <uk/xen/ring.h>

struct uk_xen_front_ring {
	volatile struct uk_xen_ring_wire *shared;
	uint32_t size;		/* entries, a power of two */
	uint32_t entry_words;	/* 32-bit words of an entry */
	uint32_t req_prod;	/* requests put, published or not */
	uint32_t req_published;
	uint32_t rsp_cons;	/* responses taken */
	bool is_broken;
};

/** Make a ring in @page, whose entries take @entry_bytes (a multiple of 4, the
 *  larger of request and response). Nobody else may have the page yet. */
static inline void uk_xen_front_init(struct uk_xen_front_ring *r, void *page, size_t entry_bytes)
{
	uint32_t fit = (uint32_t)((UK_PAGE_SIZE - sizeof(struct uk_xen_ring_wire)) / entry_bytes);

	memset(page, 0, UK_PAGE_SIZE);
	*r = (struct uk_xen_front_ring) {
		.shared = page,
		.size = 1u << (31 - __builtin_clz(fit)),
		.entry_words = (uint32_t)(entry_bytes / sizeof(uint32_t)),
	};
	r->shared->req_event = 1;
	r->shared->rsp_event = 1;
}

/** How many requests may be put, if each is answered once. */
static inline uint32_t uk_xen_front_room(const struct uk_xen_front_ring *r)
{
	return r->size - (r->req_prod - r->rsp_cons);
}

static inline volatile uint32_t *uk_xen_front_entry_(const struct uk_xen_front_ring *r, uint32_t i)
{
	return &r->shared->entries[(i & (r->size - 1)) * r->entry_words];
}

/** Put a request of @words 32-bit words; there is room. The peer sees it after
 *  uk_xen_front_push(). */
static inline void uk_xen_front_put(struct uk_xen_front_ring *r, const uint32_t *src,
				    uint32_t words)
{
	volatile uint32_t *dst = uk_xen_front_entry_(r, r->req_prod++);

	for (uint32_t i = 0; i < words; i++)
		dst[i] = src[i];
}

/** Publish the requests. @return whether the peer wants to be notified. */
static inline bool uk_xen_front_push(struct uk_xen_front_ring *r)
{
	uint32_t old = r->req_published, new = r->req_prod;

	if (old == new)
		return false;
	uk_arch_wmb();	/* requests before the index that covers them */
	r->shared->req_prod = new;
	r->req_published = new;
	uk_arch_mb();	/* the index before we look at req_event */
	return new - r->shared->req_event < new - old;
}

/** How many responses wait? @return a number <= size; -EPROTO: more than there
 *  are requests that the peer can have seen. */
static inline int uk_xen_front_pending(struct uk_xen_front_ring *r)
{
	uint32_t n;

	if (uk_unlikely(r->is_broken))
		return -EPROTO;
	n = r->shared->rsp_prod - r->rsp_cons;
	if (uk_unlikely(n > r->req_published - r->rsp_cons)) {
		r->is_broken = true;
		return -EPROTO;
	}
	uk_arch_rmb();	/* entries are read after the index that covers them */
	return (int)n;
}

/** Copy the next response, which uk_xen_front_pending() has counted, to @dst: each
 *  word of it is read once. @return its index in the ring. */
static inline uint32_t uk_xen_front_get(struct uk_xen_front_ring *r, uint32_t *dst)
{
	uint32_t at = r->rsp_cons++ & (r->size - 1);
	volatile uint32_t *src = uk_xen_front_entry_(r, at);

	for (uint32_t i = 0; i < r->entry_words; i++)
		dst[i] = src[i];
	return at;
}

/** Ask for an event when @n responses wait, then look again.
 *  @return as uk_xen_front_pending(). */
static inline int uk_xen_front_expect(struct uk_xen_front_ring *r, uint32_t n)
{
	r->shared->rsp_event = r->rsp_cons + n;
	uk_arch_mb();
	return uk_xen_front_pending(r);
}

#endif /* UK_XEN_RING_FRONT_H */
