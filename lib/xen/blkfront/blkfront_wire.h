/* SPDX-License-Identifier: BSD-3-Clause */
/* Entries of the ring as they lie there, for reading and writing them by words. */
#ifndef BLKFRONT_WIRE_H
#define BLKFRONT_WIRE_H

#include <stdint.h>

#include <xen/xen.h>
#include <xen/io/blkif.h>

union blkfront_wire {
	struct blkif_request req;
	struct blkif_request_discard discard;
	struct blkif_request_indirect indirect;
	struct blkif_response rsp;
	uint32_t words[sizeof(struct blkif_request) / sizeof(uint32_t)];
};

#define BLKFRONT_WORDS (sizeof(union blkfront_wire) / sizeof(uint32_t))

_Static_assert(sizeof(union blkfront_wire) == sizeof(struct blkif_request), "ABI of blkif");
_Static_assert(sizeof(struct blkif_request_segment) == 8, "ABI of blkif");

#endif /* BLKFRONT_WIRE_H */
