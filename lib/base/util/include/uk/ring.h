/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A ring of bytes between one producer and one consumer.
 *
 * Rules
 * - The buffer is the caller's; its size is a power of two.
 * - Both ends are ours (a thread, an event handler). For memory that another
 *   domain writes this is not the tool: it trusts its indices.
 * - Indices run freely and wrap as unsigned int: a ring holds at most 2 GiB.
 */
#ifndef UK_RING_H
#define UK_RING_H

#include <stddef.h>

#include <uk/util.h>

struct uk_ring {
	char *buf;
	unsigned int size;
	unsigned int head;	/* bytes ever put */
	unsigned int tail;	/* bytes ever taken */
};

#define UK_RING_INIT(array) { .buf = (array), .size = sizeof(array) }

static inline size_t uk_ring_used(const struct uk_ring *r)
{
	return r->head - r->tail;
}

static inline size_t uk_ring_room(const struct uk_ring *r)
{
	return r->size - (r->head - r->tail);
}

/** Put what fits of @len bytes. @return how many. */
size_t uk_ring_put(struct uk_ring *r, const void *src, size_t len);

/** Take at most @size bytes. @return how many. */
size_t uk_ring_get(struct uk_ring *r, void *dst, size_t size);

#endif /* UK_RING_H */
