/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a frontend may use. Some of it must be there when it looks first, before it
 * makes its rings: it waits for state 2 only. The rest is true of the disk, is read
 * when state 4 comes, and read again when that is written again.
 */
#include "blkback_priv.h"

#include <string.h>

#include <uk/param.h>
#include <uk/xen/gnttab.h>

int blkback_dma = -1;
UK_PARAM(blkback_dma, "blkback.dma", UK_PARAM_INT, &blkback_dma,
	 "1: devices read and write guests' pages themselves; 0: data are copied; "
	 "-1: what costs less on this platform");

/* xenstored counts a domain's nodes: the name of a script that nobody runs makes
 * room for one of ours. */
static int write_offer(uk_xs_tx_t tx, void *arg)
{
	const struct uk_xenbus_dev *dev = arg;
	int err = uk_xs_rm(tx, dev->be, "script");

	if (!err)
		err = uk_xs_printf(tx, dev->be, "max-ring-page-order", "%u",
				   BLKBACK_MAX_RING_ORDER);
	if (!err)
		err = uk_xs_printf(tx, dev->be, "feature-max-indirect-segments", "%u",
				   BLKBACK_MAX_SEGS);
	if (!err)
		err = uk_xs_printf(tx, dev->be, "multi-queue-max-queues", "%u", BLKBACK_MAX_RINGS);
	return err;
}

/* The toolstack says discard-enable=0 where contents are to keep their place. */
static bool may_discard(const struct uk_xenbus_dev *dev)
{
	char value[4];

	return uk_xs_read(UK_XS_NO_TX, dev->be, "discard-enable", value, sizeof(value)) < 0 ||
	       strcmp(value, "0");
}

bool blkback_is_cdrom(const struct uk_xenbus_dev *dev)
{
	char value[8];

	return uk_xs_read(UK_XS_NO_TX, dev->be, "device-type", value, sizeof(value)) >= 0 &&
	       !strcmp(value, "cdrom");
}

static unsigned int info_bits(const struct uk_xenbus_dev *dev, const struct uk_blk_info *info)
{
	unsigned int bits = info->is_readonly ? VDISK_READONLY : 0;
	char value[4];

	if (uk_xs_read(UK_XS_NO_TX, dev->be, "removable", value, sizeof(value)) >= 0 &&
	    !strcmp(value, "1"))
		bits |= VDISK_REMOVABLE;
	return blkback_is_cdrom(dev) ? bits | VDISK_CDROM : bits;
}

static bool is_dma_wanted(void)
{
	return blkback_dma < 0 ? uk_gnttab_is_dma() : blkback_dma;
}

void blkback_learn(struct blkback_vbd *vbd)
{
	struct uk_blk_info info;

	uk_blk_info(&vbd->blk, &info);
	vbd->limits = (struct blkback_limits) {
		.sector_mask = info.sector_bytes / UK_BLK_SECTOR - 1,
		.is_readonly = info.is_readonly,
		.is_hardware = info.is_dma,
		.is_dma = info.is_dma && is_dma_wanted(),
		.info = info_bits(vbd->dev, &info),
	};
	vbd->limits.can_discard = info.can_discard && may_discard(vbd->dev);
	vbd->limits.can_erase = vbd->limits.can_discard && info.can_erase;
}

int blkback_offer(struct blkback_vbd *vbd)
{
	return uk_xs_transact(write_offer, vbd->dev);
}

/* Without nodes that would say what is so without them: they are counted. */
static int publish_discard(const struct blkback_vbd *vbd, const struct uk_blk_info *info,
			   uk_xs_tx_t tx)
{
	const char *be = vbd->dev->be;
	int err = uk_xs_printf(tx, be, "feature-discard", "1");

	if (!err && info->discard_bytes != info->sector_bytes)
		err = uk_xs_printf(tx, be, "discard-granularity", "%u", info->discard_bytes);
	if (!err && info->discard_offset)
		err = uk_xs_printf(tx, be, "discard-alignment", "%u", info->discard_offset);
	if (!err && vbd->limits.can_erase)
		err = uk_xs_printf(tx, be, "discard-secure", "1");
	return err;
}

int blkback_publish_features(struct blkback_vbd *vbd, uk_xs_tx_t tx)
{
	const char *be = vbd->dev->be;
	struct uk_blk_info info;
	int err;

	uk_blk_info(&vbd->blk, &info);
	err = uk_xs_printf(tx, be, "feature-flush-cache", "%d", info.can_flush);
	if (!err)
		err = uk_xs_printf(tx, be, "feature-persistent", "%d",
				   !vbd->limits.is_hardware);
	return err || !vbd->limits.can_discard ? err : publish_discard(vbd, &info, tx);
}
