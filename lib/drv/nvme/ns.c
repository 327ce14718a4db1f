/* SPDX-License-Identifier: BSD-3-Clause */
/* Namespaces, which are disks. */
#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/print.h>

#include "nvme_priv.h"

#define MAX_NAMESPACES 16
#define MIN_SHIFT 9
#define MAX_SHIFT 12

static void ns_submit(struct uk_blkdev *dev, struct uk_blk_req *req)
{
	uk_blk_queue_submit(&UK_CONTAINER_OF(dev, struct nvme_ns, dev)->ctrl->queue, dev, req);
}

static const struct uk_blkdev_ops ops = { .submit = ns_submit };

/* @return false: not a disk for us. */
static bool read_format(struct nvme_ns *ns, const struct nvme_id_ns *id)
{
	unsigned int format = id->format & 0xf;

	ns->block_shift = id->formats[format].block_shift;
	if (!id->n_blocks)
		return false;
	if (ns->block_shift < MIN_SHIFT || ns->block_shift > MAX_SHIFT ||
	    id->formats[format].metadata_bytes ||
	    id->n_blocks > UINT64_MAX >> ns->block_shift) {
		uk_pr_err("nvme: %s: namespace %u: blocks of 2^%u bytes with %u of metadata are not supported\n",
			  ns->ctrl->name, ns->id, ns->block_shift,
			  id->formats[format].metadata_bytes);
		return false;
	}
	return true;
}

static void fill_info(struct nvme_ns *ns, const struct nvme_id_ns *id)
{
	struct uk_blk_info *info = &ns->dev.info;
	uint32_t granularity = id->preferred_granularity + 1u;

	info->sectors = id->n_blocks << (ns->block_shift - UK_BLK_SECTOR_SHIFT);
	info->sector_bytes = 1u << ns->block_shift;
	info->physical_bytes = info->sector_bytes;
	if (id->features & NS_HAS_GRANULARITY && !(granularity & (granularity - 1)))
		info->physical_bytes *= granularity;
	info->is_readonly = id->attributes & NS_IS_PROTECTED;
	info->can_flush = ns->ctrl->has_cache;
	info->can_discard = ns->ctrl->has_dataset;
	info->discard_bytes = info->can_discard ? info->sector_bytes : 0;
	info->can_zero = ns->ctrl->has_zeroes;
	info->is_dma = true;
}

static int add(struct nvme *n, uint32_t id, bool is_first)
{
	struct nvme_ns *ns;
	int err = nvme_identify(n, id, IDENTIFY_NAMESPACE);

	if (err)
		return err;
	ns = uk_calloc(1, sizeof(*ns));
	if (!ns)
		return -ENOMEM;
	uk_blkdev_init(&ns->dev, &ops);
	ns->ctrl = n;
	ns->id = id;
	if (!read_format(ns, n->page)) {
		uk_free(ns);
		return 0;
	}
	fill_info(ns, n->page);
	if (is_first)
		strlcpy(ns->dev.name, n->name, sizeof(ns->dev.name));
	else
		uk_snprintf(ns->dev.name, sizeof(ns->dev.name), "%sn%u", n->name, id);
	uk_list_add_tail(&n->namespaces, &ns->node);
	uk_blkdev_add(&ns->dev);
	return 0;
}

static void look(struct nvme_ns *ns)
{
	const struct nvme_id_ns *id = ns->ctrl->page;
	uint64_t sectors;

	if (nvme_identify(ns->ctrl, ns->id, IDENTIFY_NAMESPACE))
		return;
	if (id->formats[id->format & 0xf].block_shift != ns->block_shift ||
	    id->n_blocks > UINT64_MAX >> ns->block_shift) {
		uk_pr_err("nvme: %s: it was given another format: not supported in use\n",
			  ns->dev.name);
		return;
	}
	sectors = id->n_blocks << (ns->block_shift - UK_BLK_SECTOR_SHIFT);
	if (sectors == ns->dev.info.sectors)
		return;
	uk_pr_info("nvme: %s: %llu sectors, were %llu%s\n", ns->dev.name,
		   (unsigned long long)sectors, (unsigned long long)ns->dev.info.sectors,
		   sectors < ns->dev.info.sectors ? ": a disk does not shrink in use, ignored" : "");
	if (sectors > ns->dev.info.sectors)
		uk_blkdev_resized(&ns->dev, sectors);
}

void nvme_ns_look(struct nvme *n)
{
	struct nvme_ns *ns;

	UK_LIST_FOREACH(ns, &n->namespaces, node)
		look(ns);
}

/* Or was it, before a restart? */
static bool is_first(const struct nvme *n, uint32_t id)
{
	char where[12];

	uk_snprintf(where, sizeof(where), "n%u", id);
	return !uk_blkdev_number(n->name, where);
}

int nvme_ns_find(struct nvme *n)
{
	uint32_t ids[MAX_NAMESPACES];
	int err = nvme_identify(n, 0, IDENTIFY_NAMESPACES);

	memcpy(ids, n->page, sizeof(ids));
	for (unsigned int i = 0; i < MAX_NAMESPACES && ids[i] && !err; i++)
		err = add(n, ids[i], is_first(n, ids[i]));
	return err;
}
