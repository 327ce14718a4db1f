/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * NVM Express controllers: one queue of commands beside the admin queue, one
 * interrupt for both. Commands are ended in event context, by whoever hears of
 * them; a thread for each controller resets it when it does not answer.
 *
 * A namespace that becomes larger is heard of. Not supported: metadata, hot plug.
 */
#include <errno.h>

#include <uk/alloc.h>
#include <uk/arch/page.h>
#include <uk/boot.h>
#include <uk/param.h>
#include <uk/print.h>
#include <uk/thread.h>

#include "nvme_priv.h"

#define CLASS_NVME 0x010802
#define MAX_RESETS 3
#define TIMEOUT_MS_MAX 600000
/* 4 GiB: any, for the controller, but it is to answer in time */
#define MAX_DISCARD_SECTORS (1u << 23)

static uint64_t timeout_ms = 30000;
UK_PARAM(nvme_timeout_ms, "nvme.timeout_ms", UK_PARAM_U64, &timeout_ms,
	 "when a controller that does not answer is reset, ms; a command fails after 3 resets");

/* With all answers taken its line is silent, too. */
static void on_interrupt(void *arg)
{
	nvme_io_poll(arg);
	nvme_admin_poll(arg);
}

static void recover(struct nvme *n)
{
	int err = -ENODEV;

	if (nvme_io_poll(n))
		uk_pr_warn("nvme: %s: an interrupt was lost\n", n->name);
	if (!n->is_lost && !uk_blk_queue_is_late(&n->queue))
		return;
	n->is_lost = false;
	uk_blk_queue_stop(&n->queue);
	if (!nvme_ctrl_is_gone(n)) {
		uk_pr_err("nvme: %s: no answer in %llu ms: reset\n", n->name,
			  (unsigned long long)timeout_ms);
		err = nvme_ctrl_start(n);
	}
	if (!err) {
		uk_blk_queue_again(&n->queue);
		nvme_event_ask(n);
		nvme_ns_look(n);
		return;
	}
	uk_pr_err("nvme: %s: %s: all its disks fail from now on (%d)\n", n->name,
		  err == -ENODEV ? "the controller is gone" : "the reset has failed", err);
	if (nvme_ctrl_end(n))
		uk_blk_queue_abandon(&n->queue, -EIO);
	else
		uk_blk_queue_kill(&n->queue, err == -ENODEV ? -ENODEV : -EIO);
}

static void watch(void *arg)
{
	struct nvme *n = arg;

	for (;;) {
		uk_wait_event(&n->trouble, n->is_stuck || n->has_event);
		if (n->has_event)
			nvme_event_serve(n);
		if (n->is_stuck)
			recover(n);
		n->is_stuck = false;
	}
}

/* ---- Start and end ---- */

static void on_exit(void *arg)
{
	nvme_ctrl_shutdown(arg);
}

static void on_restart(void *arg)
{
	nvme_ctrl_end_at_stop(arg);
}

/* What the controller can do, from its identity in n->page */
static void read_limits(struct nvme *n)
{
	const uint8_t *id = n->page;
	unsigned int mdts = id[ID_CTRL_MDTS];
	uint64_t max = mdts && mdts < 20 ? (uint64_t)UK_PAGE_SIZE << mdts : UINT32_MAX;

	n->has_cache = id[ID_CTRL_VWC] & 1;
	n->has_dataset = id[ID_CTRL_ONCS] & ONCS_DATASET;
	n->has_zeroes = id[ID_CTRL_ONCS] & ONCS_WRITE_ZEROES;
	n->has_notices = id[ID_CTRL_OAES + 1] & OAES_NAMESPACE >> 8;
	/* A list is one page short where memory does not begin with one */
	n->queue.max_bytes = (uint32_t)UK_MIN(max, (uint64_t)(MAX_SEGS - 1) * UK_PAGE_SIZE);
	n->queue.max_zero_sectors = UK_MIN(max / UK_BLK_SECTOR, (uint64_t)MAX_BLOCKS);
	n->queue.max_discard_sectors = MAX_DISCARD_SECTORS;
	n->queue.timeout_ns = timeout_ms * UK_NSEC_PER_MSEC;
	n->queue.max_expired = MAX_RESETS;
}

static int start(struct nvme *n, size_t regs_bytes)
{
	int err;

	if (CAP_MIN_PAGE(n->cap) || CAP_ENTRIES(n->cap) < QUEUE_ENTRIES ||
	    regs_bytes < REG_DOORBELLS + N_DOORBELLS * CAP_STRIDE(n->cap))
		return -ENODEV;
	err = nvme_ctrl_alloc(n);
	if (!err)
		err = nvme_io_init(n);
	if (!err)
		err = uk_pci_irq(n->pci, on_interrupt, n, NULL);
	if (err)
		return err;
	n->at_restart.fn = on_restart;
	n->at_restart.arg = n;
	uk_restart_at_stop(&n->at_restart);
	err = nvme_ctrl_start(n);
	if (!err)
		err = nvme_identify(n, 0, IDENTIFY_CONTROLLER);
	if (err)
		return err;
	read_limits(n);
	if (!uk_thread_create(n->name, watch, n, 0) || uk_atexit(on_exit, n))
		return -ENOMEM;
	err = nvme_ns_find(n);
	if (!err)
		nvme_event_ask(n);
	return err;
}

static int nvme_probe(struct uk_pci_dev *pci)
{
	struct nvme *n = uk_calloc(1, sizeof(*n));
	size_t len;
	int err;

	if (!n)
		return -ENOMEM;
	n->pci = pci;
	uk_wait_init(&n->answered);
	uk_wait_init(&n->trouble);
	uk_list_init(&n->namespaces);
	uk_snprintf(n->name, sizeof(n->name), "nvme%u", uk_blkdev_number("nvme", pci->name));
	n->regs = uk_pci_map_bar(pci, 0, &len);
	if (!n->regs || len < REG_DOORBELLS) {
		uk_free(n);
		return -ENODEV;
	}
	uk_pci_enable(pci);
	n->cap = nvme_read(n, REG_CAP) | (uint64_t)nvme_read(n, REG_CAP + 4) << 32;
	uk_pr_info("nvme: %s: %s\n", n->name, pci->name);
	uk_blkdev_search(true);
	err = start(n, len);
	uk_blkdev_search(false);
	/* After this the controller may have our addresses: its memory stays */
	if (err)
		nvme_ctrl_end(n);
	return err;
}

static const struct uk_pci_id ids[] = {
	{ UK_PCI_ANY, UK_PCI_ANY, CLASS_NVME },
	{ 0, 0, 0 },
};

static struct uk_pci_driver driver = { .name = "nvme", .ids = ids, .probe = nvme_probe };

static int nvme_init(void)
{
	if (!timeout_ms || timeout_ms > TIMEOUT_MS_MAX)
		timeout_ms = TIMEOUT_MS_MAX;
	uk_pci_register(&driver);
	uk_blkdev_expect();
	return 0;
}

UK_INIT_BUS(nvme_init);
