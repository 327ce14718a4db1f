/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the frontend has written, and the rings made of it. Its nodes are read in
 * read_device() and read_ring(): strict numbers in their range, a known protocol,
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

enum { ORDER, N_RINGS, PERSISTENT };

/* What is the same for all rings. */
static int read_device(struct blkback_vbd *vbd, struct frontend *fe, const char **what)
{
	struct uk_xenbus_number f[] = {
		[ORDER] = { .node = "ring-page-order", .max = BLKBACK_MAX_RING_ORDER },
		[N_RINGS] = { .node = "multi-queue-num-queues", .max = BLKBACK_MAX_RINGS },
		[PERSISTENT] = { .node = "feature-persistent", .max = 1 },
	};
	int err;

	*what = "protocol";
	err = read_protocol(vbd->dev, &vbd->abi);
	if (err)
		return err;
	uk_xenbus_read_fe_numbers(vbd->dev, NULL, f, UK_ARRAY_SIZE(f));
	*what = f[ORDER].node;
	if (f[ORDER].err && f[ORDER].err != -ENOENT)
		return f[ORDER].err;
	fe->n_pages = 1u << f[ORDER].val;
	fe->n_rings = f[N_RINGS].err == -ENOENT ? 1 : (unsigned int)f[N_RINGS].val;
	fe->is_persistent = f[PERSISTENT].val;
	*what = f[N_RINGS].node;
	if (!fe->n_rings)
		return f[N_RINGS].err ? f[N_RINGS].err : -EINVAL;
	return 0;
}

/* Numbers of a ring's: all its references, and one more, and then */
#define SINGLE(fe) ((fe)->n_pages + 1)	/* "ring-ref" */
#define PORT(fe) ((fe)->n_pages + 2)	/* "event-channel" */
#define MAX_NUMBERS (BLKBACK_MAX_RING_PAGES + 3)

_Static_assert(MAX_NUMBERS <= UK_XENBUS_MAX_NUMBERS, "the numbers of a ring are read together");

static void read_numbers(const struct blkback_vbd *vbd, const struct frontend *fe, unsigned int i,
			 struct uk_xenbus_number *f)
{
	static char names[BLKBACK_MAX_RING_PAGES + 1][16];	/* one thread connects */
	char dir[16];

	for (unsigned int page = 0; page <= fe->n_pages; page++) {
		uk_snprintf(names[page], sizeof(names[page]), "ring-ref%u", page);
		f[page].node = names[page];
	}
	f[SINGLE(fe)].node = "ring-ref";
	f[PORT(fe)].node = "event-channel";
	for (unsigned int n = 0; n <= PORT(fe); n++)
		f[n].max = UINT32_MAX;
	uk_snprintf(dir, sizeof(dir), "queue-%u", i);
	uk_xenbus_read_fe_numbers(vbd->dev, fe->n_rings > 1 ? dir : NULL, f, PORT(fe) + 1);
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

static int take_ref(struct frontend *fe, unsigned int i, unsigned int page,
		    const struct uk_xenbus_number *ref)
{
	if (ref->err)
		return ref->err;
	if (is_taken(fe, i, page, ref->val))
		return -EEXIST;
	fe->rings[i].refs[page] = (grant_ref_t)ref->val;
	return 0;
}

/* A single page may have either form; what is there of the other one, or too much
 * of this one, says that the frontend means another ring. @what: is looked at. */
static int take_refs(struct frontend *fe, unsigned int i, const struct uk_xenbus_number *f,
		     const char **what)
{
	int err;

	*what = f[SINGLE(fe)].node;
	if (fe->n_pages == 1 && f[0].err == -ENOENT)
		return take_ref(fe, i, 0, &f[SINGLE(fe)]);
	if (f[SINGLE(fe)].err != -ENOENT)
		return -EEXIST;
	for (unsigned int page = 0; page < fe->n_pages; page++) {
		*what = f[page].node;
		err = take_ref(fe, i, page, &f[page]);
		if (err)
			return err;
	}
	*what = f[fe->n_pages].node;
	return f[fe->n_pages].err == -ENOENT ? 0 : -EEXIST;
}

static int read_ring(const struct blkback_vbd *vbd, struct frontend *fe, unsigned int i,
		     const char **what)
{
	struct uk_xenbus_number f[MAX_NUMBERS];
	int err;

	read_numbers(vbd, fe, i, f);
	err = take_refs(fe, i, f, what);
	if (err)
		return err;
	*what = f[PORT(fe)].node;
	fe->rings[i].port = (evtchn_port_t)f[PORT(fe)].val;
	return f[PORT(fe)].err;
}

static int read_frontend(struct blkback_vbd *vbd, struct frontend *fe, char *why)
{
	char queue[16] = "";
	const char *what;
	int err = read_device(vbd, fe, &what);

	for (unsigned int i = 0; !err && i < fe->n_rings; i++) {
		err = read_ring(vbd, fe, i, &what);
		if (err && fe->n_rings > 1)
			uk_snprintf(queue, sizeof(queue), "queue-%u/", i);
	}
	if (err)
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "the frontend's %s%s makes no sense", queue,
			    what);
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
	if (fe->is_persistent && !ring->vbd->limits.is_hardware)
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
		if (err == -EXDEV)
			uk_snprintf(why, UK_XENBUS_WHY_BYTES,
				    "target= was rewritten: another disk than before the restart");
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
	struct frontend fe = { .n_rings = 0 };
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
