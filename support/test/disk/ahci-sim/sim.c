/* SPDX-License-Identifier: BSD-3-Clause */
#include "sim.h"

#include <string.h>

#include <uk/plat/time.h>
#include <uk/thread.h>
#include <uk/util.h>

#include "ahci_priv.h"
#include "bus.h"

#define N_SLOTS 32
#define STOP_READS 3			/* so long it takes */
#define LINK_NS (5 * UK_NSEC_PER_MSEC)	/* ... from a reset, if it may start */
#define INT_TASK_FILE 0x40000000u

struct sim sim;
char sim_disk[SIM_SECTORS * 512];

static uint32_t regs[(REG_PORTS + PORT_BYTES) / 4];
static uint32_t *const port = &regs[REG_PORTS / 4];
static unsigned int reads_to_stop, reads_to_reset;
static uint32_t stale;			/* commands that a stubborn port goes on with */
static bool is_pending, is_halted;
static uint64_t link_ns;		/* when it comes up; 0: it does not */

static void latch(uint32_t causes)
{
	port[PORT_IS / 4] |= causes;
	if (!(port[PORT_IS / 4] & port[PORT_IE / 4]))
		return;
	regs[REG_IS / 4] |= 1;
	is_pending |= regs[REG_GHC / 4] & GHC_INTERRUPTS;
}

static void done(uint32_t slots)
{
	bool is_queued = port[PORT_SACT / 4] & slots;

	port[PORT_CI / 4] &= ~slots;
	port[PORT_SACT / 4] &= ~slots;
	latch(is_queued ? INT_QUEUED_DONE : INT_DONE);
}

/* ---- Commands ---- */

static uint64_t reg64(unsigned int reg)
{
	return port[reg / 4] | (uint64_t)port[reg / 4 + 1] << 32;
}

static void identify(uint16_t *id)
{
	uint64_t n = SIM_SECTORS;

	memset(id, 0, 512);
	id[ID_QUEUE_DEPTH] = N_SLOTS - 1;
	id[ID_SATA] = SATA_NCQ;
	id[ID_SUPPORTS] = SUPPORTS_LBA48 | SUPPORTS_FLUSH_EXT;
	memcpy(&id[ID_SECTORS], &n, sizeof(n));
}

static const struct ahci_header *header_of(unsigned int slot)
{
	return (struct ahci_header *)(uintptr_t)reg64(PORT_LIST) + slot;
}

static const struct ahci_table *table_of(unsigned int slot)
{
	return (void *)(uintptr_t)header_of(slot)->table;
}

static unsigned int lba_of(const struct ahci_table *t)
{
	return t->fis[4] | (unsigned int)t->fis[5] << 8;
}

static void transfer(const struct ahci_table *t, unsigned int n_prds, bool is_write)
{
	char *at = sim_disk + lba_of(t) * 512;

	for (unsigned int i = 0; i < n_prds; i++) {
		void *memory = (void *)(uintptr_t)t->prds[i].addr;
		size_t len = t->prds[i].len + 1;

		memcpy(is_write ? at : memory, is_write ? memory : at, len);
		at += len;
	}
}

/* What fails is not done, and what is behind it waits. */
static void serve(unsigned int slot)
{
	const struct ahci_table *t = table_of(slot);
	bool is_write = header_of(slot)->flags & HEADER_WRITE;

	if (t->fis[2] == ATA_IDENTIFY) {
		identify((void *)(uintptr_t)t->prds[0].addr);
	} else if (is_write && lba_of(t) >= SIM_BAD) {
		is_halted = true;
		latch(INT_TASK_FILE);
		return;
	} else if (!(is_write && sim.is_deaf)) {
		transfer(t, header_of(slot)->n_prds, is_write);
	}
	if (!sim.is_deaf)
		done(1u << slot);
}

/* ---- Registers ---- */

static void drop_link(bool may_start)
{
	port[PORT_SSTS / 4] = 0;
	link_ns = may_start ? uk_plat_mono_ns() + LINK_NS : 0;
}

/* The last moment for an interrupt. */
static void end_interrupts(void)
{
	latch(sim.cause_at_end);
	sim.cause_at_end = 0;
}

