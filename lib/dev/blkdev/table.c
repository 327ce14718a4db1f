/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Partition tables. Whoever may write to the whole disk has written them; every
 * number is checked before it is used, and a table's size is bounded.
 *
 * A table is walked twice: to find the partition, and to see that no other one
 * overlaps it.
 */
#include "blkdev_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/pages.h>

struct search {
	const struct blk_match *match;
	struct blk_part found;
	unsigned int n_found;
	unsigned int overlaps;		/* number of a partition; 0: none */
	bool has_table;			/* in its sectors */
};

int blk_table_read(struct uk_blk *disk, uint64_t lba, void *page, char *why)
{
	uint64_t unit = disk->dev->info.sector_bytes / UK_BLK_SECTOR;
	int err;

	if (lba >= disk->dev->info.sectors / unit) {
		uk_blk_because(why, "%.32s: the partition table points behind the disk's end",
			       disk->dev->name);
		return -EINVAL;
	}
	err = blkdev_read(disk->dev, lba * unit, unit, page);
	if (err == -EINPROGRESS)
		uk_blk_because(why, "%.32s does not answer: its partition table cannot be read",
			       disk->dev->name);
	else if (err)
		uk_blk_because(why, "%.32s: the partition table cannot be read (%d)",
			       disk->dev->name, err);
	return err;
}

static bool is_uuid(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		char c = *b >= 'A' && *b <= 'F' ? (char)(*b + 'a' - 'A') : *b;

		if (*a != c)
			return false;
	}
	return *a == *b;
}

static bool is_match(const struct blk_match *match, const struct blk_part *part)
{
	if (match->label)
		return !strcmp(part->label, match->label);
	if (match->uuid)
		return is_uuid(part->uuid, match->uuid);
	return part->number == match->number;
}

static void on_find(const struct blk_part *part, void *arg)
{
	struct search *s = arg;

	if (!part->is_table && is_match(s->match, part) && !s->n_found++)
		s->found = *part;
}

static void on_compare(const struct blk_part *part, void *arg)
{
	struct search *s = arg;
	const struct blk_part *f = &s->found;

	/* A logical partition lies in a container, which mbr.c has seen to */
	if (part->number == f->number || (part->is_container && f->number > 4))
		return;
	if (part->start >= f->start + f->sectors || f->start >= part->start + part->sectors)
		return;
	if (part->is_table) {
		s->has_table = true;
		return;
	}
	s->overlaps = part->number;
}

static int walk(struct uk_blk *disk, void *page, blk_part_fn_t fn, struct search *s, char *why)
{
	int err = blk_table_read(disk, 0, page, why);

	if (err)
		return err;
	if (!blk_mbr_is_table(page)) {
		uk_blk_because(why, "%.32s has no partition table", disk->dev->name);
		return -ENOENT;
	}
	return (blk_mbr_is_protective(page) ? blk_gpt_walk : blk_mbr_walk)(disk, page, fn, s, why);
}

static int judge(const struct uk_blk *disk, const struct search *s, char *why)
{
	const struct blk_part *f = &s->found;
	const char *name = disk->dev->name;

	if (!s->n_found)
		uk_blk_because(why, "%.32s has no such partition", name);
	else if (s->n_found > 1)
		uk_blk_because(why, "%.32s: several partitions match", name);
	else if (f->is_container)
		uk_blk_because(why, "%.32sp%u is an extended partition: name one in it, p5 or higher",
			       name, f->number);
	else if (!f->start || !uk_blk_has_range(disk, f->start, f->sectors))
		uk_blk_because(why, "%.32sp%u does not lie on the disk", name, f->number);
	else if (s->overlaps)
		uk_blk_because(why, "%.32sp%u overlaps partition %u", name, f->number,
			       s->overlaps);
	else if (s->has_table)
		uk_blk_because(why, "%.32sp%u covers a part of the partition table", name,
			       f->number);
	else
		return 0;
	return s->n_found ? -EINVAL : -ENOENT;
}

int blk_table_find(struct uk_blk *disk, const struct blk_match *match, struct blk_part *part,
		   char *why)
{
	struct search s = { .match = match };
	void *page;
	int err;

	if (disk->dev->info.sector_bytes > UK_PAGE_SIZE) {
		uk_blk_because(why, "%.32s: sectors of %u bytes: no partitions", disk->dev->name,
			       disk->dev->info.sector_bytes);
		return -EINVAL;
	}
	page = uk_pages_alloc(0);
	if (!page)
		return -ENOMEM;
	err = walk(disk, page, on_find, &s, why);
	if (!err && s.n_found == 1)
		err = walk(disk, page, on_compare, &s, why);
	if (!err)
		err = judge(disk, &s, why);
	uk_pages_free(page, 0);
	*part = s.found;
	return err;
}
