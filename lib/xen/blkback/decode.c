/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one place that looks into a frontend's requests. Its input is a private
 * copy (uk_xen_ring_get()) whose every bit is hostile; what leaves it with
 * BLKIF_RSP_OKAY lies on the disk and within granted pages. Whether the grants
 * are good is Xen's to say, when the data is copied.
 */
#include "blkback_priv.h"

#include <string.h>

#define SECTORS_PER_PAGE (UK_PAGE_SIZE / UK_BLK_SECTOR)

size_t blkback_entry_bytes(enum blkback_abi abi)
{
	return abi == BLKBACK_ABI_32 ? sizeof(struct blkback_wire_req32)
				     : sizeof(struct blkback_wire_req64);
}

/* Bring both layouts into one. */
static void unpack(const uint32_t *raw, enum blkback_abi abi, struct blkback_wire_req64 *out)
{
	const struct blkback_wire_req32 *in = (const void *)raw;

	if (abi == BLKBACK_ABI_64) {
		memcpy(out, raw, sizeof(*out));
		return;
	}
	out->operation = in->operation;
	out->nr_segments = in->nr_segments;
	out->id = in->id;
	out->sector_number = in->sector_number;
	memcpy(out->seg, in->seg, sizeof(out->seg));
}

static bool decode_segs(const struct blkback_wire_req64 *in, struct blkback_req *req,
			uint32_t sector_mask, uint64_t *n_sectors)
{
	*n_sectors = 0;
	for (unsigned int i = 0; i < req->n_segs; i++) {
		const struct blkback_wire_seg *seg = &in->seg[i];
		unsigned int first = seg->first_sect, last = seg->last_sect;

		if (first > last || last >= SECTORS_PER_PAGE || (last - first + 1) & sector_mask)
			return false;
		req->segs[i].gref = seg->gref;
		req->segs[i].offset = (uint16_t)(first * UK_BLK_SECTOR);
		req->segs[i].len_bytes = (uint16_t)((last - first + 1) * UK_BLK_SECTOR);
		*n_sectors += last - first + 1;
	}
	return true;
}

static int16_t decode_transfer(const struct blkback_wire_req64 *in, const struct uk_blk *blk,
			       struct blkback_req *req)
{
	struct uk_blk_info info;
	uint32_t sector_mask;
	uint64_t n_sectors;

	uk_blk_info(blk, &info);
	sector_mask = info.sector_bytes / UK_BLK_SECTOR - 1;
	if (!in->nr_segments || in->nr_segments > BLKIF_MAX_SEGMENTS_PER_REQUEST)
		return BLKIF_RSP_ERROR;
	req->n_segs = in->nr_segments;
	if (!decode_segs(in, req, sector_mask, &n_sectors))
		return BLKIF_RSP_ERROR;
	if (req->sector & sector_mask || !uk_blk_has_range(blk, req->sector, n_sectors))
		return BLKIF_RSP_ERROR;
	if (req->op == BLKIF_OP_WRITE && info.is_readonly)
		return BLKIF_RSP_ERROR;
	return BLKIF_RSP_OKAY;
}

int16_t blkback_decode(const uint32_t *raw, enum blkback_abi abi, const struct uk_blk *blk,
		       struct blkback_req *req)
{
	struct blkback_wire_req64 in;

	unpack(raw, abi, &in);
	req->id = in.id;
	req->op = in.operation;
	req->sector = in.sector_number;
	req->n_segs = 0;
	switch (in.operation) {
	case BLKIF_OP_READ:
	case BLKIF_OP_WRITE:
		return decode_transfer(&in, blk, req);
	case BLKIF_OP_FLUSH_DISKCACHE:
		req->sector = 0;	/* there is none: no driver is to see the frontend's */
		return in.nr_segments ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY;
	default:
		return BLKIF_RSP_EOPNOTSUPP;
	}
}
