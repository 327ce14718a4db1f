/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the frontend has written, and the rings made of it. Its nodes are read in
 * read_device() and read_frontend(): strict numbers in their range, a known protocol,
 * one form of references and each of them once, or no connection. Whether grants
 * and ports exist and belong to that domain is Xen's to say.
 *
 * Several rings are one connection: no request is taken before all are there.
 */
#include "blkback_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/print.h>

/* "queue-<n>/event-channel" */
#define NODE_BYTES 40

/* The device as its nodes describe it */
struct frontend {
	bool is_persistent;
	unsigned int n_rings, n_pages;	/* pages of each ring */
	struct {
		grant_ref_t refs[BLKBACK_MAX_RING_PAGES];
		evtchn_port_t port;
	} rings[BLKBACK_MAX_RINGS];
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

/* A node that need not be there. */
static int read_optional(struct uk_xenbus_dev *dev, const char *node, uint64_t max,
			 uint64_t *val)
{
	int err = uk_xenbus_read_fe_dec(dev, node, max, val);

	return err == -ENOENT ? 0 : err;
}

/* What is the same for all rings. */
static int read_device(struct blkback_vbd *vbd, struct frontend *fe, const char **what)
{
	uint64_t order = 0, n_rings = 1, is_persistent;
	struct uk_xenbus_dev *dev = vbd->dev;
	int err;

	*what = "protocol";
	err = read_protocol(dev, &vbd->abi);
	if (err)
		return err;
	*what = "ring-page-order";
	err = read_optional(dev, "ring-page-order", BLKBACK_MAX_RING_ORDER, &order);
	if (err)
		return err;
	*what = "multi-queue-num-queues";
	err = read_optional(dev, "multi-queue-num-queues", BLKBACK_MAX_RINGS, &n_rings);
	if (err || !n_rings)
		return err ? err : -EINVAL;
	fe->n_pages = 1u << order;
	fe->n_rings = (unsigned int)n_rings;
	fe->is_persistent = !uk_xenbus_read_fe_dec(dev, "feature-persistent", 1,
						   &is_persistent) && is_persistent;
	return 0;
}

/* The name of @node of ring @i. */
static void name_node(const struct frontend *fe, unsigned int i, const char *node, char *path)
{
	if (fe->n_rings == 1)
		strlcpy(path, node, NODE_BYTES);
	else
		uk_snprintf(path, NODE_BYTES, "queue-%u/%s", i, node);
}

static void name_ref(const struct frontend *fe, unsigned int i, unsigned int page, char *path)
{
	char node[16];

	uk_snprintf(node, sizeof(node), "ring-ref%u", page);
	name_node(fe, i, node, path);
}

/* Whatever its value. */
static bool is_there(const struct blkback_vbd *vbd, const char *path)
{
	uint64_t val;

	return uk_xenbus_read_fe_dec(vbd->dev, path, UINT32_MAX, &val) != -ENOENT;
}

/* Is @ref another ring's, or another page's of this one? */
static bool is_taken(const struct frontend *fe, unsigned int ring, unsigned int page,
		     uint64_t ref)
{
	for (unsigned int i = 0; i <= ring; i++)
		for (unsigned int p = 0; p < (i < ring ? fe->n_pages : page); p++)
			if (fe->rings[i].refs[p] == ref)
				return true;
	return false;
}

static int read_ref(const struct blkback_vbd *vbd, struct frontend *fe, unsigned int i,
		    unsigned int page, const char *path)
{
	uint64_t ref;
	int err = uk_xenbus_read_fe_dec(vbd->dev, path, UINT32_MAX, &ref);

	if (!err && is_taken(fe, i, page, ref))
		err = -EEXIST;
	if (!err)
		fe->rings[i].refs[page] = (grant_ref_t)ref;
	return err;
}

/* A single page may have either form; what is there of the other one, or too much
 * of this one, says that the frontend means another ring. */
static int read_refs(const struct blkback_vbd *vbd, struct frontend *fe, unsigned int i,
		     char *path)
{
	int err;

	name_ref(fe, i, 0, path);
	if (fe->n_pages == 1 && !is_there(vbd, path)) {
		name_node(fe, i, "ring-ref", path);
		return read_ref(vbd, fe, i, 0, path);
	}
	for (unsigned int page = 0; page < fe->n_pages; page++) {
		name_ref(fe, i, page, path);
		err = read_ref(vbd, fe, i, page, path);
		if (err)
			return err;
	}
	name_ref(fe, i, fe->n_pages, path);
	if (is_there(vbd, path))
		return -EEXIST;
	name_node(fe, i, "ring-ref", path);
	return is_there(vbd, path) ? -EEXIST : 0;
}

static int read_port(const struct blkback_vbd *vbd, struct frontend *fe, unsigned int i,
		     char *path)
{
	uint64_t port;
	int err;

	name_node(fe, i, "event-channel", path);
	err = uk_xenbus_read_fe_dec(vbd->dev, path, UINT32_MAX, &port);
	fe->rings[i].port = (evtchn_port_t)port;
	return err;
}

static int read_frontend(struct blkback_vbd *vbd, struct frontend *fe, char *why)
{
	const char *what;
	char path[NODE_BYTES];
	int err = read_device(vbd, fe, &what);

	if (err)
		strlcpy(path, what, sizeof(path));
	for (unsigned int i = 0; !err && i < fe->n_rings; i++) {
		err = read_refs(vbd, fe, i, path);
		if (!err)
			err = read_port(vbd, fe, i, path);
	}
	if (err)
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "the frontend's %s makes no sense", path);
	return err;
}

