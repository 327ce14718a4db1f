/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Disks that somebody may write to as a whole: their tables are his word, and no
 * partition's name is looked for there. A guest would make itself another one's disk.
 *
 * Which they are outlives a restart, after which names may be looked for before all
 * disks are open again. Who has written over this memory has left out a disk, or
 * named one that need not be: a name there is only compared.
 */
#include "blkdev_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/restart.h>
#include <uk/util.h>

static char written[BLKDEV_MAX_WHOLE][UK_BLKDEV_NAME_BYTES] uk_kept;

/* @name: "" is a free place. @return NULL: it is not there. */
static char *find(const char *name)
{
	for (unsigned int i = 0; i < BLKDEV_MAX_WHOLE; i++)
		if (!strncmp(written[i], name, UK_BLKDEV_NAME_BYTES))
			return written[i];
	return NULL;
}

/* Names are looked for on what was found by name itself. */
static bool is_whole_writer(const struct uk_blk *blk)
{
	return !blk->is_readonly && !blk->claim_start && blk->claim_end == UINT64_MAX &&
	       !blk->dev->drv;
}

int blkdev_whole_open(const struct uk_blkdev *dev, const struct uk_blk *blk, char *why)
{
	char *place;

	if (blk->is_readonly || !uk_list_is_linked(&dev->node) || find(dev->name))
		return 0;
	place = find("");
	if (!place) {
		uk_blk_because(why, "more than %u disks are written as a whole", BLKDEV_MAX_WHOLE);
		return -ENOSPC;
	}
	strlcpy(place, dev->name, UK_BLKDEV_NAME_BYTES);
	return 0;
}

void blkdev_whole_close(const struct uk_blk *blk)
{
	char *place = is_whole_writer(blk) ? find(blk->dev->name) : NULL;

	if (place)
		memset(place, 0, UK_BLKDEV_NAME_BYTES);
}

bool blkdev_is_written_whole(const struct uk_blkdev *dev)
{
	struct uk_blk *blk;

	UK_LIST_FOREACH(blk, &dev->users, users)
		if (is_whole_writer(blk))
			return true;
	return find(dev->name);
}
