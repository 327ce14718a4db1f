/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is read and written in xenstore. The back end's nodes are another domain's:
 * strict numbers in their ranges, or they count as absent; a disk without a size, or
 * with sectors that are none, is refused by blkfront_read_info().
 */
#include "blkfront_priv.h"

#include <errno.h>

#include <xen/io/protocols.h>

#include <uk/print.h>

/* Of a disk's sectors, in bytes; so that sums do not overflow */
#define MAX_SECTORS (UINT64_MAX >> (UK_BLK_SECTOR_SHIFT + 1))
#define MAX_PHYSICAL_BYTES (1u << 20)

/* ---- Names ---- */

/* a, b, … z, aa, ab, … @return the end. */
static char *put_letters(char *to, uint32_t n)
{
	if (n >= 26)
		to = put_letters(to, n / 26 - 1);
	*to++ = (char)('a' + n % 26);
	return to;
}

/* Numbers of disks: docs/man/xen-vbd-interface.7 of Xen */
static bool split(uint32_t id, const char **kind, uint32_t *disk, uint32_t *part)
{
	*kind = id >> 8 == 3 || id >> 8 == 22 ? "hd" : id >> 8 == 8 ? "sd" : "xvd";
	*disk = (id & 0xff) >> 4;
	*part = id & 0xf;
	if (id >> 28 == 1) {
		*disk = (id & 0xfffffff) >> 8;
		*part = id & 0xff;
	} else if (**kind == 'h') {
		*disk = ((id & 0xff) >> 6) + (id >> 8 == 22 ? 2 : 0);
		*part = id & 0x3f;
	} else {
		return id >> 8 == 202 || id >> 8 == 8;
	}
	return true;
}

/* xvda, and xvda1 for a disk that Linux would show as a partition. Where that ends
 * like a partition's name (xvdp1, as nvme0p1 does), there is a dash: xvdp-1. */
bool blkfront_name(uint32_t id, char *name)
{
	uint32_t disk, part;
	const char *kind;
	char letters[8], *end;

	if (!split(id, &kind, &disk, &part))
		return false;
	end = put_letters(letters, disk);
	*end = '\0';
	if (part)
		uk_snprintf(name, UK_BLKDEV_NAME_BYTES, "%s%s%s%u", kind, letters,
			    end[-1] == 'p' ? "-" : "", part);
	else
		uk_snprintf(name, UK_BLKDEV_NAME_BYTES, "%s%s", kind, letters);
	return true;
}

/* ---- The back end's ---- */

static uint64_t number(const struct uk_xenfront_dev *dev, const char *node, uint64_t max,
		       uint64_t otherwise)
{
	uint64_t val;

	return uk_xs_read_dec(UK_XS_NO_TX, dev->be, node, max, &val) ? otherwise : val;
}

static bool is_power_of_two(uint64_t n)
{
	return n && !(n & (n - 1));
}

bool blkfront_read_sectors(const struct uk_xenfront_dev *dev, uint64_t *sectors)
{
	return !uk_xs_read_dec(UK_XS_NO_TX, dev->be, "sectors", MAX_SECTORS, sectors);
}

static void read_discard(const struct uk_xenfront_dev *dev, struct blkfront_info *info)
{
	info->can_discard = uk_xenfront_be_has(dev, "feature-discard");
	if (!info->can_discard)
		return;
	info->discard_bytes = (uint32_t)number(dev, "discard-granularity", UINT32_MAX, 0);
	if (!info->discard_bytes || info->discard_bytes % info->sector_bytes)
		info->discard_bytes = info->sector_bytes;
	info->discard_offset = (uint32_t)number(dev, "discard-alignment", UINT32_MAX, 0) %
			       info->discard_bytes;
}

/* Sizes are in units of 512 bytes whatever sector-size is, as Linux and its back ends
 * have it. */
int blkfront_read_info(const struct uk_xenfront_dev *dev, struct blkfront_info *info, char *why)
{
	uint64_t unit = number(dev, "sector-size", UINT32_MAX, UK_BLK_SECTOR), physical;

	*info = (struct blkfront_info) { .sector_bytes = (uint32_t)unit };
	if (!is_power_of_two(unit) || unit < UK_BLK_SECTOR || unit > UK_PAGE_SIZE) {
		uk_snprintf(why, UK_XENFRONT_WHY_BYTES, "the back end's sectors have %llu bytes",
			    (unsigned long long)unit);
		return -EINVAL;
	}
	if (!blkfront_read_sectors(dev, &info->sectors)) {
		uk_snprintf(why, UK_XENFRONT_WHY_BYTES, "the back end says no size");
		return -EINVAL;
	}
	info->sectors = UK_ALIGN_DOWN(info->sectors, unit / UK_BLK_SECTOR);
	physical = number(dev, "physical-sector-size", MAX_PHYSICAL_BYTES, unit);
	info->physical_bytes = (uint32_t)(is_power_of_two(physical) && physical > unit ? physical
											: unit);
	info->is_readonly = number(dev, "info", UINT32_MAX, 0) & VDISK_READONLY;
	info->can_flush = uk_xenfront_be_has(dev, "feature-flush-cache");
	read_discard(dev, info);
	return 0;
}

unsigned int blkfront_read_max_indirect(const struct uk_xenfront_dev *dev)
{
	uint64_t n = number(dev, "feature-max-indirect-segments", UINT32_MAX, 0);

	if (n <= BLKIF_MAX_SEGMENTS_PER_REQUEST)
		return 0;
	return (unsigned int)UK_MIN(n, (uint64_t)BLKFRONT_MAX_PAGES);
}

bool blkfront_is_back_end_gone(const struct uk_xenfront_dev *dev)
{
	char text[8];
	ssize_t n = uk_xs_read(UK_XS_NO_TX, dev->be, "online", text, sizeof(text));

	return n < 0 && n != -E2BIG;
}

/* ---- What it reads ---- */

int blkfront_publish(struct uk_xenfront_dev *dev, uk_xs_tx_t tx)
{
	const struct blkfront *bf = dev->priv;
	int err = uk_xs_printf(tx, dev->fe, "ring-ref", "%u", bf->link->ring_page.ref);

	if (!err)
		err = uk_xs_printf(tx, dev->fe, "event-channel", "%u", bf->link->port);
	if (!err)
		err = uk_xs_write(tx, dev->fe, "protocol", XEN_IO_PROTO_ABI_NATIVE);
	return err;
}
