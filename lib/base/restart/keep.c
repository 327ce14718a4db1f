/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Kept memory: one area of the image that no start clears, cut into blocks
 * that lie one behind the other, each behind a record of its own.
 *
 * A life before this one may have written anything into the area. The first
 * call of a life follows the chain of records, each with a check sum; from the
 * first bad one on, all is free again.
 */
#include <uk/restart.h>

#include <stdint.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/assert.h>
#include <uk/print.h>
#include <uk/util.h>

#include "restart_priv.h"

#define AREA_BYTES (CONFIG_LIBRESTART_KEEP_KIB * 1024UL)
#define RECORD_BYTES 64

struct record {
	uint32_t check;		/* of all that follows */
	uint32_t life;		/* that had the block last; 0: it is free */
	uint32_t size_bytes;	/* as asked for */
	uint32_t room_bytes;	/* to the next record, or to the end */
	char name[UK_KEEP_NAME_MAX + 1];
};

_Static_assert(sizeof(struct record) <= RECORD_BYTES, "a block begins behind its record");

/* The first block of whole pages shall not cost one for its record alone */
static char area[AREA_BYTES] uk_aligned(UK_PAGE_SIZE) uk_kept_pages("area");
static bool is_checked;

void *keep_area(size_t *len_bytes)
{
	*len_bytes = sizeof(area);
	return area;
}

void keep_check_again(void)
{
	is_checked = false;
}

/* ---- Records ------------------------------------------------------------- */

static struct record *first(void)
{
	return (struct record *)area;
}

static char *end_of(const struct record *r)
{
	return (char *)r + RECORD_BYTES + r->room_bytes;
}

/* @return NULL: @r is the last. */
static struct record *next(const struct record *r)
{
	char *end = end_of(r);

	return end == area + sizeof(area) ? NULL : (struct record *)end;
}

static uint32_t check_of(const struct record *r)
{
	const unsigned char *p = (const unsigned char *)r + sizeof(r->check);
	uint32_t h = 0x811c9dc5;

	for (; p < (const unsigned char *)(r + 1); p++)
		h = (h ^ *p) * 0x01000193;
	return h;
}

static void fill(struct record *r, const char *name, uint32_t life, size_t size_bytes,
		 size_t room_bytes)
{
	memset(r, 0, sizeof(*r));
	r->life = life;
	r->size_bytes = (uint32_t)size_bytes;
	r->room_bytes = (uint32_t)room_bytes;
	memcpy(r->name, name, strlen(name));
	r->check = check_of(r);
}

static bool is_sound(const struct record *r)
{
	size_t left = (size_t)(area + sizeof(area) - (char *)r) - RECORD_BYTES;

	return r->check == check_of(r) && r->room_bytes <= left &&
	       r->room_bytes % 16 == 0 && r->size_bytes <= r->room_bytes &&
	       (r->room_bytes == left || left - r->room_bytes >= RECORD_BYTES);
}

static void check_area(void)
{
	struct record *r = first();

	if (is_checked)
		return;
	is_checked = true;
	for (; r; r = next(r)) {
		if (is_sound(r))
			continue;
		/* In the beginning it is clear */
		if (r != first() || r->check)
			uk_pr_warn("restart: kept memory is damaged at %lu of %lu bytes: what was "
				   "behind is lost\n",
				   (unsigned long)((char *)r - area), AREA_BYTES);
		fill(r, "", 0, 0, (size_t)(area + sizeof(area) - (char *)r) - RECORD_BYTES);
	}
}

static struct record *find(const char *name)
{
	struct record *r = first();

	while (r && !(r->life && !strcmp(r->name, name)))
		r = next(r);
	return r;
}

/* ---- Blocks -------------------------------------------------------------- */

/* Free blocks that are neighbours become one. */
static void merge(void)
{
	struct record *r = first(), *n;

	while (r && (n = next(r))) {
		if (r->life || n->life)
			r = n;
		else
			fill(r, "", 0, 0, r->room_bytes + RECORD_BYTES + n->room_bytes);
	}
}

static void release(struct record *r)
{
	fill(r, "", 0, 0, r->room_bytes);
	merge();
}

/* Where a block of @size_bytes would begin in the free block @r; NULL: nowhere.
 * What is left before it is empty or can hold a record. */
static char *place_in(const struct record *r, size_t size_bytes)
{
	char *begin = (char *)r + RECORD_BYTES;

	if (size_bytes % UK_PAGE_SIZE == 0 && (uintptr_t)begin % UK_PAGE_SIZE)
		begin = (char *)UK_ALIGN_UP((uintptr_t)begin + RECORD_BYTES, UK_PAGE_SIZE);
	if (begin > end_of(r) || (size_t)(end_of(r) - begin) < size_bytes)
		return NULL;
	return begin;
}

/* Cut the free block @r so that one begins at @begin. @return its record. */
static struct record *cut(struct record *r, char *begin, size_t size_bytes)
{
	struct record *r2 = (struct record *)(begin - RECORD_BYTES);
	char *end = end_of(r);
	size_t room = UK_ALIGN_UP(size_bytes, (size_t)16);

	if (r2 != r)
		fill(r, "", 0, 0, (size_t)((char *)r2 - (char *)r) - RECORD_BYTES);
	if ((size_t)(end - begin) < room + RECORD_BYTES)
		room = (size_t)(end - begin);
	else
		fill((struct record *)(begin + room), "", 0, 0,
		     (size_t)(end - begin) - room - RECORD_BYTES);
	r2->room_bytes = (uint32_t)room;
	return r2;
}

static struct record *take(const char *name, size_t size_bytes)
{
	struct record *r;
	char *begin = NULL;

	for (r = first(); r; r = next(r)) {
		begin = r->life ? NULL : place_in(r, size_bytes);
		if (begin)
			break;
	}
	if (!r)
		return NULL;
	r = cut(r, begin, size_bytes);
	fill(r, name, restart_life(), size_bytes, r->room_bytes);
	memset(begin, 0, size_bytes);
	return r;
}

/* ---- The interface ------------------------------------------------------- */

void *uk_keep(const char *name, size_t size_bytes, bool *is_inherited)
{
	struct record *r;

	*is_inherited = false;
	if (strlen(name) > UK_KEEP_NAME_MAX || !size_bytes || size_bytes > AREA_BYTES)
		return NULL;
	check_area();
	r = find(name);
	if (r && r->life == restart_life())
		return NULL;
	if (r && r->size_bytes == size_bytes) {
		*is_inherited = true;
		fill(r, name, restart_life(), size_bytes, r->room_bytes);
		return (char *)r + RECORD_BYTES;
	}
	if (r)
		release(r);
	r = take(name, size_bytes);
	return r ? (char *)r + RECORD_BYTES : NULL;
}

void uk_keep_free(void *kept)
{
	struct record *r;

	if (!kept)
		return;
	for (r = first(); r && (char *)r + RECORD_BYTES != kept; r = next(r))
		;
	uk_bug_on(!r || !r->life);
	release(r);
}

size_t uk_keep_room(void)
{
	size_t bytes = 0;

	check_area();
	for (const struct record *r = first(); r; r = next(r))
		bytes += r->life ? 0 : r->room_bytes;
	return bytes;
}
