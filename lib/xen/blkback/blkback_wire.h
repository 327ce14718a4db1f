/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests and responses as they lie in a ring, for frontends of both ABIs.
 * xen/io/blkif.h has the layout of the compiler that reads it; a 32-bit x86
 * frontend aligns 64-bit numbers to 4.
 */
#ifndef BLKBACK_WIRE_H
#define BLKBACK_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/io/blkif.h>

#include <uk/util.h>

struct blkback_wire_seg {
	uint32_t gref;
	uint8_t first_sect, last_sect;
	uint16_t pad;
};

struct blkback_wire_req64 {
	uint8_t operation;
	uint8_t nr_segments;
	uint16_t handle;
	uint32_t pad;
	uint64_t id;
	uint64_t sector_number;
	struct blkback_wire_seg seg[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};

struct blkback_wire_req32 {
	uint8_t operation;
	uint8_t nr_segments;
	uint16_t handle;
	uint64_t id;
	uint64_t sector_number;
	struct blkback_wire_seg seg[BLKIF_MAX_SEGMENTS_PER_REQUEST];
} uk_packed;

/* The same for both, but for four bytes of padding at the end */
struct blkback_wire_rsp {
	uint64_t id;
	uint8_t operation;
	uint8_t pad;
	int16_t status;
} uk_packed;

#define BLKBACK_RSP_WORDS (sizeof(struct blkback_wire_rsp) / sizeof(uint32_t))

_Static_assert(sizeof(struct blkback_wire_seg) == 8, "ABI of blkif");
_Static_assert(sizeof(struct blkback_wire_req64) == 112, "ABI of 64-bit blkif");
_Static_assert(sizeof(struct blkback_wire_req32) == 108, "ABI of 32-bit x86 blkif");
_Static_assert(offsetof(struct blkback_wire_req32, id) == 4, "ABI of 32-bit x86 blkif");
_Static_assert(sizeof(struct blkback_wire_rsp) == 12, "ABI of blkif");
_Static_assert(sizeof(struct blkif_request) == 112 || sizeof(void *) == 4, "xen/io/blkif.h");

#endif /* BLKBACK_WIRE_H */
