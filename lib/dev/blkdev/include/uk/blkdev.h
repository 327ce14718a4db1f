/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Block devices, as their users see them.
 *
 * Rules
 * - A device is named by a target, "<driver>:<options>", for example
 *   "ram:name=d1,size=64M". The part before the colon chooses the driver; the
 *   driver defines the rest and documents it (README of the application).
 * - Thread context, unless a function says otherwise. Opening, closing and
 *   reconfiguring may block; uk_blk_submit() does not.
 * - Sectors are UK_BLK_SECTOR bytes, whatever the device's own size.
 * - A device can be open several times for reading or once for writing.
 * - A device grows but never shrinks while it is open.
 */
#ifndef UK_BLKDEV_H
#define UK_BLKDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uk/list.h>

#define UK_BLK_SECTOR 512u
#define UK_BLK_SECTOR_SHIFT 9
/** Room for what a failed open has to say. */
#define UK_BLK_WHY_BYTES 128

struct uk_blkdev;

/** One user's hold on a device; the memory is the user's. */
struct uk_blk {
	struct uk_blkdev *dev;		/* NULL: not open */
	bool is_readonly;
	/* The device has more sectors. Called in thread context, by whoever
	 * made it grow; must not block. NULL: not interested. */
	void (*resized)(struct uk_blk *blk);
	struct uk_list users;
};

struct uk_blk_info {
	uint64_t sectors;
	uint32_t sector_bytes;		/* smallest unit of a request, >= UK_BLK_SECTOR */
	uint32_t physical_bytes;	/* best unit */
	bool is_readonly;
	bool can_flush;			/* has a cache that a flush writes back */
};

enum uk_blk_op {
	UK_BLK_READ,
	UK_BLK_WRITE,
	UK_BLK_FLUSH,
};

struct uk_blk_sg {
	void *va;
	uint32_t len_bytes;		/* a multiple of sector_bytes */
};

/** A request; the memory is the caller's and stays until @done is called. */
struct uk_blk_req {
	enum uk_blk_op op;
	uint64_t sector;
	const struct uk_blk_sg *sg;
	unsigned int n_sg;
	/* @err: 0 or -errno; may be called before uk_blk_submit() returns, from
	 * thread or event context; must not block. */
	void (*done)(struct uk_blk_req *req, int err);
	struct uk_list node;		/* the driver's from submit to done */
};

/**
 * Open @target. Set @blk->is_readonly and @blk->resized first.
 * @why: gets one line for a person when it fails; UK_BLK_WHY_BYTES long.
 * @return 0; -ENODEV: no such driver or device; -EINVAL: bad target;
 *	-EBUSY: open in a way that excludes this one; -EROFS: the device cannot
 *	be written; -ENOMEM, or what the driver says.
 */
int uk_blk_open(struct uk_blk *blk, const char *target, char *why);

/** All requests are done. */
void uk_blk_close(struct uk_blk *blk);

/**
 * The target of an open device has been rewritten: take over what can change
 * while it is open (usually its size). @why as for uk_blk_open().
 * @return 0; -EINVAL: something else has changed; -ENOSYS: this driver's
 *	devices never change.
 */
int uk_blk_reconfigure(struct uk_blk *blk, const char *target, char *why);

void uk_blk_info(const struct uk_blk *blk, struct uk_blk_info *info);

/** Is [@sector, @sector + @n) on the device? Does not overflow. */
bool uk_blk_has_range(const struct uk_blk *blk, uint64_t sector, uint64_t n);

/** Start @req, which was checked against the device's size and against
 *  writing to what is open read-only. */
void uk_blk_submit(struct uk_blk *blk, struct uk_blk_req *req);

/** Can its contents be reached as memory, see uk_blk_window()? */
bool uk_blk_is_memory(const struct uk_blk *blk);

/**
 * The memory that holds byte @offset of a device of memory, so that data can
 * be copied between it and a peer without a stop on the way.
 * @offset: in range. @is_write: the caller will write there.
 * @len_bytes: set to what follows contiguously, up to the end of the page.
 * @return the address, good until the next call that may block; NULL: no
 *	memory left (only with @is_write). Not from event context.
 */
void *uk_blk_window(struct uk_blk *blk, uint64_t offset, bool is_write, size_t *len_bytes);

#endif /* UK_BLKDEV_H */
