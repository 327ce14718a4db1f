/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a frontend may use. Some of it must be there when it looks first, before it
 * makes its rings: it waits for state 2 only. The rest is true of the disk, is read
 * when state 4 comes, and read again when that is written again.
 */
#include "blkback_priv.h"

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
		err = uk_xs_printf(tx, dev->be, "multi-queue-max-queues", "%u", BLKBACK_MAX_RINGS);
	return err;
}

int blkback_offer(struct blkback_vbd *vbd)
{
	return uk_xs_transact(write_offer, vbd->dev);
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
				   uk_blk_is_memory(&vbd->blk));
	return err;
}
