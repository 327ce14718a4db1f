/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A virtual block device as xenbus sees it: from the toolstack's nodes, which are
 * trusted but may be mistyped, to served rings and back. What the frontend writes is
 * frontend.c's.
 */
#include "blkback_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/boot.h>
#include <uk/print.h>

#define TARGET_BYTES 256

/* ---- The toolstack's part ---- */

static int read_target(struct uk_xenbus_dev *dev, char *target, char *why)
{
	ssize_t n = uk_xs_read(UK_XS_NO_TX, dev->be, "params", target, TARGET_BYTES);

	if (n < 0)
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "target= is %s",
			    n == -E2BIG ? "too long" : "missing");
	return n < 0 ? (int)n : 0;
}

/* Anything but "w" is read-only, and a CD-ROM. */
static bool is_readonly(struct uk_xenbus_dev *dev)
{
	char mode[4];

	return blkback_is_cdrom(dev) ||
	       uk_xs_read(UK_XS_NO_TX, dev->be, "mode", mode, sizeof(mode)) < 0 ||
	       strcmp(mode, "w");
}

static void vbd_resized(struct uk_blk *blk)
{
	struct blkback_vbd *vbd = UK_CONTAINER_OF(blk, struct blkback_vbd, blk);

	uk_xenbus_publish(vbd->dev);
}

/* What an earlier life has told the frontend of its disk; 0: nothing. */
static void read_told(const struct uk_xenbus_dev *dev, uint64_t *sectors, uint64_t *sector_bytes)
{
	char text[2][UK_XS_DEC_BYTES];
	struct uk_xs_value values[] = {
		{ dev->be, "sectors", text[0], UK_XS_DEC_BYTES, 0 },
		{ dev->be, "sector-size", text[1], UK_XS_DEC_BYTES, 0 },
	};

	uk_xs_read_all(values, UK_ARRAY_SIZE(values));
	if (uk_xs_value_dec(&values[0], UINT64_MAX, sectors))
		*sectors = 0;
	if (uk_xs_value_dec(&values[1], UINT32_MAX, sector_bytes))
		*sector_bytes = 0;
}

/* The frontend goes on with a disk that is not the one it has written to. */
static bool is_lost(struct blkback_vbd *vbd, char *why)
{
	uint64_t sectors, sector_bytes;
	struct uk_blk_info info;

	if (!vbd->dev->must_resume)
		return false;
	uk_blk_info(&vbd->blk, &info);
	read_told(vbd->dev, &sectors, &sector_bytes);
	vbd->is_news = info.sectors != sectors || info.sector_bytes != sector_bytes;
	if (info.is_new)
		uk_snprintf(why, UK_XENBUS_WHY_BYTES,
			    "the disk's contents ended with the restart");
	else if (info.sectors < sectors)
		uk_snprintf(why, UK_XENBUS_WHY_BYTES,
			    "the disk has %llu sectors, and had %llu before the restart",
			    (unsigned long long)info.sectors, (unsigned long long)sectors);
	else if (sector_bytes && info.sector_bytes != sector_bytes)
		uk_snprintf(why, UK_XENBUS_WHY_BYTES,
			    "the disk has sectors of %u bytes, and had %u before the restart",
			    info.sector_bytes, (unsigned int)sector_bytes);
	else
		return false;
	return true;
}

static int open_disk(struct blkback_vbd *vbd, const char *target, char *why)
{
	int err;

	vbd->blk.is_readonly = is_readonly(vbd->dev);
	vbd->blk.resized = vbd_resized;
	err = uk_blk_try_open(&vbd->blk, target, why);
	if (err)
		return err;
	blkback_learn(vbd);
	if (is_lost(vbd, why))
		err = -ENODEV;
	/* They are there, of an earlier life */
	if (!err && !vbd->dev->may_resume) {
		err = blkback_offer(vbd);
		if (err)
			uk_snprintf(why, UK_XENBUS_WHY_BYTES,
				    "xenstored refuses its nodes: is this domain's quota used up?");
	}
	if (err)
		uk_blk_close(&vbd->blk);
	return err;
}

static int vbd_probe(struct uk_xenbus_dev *dev, char *why)
{
	char target[TARGET_BYTES];
	struct blkback_vbd *vbd;
	int err;

	err = read_target(dev, target, why);
	if (err)
		return err;
	vbd = uk_calloc(1, sizeof(*vbd));
	if (!vbd)
		return -ENOMEM;
	if (!dev->may_resume)
		blkback_resume_forget(dev, 0);
	vbd->dev = dev;
	err = open_disk(vbd, target, why);
	if (err) {
		uk_free(vbd);
		return err;
	}
	dev->priv = vbd;
	uk_pr_info("blkback: %s: %s, %s\n", dev->be, target,
		   vbd->blk.is_readonly ? "read-only" : "writable");
	return 0;
}

