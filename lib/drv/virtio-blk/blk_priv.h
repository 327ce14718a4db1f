/* SPDX-License-Identifier: BSD-3-Clause */
/* What the sources of the driver share. */
#ifndef VIRTIO_BLK_PRIV_H
#define VIRTIO_BLK_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include <uk/blkdev_queue.h>
#include <uk/virtio.h>
#include <uk/wait.h>

/* Specification: VIRTIO 1.1, 5.2 */
#define F_SEG_MAX	(1ULL << 2)
#define F_RO		(1ULL << 5)
#define F_BLK_SIZE	(1ULL << 6)
#define F_FLUSH		(1ULL << 9)
#define F_TOPOLOGY	(1ULL << 10)
#define F_DISCARD	(1ULL << 13)
#define F_WRITE_ZEROES	(1ULL << 14)

/* Its configuration */
struct blk_config {
	uint64_t sectors;
	uint32_t size_max, seg_max;
	uint8_t geometry[4];
	uint32_t blk_size;
	uint8_t physical_exp, alignment_offset;
	uint16_t min_io_size;
	uint32_t opt_io_size;
	uint8_t writeback, pad;
	uint16_t num_queues;
	uint32_t max_discard_sectors, max_discard_seg, discard_sector_alignment;
	uint32_t max_zero_sectors, max_zero_seg;
};

_Static_assert(sizeof(struct blk_config) == 56, "VIRTIO 5.2.4");

/* A request: before it, what to do; behind it, how it went. One does not cross a
 * page. */
struct blk_slot {
	uint32_t type, reserved;
	uint64_t sector;
	struct {
		uint64_t sector;
		uint32_t n_sectors, flags;
	} range;			/* of discard and zeroes */
	uint8_t status;
	uint8_t pad[31];
};

_Static_assert(sizeof(struct blk_slot) == 64, "they fill pages");

#define TYPE_IN 0
#define TYPE_OUT 1
#define TYPE_FLUSH 4
#define TYPE_DISCARD 11
#define TYPE_WRITE_ZEROES 13

#define STATUS_OK 0
#define STATUS_IOERR 1
#define STATUS_UNSUPP 2
#define STATUS_NONE 0xff	/* ours: nothing was written */

#define N_COMMANDS 64
#define MAX_SEGS 64

struct vblk {
	struct uk_blkdev dev;
	struct uk_virtio *virtio;
	struct uk_virtq vq;
	struct uk_blk_queue queue;
	struct blk_slot *slots;		/* of N_COMMANDS */

	struct uk_wait_queue work;	/* for the thread */
	bool is_stuck, is_changed;
	uint64_t next_look_ns;		/* at the configuration */
};

/* ---- io.c ---- */
int vblk_io_init(struct vblk *b);
/* End the requests that the device is done with. @return whether there were any. */
bool vblk_io_poll(struct vblk *b);

#endif /* VIRTIO_BLK_PRIV_H */
