/* SPDX-License-Identifier: BSD-3-Clause */
/* What the sources of the driver share. */
#ifndef NVME_PRIV_H
#define NVME_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uk/blkdev_queue.h>
#include <uk/pci.h>
#include <uk/restart.h>
#include <uk/wait.h>

#include "nvme_hw.h"

/* Entries of a queue: commands fill a page */
#define QUEUE_ENTRIES 64
/* One is left free, so that full differs from empty */
#define N_COMMANDS (QUEUE_ENTRIES - 1)
/* Pages of a command, and as many addresses in its list */
#define MAX_SEGS 64
#define NAME_BYTES 12
/* Of the admin command that is answered when there is an event; others have those that
 * follow, each another one */
#define EVENT_ID 1

struct nvme_queue {
	struct nvme_cmd *sq;
	volatile struct nvme_completion *cq;
	volatile uint32_t *sq_bell, *cq_bell;
	uint16_t sq_tail, cq_head;
	uint16_t phase;			/* of entries that are new */
};

struct nvme {
	struct uk_pci_dev *pci;
	volatile uint8_t *regs;
	char name[NAME_BYTES];
	uint64_t cap;

	struct nvme_queue admin, io;
	struct uk_wait_queue answered;	/* an admin command */
	bool is_answered;
	uint16_t admin_id, answer;	/* its number and its status */
	void *page;			/* for its data */

	struct uk_blk_queue queue;
	uint64_t *lists;		/* MAX_SEGS for each command */
	struct nvme_range *ranges;	/* one for each command */
	uint32_t max_bytes;		/* of a command */
	bool has_cache, has_dataset, has_zeroes, has_notices;
	struct uk_list namespaces;

	struct uk_wait_queue trouble;	/* or news, for the thread */
	bool is_stuck, has_event;
	bool is_lost;			/* an admin command, which has the page yet */
	uint32_t event;
	struct uk_restart_stop at_restart;
};

struct nvme_ns {
	struct uk_blkdev dev;
	struct uk_list node;
	struct nvme *ctrl;
	uint32_t id;
	uint8_t block_shift;
};

/* ---- regs.c: apart, for the controller that is simulated ---- */
uint32_t nvme_read(const struct nvme *n, unsigned int reg);
void nvme_write(struct nvme *n, unsigned int reg, uint32_t value);

static inline void nvme_write64(struct nvme *n, unsigned int reg, uint64_t value)
{
	nvme_write(n, reg, (uint32_t)value);
	nvme_write(n, reg + 4, (uint32_t)(value >> 32));
}

/* ---- ctrl.c ---- */
/* Memory for queues. @return 0 or -ENOMEM. */
int nvme_ctrl_alloc(struct nvme *n);
/* Reset the controller and have its queues anew. Blocks. @return 0; -ENODEV: it is
 * gone; -ETIMEDOUT; -EIO: it says that it has failed, or refuses a command. */
int nvme_ctrl_start(struct nvme *n);
/* Stop it, and take the bus from it. Blocks. @return 0: it touches no memory any more;
 * -errno: it may (logged). */
int nvme_ctrl_end(struct nvme *n);
/* The same before a restart: busy, for UK_RESTART_STOP_NS at most. */
void nvme_ctrl_end_at_stop(struct nvme *n);
/* What it has written is durable, and it does nothing more. Blocks. */
void nvme_ctrl_shutdown(struct nvme *n);
bool nvme_ctrl_is_gone(const struct nvme *n);

/* ---- admin.c ---- */
/* Put @cmd into a queue; nvme_ring() tells the controller. */
void nvme_put(struct nvme_queue *q, const struct nvme_cmd *cmd);
void nvme_ring(struct nvme_queue *q);
/* Is there an answer? nvme_take() takes it. */
bool nvme_has_answer(const struct nvme_queue *q);
void nvme_take(struct nvme_queue *q, struct nvme_completion *out);
int nvme_error(uint16_t status);
/* Take an admin command's answer. */
void nvme_admin_poll(struct nvme *n);
/* Do one admin command and wait. @return 0, -EIO, -ETIMEDOUT. */
int nvme_admin(struct nvme *n, const struct nvme_cmd *cmd);
/* @what of @nsid, into n->page. */
int nvme_identify(struct nvme *n, uint32_t nsid, uint32_t what);

/* ---- io.c ---- */
int nvme_io_init(struct nvme *n);
/* End the commands that the controller is done with. @return whether there were
 * any. */
bool nvme_io_poll(struct nvme *n);

/* ---- ns.c ---- */
/* Make disks of the namespaces. @return 0 or -errno. */
int nvme_ns_find(struct nvme *n);
/* Some may have become larger. */
void nvme_ns_look(struct nvme *n);

/* ---- event.c ---- */
/* Be told when namespaces change, from now on. After each start of the controller. */
void nvme_event_ask(struct nvme *n);
/* In event context: the answer, which is an event; for nvme_event_serve(). */
void nvme_event_take(struct nvme *n, const struct nvme_completion *answer);
void nvme_event_serve(struct nvme *n);

#endif /* NVME_PRIV_H */
