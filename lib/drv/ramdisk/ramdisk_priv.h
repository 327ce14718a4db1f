/* SPDX-License-Identifier: BSD-3-Clause */
/* What the sources of the RAM disk share. */
#ifndef RAMDISK_PRIV_H
#define RAMDISK_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_BYTES 32
#define NO_IMAGE (-1)

/* A parsed target */
struct ramdisk_options {
	char name[NAME_BYTES];	/* empty: the disk has none */
	uint64_t size_bytes;	/* 0: not given */
	int image;		/* number of a boot module, or NO_IMAGE */
	bool is_kept;		/* after the last user has gone */
};

/* @why: UK_BLK_WHY_BYTES. @return 0 or -EINVAL. */
int ramdisk_parse(const char *text, struct ramdisk_options *opt, char *why);

/*
 * Sparse contents in pages: a page is taken when it is first written. What was
 * never written reads as the image, and as zeros behind it.
 */
struct ramdisk_store {
	char *kept;		/* not sparse: all of it is here; NULL: it is not */
	uint64_t n_pages;
	uint64_t n_taken;	/* pages that were written, and leaves */
	void ***leaves;		/* [n_pages / PAGES_PER_LEAF], each NULL or a page */
	const char *image;	/* whole pages, zeroed behind the end; or NULL */
	uint64_t image_pages;
};

/* A disk that outlives a restart */
struct ramdisk_kept {
	char *contents;		/* *n_pages pages, of zeros if new */
	uint64_t *n_pages;
	bool is_new;
};

/* @n_pages: of a new disk; 0: there must be one. @return false: no such disk, or
 * no room. */
bool ramdisk_kept_open(struct ramdisk_kept *k, const char *name, uint64_t n_pages);
void ramdisk_kept_close(struct ramdisk_kept *k);

/* @return 0; -ENOMEM: that would not leave enough memory. */
int ramdisk_store_init(struct ramdisk_store *st, uint64_t n_pages);
int ramdisk_store_grow(struct ramdisk_store *st, uint64_t n_pages);
void ramdisk_store_free(struct ramdisk_store *st);

/* Address of page @i, in range; NULL: out of memory (@is_write only). What is
 * returned for reading must not be written. */
void *ramdisk_store_page(struct ramdisk_store *st, uint64_t i, bool is_write);

/* Pages [@i, @i + @n), in range, read as zeros from now on, and take no memory where
 * that can be. @is_erased: nothing of them is left in it. @return 0 or -ENOSPC. */
int ramdisk_store_clear(struct ramdisk_store *st, uint64_t i, uint64_t n, bool is_erased);

/* Pages that new disks may have, in all. */
uint64_t ramdisk_store_available(void);

#endif /* RAMDISK_PRIV_H */
