/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Over a restart: the next life of this image finds frontends that wait for the
 * answers to their requests. Those that were taken and not answered, and those whose
 * answers were not pushed, are kept as the frontend has made them, under slots of a
 * ledger. The next life puts them back into the ring, in the order in which they
 * were taken, and serves them as any others: reads and writes of the same data, and
 * flushes, may be done twice. No request depends on one that was not answered.
 *
 * What is kept may be damaged, and what is in the ring may be a lie: is_whose() and
 * uk_xen_ring_resume() check what the ring is resumed by, blkback_decode() the
 * requests themselves, again; or the device starts anew.
 */
#include "blkback_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/print.h>
#include <uk/restart.h>

static struct uk_list kept_rings = UK_LIST_INIT(kept_rings);

/* ---- While it runs ---- */

const uint32_t *blkback_take(struct blkback_ring *ring, uint8_t *slot)
{
	static uint32_t scratch[BLKBACK_RAW_WORDS];
	uint32_t at = ring->sring.req_cons;
	struct blkback_kept_req *req;

	if (!IS_ENABLED(CONFIG_LIBRESTART)) {
		*slot = 0;
		uk_xen_ring_get(&ring->sring, scratch);
		return scratch;
	}
	*slot = (uint8_t)uk_xen_ledger_slot(ring->ledger, at);
	req = &ring->kept->reqs[*slot];
	req->order = (uint16_t)at;
	req->is_unflushed = ring->kept->n_unflushed != 0;
	ring->kept->n_unflushed -= req->is_unflushed;
	uk_xen_ring_get(&ring->sring, req->raw);
	uk_xen_ledger_set_taken(ring->ledger, at + 1);
	return req->raw;
}

/* A life after this one would do the failed flush again, and the disk may then say that
 * all is well, though it has lost what it could not write. The same goes for whatever
 * flush is under way; those that are taken later have writes behind them that were
 * flushed one by one. */
void blkback_set_through(struct blkback_vbd *vbd)
{
	vbd->is_through = true;
	for (unsigned int i = 0; IS_ENABLED(CONFIG_LIBRESTART) && i < vbd->n_rings; i++) {
		struct blkback_ring *ring = &vbd->rings[i];

		if (!ring->kept)
			continue;
		ring->kept->is_through = true;
		for (uint32_t slot = 0; slot < ring->sring.size; slot++)
			ring->kept->reqs[slot].is_unflushed = true;
	}
}

bool blkback_is_unflushed(const struct blkback_ring *ring, uint8_t slot)
{
	return IS_ENABLED(CONFIG_LIBRESTART) && ring->kept->reqs[slot].is_unflushed;
}

/* ---- After a restart ---- */

/* The slots of what was taken, oldest first. @return how many. */
static unsigned int sort_taken(const struct blkback_ring *ring, uint8_t *slots)
{
	const struct blkback_kept_req *reqs = ring->kept->reqs;
	unsigned int n = 0;

	for (uint32_t at = ring->sring.rsp_prod; at != ring->sring.req_cons; at++) {
		uint8_t slot = (uint8_t)uk_xen_ledger_slot(ring->ledger, at);
		unsigned int i = n++;

		for (; i && (int16_t)(reqs[slots[i - 1]].order - reqs[slot].order) > 0; i--)
			slots[i] = slots[i - 1];
		slots[i] = slot;
	}
	return n;
}

static int resume(struct blkback_ring *ring)
{
	struct blkback_kept *kept = ring->kept;
	uint8_t slots[BLKBACK_MAX_RING_SIZE];
	uint32_t n_unflushed = kept->n_unflushed;
	unsigned int n;
	int err;

	err = uk_xen_ring_resume(&ring->sring, ring->ledger);
	if (err)
		return err;
	ring->vbd->is_through |= kept->is_through != 0;
	n = sort_taken(ring, slots);
	/* They are the oldest: taken again, they are the next ones */
	for (unsigned int i = 0; i < n; i++)
		n_unflushed += kept->reqs[slots[i]].is_unflushed != 0;
	if (n_unflushed > ring->sring.size)
		return -EPROTO;
	for (unsigned int i = n; i--;)
		uk_xen_ring_unget(&ring->sring, kept->reqs[slots[i]].raw);
	kept->n_unflushed = n_unflushed;
	uk_xen_ledger_set_taken(ring->ledger, ring->sring.req_cons);
	uk_pr_info("blkback: %s: ring %u: %u requests of before are done again\n",
		   ring->vbd->dev->be, ring->index, n);
	return 0;
}

/* ---- Start and end ---- */

/* A connection is resumed as a whole: how many rings it has is of it, too. */
static bool is_whose(const struct blkback_ring *ring, evtchn_port_t remote_port)
{
	const struct blkback_kept *k = ring->kept;

	if (k->n_pages != ring->n_pages || k->n_rings != ring->vbd->n_rings ||
	    k->remote_port != remote_port || k->abi != (uint32_t)ring->vbd->abi)
		return false;
	for (unsigned int i = 0; i < ring->n_pages; i++)
		if (k->refs[i] != ring->pages[i].ref)
			return false;
	return true;
}

