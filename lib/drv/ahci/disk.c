/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A disk at a port. It does reads and writes at once (NCQ), if it can, everything
 * else alone, so there are turns: what is of the other kind waits until the disk has
 * nothing.
 *
 * A command that fails stops the rest; a thread then resets the port, and the rest
 * starts again. Which of several at once has failed is not asked for: they all start
 * again, and each alone. A failed flush was alone: it is never done again, since what
 * it has lost a second one would not miss.
 */
#include <errno.h>
#include <string.h>

#include <uk/arch/barrier.h>
#include <uk/arch/page.h>
#include <uk/plat/dma.h>
#include <uk/print.h>
#include <uk/thread.h>

#include "ahci_priv.h"

#define MAX_COUNT 65535u		/* sectors of a command */
#define MAX_RESETS 3
#define RANGES_PER_SECTOR (UK_BLK_SECTOR / sizeof(uint64_t))

static unsigned int shift_of(const struct ahci_port *p)
{
	return (unsigned int)__builtin_ctz(p->dev.info.sector_bytes) - UK_BLK_SECTOR_SHIFT;
}

static void set_prd(struct ahci_table *t, unsigned int i, const void *va, uint32_t len)
{
	t->prds[i].addr = uk_plat_dma_addr(va);
	t->prds[i].reserved = 0;
	t->prds[i].len = len - 1;
}

/* Up to 65535 sectors in each entry of the list, which is a sector. */
static void start_discard(struct ahci_port *p, unsigned int slot, uint64_t lba, uint64_t n)
{
	uint64_t *range = p->ranges + slot * RANGES_PER_SECTOR;

	memset(range, 0, UK_BLK_SECTOR);
	for (unsigned int i = 0; i < RANGES_PER_SECTOR && n; i++) {
		uint64_t part = UK_MIN(n, (uint64_t)MAX_COUNT);

		range[i] = lba | part << 48;
		lba += part;
		n -= part;
	}
	set_prd(&p->tables[slot], 0, range, UK_BLK_SECTOR);
	ahci_port_command(p, slot, ATA_DATASET, 0, 1, 1, true);
	p->tables[slot].fis[3] = DATASET_TRIM;
}

static int disk_start(struct uk_blk_queue *q, struct uk_blk_cmd *cmd, const struct uk_blk_seg *segs,
		      unsigned int n_segs)
{
	struct ahci_port *p = UK_CONTAINER_OF(q, struct ahci_port, queue);
	unsigned int slot = uk_blk_queue_index(q, cmd), shift = shift_of(p);
	uint64_t lba = cmd->sector >> shift, n = cmd->n_sectors >> shift;
	bool is_write = cmd->req->op == UK_BLK_WRITE;

	for (unsigned int i = 0; i < n_segs; i++)
		set_prd(&p->tables[slot], i, segs[i].va, segs[i].len_bytes);
	if (n_segs && p->is_queuing && !p->n_alone) {
		ahci_port_queued(p, slot, lba, (uint32_t)n, n_segs, is_write);
		p->to_queue |= 1u << slot;
		return 0;
	}
	if (p->n_alone)
		p->n_alone--;
	if (n_segs)
		ahci_port_command(p, slot, is_write ? ATA_WRITE_DMA_EXT : ATA_READ_DMA_EXT, lba,
				  (uint32_t)n, n_segs, is_write);
	else if (cmd->req->op == UK_BLK_DISCARD)
		start_discard(p, slot, lba, n);
	else
		ahci_port_command(p, slot, ATA_FLUSH_EXT, 0, 0, 0, false);
	p->to_issue |= 1u << slot;
	return 0;
}

/* The slot behind the last one of this kind: none is overtaken for ever. */
static uint32_t next_to_issue(struct ahci_port *p)
{
	uint32_t behind = p->to_issue & ~(2 * p->last_issued - 1);
	uint32_t slots = behind ? behind : p->to_issue;

	return slots & -slots;
}

