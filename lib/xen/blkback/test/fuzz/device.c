/* SPDX-License-Identifier: BSD-3-Clause */
/* Disks that complete their requests when the input says so, in any order. */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include <uk/blkdev_driver.h>

#define DISK_BYTES (FUZZ_DISK_SECTORS * UK_BLK_SECTOR)

static struct slow {
	struct uk_blkdev dev;
	struct uk_list pending;
	bool is_held;
	char bytes[DISK_BYTES];
} disks[FUZZ_N_HOSTILE];

static void move(struct slow *disk, const struct uk_blk_req *req)
{
	char *at = disk->bytes + req->sector * UK_BLK_SECTOR;

	if (req->op == UK_BLK_DISCARD)
		memset(at, 0, req->n_sectors * UK_BLK_SECTOR);
	for (unsigned int i = 0; i < req->n_sg; i++) {
		must(at + req->sg[i].len_bytes <= disk->bytes + DISK_BYTES);
		if (req->op == UK_BLK_WRITE)
			memcpy(at, req->sg[i].va, req->sg[i].len_bytes);
		else
			memcpy(req->sg[i].va, at, req->sg[i].len_bytes);
		at += req->sg[i].len_bytes;
	}
}

static void complete(struct slow *disk, struct uk_blk_req *req, bool is_bad)
{
	uk_list_del(&req->node);
	if (!is_bad)
		move(disk, req);
	req->done(req, is_bad ? -EIO : 0);
}

static void slow_submit(struct uk_blkdev *dev, struct uk_blk_req *req)
{
	struct slow *disk = UK_CONTAINER_OF(dev, struct slow, dev);

	must(req->sector <= FUZZ_DISK_SECTORS);
	must(req->n_sectors <= FUZZ_DISK_SECTORS - req->sector);
	must(req->op != UK_BLK_ZERO);
	must(!req->n_sg == (req->op != UK_BLK_READ && req->op != UK_BLK_WRITE));
	for (unsigned int i = 0; i < req->n_sg; i++)
		must(req->sg[i].len_bytes && !(req->sg[i].len_bytes % UK_BLK_SECTOR));
	uk_list_add_tail(&disk->pending, &req->node);
	if (!disk->is_held)
		complete(disk, req, false);
}

static int slow_open(const char *options, bool is_readonly uk_unused, struct uk_blkdev **dev,
		     char *why uk_unused)
{
	*dev = &disks[options[0] == '1'].dev;
	return 0;
}

void device_start(void)
{
	static const struct uk_blkdev_ops ops = { .submit = slow_submit };
	static struct uk_blkdev_driver driver = { .prefix = "slow", .open = slow_open };

	uk_blkdev_register(&driver);
	for (unsigned int i = 0; i < FUZZ_N_HOSTILE; i++) {
		uk_blkdev_init(&disks[i].dev, &ops);
		disks[i].dev.info.sectors = FUZZ_DISK_SECTORS;
		disks[i].dev.info.can_discard = disks[i].dev.info.can_zero = true;
		disks[i].dev.info.discard_bytes = UK_BLK_SECTOR;
		uk_list_init(&disks[i].pending);
	}
}

void device_set_dma(unsigned int i, bool is_dma)
{
	disks[i].dev.info.is_dma = is_dma;
}

void device_hold(unsigned int i, bool is_held)
{
	disks[i].is_held = is_held;
}

void device_complete(unsigned int i, unsigned int which, bool is_bad)
{
	struct uk_list *node = disks[i].pending.next;

	if (uk_list_is_empty(&disks[i].pending))
		return;
	while (which-- && node->next != &disks[i].pending)
		node = node->next;
	complete(&disks[i], UK_LIST_ENTRY(node, struct uk_blk_req, node), is_bad);
}

void device_let_go(void)
{
	for (unsigned int i = 0; i < FUZZ_N_HOSTILE; i++) {
		device_hold(i, false);
		while (!uk_list_is_empty(&disks[i].pending))
			device_complete(i, 0, false);
	}
}
