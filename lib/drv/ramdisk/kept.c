/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Contents that outlive a restart: one block of kept memory for a disk, and one
 * for its size, because a target may name a disk without it. What a bug of the life
 * before has written into them is in the disk; nobody can tell.
 */
#include "ramdisk_priv.h"

#include <string.h>

#include <uk/arch/page.h>
#include <uk/print.h>
#include <uk/restart.h>

/* More than kept memory ever has */
#define MAX_PAGES 0x100000

static bool keep_contents(struct ramdisk_kept *k, const char *name)
{
	char path[NAME_BYTES + 4];
	bool is_inherited;

	uk_snprintf(path, sizeof(path), "ram/%s", name);
	k->contents = uk_keep(path, (size_t)*k->n_pages * UK_PAGE_SIZE, &is_inherited);
	k->is_new = !is_inherited;
	return k->contents;
}

bool ramdisk_kept_open(struct ramdisk_kept *k, const char *name, uint64_t n_pages)
{
	char path[NAME_BYTES + 9];
	bool is_inherited;

	*k = (struct ramdisk_kept) { 0 };
	if (n_pages > MAX_PAGES)
		return false;
	uk_snprintf(path, sizeof(path), "ram/%s/size", name);
	k->n_pages = uk_keep(path, sizeof(*k->n_pages), &is_inherited);
	if (!k->n_pages)
		return false;
	if (!is_inherited || *k->n_pages > MAX_PAGES)
		*k->n_pages = n_pages;
	if (*k->n_pages && keep_contents(k, name))
		return true;
	uk_keep_free(k->n_pages);
	return false;
}

void ramdisk_kept_close(struct ramdisk_kept *k)
{
	uk_keep_free(k->contents);
	uk_keep_free(k->n_pages);
}
