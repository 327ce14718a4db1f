/* SPDX-License-Identifier: BSD-3-Clause */
/* A port: its memory, its start and its stop. Specification: AHCI 1.3.1, 10. */
#include <errno.h>
#include <string.h>

#include <uk/arch/barrier.h>
#include <uk/arch/page.h>
#include <uk/pages.h>
#include <uk/plat/dma.h>
#include <uk/plat/time.h>
#include <uk/thread.h>

#include "ahci_priv.h"

#define RECEIVED_OFFSET 1024
#define TABLE_PAGES (MAX_SLOTS * sizeof(struct ahci_table) / UK_PAGE_SIZE)
#define RANGE_PAGES (MAX_SLOTS * UK_BLK_SECTOR / UK_PAGE_SIZE)
#define STOP_NS (500 * UK_NSEC_PER_MSEC)
#define READY_NS (10 * UK_NSEC_PER_SEC)
#define COMMAND_NS (10 * UK_NSEC_PER_SEC)

_Static_assert(MAX_SLOTS * sizeof(struct ahci_header) == RECEIVED_OFFSET, "the rest is free");

/* Until the bits of @mask are @value */
static int wait_for(struct ahci_port *p, unsigned int reg, uint32_t mask, uint32_t value,
		    uint64_t patience_ns)
{
	uint64_t deadline = uk_plat_mono_ns() + patience_ns;

	while ((ahci_read(p->regs, reg) & mask) != value) {
		if (uk_plat_mono_ns() > deadline)
			return -ETIMEDOUT;
		uk_thread_sleep_ns(100 * UK_NSEC_PER_USEC);
	}
	return 0;
}

int ahci_port_stop(struct ahci_port *p)
{
	uint32_t cmd = ahci_read(p->regs, PORT_CMD);
	int err;

	ahci_write(p->regs, PORT_CMD, cmd & ~CMD_START);
	err = wait_for(p, PORT_CMD, CMD_RUNS, 0, STOP_NS);
	ahci_write(p->regs, PORT_CMD, cmd & ~(CMD_START | CMD_RECEIVE));
	return err ? err : wait_for(p, PORT_CMD, CMD_RECEIVES, 0, STOP_NS);
}

static void reset_link(struct ahci_port *p)
{
	ahci_write(p->regs, PORT_SCTL, SCTL_RESET);
	uk_thread_sleep_ns(2 * UK_NSEC_PER_MSEC);
	ahci_write(p->regs, PORT_SCTL, 0);
}

/* Before it stops: that clears SACT and CI as if all were done, and an interrupt may be
 * on its way. */
static void forget(struct ahci_port *p)
{
	p->is_listening = false;
	ahci_write(p->regs, PORT_IE, 0);
	p->to_issue = p->issued = 0;
	p->to_queue = p->queued = 0;
}

int ahci_port_start(struct ahci_port *p)
{
	uint64_t list = uk_plat_dma_addr(p->list);
	int err;

	forget(p);
	err = ahci_port_stop(p);
	if (err)
		return err;
	ahci_write(p->regs, PORT_LIST, (uint32_t)list);
	ahci_write(p->regs, PORT_LIST + 4, (uint32_t)(list >> 32));
	ahci_write(p->regs, PORT_RECEIVED, (uint32_t)(list + RECEIVED_OFFSET));
	ahci_write(p->regs, PORT_RECEIVED + 4, (uint32_t)(list >> 32));
	ahci_write(p->regs, PORT_CMD, CMD_RECEIVE | CMD_SPIN_UP | CMD_POWER);
	reset_link(p);
	if (wait_for(p, PORT_SSTS, 0xf, 3, AHCI_LINK_NS))
		return -ENODEV;
	ahci_write(p->regs, PORT_SERR, UINT32_MAX);
	if (wait_for(p, PORT_TFD, TFD_BUSY, 0, READY_NS))
		return -EIO;
	ahci_write(p->regs, PORT_IS, UINT32_MAX);
	ahci_write(p->regs, PORT_CMD, ahci_read(p->regs, PORT_CMD) | CMD_START);
	return 0;
}

void ahci_port_listen(struct ahci_port *p)
{
	ahci_write(p->regs, PORT_IS, UINT32_MAX);
	p->is_listening = true;
	ahci_write(p->regs, PORT_IE, INT_DONE | INT_QUEUED_DONE | INT_ERRORS);
}

void ahci_port_command(struct ahci_port *p, unsigned int slot, uint8_t command, uint64_t lba,
		       uint32_t count, unsigned int n_prds, bool is_write)
{
	struct ahci_table *t = &p->tables[slot];
	uint8_t *fis = t->fis;

	p->list[slot] = (struct ahci_header) {
		.flags = (uint16_t)(HEADER_FIS_WORDS | (is_write ? HEADER_WRITE : 0)),
		.n_prds = (uint16_t)n_prds, .table = uk_plat_dma_addr(t),
	};
	memset(fis, 0, sizeof(t->fis));
	fis[0] = FIS_HOST;
	fis[1] = FIS_COMMAND;
	fis[2] = command;
	fis[7] = DEVICE_LBA;
	for (unsigned int i = 0; i < 3; i++) {
		fis[4 + i] = (uint8_t)(lba >> 8 * i);
		fis[8 + i] = (uint8_t)(lba >> (24 + 8 * i));
	}
	fis[12] = (uint8_t)count;
	fis[13] = (uint8_t)(count >> 8);
}

void ahci_port_queued(struct ahci_port *p, unsigned int slot, uint64_t lba, uint32_t count,
		      unsigned int n_prds, bool is_write)
{
	uint8_t *fis = p->tables[slot].fis;

	ahci_port_command(p, slot, is_write ? ATA_WRITE_QUEUED : ATA_READ_QUEUED, lba,
			  slot << TAG_SHIFT, n_prds, is_write);
	fis[3] = (uint8_t)count;
	fis[11] = (uint8_t)(count >> 8);
}

int ahci_port_do(struct ahci_port *p)
{
	uk_arch_wmb();	/* the command before it is issued */
	ahci_write(p->regs, PORT_CI, 1);
	if (wait_for(p, PORT_CI, 1, 0, COMMAND_NS))
		return -ETIMEDOUT;
	uk_arch_rmb();
	return ahci_read(p->regs, PORT_IS) & INT_ERRORS ? -EIO : 0;
}

int ahci_port_alloc(struct ahci_port *p)
{
	p->list = uk_pages_alloc(0);
	p->tables = uk_pages_alloc_n(TABLE_PAGES);
	p->ranges = uk_pages_alloc_n(RANGE_PAGES);
	if (!p->list || !p->tables || !p->ranges)
		return -ENOMEM;
	memset(p->list, 0, UK_PAGE_SIZE);
	memset(p->tables, 0, TABLE_PAGES * UK_PAGE_SIZE);
	return 0;
}
