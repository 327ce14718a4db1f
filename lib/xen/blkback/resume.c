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

#define KEPT_BYTES (sizeof(struct blkback_kept) + UK_XEN_LEDGER_MAP_BYTES(BLKBACK_RING_SIZE))

/* ---- While it runs ---- */

const uint32_t *blkback_take(struct blkback_ring *ring, uint8_t *slot)
{
	static uint32_t scratch[BLKBACK_RAW_WORDS];
	struct blkback_kept *k = ring->kept;
	uint32_t at = ring->sring.req_cons;

	if (!IS_ENABLED(CONFIG_LIBRESTART)) {
		*slot = 0;
		uk_xen_ring_get(&ring->sring, scratch);
		return scratch;
	}
	*slot = (uint8_t)uk_xen_ledger_slot(&k->ledger, at);
	k->order[*slot] = at;
	uk_xen_ring_get(&ring->sring, k->raw[*slot]);
	uk_xen_ledger_set_taken(&k->ledger, at + 1);
	return k->raw[*slot];
}

/* ---- After a restart ---- */

/* The slots of what was taken, oldest first. @return how many. */
static unsigned int sort_taken(const struct blkback_ring *ring, uint8_t *slots)
{
	const struct blkback_kept *k = ring->kept;
	unsigned int n = 0;

	for (uint32_t at = ring->sring.rsp_prod; at != ring->sring.req_cons; at++) {
		uint8_t slot = (uint8_t)uk_xen_ledger_slot(&k->ledger, at);
		unsigned int i = n++;

		for (; i && (int32_t)(k->order[slots[i - 1]] - k->order[slot]) > 0; i--)
			slots[i] = slots[i - 1];
		slots[i] = slot;
	}
	return n;
}

static int resume(struct blkback_ring *ring)
{
	struct blkback_kept *k = ring->kept;
	uint8_t slots[BLKBACK_RING_SIZE];
	unsigned int n;
	int err;

	err = uk_xen_ring_resume(&ring->sring, &k->ledger);
	if (err)
		return err;
	n = sort_taken(ring, slots);
	for (unsigned int i = n; i--;)
		uk_xen_ring_unget(&ring->sring, k->raw[slots[i]]);
	uk_xen_ledger_set_taken(&k->ledger, ring->sring.req_cons);
	uk_pr_info("blkback: %s: %u requests of before are done again\n", ring->vbd->dev->be, n);
	return 0;
}

/* ---- Start and end ---- */

static bool is_whose(const struct blkback_ring *ring, evtchn_port_t remote_port)
{
	const struct blkback_kept *k = ring->kept;

	return k->ring_ref == ring->page.ref && k->remote_port == remote_port &&
	       k->abi == (uint32_t)ring->vbd->abi;
}

static void start(struct blkback_ring *ring, evtchn_port_t remote_port)
{
	memset(ring->kept, 0, KEPT_BYTES);
	uk_xen_ledger_init(&ring->kept->ledger, &ring->sring);
	ring->kept->ring_ref = ring->page.ref;
	ring->kept->remote_port = remote_port;
	ring->kept->abi = (uint32_t)ring->vbd->abi;
}

static struct blkback_kept *keep(const struct uk_xenbus_dev *dev, bool *is_inherited)
{
	char name[32];

	uk_snprintf(name, sizeof(name), "blkback/%u/%u", dev->remote, dev->id);
	return uk_keep(name, KEPT_BYTES, is_inherited);
}

void blkback_resume_forget(const struct uk_xenbus_dev *dev)
{
	bool is_inherited;

	if (IS_ENABLED(CONFIG_LIBRESTART))
		uk_keep_free(keep(dev, &is_inherited));
}

/* From the heap where there is no room: then it works, but for a restart.
 * @return whether it is an earlier life's. */
static bool get_kept(struct blkback_ring *ring)
{
	bool is_inherited;

	ring->kept = keep(ring->vbd->dev, &is_inherited);
	ring->is_kept = ring->kept;
	if (!ring->kept)
		ring->kept = uk_malloc(KEPT_BYTES);
	return is_inherited;
}

int blkback_resume_open(struct blkback_ring *ring, evtchn_port_t remote_port)
{
	bool is_inherited;
	int err = 0;

	if (!IS_ENABLED(CONFIG_LIBRESTART))
		return 0;
	is_inherited = get_kept(ring);
	if (!ring->kept)
		return -ENOMEM;
	if (ring->vbd->dev->may_resume && is_inherited && is_whose(ring, remote_port))
		err = resume(ring);
	else if (ring->vbd->dev->must_resume)
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