static void vbd_forget(struct uk_xenbus_dev *dev)
{
	blkback_resume_forget(dev, 0);
}

static int vbd_reconfigure(struct uk_xenbus_dev *dev, char *why)
{
	struct blkback_vbd *vbd = dev->priv;
	char target[TARGET_BYTES];
	int err = read_target(dev, target, why);

	return err ? err : uk_blk_reconfigure(&vbd->blk, target, why);
}

static void vbd_remove(struct uk_xenbus_dev *dev)
{
	struct blkback_vbd *vbd = dev->priv;

	uk_blk_close(&vbd->blk);
	uk_free(vbd);
}

/* ---- The frontend's part ---- */

static int vbd_connect(struct uk_xenbus_dev *dev, char *why)
{
	struct blkback_vbd *vbd = dev->priv;
	int err = blkback_connect_rings(vbd, why);

	/* It has grown during the restart */
	if (!err && vbd->is_news)
		uk_xenbus_publish(dev);
	vbd->is_news = false;
	/* Of rings that it had in an earlier life */
	if (dev->may_resume)
		blkback_resume_forget(dev, vbd->n_rings);
	return err;
}

static int vbd_publish(struct uk_xenbus_dev *dev, uk_xs_tx_t tx)
{
	struct blkback_vbd *vbd = dev->priv;
	struct uk_blk_info info;
	int err;

	uk_blk_info(&vbd->blk, &info);
	err = uk_xs_printf(tx, dev->be, "sectors", "%llu", (unsigned long long)info.sectors);
	if (!err)
		err = uk_xs_printf(tx, dev->be, "sector-size", "%u", info.sector_bytes);
	if (!err)
		err = uk_xs_printf(tx, dev->be, "info", "%u", vbd->limits.info);
	if (!err && info.physical_bytes != info.sector_bytes)
		err = uk_xs_printf(tx, dev->be, "physical-sector-size", "%u",
				   info.physical_bytes);
	return err ? err : blkback_publish_features(vbd, tx);
}

static void vbd_quiesce(struct uk_xenbus_dev *dev)
{
	struct blkback_vbd *vbd = dev->priv;

	vbd->is_quiet = true;
}

/* The disk may take its time over what it has: other devices need not wait for it. */
static bool vbd_is_drained(struct uk_xenbus_dev *dev)
{
	struct blkback_vbd *vbd = dev->priv;

	vbd->is_awaited = true;
	for (unsigned int i = 0; i < vbd->n_rings; i++)
		if (vbd->rings[i].queue && !blkback_queue_is_idle(&vbd->rings[i]))
			return false;
	return true;
}

static void vbd_disconnect(struct uk_xenbus_dev *dev)
{
	struct blkback_vbd *vbd = dev->priv;
	unsigned long long n_requests = 0, n_refused = 0, n_copied = 0, n_mapped = 0, n_lasting = 0;

	for (unsigned int i = 0; i < vbd->n_rings; i++) {
		n_requests += vbd->rings[i].n_requests;
		n_refused += vbd->rings[i].n_refused;
		n_copied += vbd->rings[i].n_copied;
		n_mapped += vbd->rings[i].n_mapped;
		n_lasting += vbd->rings[i].n_persistent;
	}
	blkback_disconnect_rings(vbd);
	uk_pr_info("blkback: %s: disconnected after %llu requests, %llu refused; pages: %llu copied, %llu mapped, %llu mapped for good\n",
		   dev->be, n_requests, n_refused, n_copied, n_mapped, n_lasting);
}

static struct uk_xenbus_driver driver = {
	.kind = "vbd",
	.ready_states = 1u << XenbusStateInitialised | 1u << XenbusStateConnected,
	.param = "params",
	.probe = vbd_probe,
	.forget = vbd_forget,
	.connect = vbd_connect,
	.publish = vbd_publish,
	.quiesce = vbd_quiesce,
	.is_drained = vbd_is_drained,
	.disconnect = vbd_disconnect,
	.remove = vbd_remove,
	.reconfigure = vbd_reconfigure,
};

static int blkback_init(void)
{
	uk_blk_on_appearance(uk_xenbus_probe_again);
	uk_xenbus_register(&driver);
	return 0;
}

UK_INIT_LIB(blkback_init);
