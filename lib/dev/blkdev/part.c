/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Partitions as devices of their own. One exists while it is open, and is a user
 * of its disk that claims its sectors; the table is read when it is opened.
 */
#include "blkdev_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/param.h>
#include <uk/print.h>
#include <uk/util.h>

#define LABEL "LABEL="
#define PARTUUID "PARTUUID="
#define MAX_NUMBER 1024

struct part {
	struct uk_blkdev dev;
	struct uk_blk disk;
	uint64_t start;
	struct uk_list node;
};

static struct uk_list parts = UK_LIST_INIT(parts);

/* ---- The device ---- */

static struct part *of(struct uk_blkdev *dev)
{
	return UK_CONTAINER_OF(dev, struct part, dev);
}

static void part_submit(struct uk_blkdev *dev, struct uk_blk_req *req)
{
	req->sector += of(dev)->start;
	uk_blk_submit(&of(dev)->disk, req);
}

static void *part_window(struct uk_blkdev *dev, uint64_t offset, bool is_write, size_t *len_bytes)
{
	return uk_blk_window(&of(dev)->disk, offset + of(dev)->start * UK_BLK_SECTOR, is_write,
			     len_bytes);
}

static void part_close(struct uk_blkdev *dev)
{
	struct part *part = of(dev);

	uk_list_del(&part->node);
	uk_blk_close(&part->disk);
	uk_free(part);
}

static const struct uk_blkdev_ops ops = { .submit = part_submit, .close = part_close };
static const struct uk_blkdev_ops memory_ops = {
	.submit = part_submit, .window = part_window, .close = part_close,
};

/* ---- Finding it ---- */

/* "<disk>p<number>". @return NULL: it is not. */
static struct uk_blkdev *parse_name(const char *target, unsigned int *number)
{
	const char *p = strrchr(target, 'p');
	uint64_t n;

	if (!p || uk_parse_dec(p + 1, MAX_NUMBER, &n) || !n)
		return NULL;
	*number = (unsigned int)n;
	return blkdev_find(target, (size_t)(p - target));
}

static bool begins_with(const char *s, const char *word)
{
	return !strncmp(s, word, strlen(word));
}

bool blkdev_part_is_target(const char *target)
{
	unsigned int number;

	return begins_with(target, LABEL) || begins_with(target, PARTUUID) ||
	       parse_name(target, &number);
}

static int find_on(struct uk_blk *held, const struct blk_match *match, struct blk_part *found,
		   char *why)
{
	int err = blk_table_find(held, match, found, why);

	if (uk_list_is_linked(&held->dev->node))
		return err;
	uk_blk_because(why, "%.32s has gone", held->dev->name);
	return -ENODEV;
}

struct anywhere {
	const struct blk_match *match;
	struct blk_part *found;
	struct uk_blk *held;		/* the disk that has it; dev NULL: none has */
	int err;			/* what is wrong with a disk that has not */
};

/* Look on @disk. @return the one behind it; NULL: none, or a->err says why not. */
static struct uk_blkdev *look_on(struct anywhere *a, struct uk_blkdev *disk, char *why)
{
	struct uk_blkdev *next = NULL;
	char here[UK_BLK_WHY_BYTES];
	struct blk_part part;
	struct uk_blk held;
	int err;

	blkdev_hold(&held, disk);
	err = find_on(&held, a->match, &part, here);
	if (err != -ENODEV)
		next = blkdev_next(disk);
	if (!err && a->held->dev) {
		uk_blk_because(why, "%sp%u and %sp%u both match", a->held->dev->name,
			       a->found->number, disk->name, part.number);
		a->err = -ENOTUNIQ;
		next = NULL;
	} else if (!err) {
		blkdev_hold(a->held, disk);
		*a->found = part;
	} else if (err != -ENOENT && a->err != -EINPROGRESS) {
		strlcpy(why, here, sizeof(here));
		a->err = err;
	}
	uk_blk_close(&held);
	return next;
}

/* What is not looked at may be what somebody looks for. */
static void none_has_it(const struct blk_match *match, const char *skipped, char *why)
{
	const char *what = match->label ? "name" : "id";

	if (skipped[0])
		uk_blk_because(why, "no disk has a partition of that %s; not looked at is %s, which is written as a whole",
			       what, skipped);
	else
		uk_blk_because(why, "no disk has a partition of that %s", what);
}

