/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A virtual block device as xenbus sees it: from the toolstack's nodes to a
 * served ring and back.
 *
 * What the frontend writes (ring-ref, event-channel, protocol) is read in
 * read_frontend(): strict numbers, a known protocol, or no connection. Whether
 * the grant and the port exist and belong to that domain is Xen's to say.
 */
#include "blkback_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/boot.h>
#include <uk/print.h>

#define TARGET_BYTES 256

struct frontend {
	uint64_t ring_ref, port, is_persistent;
	enum blkback_abi abi;
};

/* ---- The toolstack's part ---- */

static int read_target(struct uk_xenbus_dev *dev, char *target, char *why)
{
	ssize_t n = uk_xs_read(UK_XS_NO_TX, dev->be, "params", target, TARGET_BYTES);

	if (n < 0)
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "target= is %s",
			    n == -E2BIG ? "too long" : "missing");
	return n < 0 ? (int)n : 0;
}

/* Anything but "w" is read-only. */
static bool is_readonly(struct uk_xenbus_dev *dev)
{
	char mode[4];

	return uk_xs_read(UK_XS_NO_TX, dev->be, "mode", mode, sizeof(mode)) < 0 ||
	       strcmp(mode, "w");
}

static void vbd_resized(struct uk_blk *blk)
{
	struct blkback_vbd *vbd = UK_CONTAINER_OF(blk, struct blkback_vbd, blk);

	uk_xenbus_publish(vbd->dev);
}

/* The frontend goes on with a disk that is not the one it has written to. */
static bool is_lost(const struct blkback_vbd *vbd, char *why)
{
	struct uk_blk_info info;

	uk_blk_info(&vbd->blk, &info);
	if (!vbd->dev->must_resume || !info.is_new)
		return false;
	uk_snprintf(why, UK_XENBUS_WHY_BYTES, "the disk's contents ended with the restart");
	return true;
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
		blkback_resume_forget(dev);
	vbd->dev = dev;
	vbd->blk.is_readonly = is_readonly(dev);
	vbd->blk.resized = vbd_resized;
	err = uk_blk_open(&vbd->blk, target, why);
	if (err) {
		uk_free(vbd);
		return err;
	}
	if (is_lost(vbd, why)) {
		uk_blk_close(&vbd->blk);
		uk_free(vbd);
		return -ENODEV;
	}
	dev->priv = vbd;
	uk_pr_info("blkback: %s: %s, %s\n", dev->be, target,
		   vbd->blk.is_readonly ? "read-only" : "writable");
	return 0;
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

static int read_frontend(struct uk_xenbus_dev *dev, struct frontend *fe, char *why)
{
	const char *what = "ring-ref";
	int err;

	err = uk_xenbus_read_fe_dec(dev, "ring-ref", UINT32_MAX, &fe->ring_ref);
	if (!err) {
		what = "event-channel";
		err = uk_xenbus_read_fe_dec(dev, "event-channel", UINT32_MAX, &fe->port);
	}
	if (!err) {
		what = "protocol";
		err = read_protocol(dev, &fe->abi);
	}
	if (err)
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "the frontend's %s makes no sense", what);
	if (uk_xenbus_read_fe_dec(dev, "feature-persistent", 1, &fe->is_persistent))
		fe->is_persistent = 0;
	return err;
}

static int map_ring(struct blkback_vbd *vbd, const struct frontend *fe, char *why)
{
	vbd->page = (struct uk_gnttab_map) {
		.remote = vbd->dev->remote, .ref = (grant_ref_t)fe->ring_ref,
	};
	if (uk_gnttab_map(&vbd->page, 1)) {
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "grant %u cannot be mapped (%d)",
			    vbd->page.ref, vbd->page.status);
		return -EIO;
	}
	vbd->abi = fe->abi;
	uk_xen_ring_init(&vbd->ring, vbd->page.va, UK_PAGE_SIZE, blkback_entry_bytes(vbd->abi));
	return 0;
}

static void unmap_all(struct blkback_vbd *vbd)
{
	blkback_persist_free(vbd->persist);
	vbd->persist = NULL;
	uk_gnttab_unmap(&vbd->page, 1);
}

static int vbd_connect(struct uk_xenbus_dev *dev, char *why)
{
	struct blkback_vbd *vbd = dev->priv;
	struct frontend fe;
	int err;

	err = read_frontend(dev, &fe, why);
	if (err)
		return err;
	err = map_ring(vbd, &fe, why);
	if (err)
		return err;
	vbd->n_requests = 0;
	vbd->n_refused = 0;
	/* Without memory for it there are grant copies */
	if (fe.is_persistent && uk_blk_is_memory(&vbd->blk))
		vbd->persist = blkback_persist_new();
	err = blkback_worker_attach(vbd, (evtchn_port_t)fe.port);
	if (err == -ESTALE || err == -EPROTO)
		uk_snprintf(why, UK_XENBUS_WHY_BYTES,
			    "the ring cannot be resumed where it was before the restart");
	else if (err)
		uk_snprintf(why, UK_XENBUS_WHY_BYTES, "event channel %u cannot be bound",
			    (unsigned int)fe.port);
	if (err)
		unmap_all(vbd);
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
		err = uk_xs_printf(tx, dev->be, "info", "%d",
				   info.is_readonly ? VDISK_READONLY : 0);
	if (!err && info.physical_bytes != info.sector_bytes)
		err = uk_xs_printf(tx, dev->be, "physical-sector-size", "%u",
				   info.physical_bytes);
	if (!err)
		err = uk_xs_printf(tx, dev->be, "feature-flush-cache", "%d", info.can_flush);
	if (!err)
		err = uk_xs_printf(tx, dev->be, "feature-persistent", "%d",
				   uk_blk_is_memory(&vbd->blk));
	return err;
}

static void vbd_quiesce(struct uk_xenbus_dev *dev)
{
	blkback_worker_quiesce(dev->priv);
}

static void vbd_disconnect(struct uk_xenbus_dev *dev)
{
	struct blkback_vbd *vbd = dev->priv;

	blkback_worker_detach(vbd);
	unmap_all(vbd);
	uk_pr_info("blkback: %s: disconnected after %llu requests, %llu refused\n", dev->be,
		   (unsigned long long)vbd->n_requests, (unsigned long long)vbd->n_refused);
}

static struct uk_xenbus_driver driver = {
	.kind = "vbd",
	.ready_states = 1u << XenbusStateInitialised | 1u << XenbusStateConnected,
	.param = "params",
	.probe = vbd_probe,
	.connect = vbd_connect,
	.publish = vbd_publish,
	.quiesce = vbd_quiesce,
	.disconnect = vbd_disconnect,
	.remove = vbd_remove,
	.reconfigure = vbd_reconfigure,
};

static int blkback_init(void)
{
	uk_xenbus_register(&driver);
	return 0;
}

UK_INIT_LIB(blkback_init);
