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

/* Any request begins so, in both layouts. */
struct blkback_wire_head {
	uint8_t operation;
	uint8_t nr_segments;
	uint16_t handle;
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

/* As a 64-bit frontend has them; the 32-bit one has the same 4 bytes earlier from id
 * on. */
struct blkback_wire_discard {
	uint8_t operation;
	uint8_t flag;
	uint16_t handle;
	uint32_t pad;
	uint64_t id;
	uint64_t sector_number;
	uint64_t nr_sectors;
};

struct blkback_wire_indirect {
	uint8_t operation;
	uint8_t indirect_op;
	uint16_t nr_segments;
	uint32_t pad;
	uint64_t id;
	uint64_t sector_number;
	uint16_t handle;
	uint16_t pad2;
	uint32_t grefs[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
};

/* The same for both, but for four bytes of padding at the end */
struct blkback_wire_rsp {
	uint64_t id;
	uint8_t operation;
	uint8_t pad;
	int16_t status;
} uk_packed;

/* None of the interface's, so that no frontend takes it for anything but an error */
#define BLKBACK_RSP_NOT_FLUSHED (-5)

#define BLKBACK_RSP_WORDS (sizeof(struct blkback_wire_rsp) / sizeof(uint32_t))

_Static_assert(sizeof(struct blkback_wire_seg) == 8, "ABI of blkif");
_Static_assert(sizeof(struct blkback_wire_req64) == 112, "ABI of 64-bit blkif");
_Static_assert(sizeof(struct blkback_wire_req32) == 108, "ABI of 32-bit x86 blkif");
_Static_assert(offsetof(struct blkback_wire_req32, id) == 4, "ABI of 32-bit x86 blkif");
_Static_assert(offsetof(struct blkback_wire_req32, seg) == 20, "ABI of 32-bit x86 blkif");
_Static_assert(offsetof(struct blkback_wire_discard, nr_sectors) == 24, "ABI of 64-bit blkif");
_Static_assert(offsetof(struct blkback_wire_indirect, grefs) == 28, "ABI of 64-bit blkif");
_Static_assert(sizeof(struct blkback_wire_rsp) == 12, "ABI of blkif");
_Static_assert(sizeof(struct blkif_request) == 112 || sizeof(void *) == 4, "xen/io/blkif.h");

#endif /* BLKBACK_WIRE_H */
