/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The fuzzer's target: a disk whose partition table the input has written. All
 * partitions that it may have are opened, by number and by name; what opens must
 * lie on the disk, and no two of them on the same sectors.
 *
 * Input: a byte of bits (below), then patches of the first 64 KiB of the disk or
 * of the GPT's entries and header before their checksums are made:
 * place (2 bytes), length (1), bytes.
 */
#include <stdlib.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/linuxu/input.h>
#include <uk/print.h>

#include "disk.h"

#define IS_4K 1		/* sectors of 4 KiB */
#define IS_GPT 2	/* begin with a good GPT, and make its checksums last */
#define N_NUMBERS 9

#define must(cond) must_(__LINE__, #cond, cond)
static void must_(int line, const char *what, bool holds)
{
	if (holds)
		return;
	uk_console_printf("main.c:%d: must hold: %s\n", line, what);
	abort();
}

/* ---- The disk ---- */

/* @return bytes used of the @left. */
static size_t patch(char *base, size_t size, const uint8_t *in, size_t left)
{
	size_t at, len;

	if (left < 3)
		return left;
	at = (in[0] | (size_t)in[1] << 8) % size;
	len = UK_MIN((size_t)in[2], left - 3);
	len = UK_MIN(len, size - at);
	memcpy(base + at, in + 3, len);
	return 3 + len;
}

static void patch_all(char *base, size_t size, const uint8_t *in, size_t len)
{
	for (size_t at = 0; at < len;)
		at += patch(base, size, in + at, len - at);
}

/* Entries, then the header, as one run of bytes to patch */
static void make_gpt(uint32_t sector_bytes, const uint8_t *in, size_t len)
{
	static char both[sizeof(gpt_entries) + sizeof(gpt_head)];

	gpt_new(sector_bytes);
	gpt_set(1, 8, 15, "boot");
	gpt_set(2, 16, 31, "data");
	memcpy(both, gpt_entries, sizeof(gpt_entries));
	memcpy(both + sizeof(gpt_entries), &gpt_head, sizeof(gpt_head));
	patch_all(both, sizeof(both), in, len);
	memcpy(gpt_entries, both, sizeof(gpt_entries));
	memcpy(&gpt_head, both + sizeof(gpt_entries), sizeof(gpt_head));
	gpt_write();
}

static void make_mbr(uint32_t sector_bytes, const uint8_t *in, size_t len)
{
	disk_new(sector_bytes);
	memcpy(disk_bytes + 510, "\x55\xaa", 2);
	patch_all(disk_bytes, 1 << 16, in, len);
}

/* ---- What must hold ---- */

static void check_apart(const struct uk_blk *a, const struct uk_blk *b)
{
	char one[UK_PAGE_SIZE] uk_aligned(4096);
	struct uk_blk_info info;

	uk_blk_info(a, &info);
	must(info.sectors && info.sectors < disk.info.sectors);
	must(!uk_blk_do((struct uk_blk *)a, UK_BLK_READ, info.sectors - info.sector_bytes / 512,
			info.sector_bytes / 512, one));
	must(!b->dev || a->dev != b->dev);
}

static void open_numbers(void)
{
	static struct uk_blk blks[N_NUMBERS];
	char name[UK_BLKDEV_NAME_BYTES];

	/* Writers: two of the same sector would exclude each other */
	for (unsigned int i = 0; i < N_NUMBERS; i++) {
		int err;

		blks[i] = (struct uk_blk) { 0 };
		uk_snprintf(name, sizeof(name), "disk0p%u", i + 1);
		err = uk_blk_open(&blks[i], name, disk_why);
		must(err <= 0 && err != -16 /* EBUSY: judge() has let two overlap */);
		must(!err || disk_why[0]);
		if (!err)
			check_apart(&blks[i], i ? &blks[i - 1] : &blks[i + 1]);
	}
	for (unsigned int i = 0; i < N_NUMBERS; i++)
		if (blks[i].dev)
			uk_blk_close(&blks[i]);
}

static void play(const uint8_t *in, size_t len)
{
	uint8_t bits = len ? in[0] : 0;

	if (!len)
		return;
	(bits & IS_GPT ? make_gpt : make_mbr)(bits & IS_4K ? 4096 : 512, in + 1, len - 1);
	open_numbers();
	disk_try("LABEL=data", true);
	disk_try("PARTUUID=00000000-01", true);
	must(uk_list_is_empty(&disk.users));
}

int main(void)
{
	const uint8_t *bytes;
	size_t len;

	for (;;) {
		uint8_t *copy;

		uk_linuxu_input_next(&bytes, &len);
		/* So that a read past its end is found */
		copy = malloc(len + !len);
		must(copy);
		memcpy(copy, bytes, len);
		play(copy, len);
		free(copy);
	}
}
