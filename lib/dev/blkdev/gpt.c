/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GUID partition tables. Specification: UEFI 2.10, 5.3.
 *
 * load() checks the header, before a number of it is used, and the checksums of
 * both parts. A primary table that is not good has its copy at the disk's end.
 * Where a partition lies is table.c's to check, but for the arithmetic.
 */
#include "blkdev_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/print.h>
#include <uk/util.h>

#define REVISION 0x00010000
#define LABEL_UNITS 36
#define MIN_ENTRY_BYTES 128
#define MAX_ENTRY_BYTES 1024
/* Eight times what the specification asks for and everybody makes */
#define MAX_TABLE_BYTES (128 * 1024)

struct header {
	char signature[8];
	uint32_t revision, header_bytes, header_crc, reserved;
	uint64_t my_lba, other_lba, first_usable, last_usable;
	uint8_t guid[16];
	uint64_t entries_lba;
	uint32_t n_entries, entry_bytes, entries_crc;
} uk_packed;

struct entry {
	uint8_t kind[16], guid[16];
	uint64_t first, last;
	uint64_t attributes;
	uint16_t label[LABEL_UNITS];
} uk_packed;

_Static_assert(sizeof(struct header) == 92, "UEFI");
_Static_assert(sizeof(struct entry) == MIN_ENTRY_BYTES, "UEFI");

struct gpt {
	struct header head;
	char *entries;
	size_t n_pages;
};

