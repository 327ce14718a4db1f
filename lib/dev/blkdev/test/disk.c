/* SPDX-License-Identifier: BSD-3-Clause */
#include "disk.h"

#include <errno.h>
#include <string.h>

char disk_bytes[DISK_BYTES];
struct uk_blkdev disk;
char disk_why[UK_BLK_WHY_BYTES];
uint64_t disk_bad_lba;

static int move(struct uk_blk_req *req)
{
	char *at = disk_bytes + req->sector * UK_BLK_SECTOR;

	for (unsigned int i = 0; i < req->n_sg; i++) {
		uint32_t len = req->sg[i].len_bytes;

		if (len > (size_t)(disk_bytes + DISK_BYTES - at) ||
		    (uint64_t)(at - disk_bytes) / disk.info.sector_bytes >= disk_bad_lba)
			return -EIO;
		if (req->op == UK_BLK_WRITE)
			memcpy(at, req->sg[i].va, len);
		else
			memcpy(req->sg[i].va, at, len);
		at += len;
	}
	return 0;
}

static void disk_submit(struct uk_blkdev *dev uk_unused, struct uk_blk_req *req)
{
	req->done(req, move(req));
}

static const struct uk_blkdev_ops ops = { .submit = disk_submit };

void disk_new(uint32_t sector_bytes)
{
	if (!disk.ops) {
		uk_blkdev_init(&disk, &ops);
		strlcpy(disk.name, "disk0", sizeof(disk.name));
		uk_blkdev_add(&disk);
	}
	disk.info.sectors = DISK_BYTES / UK_BLK_SECTOR;
	disk.info.sector_bytes = sector_bytes;
	disk.info.is_readonly = false;
	disk_bad_lba = UINT64_MAX;
	memset(disk_bytes, 0, sizeof(disk_bytes));
}

long long disk_try(const char *target, bool is_readonly)
{
	struct uk_blk blk = { .is_readonly = is_readonly };
	struct uk_blk_info info;
	int err = uk_blk_open(&blk, target, disk_why);

	if (err)
		return err;
	uk_blk_info(&blk, &info);
	uk_blk_close(&blk);
	return (long long)info.sectors;
}
