/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one place that looks into a frontend's requests. Its input is a private
 * copy (uk_xen_ring_get()), and of an indirect request the segments, copied once
 * as well (fetch_segs()): every bit of it is hostile. What leaves it with
 * BLKIF_RSP_OKAY lies on the disk and within granted pages. Whether the grants
 * are good is Xen's to say, when data is copied or pages are mapped.
 */
#include "blkback_priv.h"

#include <string.h>

#define SECTORS_PER_PAGE (UK_PAGE_SIZE / UK_BLK_SECTOR)

/* An indirect request's segments lie in the first of its pages */
_Static_assert(BLKBACK_MAX_SEGS <= UK_PAGE_SIZE / sizeof(struct blkback_wire_seg), "one page");
_Static_assert(BLKBACK_MAX_SEGS >= BLKIF_MAX_SEGMENTS_PER_REQUEST, "any request's");

/* There is one worker: the segments of the request that it looks at. A grant copy
 * does not cross a page. */
static struct blkback_wire_seg fetched[BLKBACK_MAX_SEGS] uk_aligned(UK_PAGE_SIZE / 2);

_Static_assert(sizeof(fetched) <= UK_PAGE_SIZE / 2, "in a page");

size_t blkback_entry_bytes(enum blkback_abi abi)
{
	return abi == BLKBACK_ABI_32 ? sizeof(struct blkback_wire_req32)
				     : sizeof(struct blkback_wire_req64);
}

/* What is behind the sector number is the same in both layouts, whatever the operation;
 * a 64-bit frontend leaves a word free before the number of the request. */
struct entry {
	uint8_t operation, second;	/* second: number of segments, operation, or flag */
	uint16_t third;			/* number of indirect segments */
	uint64_t id, sector;
	const uint32_t *rest;
};

static void unpack(const uint32_t *raw, enum blkback_abi abi, struct entry *out)
{
	const struct blkback_wire_head *head = (const void *)raw;

	out->operation = head->operation;
	out->second = head->nr_segments;
	out->third = head->handle;
	raw += abi == BLKBACK_ABI_64 ? 2 : 1;
	memcpy(&out->id, raw, sizeof(out->id));
	memcpy(&out->sector, raw + 2, sizeof(out->sector));
	out->rest = raw + 4;
}

/* ---- Reads and writes ---- */

static bool decode_segs(const struct blkback_wire_seg *in, struct blkback_req *req,
			uint32_t sector_mask)
{
	req->n_sectors = 0;
	for (unsigned int i = 0; i < req->n_segs; i++) {
		unsigned int first = in[i].first_sect, last = in[i].last_sect;

		if (first > last || last >= SECTORS_PER_PAGE || (last - first + 1) & sector_mask)
			return false;
		req->segs[i].gref = in[i].gref;
		req->segs[i].offset = (uint16_t)(first * UK_BLK_SECTOR);
		req->segs[i].len_bytes = (uint16_t)((last - first + 1) * UK_BLK_SECTOR);
		req->n_sectors += last - first + 1;
	}
	return true;
}

/* Does it lie on the disk, in whole sectors of it? */
static bool is_on_disk(const struct blkback_vbd *vbd, const struct blkback_req *req)
{
	return !((req->sector | req->n_sectors) & vbd->limits.sector_mask) &&
	       uk_blk_has_range(&vbd->blk, req->sector, req->n_sectors);
}

static int16_t decode_transfer(const struct blkback_vbd *vbd, const struct blkback_wire_seg *segs,
			       struct blkback_req *req)
{
	if (!decode_segs(segs, req, vbd->limits.sector_mask) || !is_on_disk(vbd, req))
		return BLKIF_RSP_ERROR;
	if (req->op == BLKIF_OP_WRITE && vbd->limits.is_readonly)
		return BLKIF_RSP_ERROR;
	return BLKIF_RSP_OKAY;
}

static int16_t decode_direct(const struct blkback_vbd *vbd, const struct entry *in,
			     struct blkback_req *req)
{
	if (!in->second || in->second > BLKIF_MAX_SEGMENTS_PER_REQUEST)
		return BLKIF_RSP_ERROR;
	req->n_segs = in->second;
	return decode_transfer(vbd, (const struct blkback_wire_seg *)in->rest, req);
}

/* ---- Indirect ones ---- */

/* The first @n segments of the page that @ref is of. Each word is read once. */
static bool fetch_segs(struct blkback_ring *ring, grant_ref_t ref, unsigned int n)
{
	domid_t remote = ring->vbd->dev->remote;
	const volatile uint32_t *page =
		ring->persist ? blkback_persist_find(ring->persist, remote, ref) : NULL;
	uint32_t *to = (uint32_t *)fetched;
	struct gnttab_copy op;

	if (!page) {
		uk_gnttab_copy_in(&op, fetched, remote, ref, 0,
				  (uint16_t)(n * sizeof(struct blkback_wire_seg)));
		return !uk_gnttab_copy(&op, 1);
	}
	for (unsigned int i = 0; i < n * sizeof(struct blkback_wire_seg) / sizeof(*to); i++)
		to[i] = page[i];
	return true;
}

static int16_t decode_indirect(struct blkback_ring *ring, const struct entry *in,
			       struct blkback_req *req)
{
	req->op = in->second;		/* so it is answered */
	if (req->op != BLKIF_OP_READ && req->op != BLKIF_OP_WRITE)
		return BLKIF_RSP_ERROR;
	if (!in->third || in->third > BLKBACK_MAX_SEGS)
		return BLKIF_RSP_ERROR;
	req->n_segs = in->third;
	if (!fetch_segs(ring, in->rest[1], req->n_segs))	/* behind the handle */
		return BLKIF_RSP_ERROR;
	return decode_transfer(ring->vbd, fetched, req);
}

/* ---- The rest ---- */

static int16_t decode_discard(const struct blkback_vbd *vbd, const struct entry *in,
			      struct blkback_req *req)
{
	if (!vbd->limits.can_discard)
		return BLKIF_RSP_EOPNOTSUPP;
	memcpy(&req->n_sectors, in->rest, sizeof(req->n_sectors));
	/* It is ignored where it is not offered: xen/io/blkif.h */
	req->is_secure = in->second & BLKIF_DISCARD_SECURE && vbd->limits.can_erase;
	if (!req->n_sectors || !is_on_disk(vbd, req) || vbd->limits.is_readonly)
		return BLKIF_RSP_ERROR;
	return BLKIF_RSP_OKAY;
}

int16_t blkback_decode(struct blkback_ring *ring, const uint32_t *raw, struct blkback_req *req)
{
	struct entry in;

	unpack(raw, ring->vbd->abi, &in);
	req->id = in.id;
	req->op = in.operation;
	req->sector = in.sector;
	req->n_sectors = 0;
	req->n_segs = 0;
	req->is_secure = false;
	switch (req->op) {
	case BLKIF_OP_READ:
	case BLKIF_OP_WRITE:
		return decode_direct(ring->vbd, &in, req);
	case BLKIF_OP_INDIRECT:
		return decode_indirect(ring, &in, req);
	case BLKIF_OP_DISCARD:
		return decode_discard(ring->vbd, &in, req);
	case BLKIF_OP_FLUSH_DISKCACHE:
		req->sector = 0;	/* there is none: no driver is to see the frontend's */
		return in.second ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY;
	default:
		return BLKIF_RSP_EOPNOTSUPP;
	}
}
