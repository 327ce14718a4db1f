/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A virtio disk as a block device. Specification: VIRTIO 1.1, 5.2. Requests are
 * ended in event context; a thread resets a device that does not answer, and
 * looks at its size when that may have changed.
 */
#include <errno.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/boot.h>
#include <uk/param.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>

#include "blk_priv.h"

#define NUMBER_BLOCK 2
#define WANTED (F_SEG_MAX | F_RO | F_BLK_SIZE | F_FLUSH | F_TOPOLOGY | F_DISCARD | F_WRITE_ZEROES)
#define MAX_RESETS 3
#define MIN_SEGS 2u
#define LOOK_NS UK_NSEC_PER_SEC
#define TIMEOUT_MS_MAX 600000

static uint64_t timeout_ms = 30000;
UK_PARAM(virtio_blk_timeout_ms, "virtio-blk.timeout_ms", UK_PARAM_U64, &timeout_ms,
	 "when a disk that does not answer is reset, ms; a request fails after 3 resets");

static void blk_submit(struct uk_blkdev *dev, struct uk_blk_req *req)
{
	uk_blk_queue_submit(&UK_CONTAINER_OF(dev, struct vblk, dev)->queue, dev, req);
}

static const struct uk_blkdev_ops ops = { .submit = blk_submit };

/* Queue and configuration share it; of the latter nothing is heard while the
 * former is busy, so it is looked at now and then. */
static void on_interrupt(void *arg)
{
	struct vblk *b = arg;

	if (vblk_io_poll(b) && uk_plat_mono_ns() < b->next_look_ns)
		return;
	b->is_changed = true;
	uk_wait_wake_one(&b->work);
}

/* ---- What the device says of itself ---- */

static int fill_info(struct vblk *b, const struct blk_config *c)
{
	const uint64_t f = b->virtio->features;
	struct uk_blk_info *info = &b->dev.info;

	if (f & F_BLK_SIZE)
		info->sector_bytes = c->blk_size;
	if (info->sector_bytes < UK_BLK_SECTOR || info->sector_bytes > UK_PAGE_SIZE ||
	    info->sector_bytes & (info->sector_bytes - 1))
		return -EINVAL;
	info->sectors = UK_ALIGN_DOWN(c->sectors, info->sector_bytes / UK_BLK_SECTOR);
	info->physical_bytes = info->sector_bytes;
	if (f & F_TOPOLOGY && c->physical_exp < 8)
		info->physical_bytes <<= c->physical_exp;
	info->is_readonly = f & F_RO;
	info->can_flush = f & F_FLUSH;
	info->can_discard = f & F_DISCARD && c->max_discard_sectors && c->max_discard_seg;
	info->discard_bytes = info->can_discard ? info->sector_bytes : 0;
	info->can_zero = f & F_WRITE_ZEROES && c->max_zero_sectors && c->max_zero_seg;
	info->is_dma = true;
	return 0;
}

/* Whole sectors, and not none */
static uint64_t limit_of(uint32_t sectors)
{
	return UK_MAX(UK_ALIGN_DOWN((uint64_t)sectors, UK_PAGE_SIZE / UK_BLK_SECTOR),
		      (uint64_t)UK_PAGE_SIZE / UK_BLK_SECTOR);
}

static void set_limits(struct vblk *b, const struct blk_config *c)
{
	struct uk_blk_queue *q = &b->queue;

	/* Two more are not data */
	q->max_segs = UK_MIN(q->max_segs, b->vq.size - 2u);
	if (b->virtio->features & F_SEG_MAX && c->seg_max >= MIN_SEGS)
		q->max_segs = UK_MIN(q->max_segs, c->seg_max);
	q->max_bytes = q->max_segs * UK_PAGE_SIZE;
	q->max_discard_sectors = limit_of(c->max_discard_sectors);
	q->max_zero_sectors = limit_of(c->max_zero_sectors);
	q->timeout_ns = timeout_ms * UK_NSEC_PER_MSEC;
	q->max_expired = MAX_RESETS;
}

/* ---- Trouble and change ---- */

static int reset(struct vblk *b)
{
	int err = uk_virtio_open(b->virtio, b->virtio->features);

	if (!err)
		err = uk_virtq_reset(&b->vq);
	if (!err)
		uk_virtio_start(b->virtio);
	return err;
}