/* AHCI 1.3.1, 3.3.7: with ST, the hardware clears CI and SACT. */
static void stop_port(void)
{
	uint32_t active = port[PORT_CI / 4] | port[PORT_SACT / 4];

	sim.is_deaf &= sim.is_stubborn;
	for (unsigned int i = 0; i < N_SLOTS && sim.lba_at_stop; i++)
		if (active & 1u << i && lba_of(table_of(i)) == sim.lba_at_stop)
			serve(i);
	sim.lba_at_stop = 0;
	stale = sim.is_stubborn ? active : 0;
	port[PORT_CI / 4] = port[PORT_SACT / 4] = 0;
	is_halted = false;
	reads_to_stop = STOP_READS;
}

static void write_command(uint32_t value)
{
	uint32_t old = port[PORT_CMD / 4];

	value = (value & ~(CMD_RUNS | CMD_RECEIVES)) | (old & CMD_RUNS) |
		(value & CMD_RECEIVE ? CMD_RECEIVES : 0);
	if (old & CMD_START && !(value & CMD_START))
		stop_port();
	if (value & CMD_SPIN_UP && !(old & CMD_SPIN_UP))
		drop_link(true);
	if (value & CMD_START && !(old & CMD_START)) {
		sim.n_starts++;
		value |= CMD_RUNS;
	}
	port[PORT_CMD / 4] = value;
}

static void write_port(unsigned int reg, uint32_t value)
{
	switch (reg) {
	case PORT_IS:
	case PORT_SERR:
		port[reg / 4] &= ~value;
		break;
	case PORT_SACT:
	case PORT_CI:
		port[reg / 4] |= value;
		break;
	case PORT_IE:
		end_interrupts();
		port[reg / 4] = value;
		break;
	case PORT_CMD:
		write_command(value);
		break;
	case PORT_SCTL:
		port[reg / 4] = value;
		drop_link(!(value & SCTL_RESET));
		break;
	default:
		port[reg / 4] = value;
	}
}

void ahci_write(volatile uint8_t *at, unsigned int reg, uint32_t value)
{
	if (at == (uint8_t *)port) {
		write_port(reg, value);
	} else if (reg == REG_IS) {
		regs[REG_IS / 4] &= ~value;
	} else {
		regs[reg / 4] = value;
		if (reg == REG_GHC && value & GHC_RESET)
			reads_to_reset = sim.reset_reads + 1;
	}
}

static void end_reset(void)
{
	regs[REG_GHC / 4] = GHC_AHCI;
	port[PORT_CMD / 4] = port[PORT_CI / 4] = port[PORT_SACT / 4] = port[PORT_IE / 4] = 0;
	stale = 0;
	drop_link(false);
}

uint32_t ahci_read(volatile uint8_t *at, unsigned int reg)
{
	if (at != (uint8_t *)port) {
		if (reg == REG_GHC && reads_to_reset && !--reads_to_reset)
			end_reset();
		return regs[reg / 4];
	}
	if (reg == PORT_CMD && !sim.is_stubborn && reads_to_stop && !--reads_to_stop)
		port[PORT_CMD / 4] &= ~CMD_RUNS;
	if (reg == PORT_SSTS && link_ns && uk_plat_mono_ns() >= link_ns)
		port[PORT_SSTS / 4] = 3;
	return port[reg / 4];
}

/* ---- Its life ---- */

static void look(void)
{
	uint32_t active = port[PORT_CI / 4] | port[PORT_SACT / 4] | stale;

	if (bus.is_master && port[PORT_CMD / 4] & CMD_RUNS)
		for (unsigned int i = 0; i < N_SLOTS && !is_halted; i++)
			if (active & 1u << i)
				serve(i);
	if (!is_pending || sim.is_mute)
		return;
	is_pending = false;
	bus_interrupt();
}

static void run(void *arg uk_unused)
{
	for (;;) {
		look();
		uk_thread_sleep_ns(50 * UK_NSEC_PER_USEC);
	}
}

int sim_plug(void)
{
	regs[REG_CAP / 4] = CAP_64 | CAP_NCQ | (N_SLOTS - 1) << 8;
	regs[REG_PI / 4] = 1;
	port[PORT_SSTS / 4] = 3;
	port[PORT_SIGNATURE / 4] = SIGNATURE_DISK;
	bus.regs = regs;
	bus.regs_bytes = sizeof(regs);
	uk_thread_create("sim", run, NULL, 0);
	return bus_plug();
}
