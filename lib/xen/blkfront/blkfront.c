/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A disk that another domain serves, as a block device. While there is no connection
 * requests wait; those that were under way when one ended are sent again over the
 * next. They fail when the toolstack takes the disk away. If it does so because the
 * back end's domain has died, the disk, as long as it is in use, waits some time for
 * one of its number that another domain serves: an orphan.
 *
 * Answers are taken in event context, everything else is done in the thread of front
 * ends.
 */
#include "blkfront_priv.h"

#include <errno.h>

#include <uk/alloc.h>
#include <uk/boot.h>
#include <uk/param.h>
#include <uk/plat/time.h>
#include <uk/print.h>

#define MAX_RESETS 3
#define TIMEOUT_MS_MAX 600000
/* As long as a back end may take to close the connection of an earlier life: what was
 * under way has to end */
#define RESUME_NS (60 * UK_NSEC_PER_SEC)

uint64_t blkfront_timeout_ms = 60000;
uint64_t blkfront_grace_ms = 30000;
UK_PARAM(blkfront_timeout, "blkfront.timeout_ms", UK_PARAM_U64, &blkfront_timeout_ms,
	 "when a disk's connection is made anew because the back end does not answer, ms; "
	 "a request fails at the third time");
UK_PARAM(blkfront_grace, "blkfront.grace_ms", UK_PARAM_U64, &blkfront_grace_ms,
	 "how long a disk in use waits for another back end when its own has died, ms");

static struct uk_list orphans = UK_LIST_INIT(orphans);

/* ---- The disk ---- */

static struct blkfront *of(struct uk_blkdev *dev)
{
	return UK_CONTAINER_OF(dev, struct blkfront, dev);
}

static void submit(struct uk_blkdev *dev, struct uk_blk_req *req)
{
	uk_blk_queue_submit(&of(dev)->queue, dev, req);
}

static void free_disk(struct blkfront *bf)
{
	uk_blk_queue_free(&bf->queue);
	uk_free(bf);
}

static void on_close(struct uk_blkdev *dev)
{
	if (of(dev)->is_gone)
		free_disk(of(dev));
}

static const struct uk_blkdev_ops ops = { .submit = submit, .close = on_close };

static struct blkfront *new_disk(uint32_t id)
{
	struct blkfront *bf = uk_calloc(1, sizeof(*bf));

	if (!bf)
		return NULL;
	if (uk_blk_queue_init(&bf->queue, &blkfront_queue_ops, BLKFRONT_N_COMMANDS,
			      BLKFRONT_MAX_PAGES)) {
		uk_free(bf);
		return NULL;
	}
	uk_blk_queue_stop(&bf->queue);
	bf->queue.max_bytes = BLKFRONT_MAX_PAGES * UK_PAGE_SIZE;
	bf->queue.timeout_ns = blkfront_timeout_ms * UK_NSEC_PER_MSEC;
	bf->queue.max_expired = MAX_RESETS;
	bf->id = id;
	uk_list_init(&bf->node);
	uk_blkdev_init(&bf->dev, &ops);
	return bf;
}

static bool is_in_use(const struct blkfront *bf)
{
	return !uk_list_is_empty(&bf->dev.users);
}

/* It will not come back. It is freed when nobody has it open. */
static void end_disk(struct blkfront *bf)
{
	uk_blk_queue_kill(&bf->queue, -ENODEV);
	bf->is_gone = true;
	uk_blkdev_remove(&bf->dev);
}

/* ---- Orphans ---- */

static struct blkfront *adopt(uint32_t id)
{
	struct blkfront *bf;

	UK_LIST_FOREACH(bf, &orphans, node) {
		if (bf->id != id)
			continue;
		uk_list_del(&bf->node);
		return bf;
	}
	return NULL;
}

