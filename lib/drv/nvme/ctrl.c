/* SPDX-License-Identifier: BSD-3-Clause */
/* The controller: off, on, its queues, and its end. */
#include <errno.h>
#include <string.h>

#include <uk/arch/barrier.h>
#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/plat/dma.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>

#include "nvme_priv.h"

#define SHUTDOWN_NS (5 * UK_NSEC_PER_SEC)
#define IO_QUEUE 1

_Static_assert(QUEUE_ENTRIES * sizeof(struct nvme_cmd) == UK_PAGE_SIZE, "fill a page");

bool nvme_ctrl_is_gone(const struct nvme *n)
{
	return nvme_read(n, REG_CSTS) == GONE;
}

/* Until the bits of @mask in the status are @value */
static int wait_status(struct nvme *n, uint32_t mask, uint32_t value, uint64_t patience_ns)
{
	uint64_t deadline = uk_plat_mono_ns() + patience_ns;

	for (;;) {
		uint32_t status = nvme_read(n, REG_CSTS);

		if (status == GONE)
			return -ENODEV;
		if ((status & mask) == value)
			return 0;
		if (status & CSTS_FATAL && value)
			return -EIO;
		if (uk_plat_mono_ns() > deadline)
			return -ETIMEDOUT;
		uk_thread_sleep_ns(100 * UK_NSEC_PER_USEC);
	}
}

static uint64_t patience(const struct nvme *n)
{
	return (CAP_TIMEOUT_500MS(n->cap) + 1) * 500 * UK_NSEC_PER_MSEC;
}

int nvme_ctrl_end(struct nvme *n)
{
	int err, still;

	nvme_write(n, REG_CC, 0);
	err = wait_status(n, CSTS_READY, 0, UK_RESTART_STOP_NS);
	still = uk_pci_disable(n->pci);
	if (!err || err == -ENODEV || !still)
		return 0;
	uk_pr_err("nvme: %s: it does not stop (%d), and the bus cannot be taken from it (%d): it "
		  "may yet write to memory\n", n->name, err, still);
	return err;
}

void nvme_ctrl_end_at_stop(struct nvme *n)
{
	uint64_t deadline_ns = uk_plat_mono_ns() + UK_RESTART_STOP_NS;
	uint32_t status;

	nvme_write(n, REG_CC, 0);
	do {
		uk_arch_relax();
		status = nvme_read(n, REG_CSTS);
	} while (status & CSTS_READY && status != GONE && uk_plat_mono_ns() < deadline_ns);
	uk_pci_disable_at_stop(n->pci);
}

void nvme_ctrl_shutdown(struct nvme *n)
{
	nvme_write(n, REG_CC, nvme_read(n, REG_CC) | CC_SHUTDOWN);
	if (wait_status(n, CSTS_SHUTDOWN_MASK, CSTS_SHUTDOWN_DONE, SHUTDOWN_NS))
		uk_pr_err("nvme: %s: it does not shut down\n", n->name);
	nvme_write(n, REG_CC, 0);
}

/* ---- Queues ---- */

static int alloc_queue(struct nvme *n, struct nvme_queue *q, unsigned int id)
{
	volatile uint8_t *bell = n->regs + REG_DOORBELLS + 2 * id * CAP_STRIDE(n->cap);

	q->sq = uk_pages_alloc(0);
	q->cq = uk_pages_alloc(0);
	q->sq_bell = (volatile uint32_t *)bell;
	q->cq_bell = (volatile uint32_t *)(bell + CAP_STRIDE(n->cap));
	return q->sq && q->cq ? 0 : -ENOMEM;
}

static void empty_queue(struct nvme_queue *q)
{
	memset(q->sq, 0, UK_PAGE_SIZE);
	memset((void *)q->cq, 0, UK_PAGE_SIZE);
	q->sq_tail = 0;
	q->cq_head = 0;
	q->phase = 1;
}

int nvme_ctrl_alloc(struct nvme *n)
{
	n->page = uk_pages_alloc(0);
	if (!n->page || alloc_queue(n, &n->admin, 0) || alloc_queue(n, &n->io, IO_QUEUE))
		return -ENOMEM;
	return 0;
}

static int create_io_queue(struct nvme *n)
{
	struct nvme_cmd count = { .opcode = ADMIN_SET_FEATURES, .dw10 = FEATURE_QUEUES };
	struct nvme_cmd cq = {
		.opcode = ADMIN_CREATE_CQ, .prp1 = uk_plat_dma_addr((void *)n->io.cq),
		.dw10 = IO_QUEUE | (QUEUE_ENTRIES - 1) << 16,
		.dw11 = QUEUE_CONTIGUOUS | QUEUE_INTERRUPTS,
	};
	struct nvme_cmd sq = {
		.opcode = ADMIN_CREATE_SQ, .prp1 = uk_plat_dma_addr(n->io.sq),
		.dw10 = IO_QUEUE | (QUEUE_ENTRIES - 1) << 16,
		.dw11 = QUEUE_CONTIGUOUS | IO_QUEUE << 16,
	};
	int err = nvme_admin(n, &count);

	if (!err)
		err = nvme_admin(n, &cq);
	if (!err)
		err = nvme_admin(n, &sq);
	return err;
}

int nvme_ctrl_start(struct nvme *n)
{
	int err;

	nvme_write(n, REG_CC, 0);
	err = wait_status(n, CSTS_READY, 0, patience(n));
	if (err)
		return err;
	empty_queue(&n->admin);
	empty_queue(&n->io);
	nvme_write(n, REG_AQA, (QUEUE_ENTRIES - 1) << 16 | (QUEUE_ENTRIES - 1));
	nvme_write64(n, REG_ASQ, uk_plat_dma_addr(n->admin.sq));
	nvme_write64(n, REG_ACQ, uk_plat_dma_addr((void *)n->admin.cq));
	nvme_write(n, REG_CC, CC_ENABLED);
	err = wait_status(n, CSTS_READY, CSTS_READY, patience(n));
	return err ? err : create_io_queue(n);
}
