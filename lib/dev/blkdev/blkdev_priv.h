/* SPDX-License-Identifier: BSD-3-Clause */
/* What the sources of blkdev share. */
#ifndef BLKDEV_PRIV_H
#define BLKDEV_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include <uk/blkdev_driver.h>
#include <uk/blkdev_queue.h>

/* A name in a GPT is 36 UTF-16 units, of which each takes at most 3 bytes here. */
#define BLK_LABEL_BYTES (36 * 3 + 1)
#define BLK_UUID_BYTES 37

/* ---- blkdev.c ---- */
extern uint64_t blkdev_settle_ms;
extern void (*blkdev_on_appearance)(void);	/* NULL: nobody listens */
struct uk_blkdev *blkdev_find(const char *name, size_t len);
/* The disk after @dev, or the first one (NULL). @return NULL: no more. */
struct uk_blkdev *blkdev_next(struct uk_blkdev *dev);
/* Reading a table takes time in which a disk may go: who holds it has it open, and
 * excludes nobody. Undone by uk_blk_close(). */
void blkdev_hold(struct uk_blk *held, struct uk_blkdev *disk);
/* Add @blk, whose claim is set, to @dev's users. @return 0, -EROFS, -EBUSY. */
int blkdev_claim(struct uk_blkdev *dev, struct uk_blk *blk, char *why);

/* ---- cut.c ---- */
bool blkdev_has_data(const struct uk_blk_req *req);
/* Set q->segs to the pieces of a command that begins at piece @i of @req, @offset, and has
 * at most @limit bytes. @n: how many. @return its bytes, whole sectors of the device. */
uint32_t blkdev_collect(struct uk_blk_queue *q, const struct uk_blk_req *req, unsigned int i,
			uint32_t offset, uint32_t limit, unsigned int *n);
/* Cut the next command from @req: @cmd, with q->segs. @return whether it was the last one. */
bool blkdev_cut(struct uk_blk_queue *q, struct uk_blk_req *req, struct uk_blk_cmd *cmd,
		unsigned int *n_segs);

/* ---- loss.c ---- */
/* A command of @req was answered. */
void blkdev_note_written(const struct uk_blk_req *req);
/* A flush has come; what it ends with, when the disk says @err. */
void blkdev_begin_flush(struct uk_blk_req *req);
int blkdev_judge_flush(struct uk_blk_req *req, int err);

/* ---- read.c ---- */
/* Read into @page, of ours. @return 0; -EINPROGRESS: the disk does not answer, try again;
 * -ENOMEM; or the disk's error. */
int blkdev_read(struct uk_blkdev *dev, uint64_t sector, uint64_t n_sectors, void *page);

/* ---- whole.c ---- */
#define BLKDEV_MAX_WHOLE 64
/* @blk is about to open all of @dev. @return 0; -ENOSPC: so many are open for writing. */
int blkdev_whole_open(const struct uk_blkdev *dev, const struct uk_blk *blk, char *why);
void blkdev_whole_close(const struct uk_blk *blk);
/* Is all of @dev open for writing, or was it when a life before this one ended and has
 * not been closed since? */
bool blkdev_is_written_whole(const struct uk_blkdev *dev);

/* ---- part.c ---- */
/* Does @target name a partition? */
bool blkdev_part_is_target(const char *target);
/* The device of the partition, open or not: @part. @return 0 or -errno. */
int blkdev_part_open(const char *target, bool is_readonly, struct uk_blkdev **part, char *why);

/* ---- table.c ---- */
struct blk_part {
	unsigned int number;
	uint64_t start, sectors;	/* UK_BLK_SECTOR */
	bool is_container;		/* an extended partition */
	bool is_table;			/* no partition: a table that lies between them */
	char label[BLK_LABEL_BYTES];	/* UTF-8; empty: none */
	char uuid[BLK_UUID_BYTES];	/* lower case */
};

/* What a partition is looked for by: the one that is set. */
struct blk_match {
	unsigned int number;
	const char *label, *uuid;
};

/* Find a partition in the table of @disk and check that it lies on the disk and
 * apart from all others.
 * @return 0; -ENOENT: no table, or nothing in it matches; -EINVAL: the table makes
 *	no sense, or the partition, or two match; -ENOMEM; or the disk's error. */
int blk_table_find(struct uk_blk *disk, const struct blk_match *match, struct blk_part *part,
		   char *why);

/* Called for each partition of a table, and for each further table. */
typedef void (*blk_part_fn_t)(const struct blk_part *part, void *arg);

/* A sector of the device, as a page of ours: what it says is anybody's. @lba: in
 * the device's own sectors. @return 0; -EINVAL: not on the disk; or its error. */
int blk_table_read(struct uk_blk *disk, uint64_t lba, void *page, char *why);

/* ---- gpt.c, mbr.c ---- */
/* @page: sector 0, then scratch memory. @return 0, or as blk_table_find(). */
int blk_gpt_walk(struct uk_blk *disk, void *page, blk_part_fn_t fn, void *arg, char *why);
int blk_mbr_walk(struct uk_blk *disk, void *page, blk_part_fn_t fn, void *arg, char *why);
/* Does sector 0 have a table? Is it there to protect a GPT? */
bool blk_mbr_is_table(const void *sector0);
bool blk_mbr_is_protective(const void *sector0);

#endif /* BLKDEV_PRIV_H */