static bool blkfront_reap(void)
{
	struct blkfront *bf, *tmp;
	bool is_over = blkfront_links_reap();

	UK_LIST_FOREACH_SAFE(bf, tmp, &orphans, node) {
		if (is_in_use(bf) && uk_plat_mono_ns() < bf->deadline_ns)
			continue;
		uk_list_del(&bf->node);
		uk_pr_warn("blkfront: %s: no other back end in time: it is gone\n", bf->dev.name);
		end_disk(bf);
	}
	return is_over && uk_list_is_empty(&orphans);
}

/* ---- What the back end says ---- */

/* A disk in use. Its user does not flush what had no cache when it was opened.
 * @return what is wrong; NULL: nothing. */
static const char *misfit(const struct blkfront *bf, const struct blkfront_info *info)
{
	const struct uk_blk_info *old = &bf->dev.info;

	if (info->sectors < old->sectors || info->sector_bytes != old->sector_bytes ||
	    (info->is_readonly && !old->is_readonly))
		return "is smaller than it was, or another disk";
	if (info->can_flush && !old->can_flush)
		return "has to be flushed now, which it had not";
	return NULL;
}

static void set_info(struct blkfront *bf, const struct blkfront_info *info)
{
	struct uk_blk_info *to = &bf->dev.info;

	to->physical_bytes = info->physical_bytes;
	to->can_flush = info->can_flush;
	to->can_discard = info->can_discard;
	to->discard_bytes = info->discard_bytes;
	to->discard_offset = info->discard_offset;
	if (is_in_use(bf))
		return;
	to->sectors = info->sectors;
	to->sector_bytes = info->sector_bytes;
	to->is_readonly = info->is_readonly;
}

static void look_at_size(struct blkfront *bf, uint64_t sectors)
{
	if (sectors > bf->dev.info.sectors) {
		uk_pr_info("blkfront: %s: %llu sectors, were %llu\n", bf->dev.name,
			   (unsigned long long)sectors,
			   (unsigned long long)bf->dev.info.sectors);
		uk_blkdev_resized(&bf->dev, sectors);
	} else if (sectors < bf->dev.info.sectors && sectors != bf->told_sectors) {
		uk_pr_warn("blkfront: %s: %llu sectors, were %llu: a disk does not shrink in use, "
			   "ignored\n", bf->dev.name, (unsigned long long)sectors,
			   (unsigned long long)bf->dev.info.sectors);
	}
	bf->told_sectors = sectors;
}

/* ---- Life ---- */

static void on_event(evtchn_port_t port uk_unused, void *arg)
{
	struct blkfront *bf = arg;

	if (bf->is_open)
		blkfront_poll(bf);
}

void blkfront_give_up(struct blkfront *bf, const char *why)
{
	bf->is_open = false;
	uk_blk_queue_stop(&bf->queue);
	uk_xenfront_fail(bf->xdev, "%s", why);
}

static int blkfront_probe(struct uk_xenfront_dev *dev, char *why)
{
	char name[UK_BLKDEV_NAME_BYTES];
	struct blkfront *bf;

	if (!blkfront_name(dev->id, name)) {
		uk_snprintf(why, UK_XENFRONT_WHY_BYTES, "there is no virtual disk of that number");
		return -EINVAL;
	}
	bf = adopt(dev->id);
	if (!bf)
		bf = new_disk(dev->id);
	if (!bf)
		return -ENOMEM;
	strlcpy(bf->dev.name, name, sizeof(bf->dev.name));
	bf->xdev = dev;
	dev->priv = bf;
	/* It will be there in a moment; a restart has its frontends wait for it */
	uk_blkdev_expect();
	if (dev->is_old && !bf->is_added)
		uk_blkdev_announce(&bf->dev, RESUME_NS);
	return 0;
}

