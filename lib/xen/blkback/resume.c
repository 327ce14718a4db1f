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
	req->order = at;
	uk_xen_ring_get(&ring->sring, req->raw);
	uk_xen_ledger_set_taken(ring->ledger, at + 1);
	return req->raw;
}

void blkback_set_through(struct blkback_vbd *vbd)
{
	vbd->is_through = true;
	for (unsigned int i = 0; IS_ENABLED(CONFIG_LIBRESTART) && i < vbd->n_rings; i++)
		if (vbd->rings[i].kept)
			vbd->rings[i].kept->is_through = true;
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

		for (; i && (int32_t)(reqs[slots[i - 1]].order - reqs[slot].order) > 0; i--)
			slots[i] = slots[i - 1];
		slots[i] = slot;
	}
	return n;
}

static int resume(struct blkback_ring *ring)
{
	uint8_t slots[BLKBACK_MAX_RING_SIZE];
	unsigned int n;
	int err;

	err = uk_xen_ring_resume(&ring->sring, ring->ledger);
	if (err)
		return err;
	ring->vbd->is_through |= ring->kept->is_through != 0;
	n = sort_taken(ring, slots);
	for (unsigned int i = n; i--;)
		uk_xen_ring_unget(&ring->sring, ring->kept->reqs[slots[i]].raw);
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

/* From the heap where there is no room: then it works, but for a restart.
 * @return whether it is an earlier life's. */
static bool get_kept(struct blkback_ring *ring)
{
	size_t bytes = blkback_kept_bytes(ring->sring.size);
	struct uk_xenbus_dev *dev = ring->vbd->dev;
	bool is_inherited;

	ring->kept = keep(dev, ring->index, bytes, &is_inherited);
	ring->is_kept = ring->kept;
	if (!ring->kept) {
		uk_pr_warn("blkback: %s: ring %u would not outlive a restart: no room for %zu bytes "
			   "in LIBRESTART_KEEP_KIB\n", dev->be, ring->index, bytes);
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
		err = resume(ring);
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
	if (ring->is_kept)
		uk_keep_free(ring->kept);
	else
		uk_free(ring->kept);
	ring->kept = NULL;
}