/* Look on all disks but those whose table may be a guest's. What is wrong with one of
 * them matters when the partition is on none, or when it is not known what else there
 * is. */
static int find_anywhere(struct anywhere *a, char *why)
{
	struct uk_blkdev *disk = blkdev_next(NULL);
	char skipped[UK_BLKDEV_NAME_BYTES] = "";

	a->held->dev = NULL;
	a->err = -ENOENT;
	while (disk) {
		if (blkdev_is_written_whole(disk)) {
			strlcpy(skipped, disk->name, sizeof(skipped));
			disk = blkdev_next(disk);
		} else {
			disk = look_on(a, disk, why);
		}
	}
	if (a->held->dev && a->err != -ENODEV && a->err != -ENOTUNIQ && a->err != -EINPROGRESS &&
	    uk_list_is_linked(&a->held->dev->node))
		return 0;
	if (a->held->dev)
		uk_blk_close(a->held);
	if (a->err == -ENOENT)
		none_has_it(a->match, skipped, why);
	return a->err == -ENOTUNIQ ? -EINVAL : a->err;
}

/* @held: its disk, to be closed when it is found. */
static int find(const char *target, struct uk_blk *held, struct blk_part *found, char *why)
{
	struct blk_match match = { 0 };
	struct uk_blkdev *disk = parse_name(target, &match.number);
	struct anywhere a = { .match = &match, .found = found, .held = held };
	int err;

	if (disk) {
		blkdev_hold(held, disk);
		err = find_on(held, &match, found, why);
		if (err)
			uk_blk_close(held);
		return err;
	}
	if (begins_with(target, LABEL))
		match.label = target + strlen(LABEL);
	else
		match.uuid = target + strlen(PARTUUID);
	if (!target[strcspn(target, "=") + 1]) {
		uk_blk_because(why, "target \"%.60s\" says no name", target);
		return -EINVAL;
	}
	return find_anywhere(&a, why);
}

/* ---- Opening ---- */

/* The disk's units of a discard are where they are, whatever begins between them. */
static uint32_t discard_offset(const struct uk_blk_info *info, uint64_t start)
{
	uint64_t unit = info->discard_bytes;

	if (!unit)
		return 0;
	start = start * UK_BLK_SECTOR % unit;
	return (uint32_t)((info->discard_offset + unit - start) % unit);
}

static int create(struct uk_blkdev *disk, const struct blk_part *found, bool is_readonly,
		  struct uk_blkdev **dev, char *why)
{
	struct part *part = uk_calloc(1, sizeof(*part));
	int err;

	if (!part)
		return -ENOMEM;
	uk_blkdev_init(&part->dev, disk->ops->window ? &memory_ops : &ops);
	part->dev.info = disk->info;
	part->dev.info.sectors = found->sectors;
	part->dev.info.discard_offset = discard_offset(&disk->info, found->start);
	uk_snprintf(part->dev.name, sizeof(part->dev.name), "%sp%u", disk->name, found->number);
	part->start = found->start;
	part->disk.is_readonly = is_readonly;
	part->disk.claim_start = found->start;
	part->disk.claim_end = found->start + found->sectors;
	err = blkdev_claim(disk, &part->disk, why);
	if (err) {
		uk_free(part);
		return err;
	}
	uk_list_add_tail(&parts, &part->node);
	*dev = &part->dev;
	return 0;
}

static int take(struct uk_blkdev *disk, const struct blk_part *found, bool is_readonly,
		struct uk_blkdev **dev, char *why)
{
	struct part *part;

	UK_LIST_FOREACH(part, &parts, node) {
		if (part->disk.dev == disk && part->start == found->start &&
		    part->dev.info.sectors == found->sectors) {
			*dev = &part->dev;
			return 0;
		}
	}
	return create(disk, found, is_readonly, dev, why);
}

int blkdev_part_open(const char *target, bool is_readonly, struct uk_blkdev **dev, char *why)
{
	struct blk_part found;
	struct uk_blk held;
	int err = find(target, &held, &found, why);

	if (err)
		return err;
	err = take(held.dev, &found, is_readonly, dev, why);
	uk_blk_close(&held);
	return err;
}
