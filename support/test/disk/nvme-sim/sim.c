/* SPDX-License-Identifier: BSD-3-Clause */
#include "sim.h"

#include <string.h>

#include <uk/arch/page.h>
#include <uk/plat/time.h>
#include <uk/thread.h>
#include <uk/util.h>

#include "bus.h"
#include "nvme_priv.h"

#define ENTRIES 64
#define N_QUEUES 2
#define EVENT_DW0 (EVENT_NOTICE | NOTICE_NAMESPACE << 8 | 4u << 16)
#define BAD_FIELD 2

struct sim sim = { .n_blocks = SIM_BLOCKS, .block_shift = 9, .has_notices = true };

static uint32_t regs[(REG_DOORBELLS + 64) / 4];
static struct {
	struct nvme_cmd *sq;
	struct nvme_completion *cq;
	uint16_t sq_head, cq_tail, phase;
} queues[N_QUEUES];
static uint64_t held[ENTRIES];		/* memory of reads that are not answered */
static unsigned int n_held, reads_to_stop;
static uint16_t event_id;
static bool is_due, is_told;		/* the event; its log was not read since */
static char disk[SIM_BLOCKS * 512];

/* ---- Answers ---- */

static void answer(unsigned int q, uint16_t id, uint16_t status, uint32_t result)
{
	queues[q].cq[queues[q].cq_tail] = (struct nvme_completion) {
		.result = result, .id = id,
		.status = (uint16_t)(status << 1 | queues[q].phase),
	};
	queues[q].cq_tail = (uint16_t)((queues[q].cq_tail + 1) % ENTRIES);
	if (!queues[q].cq_tail)
		queues[q].phase ^= 1;
}

static void identify(const struct nvme_cmd *cmd)
{
	uint8_t *page = (void *)(uintptr_t)cmd->prp1;
	struct nvme_id_ns *ns = (void *)page;

	memset(page, 0, UK_PAGE_SIZE);
	if (cmd->dw10 == IDENTIFY_NAMESPACES) {
		page[0] = 1;
	} else if (cmd->dw10 == IDENTIFY_CONTROLLER) {
		page[ID_CTRL_OAES + 1] = sim.has_notices ? OAES_NAMESPACE >> 8 : 0;
	} else {
		ns->n_blocks = sim.n_blocks;
		ns->formats[0].block_shift = sim.block_shift;
	}
}

/* @return its status */
static uint16_t serve_admin(const struct nvme_cmd *cmd)
{
	switch (cmd->opcode) {
	case ADMIN_IDENTIFY:
		identify(cmd);
		return 0;
	case ADMIN_CREATE_CQ:
		queues[1].cq = (void *)(uintptr_t)cmd->prp1;
		return 0;
	case ADMIN_CREATE_SQ:
		queues[1].sq = (void *)(uintptr_t)cmd->prp1;
		return 0;
	case ADMIN_GET_LOG:
		is_told = false;
		return 0;
	case ADMIN_SET_FEATURES:
		sim.n_asked += cmd->dw10 == FEATURE_EVENTS;
		return cmd->dw10 == FEATURE_EVENTS && !sim.has_notices ? BAD_FIELD : 0;
	default:
		return STATUS_BAD_OPCODE;
	}
}

static void serve_io(const struct nvme_cmd *cmd)
{
	char *at = disk + cmd->dw10 * 512;
	void *page = (void *)(uintptr_t)cmd->prp1;
	size_t len = (cmd->dw12 + 1) * 512;

	if (sim.is_deaf || sim.n_lost) {
		sim.n_lost -= !!sim.n_lost;
		if (cmd->opcode == CMD_READ && n_held < ENTRIES)
			held[n_held++] = cmd->prp1;
		return;
	}
	if (cmd->opcode == CMD_READ)
		memcpy(page, at, len);
	else if (cmd->opcode == CMD_WRITE)
		memcpy(at, page, len);
	answer(1, cmd->id, 0, 0);
	if (sim.is_chatty) {
		answer(1, cmd->id, 0, 0);
		answer(1, 60000, 0, 0);
	}
}