/* Give the disk what may be done now. */
static void issue(struct ahci_port *p)
{
	if (p->issued)
		return;
	uk_arch_wmb();	/* the commands before they are issued */
	if (p->to_issue && !(p->is_queued_next && p->to_queue)) {
		if (p->queued)
			return;
		p->issued = p->last_issued = next_to_issue(p);
		p->to_issue &= ~p->issued;
		p->is_queued_next = true;
		ahci_write(p->regs, PORT_CI, p->issued);
	} else if (p->to_queue) {
		p->is_queued_next = false;
		p->queued |= p->to_queue;
		ahci_write(p->regs, PORT_SACT, p->to_queue);
		ahci_write(p->regs, PORT_CI, p->to_queue);
		p->to_queue = 0;
	}
}

static void disk_kick(struct uk_blk_queue *q)
{
	issue(UK_CONTAINER_OF(q, struct ahci_port, queue));
}

static void disk_stuck(struct uk_blk_queue *q)
{
	struct ahci_port *p = UK_CONTAINER_OF(q, struct ahci_port, queue);

	p->is_stuck = true;
	uk_wait_wake_one(&p->trouble);
}

static const struct uk_blk_queue_ops queue_ops = {
	.start = disk_start, .kick = disk_kick, .stuck = disk_stuck,
};

static void finish(struct ahci_port *p, uint32_t slots, int err)
{
	p->issued &= ~slots;
	p->queued &= ~slots;
	for (; slots; slots &= slots - 1) {
		struct uk_blk_cmd *cmd =
			uk_blk_queue_find(&p->queue, (unsigned int)__builtin_ctz(slots));

		if (cmd)
			uk_blk_queue_done(&p->queue, cmd, err);
	}
}

static void on_error(struct ahci_port *p)
{
	uk_blk_queue_stop(&p->queue);
	finish(p, p->issued, -EIO);
	p->n_alone = (unsigned int)__builtin_popcount(p->to_issue | p->to_queue | p->queued);
	p->has_failed = true;
	uk_wait_wake_one(&p->trouble);
}

void ahci_disk_poll(struct ahci_port *p)
{
	uint32_t causes, active;

	if (!p->is_listening)
		return;
	causes = ahci_read(p->regs, PORT_IS);
	ahci_write(p->regs, PORT_IS, causes);
	active = ahci_read(p->regs, PORT_CI) | ahci_read(p->regs, PORT_SACT);
	uk_arch_rmb();
	/* A failed one stays active, and whatever is behind it */
	finish(p, (p->issued | p->queued) & ~active, 0);
	if (causes & INT_ERRORS) {
		on_error(p);
		return;
	}
	issue(p);
	uk_blk_queue_run(&p->queue);
}

/* ---- Trouble ---- */

void ahci_disk_fail(struct ahci_port *p, int err, bool is_quiet)
{
	p->is_listening = false;
	uk_blk_queue_stop(&p->queue);
	uk_pr_err("ahci: %s: the reset has failed: all requests fail from now on (%d)\n",
		  p->dev.name, err);
	if (is_quiet)
		uk_blk_queue_kill(&p->queue, err == -ENODEV ? -ENODEV : -EIO);
	else
		uk_blk_queue_abandon(&p->queue, -EIO);
}

static void recover(struct ahci_port *p)
{
	int err = -ENODEV;

	uk_blk_queue_stop(&p->queue);
	if (ahci_read(p->regs, PORT_CMD) != GONE)
		err = ahci_port_start(p);
	if (!err) {
		ahci_port_listen(p);
		uk_blk_queue_again(&p->queue);
		return;
	}
	if (err == -ETIMEDOUT)
		ahci_fail(p->hba, err);
	else
		ahci_disk_fail(p, err, true);
}

static void on_trouble(struct ahci_port *p)
{
	if (!p->has_failed)
		ahci_disk_poll(p);
	if (!p->has_failed) {
		if (!uk_blk_queue_is_late(&p->queue)) {
			uk_pr_warn("ahci: %s: an interrupt was lost\n", p->dev.name);
			return;
		}
		uk_pr_err("ahci: %s: no answer in %llu ms: reset\n", p->dev.name,
			  (unsigned long long)ahci_timeout_ms);
	}
	recover(p);
}

static void watch(void *arg)
{
	struct ahci_port *p = arg;

	for (;;) {
		uk_wait_event(&p->trouble, p->has_failed || p->is_stuck);
		on_trouble(p);
		p->has_failed = p->is_stuck = false;
	}
}

