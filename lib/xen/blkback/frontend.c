/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the frontend has written, and the rings made of it. Its nodes are read in
 * read_frontend(): strict numbers, a known protocol, or no connection. Whether the
 * grant and the port exist and belong to that domain is Xen's to say.
 */
#include "blkback_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/print.h>

struct frontend {
	uint64_t ring_ref, port, is_persistent;
};

/* ---- Reading ---- */

static int read_protocol(struct uk_xenbus_dev *dev, enum blkback_abi *abi)
{
	char name[16];
	ssize_t n = uk_xenbus_read_fe(dev, "protocol", name, sizeof(name));

	*abi = BLKBACK_ABI_64;
	if (n == -ENOENT)
		return 0;
	if (n < 0)
		return (int)n;
	if (!strcmp(name, "x86_32-abi"))
		*abi = BLKBACK_ABI_32;
	else if (strcmp(name, "x86_64-abi") && strcmp(name, "arm-abi"))
		return -EINVAL;
	return 0;
}

static int read_frontend(struct blkback_vbd *vbd, struct frontend *fe, char *why)
{
	struct uk_xenbus_dev *dev = vbd->dev;
	const char *what = "ring-ref";
	int err;

	err = uk_xenbus_read_fe_dec(dev, "ring-ref", UINT32_MAX, &fe->ring_ref);
	if (!err) {
		what = "event-channel";
		err = uk_xenbus_read_fe_dec(dev, "event-channel", UINT32_MAX, &fe->port);
	}
	if (!err) {
		what = "protocol";
		err = read_protocol(dev, &vbd->abi);
	}
	if (err)
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "the frontend's %s makes no sense", what);
	if (uk_xenbus_read_fe_dec(dev, "feature-persistent", 1, &fe->is_persistent))
		fe->is_persistent = 0;
	return err;
}

/* ---- Connecting ---- */

static int map_ring(struct blkback_ring *ring, const struct frontend *fe, char *why)
{
	ring->page = (struct uk_gnttab_map) {
		.remote = ring->vbd->dev->remote, .ref = (grant_ref_t)fe->ring_ref,
	};
	if (uk_gnttab_map(&ring->page, 1)) {
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "grant %u cannot be mapped (%d)",
			    ring->page.ref, ring->page.status);
		return -EIO;
	}
	uk_xen_ring_init(&ring->sring, ring->page.va, UK_PAGE_SIZE,
			 blkback_entry_bytes(ring->vbd->abi));
	/* Without memory for it there are grant copies */
	if (fe->is_persistent && uk_blk_is_memory(&ring->vbd->blk))
		ring->persist = blkback_persist_new();
	return 0;
}

static void unmap(struct blkback_vbd *vbd, unsigned int n)
{
	while (n--) {
		blkback_persist_free(vbd->rings[n].persist);
		uk_gnttab_unmap(&vbd->rings[n].page, 1);
	}
	uk_free(vbd->rings);
	vbd->rings = NULL;
	vbd->n_rings = 0;
}

static int map_rings(struct blkback_vbd *vbd, const struct frontend *fe, char *why)
{
	int err;

	vbd->n_rings = 1;
	vbd->rings = uk_calloc(vbd->n_rings, sizeof(*vbd->rings));
	if (!vbd->rings)
		return -ENOMEM;
	for (unsigned int i = 0; i < vbd->n_rings; i++) {
		vbd->rings[i].vbd = vbd;
		err = map_ring(&vbd->rings[i], fe, why);
		if (err) {
			unmap(vbd, i);
			return err;
		}
	}
	return 0;
}

static int open_rings(struct blkback_vbd *vbd, const struct frontend *fe, char *why)
{
	int err;

	for (unsigned int i = 0; i < vbd->n_rings; i++) {
		err = blkback_worker_attach(&vbd->rings[i], (evtchn_port_t)fe->port);
		if (!err)
			continue;
		if (err == -ESTALE || err == -EPROTO)
			uk_snprintf(why, UK_XENBUS_WHY_BYTES,
				    "the ring cannot be resumed where it was before the restart");
		else
			uk_snprintf(why, UK_XENBUS_WHY_BYTES, "event channel %u cannot be bound",
				    (unsigned int)fe->port);
		while (i--)
			blkback_worker_detach(&vbd->rings[i]);
		return err;
	}
	return 0;
}

int blkback_connect_rings(struct blkback_vbd *vbd, char *why)
{
	struct frontend fe;
	int err = read_frontend(vbd, &fe, why);

	if (!err)
		err = map_rings(vbd, &fe, why);
	if (err)
		return err;
	vbd->is_quiet = false;
	err = open_rings(vbd, &fe, why);
	if (err)
		unmap(vbd, vbd->n_rings);
	return err;
}

void blkback_disconnect_rings(struct blkback_vbd *vbd)
{
	for (unsigned int i = 0; i < vbd->n_rings; i++)
		blkback_worker_detach(&vbd->rings[i]);
	unmap(vbd, vbd->n_rings);
}
