/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/ring.h>

#include <string.h>

size_t uk_ring_put(struct uk_ring *r, const void *src, size_t len)
{
	size_t at = r->head & (r->size - 1);
	size_t first;

	len = UK_MIN(len, uk_ring_room(r));
	first = UK_MIN(len, r->size - at);
	memcpy(r->buf + at, src, first);
	memcpy(r->buf, (const char *)src + first, len - first);
	r->head += (unsigned int)len;
	return len;
}

size_t uk_ring_get(struct uk_ring *r, void *dst, size_t size)
{
	size_t at = r->tail & (r->size - 1);
	size_t len = UK_MIN(size, uk_ring_used(r));
	size_t first = UK_MIN(len, r->size - at);

	memcpy(dst, r->buf + at, first);
	memcpy((char *)dst + first, r->buf, len - first);
	r->tail += (unsigned int)len;
	return len;
}
