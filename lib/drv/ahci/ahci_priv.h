/* SPDX-License-Identifier: BSD-3-Clause */
/* What the sources of the driver share. */
#ifndef AHCI_PRIV_H
#define AHCI_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include <uk/blkdev_queue.h>
#include <uk/pci.h>
#include <uk/restart.h>
#include <uk/wait.h>

#include "ahci_hw.h"

#define MAX_SLOTS 32
/* A disk that is there says so by then, after its port was reset */
#define AHCI_LINK_NS (100 * UK_NSEC_PER_MSEC)

struct ahci_port;

struct ahci {
	struct uk_pci_dev *pci;
	volatile uint8_t *regs;
	struct ahci_port *ports[N_PORTS];	/* NULL: no disk */
	struct uk_restart_stop at_restart;
};

struct ahci_port {
	struct uk_blkdev dev;
	struct ahci *hba;
	volatile uint8_t *regs;
	struct uk_blk_queue queue;
	struct ahci_header *list;	/* with what is received, in one page */
	struct ahci_table *tables;
	uint64_t *ranges;		/* a sector for each slot: what to discard */
	unsigned int n_slots;
	bool is_queuing;		/* the disk takes several transfers at once (NCQ) */
	unsigned int n_alone;		/* so many more are given to it one by one */
	/* Slots: of commands that are done alone, and of queued ones */
	uint32_t to_issue, issued, last_issued;
	uint32_t to_queue, queued;
	bool is_queued_next;		/* if any wait */

	struct uk_wait_queue trouble;	/* for the thread */
	bool has_failed, is_stuck;
	bool is_listening;		/* its interrupts mean something */
};

/* ---- regs.c: apart, for the controller that is simulated ---- */
uint32_t ahci_read(volatile uint8_t *regs, unsigned int reg);
void ahci_write(volatile uint8_t *regs, unsigned int reg, uint32_t value);

/* ---- ahci.c ---- */
/* A port cannot be stopped: no disk of the controller is usable any more. Blocks. */
void ahci_fail(struct ahci *hba, int err);

/* ---- port.c ---- */
int ahci_port_alloc(struct ahci_port *p);
/* Bring the link up and have commands done, without interrupts; those that were under way
 * are forgotten. Blocks. @return 0; -ENODEV: there is nothing; -EIO: it does not become
 * ready; -ETIMEDOUT: it does not stop, and may touch memory. */
int ahci_port_start(struct ahci_port *p);
/* From now on there are interrupts. No command is under way. */
void ahci_port_listen(struct ahci_port *p);
/* It does no command and touches no memory. Blocks. */
int ahci_port_stop(struct ahci_port *p);
/* Fill slot @slot's header and FIS; the pieces of memory are in its table. */
void ahci_port_command(struct ahci_port *p, unsigned int slot, uint8_t command, uint64_t lba,
		       uint32_t count, unsigned int n_prds, bool is_write);
/* ... for the disk to queue */
void ahci_port_queued(struct ahci_port *p, unsigned int slot, uint64_t lba, uint32_t count,
		      unsigned int n_prds, bool is_write);
/* Do the command in slot 0 and wait, before there are requests. */
int ahci_port_do(struct ahci_port *p);

/* ---- disk.c ---- */
/* What is at the port becomes a disk. @may_queue: the controller can do so.
 * @return 0 or -errno. */
int ahci_disk_add(struct ahci_port *p, bool may_queue);
/* In event context: the controller has something to say of the port. */
void ahci_disk_poll(struct ahci_port *p);
/* All fails with @err, which is logged. @is_quiet: it touches no memory any more; else what
 * it was given stays with it. */
void ahci_disk_fail(struct ahci_port *p, int err, bool is_quiet);

extern uint64_t ahci_timeout_ms;

#endif /* AHCI_PRIV_H */