static void recover(struct vblk *b)
{
	int err;

	if (vblk_io_poll(b))
		uk_pr_warn("virtio-blk: %s: an interrupt was lost\n", b->dev.name);
	if (!uk_blk_queue_is_late(&b->queue))
		return;
	uk_pr_err("virtio-blk: %s: no answer in %llu ms: reset\n", b->dev.name,
		  (unsigned long long)timeout_ms);
	uk_blk_queue_stop(&b->queue);
	err = reset(b);
	if (!err) {
		uk_blk_queue_again(&b->queue);
		return;
	}
	uk_pr_err("virtio-blk: %s: the reset has failed: all requests fail from now on (%d)\n",
		  b->dev.name, err);
	if (!uk_virtio_end(b->virtio)) {
		uk_blk_queue_kill(&b->queue, -EIO);
		return;
	}
	uk_pr_err("virtio-blk: %s: it may yet write to memory: commands under way are not ended\n",
		  b->dev.name);
	uk_blk_queue_abandon(&b->queue, -EIO);
}

static void look_at_size(struct vblk *b)
{
	struct blk_config c;
	uint64_t sectors;

	b->next_look_ns = uk_plat_mono_ns() + LOOK_NS;
	if (uk_virtio_config(b->virtio, &c, sizeof(c)))
		return;
	sectors = UK_ALIGN_DOWN(c.sectors, b->dev.info.sector_bytes / UK_BLK_SECTOR);
	if (sectors == b->dev.info.sectors)
		return;
	uk_pr_info("virtio-blk: %s: %llu sectors, were %llu%s\n", b->dev.name,
		   (unsigned long long)sectors, (unsigned long long)b->dev.info.sectors,
		   sectors < b->dev.info.sectors ? ": a disk does not shrink in use, ignored" : "");
	if (sectors > b->dev.info.sectors)
		uk_blkdev_resized(&b->dev, sectors);
}

static void watch(void *arg)
{
	struct vblk *b = arg;

	for (;;) {
		uk_wait_event(&b->work, b->is_stuck || b->is_changed);
		if (b->is_changed)
			look_at_size(b);
		b->is_changed = false;
		if (b->is_stuck)
			recover(b);
		b->is_stuck = false;
	}
}

/* ---- Start and end ---- */

static void on_exit(void *arg)
{
	struct vblk *b = arg;

	uk_virtio_fail(b->virtio);
}

static int start(struct vblk *b)
{
	struct blk_config c;
	int err = uk_virtio_open(b->virtio, WANTED);

	if (err)
		return err;
	err = uk_virtio_config(b->virtio, &c, sizeof(c));
	if (!err)
		err = fill_info(b, &c);
	if (!err)
		err = vblk_io_init(b);
	if (!err)
		err = uk_virtio_irq(b->virtio, on_interrupt, b);
	if (!err)
		err = uk_virtq_open(&b->vq, b->virtio, 0);
	if (!err && b->vq.size < MIN_SEGS + 2)
		err = -ENODEV;
	if (err)
		return err;
	set_limits(b, &c);
	uk_virtio_start(b->virtio);
	if (!uk_thread_create(b->dev.name, watch, b, 0) || uk_atexit(on_exit, b))
		return -ENOMEM;
	uk_blkdev_add(&b->dev);
	return 0;
}

/* When it fails its memory stays: the device may have been told of it. */
static int blk_probe(struct uk_virtio *virtio)
{
	struct vblk *b = uk_calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	uk_blkdev_init(&b->dev, &ops);
	b->virtio = virtio;
	uk_wait_init(&b->work);
	uk_snprintf(b->dev.name, sizeof(b->dev.name), "virtio-blk%u",
		    uk_blkdev_number("virtio-blk", virtio->name));
	uk_pr_info("virtio-blk: %s: %s\n", b->dev.name, virtio->name);
	return start(b);
}

static struct uk_virtio_driver driver = {
	.name = "virtio-blk", .number = NUMBER_BLOCK, .probe = blk_probe,
};

static int blk_init(void)
{
	if (!timeout_ms || timeout_ms > TIMEOUT_MS_MAX)
		timeout_ms = TIMEOUT_MS_MAX;
	uk_virtio_register(&driver);
	uk_blkdev_expect();
	return 0;
}

UK_INIT_BUS(blk_init);
