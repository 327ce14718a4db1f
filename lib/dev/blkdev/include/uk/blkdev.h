/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Block devices, as their users see them.
 *
 * Rules
 * - A device is named by a target:
 *	<driver>:<options>	"ram:name=d1,size=64M": a device that the driver
 *				finds or makes; it documents its options (README
 *				of the application)
 *	<disk>			"nvme0": hardware, named by its driver
 *	<disk>p<n>		"nvme0p2": partition n of its table, GPT or MBR
 *	LABEL=<name>		the GPT partition of that name, on any disk
 *	PARTUUID=<id>		the partition of that GUID; for MBR
 *				<signature>-<number>, both hexadecimal
 *   Names and ids count not on a disk that is open as a whole for writing, or was
 *   when the life before this one ended (<uk/restart.h>) and has not been closed
 *   since: its table is the word of whoever has it.
 * - Thread context, unless a function says otherwise. Opening, closing and
 *   reconfiguring may block; uk_blk_submit() does not.
 * - Sectors are UK_BLK_SECTOR bytes, whatever the device's own size.
 * - A device, or a part of it, can be open several times for reading or once for
 *   writing. Partitions that do not overlap do not exclude each other.
 * - A device grows but never shrinks while it is open. One that has failed or
 *   was taken away answers every request with an error.
 * - Requests that are under way together are done in any order. What was written
 *   is durable when a flush that was submitted after the write's done() has
 *   succeeded. What a device loses before, because somebody's flush fails, fails a
 *   flush of each user that it may be of.
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

/** Room for the name of a disk. */
#define UK_BLKDEV_NAME_BYTES 32

struct uk_blkdev;

/** One user's hold on a device; the memory is the user's. */
struct uk_blk {
	struct uk_blkdev *dev;		/* NULL: not open */
	bool is_readonly;
	/* The device has more sectors. Called in thread context, by whoever
	 * made it grow; must not block. NULL: not interested. */
	void (*resized)(struct uk_blk *blk);
	/* blkdev only */
	struct uk_list users;
	uint64_t claim_start, claim_end;	/* sectors */
	/* Commands that wrote and were answered, and how many of them a flush has covered */
	uint64_t n_written, n_flushed;
	/* How often some of them may have been lost in between, and how much of that a flush
	 * has failed for */
	uint64_t n_lost, n_told;
};

struct uk_blk_info {
	uint64_t sectors;
	uint32_t sector_bytes;		/* smallest unit of a request, >= UK_BLK_SECTOR */
	uint32_t physical_bytes;	/* best unit */
	bool is_readonly;
	bool can_flush;			/* has a cache that a flush writes back */
	bool can_discard;
	bool can_zero;			/* UK_BLK_ZERO */
	/* Hardware reads and writes the memory of requests: pages of other domains
	 * may be handed to it as they are mapped, nothing looks into them. Without
	 * it the driver copies, which a grant copy would do as well. */
	bool is_dma;
	bool is_new;			/* made in this life of the image (<uk/restart.h>),
					 * of nothing but what its target says */
	uint32_t discard_bytes;		/* unit of a discard; 0: none */
	uint32_t discard_offset;	/* where the first whole one begins */
	bool can_erase;			/* UK_BLK_ZERO leaves no copy of what was there */
};

enum uk_blk_op {
	UK_BLK_READ,
	UK_BLK_WRITE,
	UK_BLK_FLUSH,
	UK_BLK_DISCARD,			/* contents of @n_sectors are not needed */
	UK_BLK_ZERO,			/* @n_sectors read as zeros from now on */
};

/* Memory of this image, or a page of another domain that is mapped; as many
 * pages as one likes. A device is told of it with uk_plat_dma_addr(). */
struct uk_blk_sg {
	void *va;			/* a multiple of 4 */
	uint32_t len_bytes;		/* a multiple of sector_bytes, not 0 */
};

/** A request; the memory is the caller's and stays until @done is called. */
struct uk_blk_req {
	enum uk_blk_op op;
	uint64_t sector;		/* the driver's from submit to done */
	uint64_t n_sectors;		/* of UK_BLK_DISCARD and UK_BLK_ZERO */
	const struct uk_blk_sg *sg;
	unsigned int n_sg;
	/* @err: 0; -EIO: the device says so; -ETIMEDOUT: it did not answer, even
	 * after resets; -ENODEV: it is gone; -EOPNOTSUPP; -ENOSPC: no memory
	 * for it; a part may have been done. May be called before
	 * uk_blk_submit() returns, from thread or event context; must not
	 * block. */
	void (*done)(struct uk_blk_req *req, int err);

	/* The driver's from submit to done */
	struct uk_list node;
	struct uk_blkdev *dev;
	struct uk_blk *blk;		/* the hold on the disk that it came through */
	uint64_t n_written, n_told;	/* of a flush: that of @blk when it came */
	unsigned int n_parts;		/* commands under way */
	unsigned int next_sg;		/* where the next one begins, */
	uint32_t next_offset;
	uint64_t n_cut;			/* and how many sectors are before it */
	int err;
};

/**
 * Open @target. Set @blk->is_readonly and @blk->resized first.
 * @why: gets one line for a person when it fails; UK_BLK_WHY_BYTES long.
 * @return 0; -ENODEV: no such driver or device; -ENOENT: no such partition;
 *	-EINVAL: bad target, or a partition table that makes no sense; -EBUSY:
 *	open in a way that excludes this one; -EROFS: the device cannot be
 *	written; -ENOMEM, or what the driver says.
 */
int uk_blk_open(struct uk_blk *blk, const char *target, char *why);

/** The same without a wait for disks that may yet appear, and with a short one for those
 *  that do not answer when their tables are read. @return -EAGAIN: there may be one, or it
 *  may answer, @why says what is missing; try again, not for ever. */
int uk_blk_try_open(struct uk_blk *blk, const char *target, char *why);

/** Have @fn called when it is time for that: a disk has appeared, or will not. It must
 *  not block. There is one such function. */
void uk_blk_on_appearance(void (*fn)(void));

/** All requests are done. */
void uk_blk_close(struct uk_blk *blk);

/**
 * The target of an open device has been rewritten: take over what can change
 * while it is open (usually its size). @why as for uk_blk_open().
 * @return 0; -EINVAL: something else has changed; -ENOSYS: this driver's
 *	devices never change.
 */
int uk_blk_reconfigure(struct uk_blk *blk, const char *target, char *why);

/** Of the disk or the partition that the target was found to be: "nvme0p2", of a RAM disk
 *  its name. The same over a restart; "" where there is none. */
const char *uk_blk_name(const struct uk_blk *blk);

void uk_blk_info(const struct uk_blk *blk, struct uk_blk_info *info);

/** Is [@sector, @sector + @n) on the device? Does not overflow. */
bool uk_blk_has_range(const struct uk_blk *blk, uint64_t sector, uint64_t n);

/** Start @req, which was checked against the device's size and unit, and against
 *  writing to what is open read-only. */
void uk_blk_submit(struct uk_blk *blk, struct uk_blk_req *req);

/**
 * Do one request and wait for it; not from event context.
 * @buf: of @n_sectors * UK_BLK_SECTOR bytes, as for struct uk_blk_sg; NULL for
 *	operations without data.
 * @return as for done().
 */
int uk_blk_do(struct uk_blk *blk, enum uk_blk_op op, uint64_t sector, uint64_t n_sectors,
	      void *buf);

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
