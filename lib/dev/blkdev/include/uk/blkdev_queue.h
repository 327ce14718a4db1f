/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What drivers of hardware have in common: requests are cut into commands that
 * the device can take, wait for room, are watched over, and are given to the
 * device again after it was reset.
 *
 * Rules
 * - One queue for a controller, whose devices may be several.
 * - Of commands that discard or zero the device has one at a time.
 * - Thread or event context, nothing blocks. Callbacks of the driver are made
 *   from within the calls; they do not call back but where it is said.
 * - A command belongs to the device from start() until the driver calls
 *   uk_blk_queue_done(), uk_blk_queue_again() or uk_blk_queue_kill(). The latter
 *   two only when the device touches no memory any more: after a reset, or without
 *   the bus. Where it has neither, uk_blk_queue_abandon().
 */
#ifndef UK_BLKDEV_QUEUE_H
#define UK_BLKDEV_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uk/blkdev_driver.h>
#include <uk/timer.h>

/** A piece of memory of a command; it does not cross a page. */
struct uk_blk_seg {
	void *va;
	uint32_t len_bytes;
};

/** A request, or a part of one. */
struct uk_blk_cmd {
	struct uk_list node;
	struct uk_blk_req *req;		/* op, and dev: which device */
	uint64_t sector, n_sectors;
	/* queue only */
	unsigned int first_sg;
	uint32_t first_offset;
	unsigned int n_expired;
	bool is_started;
	uint64_t deadline_ns;
};

struct uk_blk_queue;

struct uk_blk_queue_ops {
	/* Give @cmd to the device. Its number is uk_blk_queue_index().
	 * @segs: of a read or a write; good until it returns.
	 * @return 0; -EAGAIN: no room before another command is done; or why
	 *	the command fails. */
	int (*start)(struct uk_blk_queue *q, struct uk_blk_cmd *cmd,
		     const struct uk_blk_seg *segs, unsigned int n_segs);
	/* Commands were started: tell the device. */
	void (*kick)(struct uk_blk_queue *q);
	/* A command takes longer than timeout_ns. In event context; called
	 * again after another timeout_ns. */
	void (*stuck)(struct uk_blk_queue *q);
};

/** Set up by uk_blk_queue_init(); the driver then sets what the device can do. */
struct uk_blk_queue {
	const struct uk_blk_queue_ops *ops;
	uint32_t max_bytes;		/* of data, a multiple of a page */
	unsigned int max_segs;		/* 2 or more */
	uint64_t max_discard_sectors;	/* of a command; else any */
	uint64_t max_zero_sectors;
	bool is_paged;			/* all but the first piece of memory start on a page,
					 * all but the last end with one */
	uint64_t timeout_ns;
	unsigned int max_expired;	/* a command is given up that ran out of time so often */

	/* queue only */
	struct uk_list waiting;		/* requests, the first may be begun */
	struct uk_list again, busy, idle;	/* commands; busy: the oldest first */
	struct uk_blk_cmd *cmds;
	unsigned int n_cmds;
	unsigned int n_slow;		/* that discard or zero, cut and not done */
	struct uk_blk_seg *segs;
	bool is_running, is_stopped;
	uint64_t next_tell_ns;		/* of an error */
	int dead;			/* all fail with it; 0: alive */
	struct uk_timer timer;
};

/**
 * @n_cmds: as many commands may be under way. @max_segs: see above.
 * @return 0 or -ENOMEM.
 */
int uk_blk_queue_init(struct uk_blk_queue *q, const struct uk_blk_queue_ops *ops,
		      unsigned int n_cmds, unsigned int max_segs);

/** The end, when it is empty: uk_blk_queue_kill(), and no device has it open. */
void uk_blk_queue_free(struct uk_blk_queue *q);

/** For the submit() of a device. */
void uk_blk_queue_submit(struct uk_blk_queue *q, struct uk_blkdev *dev, struct uk_blk_req *req);

/** 0 to n_cmds - 1. */
static inline unsigned int uk_blk_queue_index(const struct uk_blk_queue *q,
					      const struct uk_blk_cmd *cmd)
{
	return (unsigned int)(cmd - q->cmds);
}

/** The command under way of number @index, which may be any. @return NULL: none. */
struct uk_blk_cmd *uk_blk_queue_find(struct uk_blk_queue *q, unsigned int index);

/** The device is done with @cmd. Call uk_blk_queue_run() after the last one. */
void uk_blk_queue_done(struct uk_blk_queue *q, struct uk_blk_cmd *cmd, int err);

/** Start what waits and has room. */
void uk_blk_queue_run(struct uk_blk_queue *q);

/** Start nothing until uk_blk_queue_again(): the device is being reset. */
void uk_blk_queue_stop(struct uk_blk_queue *q);

/** It was reset: what was under way starts again, but for what has run out of
 *  time too often, which fails with -ETIMEDOUT. */
void uk_blk_queue_again(struct uk_blk_queue *q);

/**
 * For the driver whose stuck() was called and who has looked for answers: is there still a
 * command that has run out of time? If not, the next one is watched over.
 */
bool uk_blk_queue_is_late(struct uk_blk_queue *q);

/** The device is gone or beyond help: everything fails with @err, and so does
 *  whatever comes. */
void uk_blk_queue_kill(struct uk_blk_queue *q, int err);

/** The same when the device may yet touch memory: what it has been given stays with it,
 *  and is not done. */
void uk_blk_queue_abandon(struct uk_blk_queue *q, int err);

#endif /* UK_BLKDEV_QUEUE_H */