static uint32_t crc32(const void *data, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (const uint8_t *p = data; len--; p++) {
		crc ^= *p;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* ---- The header ---- */

/* @return what is wrong with the header in @page, or NULL. */
static const char *check_header(const struct uk_blk *disk, uint64_t lba, void *page,
				struct header *h)
{
	uint32_t unit = disk->dev->info.sector_bytes;
	uint64_t n_lbas = disk->dev->info.sectors / (unit / UK_BLK_SECTOR), table_lbas;

	memcpy(h, page, sizeof(*h));
	if (memcmp(h->signature, "EFI PART", 8) || h->revision != REVISION)
		return "is not there";
	if (h->header_bytes < sizeof(*h) || h->header_bytes > unit)
		return "has a header of a strange size";
	((struct header *)page)->header_crc = 0;
	if (crc32(page, h->header_bytes) != h->header_crc)
		return "has a header with a wrong checksum";
	if (h->my_lba != lba)
		return "is a copy from elsewhere";
	if (h->entry_bytes < MIN_ENTRY_BYTES || h->entry_bytes > MAX_ENTRY_BYTES ||
	    h->entry_bytes & (h->entry_bytes - 1))
		return "has entries of a strange size";
	if (!h->n_entries || h->n_entries > MAX_TABLE_BYTES / h->entry_bytes)
		return "has too many entries, or none";
	if (h->first_usable > h->last_usable || h->last_usable >= n_lbas)
		return "has limits that do not lie on the disk";
	table_lbas = UK_DIV_ROUND_UP((uint64_t)h->n_entries * h->entry_bytes, unit);
	if (h->entries_lba < 2 || h->entries_lba >= n_lbas ||
	    table_lbas > n_lbas - h->entries_lba ||
	    (h->entries_lba <= h->last_usable && h->entries_lba + table_lbas > h->first_usable))
		return "has its entries where partitions are";
	return NULL;
}

static void unload(struct gpt *gpt)
{
	uk_pages_free_n(gpt->entries, gpt->n_pages);
}

/* @return 0; -EINVAL, and *@what is wrong; -ENOMEM, or the disk's error. */
static int load(struct uk_blk *disk, uint64_t lba, void *page, struct gpt *gpt, const char **what,
		char *why)
{
	uint32_t unit = disk->dev->info.sector_bytes;
	size_t len;
	int err = blk_table_read(disk, lba, page, why);

	*what = "cannot be read";
	if (err)
		return err;
	*what = check_header(disk, lba, page, &gpt->head);
	if (*what)
		return -EINVAL;
	len = (size_t)gpt->head.n_entries * gpt->head.entry_bytes;
	gpt->n_pages = UK_ALIGN_UP(len, UK_PAGE_SIZE) / UK_PAGE_SIZE;
	gpt->entries = uk_pages_alloc_n(gpt->n_pages);
	if (!gpt->entries)
		return -ENOMEM;
	for (size_t at = 0; at < len && !err; at += unit)
		err = blk_table_read(disk, gpt->head.entries_lba + at / unit, gpt->entries + at, why);
	*what = "cannot be read";
	if (!err && crc32(gpt->entries, len) != gpt->head.entries_crc) {
		*what = "has entries with a wrong checksum";
		err = -EINVAL;
	}
	if (err)
		unload(gpt);
	return err;
}

/* The table of which the one or the other copy is good */
static int load_either(struct uk_blk *disk, void *page, struct gpt *gpt, char *why)
{
	uint32_t unit = disk->dev->info.sector_bytes / UK_BLK_SECTOR;
	uint64_t n_lbas = disk->dev->info.sectors / unit;
	const char *first, *second;
	int err = load(disk, 1, page, gpt, &first, why);

	if (!err || err == -ENOMEM || n_lbas < 2)
		return err;
	err = load(disk, n_lbas - 1, page, gpt, &second, why);
	if (!err)
		uk_pr_warn("blkdev: %s: the GPT %s; its copy at the end is used\n",
			   disk->dev->name, first);
	else if (err != -ENOMEM)
		uk_blk_because(why, "%.32s: the GPT %s; its copy %s", disk->dev->name, first, second);
	return err;
}

/* ---- Entries ---- */

static char *put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	} else {
		*out++ = (char)(0xf0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	}
	return out;
}

/* A half of a pair without the other is U+FFFD. */
static void make_label(const uint16_t *in, char *out)
{
	for (unsigned int i = 0; i < LABEL_UNITS && in[i]; i++) {
		uint32_t c = in[i];

		if ((c & 0xfc00) == 0xd800 && i + 1 < LABEL_UNITS &&
		    (in[i + 1] & 0xfc00) == 0xdc00)
			c = 0x10000 + ((c & 0x3ff) << 10) + (in[++i] & 0x3ffu);
		else if ((c & 0xf800) == 0xd800)
			c = 0xfffd;
		out = put_utf8(out, c);
	}
	*out = '\0';
}

/* The first three groups are little endian. */
static void make_uuid(const uint8_t *g, char *out)
{
	uk_snprintf(out, BLK_UUID_BYTES,
		    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		    g[3], g[2], g[1], g[0], g[5], g[4], g[7], g[6], g[8], g[9], g[10], g[11],
		    g[12], g[13], g[14], g[15]);
}

static void report(const struct uk_blk *disk, const struct header *h, const struct entry *e,
		   unsigned int number, blk_part_fn_t fn, void *arg)
{
	uint64_t unit = disk->dev->info.sector_bytes / UK_BLK_SECTOR;
	struct blk_part part = { .number = number };
	uint16_t label[LABEL_UNITS];

	/* One that is nowhere has no start, and is refused for it */
	if (e->first >= h->first_usable && e->last <= h->last_usable && e->first <= e->last) {
		part.start = e->first * unit;
		part.sectors = (e->last - e->first + 1) * unit;
	}
	memcpy(label, e->label, sizeof(label));
	make_label(label, part.label);
	make_uuid(e->guid, part.uuid);
	fn(&part, arg);
}

int blk_gpt_walk(struct uk_blk *disk, void *page, blk_part_fn_t fn, void *arg, char *why)
{
	static const uint8_t unused[16];
	struct gpt gpt;
	int err = load_either(disk, page, &gpt, why);

	if (err)
		return err;
	for (unsigned int i = 0; i < gpt.head.n_entries; i++) {
		struct entry e;

		memcpy(&e, gpt.entries + (size_t)i * gpt.head.entry_bytes, sizeof(e));
		if (memcmp(e.kind, unused, sizeof(unused)))
			report(disk, &gpt.head, &e, i + 1, fn, arg);
	}
	unload(&gpt);
	return 0;
}
