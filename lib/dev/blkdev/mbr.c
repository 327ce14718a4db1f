/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The partition table of the PC: four entries in sector 0, one of which may be a
 * container, with a chain of tables of one entry each. Numbers are in sectors of
 * the device.
 *
 * What the table says is checked here as far as reading it goes: the chain stays
 * in the container and is bounded. Where a partition lies is table.c's to check.
 */
#include "blkdev_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/print.h>
#include <uk/util.h>

#define N_ENTRIES 4
#define FIRST_LOGICAL 5
#define MAX_LOGICAL 128
#define SIGNATURE 0xaa55

#define KIND_NONE 0x00
#define KIND_EXTENDED 0x05
#define KIND_EXTENDED_LBA 0x0f
#define KIND_EXTENDED_LINUX 0x85
#define KIND_PROTECTIVE 0xee

struct entry {
	uint8_t status;
	uint8_t chs_first[3];
	uint8_t kind;
	uint8_t chs_last[3];
	uint32_t start, sectors;
} uk_packed;

struct mbr {
	uint8_t code[440];
	uint32_t disk_id;
	uint16_t pad;
	struct entry entries[N_ENTRIES];
	uint16_t signature;
} uk_packed;

_Static_assert(sizeof(struct mbr) == 512, "a sector");

bool blk_mbr_is_table(const void *sector0)
{
	const struct mbr *mbr = sector0;

	if (mbr->signature != SIGNATURE)
		return false;
	/* A file system's first sector has that signature too, and code here */
	for (unsigned int i = 0; i < N_ENTRIES; i++)
		if (mbr->entries[i].status & 0x7f)
			return false;
	return true;
}

bool blk_mbr_is_protective(const void *sector0)
{
	const struct mbr *mbr = sector0;

	for (unsigned int i = 0; i < N_ENTRIES; i++)
		if (mbr->entries[i].kind == KIND_PROTECTIVE)
			return true;
	return false;
}

static bool is_extended(const struct entry *e)
{
	return e->kind == KIND_EXTENDED || e->kind == KIND_EXTENDED_LBA ||
	       e->kind == KIND_EXTENDED_LINUX;
}

static bool is_used(const struct entry *e)
{
	return e->kind != KIND_NONE && e->sectors;
}

static void report(const struct uk_blk *disk, uint32_t disk_id, unsigned int number,
		   const struct entry *e, uint64_t base, blk_part_fn_t fn, void *arg)
{
	uint64_t unit = disk->dev->info.sector_bytes / UK_BLK_SECTOR;
	struct blk_part part = {
		.number = number, .start = (base + e->start) * unit,
		.sectors = e->sectors * unit, .is_container = is_extended(e),
	};

	uk_snprintf(part.uuid, sizeof(part.uuid), "%08x-%02x", disk_id, number);
	fn(&part, arg);
}

static int bad_chain(const struct uk_blk *disk, const char *what, char *why)
{
	uk_blk_because(why, "%.32s: extended partition: %s", disk->dev->name, what);
	return -EINVAL;
}

/* The table at @at, which nothing else may lie on. */
static void report_table(const struct uk_blk *disk, uint64_t at, blk_part_fn_t fn, void *arg)
{
	uint64_t unit = disk->dev->info.sector_bytes / UK_BLK_SECTOR;
	const struct blk_part part = { .start = at * unit, .sectors = unit, .is_table = true };

	fn(&part, arg);
}

/* Where in the container a partition may lie */
struct chain {
	const struct uk_blk *disk;
	uint32_t disk_id;
	uint64_t start, sectors;	/* of the container */
	uint64_t at, room;		/* of the table in hand, from the container's start */
	unsigned int number;		/* of the next partition */
};

/* The partitions of a table. They are numbered as Linux does it: what is empty has no
 * number, whatever its kind is what is not empty has one, and of the entries behind the
 * second those count that make sense. */
static int report_entries(struct chain *c, const struct entry *e, blk_part_fn_t fn, void *arg,
			  char *why)
{
	for (unsigned int i = 0; i < N_ENTRIES; i++) {
		uint64_t end = (uint64_t)e[i].start + e[i].sectors;

		if (!e[i].sectors || is_extended(&e[i]) || (i >= 2 && end > c->room))
			continue;
		if (c->at + end > c->sectors) {
			if (i >= 2)
				continue;
			return bad_chain(c->disk, "a partition is not in it", why);
		}
		report(c->disk, c->disk_id, c->number++, &e[i], c->start + c->at, fn, arg);
	}
	return 0;
}

/* @return the entry that says where the next table is; NULL: this is the last. */
static const struct entry *next_table(const struct entry *e)
{
	for (unsigned int i = 0; i < N_ENTRIES; i++)
		if (e[i].sectors && is_extended(&e[i]))
			return &e[i];
	return NULL;
}

/* The tables in @container; the first is at its start, and says where the next
 * is, from there. */
static int walk_logical(struct uk_blk *disk, uint32_t disk_id, const struct entry *container,
			void *page, blk_part_fn_t fn, void *arg, char *why)
{
	struct chain c = {
		.disk = disk, .disk_id = disk_id, .start = container->start,
		.sectors = container->sectors, .room = container->sectors, .number = FIRST_LOGICAL,
	};

	for (unsigned int i = 0; i < MAX_LOGICAL; i++) {
		struct entry e[N_ENTRIES];
		const struct entry *next;
		int err = blk_table_read(disk, c.start + c.at, page, why);

		if (err)
			return err;
		if (((struct mbr *)page)->signature != SIGNATURE)
			return bad_chain(disk, "a table of the chain has no signature", why);
		memcpy(e, ((struct mbr *)page)->entries, sizeof(e));
		report_table(disk, c.start + c.at, fn, arg);
		err = report_entries(&c, e, fn, arg, why);
		next = next_table(e);
		if (err || !next)
			return err;
		if (next->start >= c.sectors)
			return bad_chain(disk, "the chain leads out of it", why);
		c.at = next->start;
		c.room = next->sectors;
	}
	return bad_chain(disk, "the chain does not end", why);
}

int blk_mbr_walk(struct uk_blk *disk, void *page, blk_part_fn_t fn, void *arg, char *why)
{
	struct mbr mbr;
	int err = 0;

	memcpy(&mbr, page, sizeof(mbr));
	for (unsigned int i = 0; i < N_ENTRIES; i++)
		if (is_used(&mbr.entries[i]))
			report(disk, mbr.disk_id, i + 1, &mbr.entries[i], 0, fn, arg);
	for (unsigned int i = 0; i < N_ENTRIES && !err; i++)
		if (is_used(&mbr.entries[i]) && is_extended(&mbr.entries[i]))
			return walk_logical(disk, mbr.disk_id, &mbr.entries[i], page, fn, arg, why);
	return err;
}