/* The target was rewritten while the disk was in use: what the frontend has in mind is
 * not what is on this one. */
static bool is_other_disk(const struct blkback_ring *ring)
{
	return strncmp(ring->kept->disk, uk_blk_name(&ring->vbd->blk), sizeof(ring->kept->disk));
}

static void start(struct blkback_ring *ring, evtchn_port_t remote_port)
{
	struct blkback_kept *k = ring->kept;

	memset(k, 0, blkback_kept_bytes(ring->sring.size));
	uk_xen_ledger_init(ring->ledger, &ring->sring);
	for (unsigned int i = 0; i < ring->n_pages; i++)
		k->refs[i] = ring->pages[i].ref;
	k->n_pages = ring->n_pages;
	k->n_rings = ring->vbd->n_rings;
	k->remote_port = remote_port;
	k->abi = (uint32_t)ring->vbd->abi;
	strlcpy(k->disk, uk_blk_name(&ring->vbd->blk), sizeof(k->disk));
}

static struct blkback_kept *keep(const struct uk_xenbus_dev *dev, unsigned int ring,
				 size_t bytes, bool *is_inherited)
{
	char name[32];

	uk_snprintf(name, sizeof(name), "blkback/%u/%u/%u", dev->remote, dev->id, ring);
	return uk_keep(name, bytes, is_inherited);
}

void blkback_resume_forget(const struct uk_xenbus_dev *dev, unsigned int first)
{
	bool is_inherited;

	for (unsigned int i = first; IS_ENABLED(CONFIG_LIBRESTART) && i < BLKBACK_MAX_RINGS; i++)
		uk_keep_free(keep(dev, i, sizeof(struct blkback_kept), &is_inherited));
}

/* A domain has a share: no more than stays free for others. What it has kept before a
 * restart it keeps. */
static bool is_share_used_up(const struct uk_xenbus_dev *dev)
{
	const struct blkback_ring *ring;
	size_t bytes = 0;

	UK_LIST_FOREACH(ring, &kept_rings, node)
		if (ring->vbd->dev->remote == dev->remote)
			bytes += blkback_kept_bytes(ring->sring.size);
	return bytes > uk_keep_room();
}

static struct blkback_kept *keep_ring(struct blkback_ring *ring, size_t bytes, bool *is_inherited)
{
	struct uk_xenbus_dev *dev = ring->vbd->dev;
	struct blkback_kept *kept = keep(dev, ring->index, bytes, is_inherited);

	if (!kept)
		return NULL;
	uk_list_add(&kept_rings, &ring->node);
	if (*is_inherited || !is_share_used_up(dev))
		return kept;
	uk_list_del(&ring->node);
	uk_keep_free(kept);
	return NULL;
}

/* From the heap where there is no room: then it works, but for a restart.
 * @return whether it is an earlier life's. */
static bool get_kept(struct blkback_ring *ring)
{
	size_t bytes = blkback_kept_bytes(ring->sring.size);
	bool is_inherited;

	ring->kept = keep_ring(ring, bytes, &is_inherited);
	ring->is_kept = ring->kept;
	if (!ring->kept) {
		uk_pr_warn("blkback: %s: ring %u would not outlive a restart: no room for %zu bytes "
			   "in LIBRESTART_KEEP_KIB, or in the domain's share of it\n",
			   ring->vbd->dev->be, ring->index, bytes);
		ring->kept = uk_malloc(bytes);
	}
	if (ring->kept)
		ring->ledger = (void *)&ring->kept->reqs[ring->sring.size];
	return is_inherited;
}

int blkback_resume_open(struct blkback_ring *ring, evtchn_port_t remote_port)
{
	struct uk_xenbus_dev *dev = ring->vbd->dev;
	bool is_inherited;
	int err = 0;

	if (!IS_ENABLED(CONFIG_LIBRESTART))
		return 0;
	is_inherited = get_kept(ring);
	if (!ring->kept)
		return -ENOMEM;
	if (dev->may_resume && is_inherited && is_whose(ring, remote_port))
		err = is_other_disk(ring) ? -EXDEV : resume(ring);
	else if (dev->must_resume)
		err = -ESTALE;
	else
		start(ring, remote_port);
	if (err)
		blkback_resume_close(ring);
	return err;
}

void blkback_resume_close(struct blkback_ring *ring)
{
	if (!IS_ENABLED(CONFIG_LIBRESTART))
		return;
	if (ring->is_kept) {
		uk_list_del(&ring->node);
		uk_keep_free(ring->kept);
	} else {
		uk_free(ring->kept);
	}
	ring->kept = NULL;
	ring->is_kept = false;
}