/* ---- What it is ---- */

static void disk_submit(struct uk_blkdev *dev, struct uk_blk_req *req)
{
	uk_blk_queue_submit(&UK_CONTAINER_OF(dev, struct ahci_port, dev)->queue, dev, req);
}

static const struct uk_blkdev_ops ops = { .submit = disk_submit };

static int identify(struct ahci_port *p, uint16_t *id)
{
	set_prd(&p->tables[0], 0, p->ranges, UK_BLK_SECTOR);
	ahci_port_command(p, 0, ATA_IDENTIFY, 0, 0, 1, false);
	if (ahci_port_do(p))
		return -EIO;
	memcpy(id, p->ranges, UK_BLK_SECTOR);
	return id[ID_SUPPORTS] & SUPPORTS_LBA48 ? 0 : -ENODEV;
}

static int fill_info(struct ahci_port *p, const uint16_t *id)
{
	struct uk_blk_info *info = &p->dev.info;
	uint16_t geometry = id[ID_GEOMETRY];
	uint64_t n_sectors;

	memcpy(&n_sectors, &id[ID_SECTORS], sizeof(n_sectors));
	if (GEOMETRY_IS_VALID(geometry) && geometry & GEOMETRY_LARGE_LOGICAL)
		info->sector_bytes = 2 * (id[ID_LOGICAL_WORDS] |
					  (uint32_t)id[ID_LOGICAL_WORDS + 1] << 16);
	if (info->sector_bytes < UK_BLK_SECTOR || info->sector_bytes > UK_PAGE_SIZE ||
	    info->sector_bytes & (info->sector_bytes - 1) || !n_sectors || n_sectors >> 48)
		return -EINVAL;
	info->sectors = n_sectors << shift_of(p);
	info->physical_bytes = info->sector_bytes;
	if (GEOMETRY_IS_VALID(geometry) && geometry & GEOMETRY_LARGE_PHYSICAL)
		info->physical_bytes <<= geometry & 0xf;
	info->can_flush = id[ID_SUPPORTS] & SUPPORTS_FLUSH_EXT;
	info->can_discard = id[ID_DATASET] & DATASET_TRIM;
	info->discard_bytes = info->can_discard ? info->sector_bytes : 0;
	info->is_dma = true;
	return 0;
}

static void fill_queuing(struct ahci_port *p, const uint16_t *id, bool may_queue)
{
	p->is_queuing = may_queue && SATA_IS_VALID(id[ID_SATA]) && id[ID_SATA] & SATA_NCQ;
	if (p->is_queuing)
		p->n_slots = UK_MIN(p->n_slots, QUEUE_DEPTH(id[ID_QUEUE_DEPTH]));
}

static int set_up_queue(struct ahci_port *p)
{
	int err = uk_blk_queue_init(&p->queue, &queue_ops, p->n_slots, N_PRDS);

	p->queue.max_bytes = N_PRDS * UK_PAGE_SIZE;
	p->queue.max_discard_sectors = RANGES_PER_SECTOR * (MAX_COUNT & ~7u);
	p->queue.timeout_ns = ahci_timeout_ms * UK_NSEC_PER_MSEC;
	p->queue.max_expired = MAX_RESETS;
	return err;
}

int ahci_disk_add(struct ahci_port *p, bool may_queue)
{
	uint16_t id[UK_BLK_SECTOR / sizeof(uint16_t)];
	char where[20];
	int err;

	uk_blkdev_init(&p->dev, &ops);
	uk_wait_init(&p->trouble);
	err = identify(p, id);
	if (!err)
		err = fill_info(p, id);
	if (!err) {
		fill_queuing(p, id, may_queue);
		err = set_up_queue(p);
	}
	if (err)
		return err;
	uk_snprintf(where, sizeof(where), "%s/%u", p->hba->pci->name,
		    (unsigned int)(p->regs - p->hba->regs - REG_PORTS) / PORT_BYTES);
	uk_snprintf(p->dev.name, sizeof(p->dev.name), "sata%u", uk_blkdev_number("sata", where));
	if (!uk_thread_create(p->dev.name, watch, p, 0))
		return -ENOMEM;
	ahci_port_listen(p);
	uk_blkdev_add(&p->dev);
	return 0;
}
