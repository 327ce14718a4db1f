/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pages that are mapped for the time of a request, those of a turn together. A
 * device reads and writes them where they are: for a request that only reads them
 * they are mapped read-only.
 *
 * References are the frontend's word: Xen checks each by itself, and one that is bad
 * fails its request alone. What is mapped stays until the device has answered:
 * blkback_unmap() is for requests that it has nothing to do with any more.
 */
#include "queue_priv.h"

#define MAX_MAPS 64

/* There is one worker, so there is one batch of each; they are empty between turns. */
static struct uk_gnttab_map maps[MAX_MAPS];
static struct {
	struct blkback_io *io;
	unsigned int i;
} whose[MAX_MAPS];
static unsigned int n_maps;

static struct uk_gnttab_map unmaps[MAX_MAPS];
static unsigned int n_unmaps;

static void take_over(struct blkback_io *io, unsigned int i, const struct uk_gnttab_map *m)
{
	struct blkback_piece *p = &io->pieces[i];

	if (m->status != GNTST_okay) {
		io->status = BLKIF_RSP_ERROR;
		return;
	}
	p->way = BLKBACK_MAP;
	p->handle = m->handle;
	p->va = (char *)m->va + p->offset;
	io->sg[i].va = p->va;
}

void blkback_map_flush(void)
{
	if (n_maps)
		uk_gnttab_map(maps, n_maps);
	for (unsigned int i = 0; i < n_maps; i++)
		take_over(whose[i].io, whose[i].i, &maps[i]);
	n_maps = 0;
}

void blkback_map(struct blkback_io *io, unsigned int i)
{
	if (n_maps == MAX_MAPS)
		blkback_map_flush();
	whose[n_maps].io = io;
	whose[n_maps].i = i;
	maps[n_maps++] = (struct uk_gnttab_map) {
		.remote = io->ring->vbd->dev->remote, .ref = io->pieces[i].ref,
		.is_readonly = io->op == BLKIF_OP_WRITE,
		.status = GNTST_no_device_space,	/* stays where there is no room */
	};
}

void blkback_unmap_flush(void)
{
	if (n_unmaps)
		uk_gnttab_unmap(unmaps, n_unmaps);
	n_unmaps = 0;
}

void blkback_unmap(const struct blkback_io *io)
{
	for (unsigned int i = 0; i < io->n_pieces; i++) {
		const struct blkback_piece *p = &io->pieces[i];

		if (p->way != BLKBACK_MAP)
			continue;
		if (n_unmaps == MAX_MAPS)
			blkback_unmap_flush();
		unmaps[n_unmaps++] = (struct uk_gnttab_map) {
			.status = GNTST_okay, .handle = p->handle,
			.va = (char *)p->va - p->offset,
		};
	}
}