/* ---- Connecting ---- */

static int map_ring(struct blkback_ring *ring, const struct frontend *fe, char *why)
{
	int err;

	for (unsigned int i = 0; i < fe->n_pages; i++)
		ring->pages[i] = (struct uk_gnttab_map) {
			.remote = ring->vbd->dev->remote, .ref = fe->rings[ring->index].refs[i],
		};
	err = uk_gnttab_map_contiguous(ring->pages, fe->n_pages);
	if (err) {
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "grants of ring %u, from %u on, cannot be mapped",
			    ring->index, ring->pages[0].ref);
		return err;
	}
	ring->n_pages = fe->n_pages;
	uk_xen_ring_init(&ring->sring, ring->pages[0].va, ring->n_pages * UK_PAGE_SIZE,
			 blkback_entry_bytes(ring->vbd->abi));
	/* Without memory for it there are grant copies */
	if (fe->is_persistent && !ring->vbd->limits.is_dma)
		ring->persist = blkback_persist_new();
	return 0;
}

static void unmap(struct blkback_vbd *vbd)
{
	for (unsigned int i = 0; i < vbd->n_rings; i++) {
		blkback_persist_free(vbd->rings[i].persist);
		uk_gnttab_unmap(vbd->rings[i].pages, vbd->rings[i].n_pages);
	}
	uk_free(vbd->rings);
	vbd->rings = NULL;
	vbd->n_rings = 0;
}

static int map_rings(struct blkback_vbd *vbd, const struct frontend *fe, char *why)
{
	int err;

	vbd->rings = uk_calloc(fe->n_rings, sizeof(*vbd->rings));
	if (!vbd->rings)
		return -ENOMEM;
	vbd->n_rings = fe->n_rings;
	for (unsigned int i = 0; i < vbd->n_rings; i++) {
		vbd->rings[i].vbd = vbd;
		vbd->rings[i].index = i;
		err = map_ring(&vbd->rings[i], fe, why);
		if (err) {
			unmap(vbd);
			return err;
		}
	}
	return 0;
}

static void close_rings(struct blkback_vbd *vbd)
{
	for (unsigned int i = 0; i < vbd->n_rings; i++)
		blkback_worker_detach(&vbd->rings[i]);
}

/* All that an earlier life has kept is found good before the first port is bound. */
static int open_rings(struct blkback_vbd *vbd, const struct frontend *fe, char *why)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < vbd->n_rings; i++) {
		err = blkback_worker_attach(&vbd->rings[i], fe->rings[i].port);
		if (err == -ESTALE || err == -EPROTO)
			uk_snprintf(why, UK_XENBUS_WHY_BYTES,
				    "ring %u cannot be resumed where it was before the restart", i);
	}
	for (unsigned int i = 0; !err && i < vbd->n_rings; i++) {
		err = blkback_worker_start(&vbd->rings[i], fe->rings[i].port);
		if (err)
			uk_snprintf(why, UK_XENBUS_WHY_BYTES, "event channel %u cannot be bound",
				    fe->rings[i].port);
	}
	if (err)
		close_rings(vbd);
	return err;
}

int blkback_connect_rings(struct blkback_vbd *vbd, char *why)
{
	struct frontend fe;
	int err = read_frontend(vbd, &fe, why);

	if (!err)
		err = map_rings(vbd, &fe, why);
	if (err)
		return err;
	vbd->is_quiet = vbd->is_awaited = vbd->is_through = false;
	err = open_rings(vbd, &fe, why);
	if (err)
		unmap(vbd);
	return err;
}

void blkback_disconnect_rings(struct blkback_vbd *vbd)
{
	close_rings(vbd);
	unmap(vbd);
}