static void serve(unsigned int q, const struct nvme_cmd *cmd)
{
	if (q) {
		serve_io(cmd);
	} else if (cmd->opcode == ADMIN_ASK_EVENT) {
		sim.n_asked++;
		sim.is_asked = true;
		event_id = cmd->id;
	} else if (cmd->opcode == ADMIN_GET_LOG && sim.n_lost) {
		sim.n_lost--;
	} else {
		answer(0, cmd->id, serve_admin(cmd), 0);
		if (sim.is_chatty)
			answer(0, 60000, BAD_FIELD, 0);
	}
}

/* ---- Registers ---- */

static void write_config(uint32_t value)
{
	if (regs[REG_CC / 4] & 1 && !(value & 1))
		reads_to_stop = sim.stop_reads + 1;
	regs[REG_CC / 4] = value;
}

void nvme_write(struct nvme *n uk_unused, unsigned int reg, uint32_t value)
{
	if (reg == REG_CC)
		write_config(value);
	else
		regs[reg / 4] = value;
}

uint32_t nvme_read(const struct nvme *n uk_unused, unsigned int reg)
{
	if (reg == REG_CSTS && reads_to_stop && !--reads_to_stop) {
		regs[REG_CSTS / 4] = 0;
		n_held = 0;
	}
	return regs[reg / 4];
}

/* ---- Its life ---- */

static void start(void)
{
	memset(queues, 0, sizeof(queues));
	queues[0].sq = (void *)(uintptr_t)(regs[REG_ASQ / 4] | (uint64_t)regs[REG_ASQ / 4 + 1] << 32);
	queues[0].cq = (void *)(uintptr_t)(regs[REG_ACQ / 4] | (uint64_t)regs[REG_ACQ / 4 + 1] << 32);
	queues[0].phase = queues[1].phase = 1;
	memset(&regs[REG_DOORBELLS / 4], 0, 64);
	sim.is_asked = is_due = is_told = false;
	sim.n_starts++;
	sim.is_mute = false;
	regs[REG_CSTS / 4] = CSTS_READY;
}

static void look(void)
{
	const volatile uint32_t *bells = &regs[REG_DOORBELLS / 4];

	if (!bus.is_master)
		return;
	for (unsigned int i = 0; i < n_held; i++)
		memcpy((void *)(uintptr_t)held[i], disk, UK_PAGE_SIZE);
	if (!(regs[REG_CC / 4] & 1))
		return;
	if (!regs[REG_CSTS / 4] && uk_plat_mono_ns() >= sim.ready_ns)
		start();
	if (regs[REG_CC / 4] & CC_SHUTDOWN)
		regs[REG_CSTS / 4] |= CSTS_SHUTDOWN_DONE;
	for (unsigned int q = 0; q < N_QUEUES; q++) {
		while (queues[q].sq_head != bells[2 * q]) {
			serve(q, &queues[q].sq[queues[q].sq_head]);
			queues[q].sq_head = (uint16_t)((queues[q].sq_head + 1) % ENTRIES);
		}
	}
	if (is_due && sim.is_asked && !is_told) {
		sim.is_asked = is_due = false;
		is_told = true;
		answer(0, event_id, 0, EVENT_DW0);
	}
	if (!sim.is_mute)
		bus_interrupt();
}

static void run(void *arg uk_unused)
{
	for (;;) {
		look();
		uk_thread_sleep_ns(50 * UK_NSEC_PER_USEC);
	}
}

void sim_tell(void)
{
	is_due = true;
}

int sim_plug(void)
{
	regs[REG_CAP / 4] = ENTRIES - 1;
	regs[REG_CAP / 4] |= 4u << 24;		/* 2 s to become ready */
	regs[REG_CAP / 4 + 1] = sim.stride;
	uk_thread_create("sim", run, NULL, 0);
	bus.regs = regs;
	bus.regs_bytes = sizeof(regs);
	return bus_plug();
}
