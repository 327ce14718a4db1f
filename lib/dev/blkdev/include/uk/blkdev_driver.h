/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Block devices, as their drivers see them. A worked example is
 * doc/writing-a-driver.md.
 *
 * Rules
 * - A driver registers once, from an init function of level DEV or earlier.
 * - A device belongs to its driver, which embeds struct uk_blkdev in its own.
 *   Between a successful open() and close() it must stay; what happens after
 *   the last close() is the driver's business (a named RAM disk stays).
 * - blkdev calls submit() only with requests that lie on the device, and never
 *   with a write to a device that is not writable. An operation that it does not
 *   have ends with -EOPNOTSUPP; a flush of a device without a cache with 0.
 * - A driver of hardware leaves requests to <uk/blkdev_queue.h>, which also keeps account of
 *   what was written and not flushed.
 */
#ifndef UK_BLKDEV_DRIVER_H
#define UK_BLKDEV_DRIVER_H

#include <uk/blkdev.h>
#include <uk/print.h>

struct uk_blkdev_ops {
	/* Start @req and call req->done() when it is over; may complete before
	 * it returns. Must not block. */
	void (*submit)(struct uk_blkdev *dev, struct uk_blk_req *req);

	/* NULL, or as uk_blk_window(); then submit() completes before it returns. */
	void *(*window)(struct uk_blkdev *dev, uint64_t offset, bool is_write, size_t *len_bytes);

	/* NULL, or as uk_blk_reconfigure(); reports growth with
	 * uk_blkdev_resized(). Also called after each open(), when it is known
	 * that the device may be shared. */
	int (*reconfigure)(struct uk_blkdev *dev, const char *options, char *why);

	/* NULL, or: nobody has the device open any more. */
	void (*close)(struct uk_blkdev *dev);
};

/** Set up by the driver, by hand and with uk_blkdev_init(). */
struct uk_blkdev {
	const struct uk_blkdev_ops *ops;
	struct uk_blk_info info;
	char name[UK_BLKDEV_NAME_BYTES];	/* of hardware: uk_blkdev_add(); of others: "" or
						 * what is said of the same one after a restart */

	/* blkdev only */
	const struct uk_blkdev_driver *drv;	/* NULL: found by name */
	struct uk_list users;			/* struct uk_blk */
	struct uk_list node;
};

static inline void uk_blkdev_init(struct uk_blkdev *dev, const struct uk_blkdev_ops *ops)
{
	*dev = (struct uk_blkdev) { .ops = ops };
	dev->info.sector_bytes = UK_BLK_SECTOR;
	dev->info.physical_bytes = UK_BLK_SECTOR;
	uk_list_init(&dev->users);
	uk_list_init(&dev->node);
}

struct uk_blkdev_driver {
	const char *prefix;		/* of targets: "ram" */
	/* Find or make the device of @options, what follows the colon. One
	 * that exists is only found: what @options change about it is for
	 * reconfigure().
	 * @is_readonly: as the user asks; a hint. @why: as for uk_blk_open().
	 * @return 0 and *@dev. */
	int (*open)(const char *options, bool is_readonly, struct uk_blkdev **dev, char *why);
	struct uk_list node;
};

void uk_blkdev_register(struct uk_blkdev_driver *drv);

/** For names of disks that are numbered in the order they are found: the number of that one
 *  of @kind ("sata") which is @where ("0000:00:1f.2/0"). The same in each life of the image
 *  (<uk/restart.h>), whatever else is found there. */
unsigned int uk_blkdev_number(const char *kind, const char *where);

/** Hardware, or what is like it: it can be opened by @dev->name from now on, and
 *  so can its partitions. No name ends like a partition's. Logged. */
void uk_blkdev_add(struct uk_blkdev *dev);

/** Nobody finds @dev any more, and another one may take its name. Who has it open
 *  keeps it until close(), which is called at once if nobody has. */
void uk_blkdev_remove(struct uk_blkdev *dev);

/** For the init function of a driver whose disks are found later: who opens what
 *  is not there waits for it in the image's first seconds (blkdev.settle_ms). */
void uk_blkdev_expect(void);

/** A driver begins to look for disks where one may be, which may take long, or has ended it:
 *  in between and for blkdev.settle_ms they are waited for. Calls come in pairs. */
void uk_blkdev_search(bool is_begun);

/** @dev is there, by its name, and uk_blkdev_add() will follow, or uk_blkdev_remove():
 *  who opens it, or what may be a part of it, waits for that, so long at most. */
void uk_blkdev_announce(struct uk_blkdev *dev, uint64_t patience_ns);

/** The device now has @sectors, more than before: tell its users. */
void uk_blkdev_resized(struct uk_blkdev *dev, uint64_t sectors);

/** What was written to @dev and not flushed may be lost: the next flush of each user that
 *  it may be of fails. For uk_blk_queue, but where no flush has failed.
 *  @return whether there was any. */
bool uk_blkdev_lost(struct uk_blkdev *dev);

/** Put one line for a person into @why. */
#define uk_blk_because(why, ...) uk_snprintf((why), UK_BLK_WHY_BYTES, __VA_ARGS__)

#endif /* UK_BLKDEV_DRIVER_H */
