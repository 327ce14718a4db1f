/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queues as memory, and admin commands, one at a time.
 */
#include <errno.h>
#include <string.h>

#include <uk/arch/barrier.h>
#include <uk/plat/dma.h>
#include <uk/plat/time.h>
#include <uk/print.h>

#include "nvme_priv.h"

/* 0xffff is of answers to nothing */
#define MAX_ID 0xfffeu
#define PATIENCE_NS (5 * UK_NSEC_PER_SEC)

void nvme_put(struct nvme_queue *q, const struct nvme_cmd *cmd)
{
	q->sq[q->sq_tail] = *cmd;
	q->sq_tail = (uint16_t)((q->sq_tail + 1) % QUEUE_ENTRIES);
}

void nvme_ring(struct nvme_queue *q)
{
	uk_arch_wmb();	/* the commands before the index that covers them */
	*q->sq_bell = q->sq_tail;
}

bool nvme_has_answer(const struct nvme_queue *q)
{
	return (q->cq[q->cq_head].status & 1) == q->phase;
}

void nvme_take(struct nvme_queue *q, struct nvme_completion *out)
{
	uk_arch_rmb();	/* the rest after the phase */
	*out = q->cq[q->cq_head];
	q->cq_head = (uint16_t)((q->cq_head + 1) % QUEUE_ENTRIES);
	if (!q->cq_head)
		q->phase ^= 1;
}

int nvme_error(uint16_t status)
{
	switch (STATUS_CODE(status >> 1)) {
	case 0:
		return 0;
	case STATUS_BAD_OPCODE:
		return -EOPNOTSUPP;
	case STATUS_WRITE_PROTECTED:
		return -EROFS;
	case STATUS_CAPACITY:
		return -ENOSPC;
	default:
		return -EIO;
	}
}

void nvme_admin_poll(struct nvme *n)
{
	struct nvme_completion answer;

	if (!nvme_has_answer(&n->admin))
		return;
	while (nvme_has_answer(&n->admin)) {
		nvme_take(&n->admin, &answer);
		if (answer.id == EVENT_ID) {
			nvme_event_take(n, &answer);
			continue;
		}
		if (answer.id != n->admin_id) {
			uk_pr_err("nvme: %s: it answers what nobody has asked\n", n->name);
			continue;
		}
		n->answer = answer.status >> 1;
		n->is_answered = true;
	}
	*n->admin.cq_bell = n->admin.cq_head;
	uk_wait_wake_one(&n->answered);
}

int nvme_admin(struct nvme *n, const struct nvme_cmd *cmd)
{
	struct nvme_cmd numbered = *cmd;

	n->admin_id = (uint16_t)(n->admin_id % MAX_ID + 1);
	if (n->admin_id <= EVENT_ID)
		n->admin_id = EVENT_ID + 1;
	numbered.id = n->admin_id;
	n->is_answered = false;
	nvme_put(&n->admin, &numbered);
	nvme_ring(&n->admin);
	if (uk_wait_event_until(&n->answered, n->is_answered, uk_plat_mono_ns() + PATIENCE_NS)) {
		uk_pr_err("nvme: %s: command 0x%x is not answered\n", n->name, cmd->opcode);
		return -ETIMEDOUT;
	}
	if (n->answer)
		uk_pr_err("nvme: %s: command 0x%x is refused (status 0x%x)\n", n->name, cmd->opcode,
			  n->answer);
	return n->answer ? -EIO : 0;
}

int nvme_identify(struct nvme *n, uint32_t nsid, uint32_t what)
{
	struct nvme_cmd cmd = {
		.opcode = ADMIN_IDENTIFY, .nsid = nsid, .prp1 = uk_plat_dma_addr(n->page),
		.dw10 = what,
	};

	return nvme_admin(n, &cmd);
}