static void blkfront_remove(struct uk_xenfront_dev *dev)
{
	struct blkfront *bf = dev->priv;

	bf->xdev = NULL;
	if (bf->has_died && is_in_use(bf) && blkfront_grace_ms) {
		uk_pr_warn("blkfront: %s: its back end has died: waiting %llu ms for another one\n",
			   bf->dev.name, (unsigned long long)blkfront_grace_ms);
		bf->deadline_ns = uk_plat_mono_ns() + blkfront_grace_ms * UK_NSEC_PER_MSEC;
		uk_list_add_tail(&orphans, &bf->node);
		return;
	}
	uk_pr_info("blkfront: %s is gone\n", bf->dev.name);
	end_disk(bf);
}

static int blkfront_connect(struct uk_xenfront_dev *dev, char *why)
{
	struct blkfront *bf = dev->priv;

	bf->link = blkfront_link_new(bf, on_event);
	if (!bf->link) {
		uk_snprintf(why, UK_XENFRONT_WHY_BYTES,
			    "no memory, grants or event channel for it");
		return -ENOMEM;
	}
	bf->link->max_indirect = blkfront_read_max_indirect(dev);
	return 0;
}

static int blkfront_open(struct uk_xenfront_dev *dev, char *why)
{
	struct blkfront *bf = dev->priv;
	struct blkfront_info info;
	int err = blkfront_read_info(dev, &info, why);
	const char *bad;

	if (err)
		return err;
	bad = is_in_use(bf) ? misfit(bf, &info) : NULL;
	if (bad) {
		uk_snprintf(why, UK_XENFRONT_WHY_BYTES, "%s %s, and is in use", bf->dev.name, bad);
		return -EINVAL;
	}
	set_info(bf, &info);
	bf->has_died = false;
	bf->is_open = true;
	uk_pr_info("blkfront: %s: connected to domain %u\n", bf->dev.name, dev->remote);
	if (!bf->is_added)
		uk_blkdev_add(&bf->dev);
	bf->is_added = true;
	look_at_size(bf, info.sectors);
	uk_evtchn_unmask(bf->link->port);
	uk_blk_queue_again(&bf->queue);
	return 0;
}

static void blkfront_changed(struct uk_xenfront_dev *dev)
{
	struct blkfront *bf = dev->priv;
	uint64_t sectors;

	if (blkfront_read_sectors(dev, &sectors))
		look_at_size(bf, UK_ALIGN_DOWN(sectors, (uint64_t)(bf->dev.info.sector_bytes /
								  UK_BLK_SECTOR)));
}

/* What its domain had answered and not written may be gone, whoever has the disk next. */
static void note_loss(struct blkfront *bf)
{
	if (uk_blkdev_lost(&bf->dev))
		uk_pr_err("blkfront: %s: its back end has died with writes that were not flushed: "
			  "the next flush of each writer fails\n", bf->dev.name);
}

static void blkfront_quiesce(struct uk_xenfront_dev *dev)
{
	struct blkfront *bf = dev->priv;

	bf->is_open = false;
	uk_blk_queue_stop(&bf->queue);
	bf->has_died = blkfront_is_back_end_gone(dev);
	if (bf->has_died)
		note_loss(bf);
}

static void blkfront_disconnect(struct uk_xenfront_dev *dev)
{
	struct blkfront *bf = dev->priv;

	blkfront_link_end(bf->link);
	bf->link = NULL;
}

static struct uk_xenfront_driver driver = {
	.kind = "vbd",
	.probe = blkfront_probe,
	.connect = blkfront_connect,
	.publish = blkfront_publish,
	.open = blkfront_open,
	.changed = blkfront_changed,
	.quiesce = blkfront_quiesce,
	.disconnect = blkfront_disconnect,
	.remove = blkfront_remove,
	.reap = blkfront_reap,
};

static int blkfront_init(void)
{
	if (!blkfront_timeout_ms || blkfront_timeout_ms > TIMEOUT_MS_MAX)
		blkfront_timeout_ms = TIMEOUT_MS_MAX;
	uk_xenfront_register(&driver);
	uk_blkdev_expect();
	return 0;
}

UK_INIT_LIB(blkfront_init);
