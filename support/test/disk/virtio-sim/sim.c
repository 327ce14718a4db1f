/* SPDX-License-Identifier: BSD-3-Clause */
#include "sim.h"

#include <errno.h>
#include <string.h>

#include <uk/plat/time.h>
#include <uk/thread.h>
#include <uk/util.h>

#include "blk_priv.h"
#include "bus.h"
#include "virtio_priv.h"

#define SIZE 64
#define STATUS_RUNS 4
#define DESC_NEXT 1

struct desc {
	uint64_t addr;
	uint32_t len_bytes;
	uint16_t flags, next;
};

struct sim sim;

static struct uk_virtio_driver *driver;
static struct uk_virtio virtio;
static uint8_t status;
static unsigned int reads_to_stop;
static struct desc *descs;
static volatile uint16_t *avail, *used;
static uint16_t next;
static struct desc *held;		/* of a read that is not done: where to */
static char disk[SIM_SECTORS * 512];
static struct blk_config config = { .sectors = SIM_SECTORS };
static uint32_t config_generation;
static bool is_first_look;
static uint64_t sectors_to_be;		/* the configuration is half-way there; 0: not */

/* ---- The bus ---- */

void virtio_pci_register(struct uk_virtio_driver *drv)
{
	driver = drv;
}

static uint8_t get_status(struct uk_virtio *v uk_unused)
{
	if (reads_to_stop && !--reads_to_stop) {
		status = 0;
		held = NULL;
		avail = NULL;
	}
	return status;
}

static void set_status(struct uk_virtio *v uk_unused, uint8_t value)
{
	if (!value && status)
		reads_to_stop = reads_to_stop ? reads_to_stop : sim.stop_reads + 1;
	if (!value)
		return;
	if (value & ~status & STATUS_RUNS) {
		sim.n_starts++;
		sim.is_mute = false;
	}
	status = value;
}

static uint32_t offered(struct uk_virtio *v uk_unused, uint32_t half)
{
	return half ? UK_VIRTIO_F_VERSION_1 >> 32 : 0;
}

static void take(struct uk_virtio *v uk_unused, uint32_t half uk_unused, uint32_t f uk_unused)
{
}

/* The moment between two looks at the configuration */
static uint32_t generation(struct uk_virtio *v uk_unused)
{
	if (sectors_to_be && !is_first_look) {
		config.sectors = sectors_to_be;
		sectors_to_be = 0;
		config_generation++;
	}
	is_first_look = false;
	return config_generation;
}

void sim_grow(uint64_t torn, uint64_t sectors)
{
	config.sectors = torn;
	sectors_to_be = sectors;
	is_first_look = true;
	bus_interrupt();
}

static int irq(struct uk_virtio *v uk_unused, void (*handler)(void *arg), void *arg)
{
	return uk_pci_irq(NULL, handler, arg, NULL);
}

static uint16_t queue(struct uk_virtio *v uk_unused, uint16_t index uk_unused, uint64_t desc,
		      uint64_t a, uint64_t u, volatile void **bell uk_unused)
{
	descs = (void *)(uintptr_t)desc;
	avail = (void *)(uintptr_t)a;
	used = (void *)(uintptr_t)u;
	next = 0;
	return SIZE;
}

static void ring(volatile void *bell uk_unused, uint16_t index uk_unused)
{
}

static int disable(struct uk_virtio *v uk_unused, bool is_stop)
{
	return is_stop ? uk_pci_disable_at_stop(NULL) : uk_pci_disable(NULL);
}

static const struct uk_virtio_bus simulated = {
	.status = get_status, .set_status = set_status, .offered = offered, .take = take,
	.generation = generation, .irq = irq, .queue = queue, .ring = ring, .disable = disable,
};

/* ---- Requests ---- */

static void done(uint16_t first)
{
	volatile uint32_t *entry = (volatile uint32_t *)(used + 2 + 4 * (used[1] % SIZE));

	entry[0] = first;
	entry[1] = 0;
	used[1]++;
}

/* One piece of data */
static void serve(uint16_t first)
{
	const struct blk_slot *slot = (void *)(uintptr_t)descs[first].addr;
	struct desc *data = &descs[descs[first].next];
	char *at = disk + slot->sector * 512;
	void *memory = (void *)(uintptr_t)data->addr;

	sim.n_strange += slot->reserved || slot->range.flags;
	if (sim.is_deaf || sim.n_lost) {
		sim.n_lost -= !!sim.n_lost;
		held = slot->type == TYPE_IN ? data : held;
		return;
	}
	memcpy(slot->type == TYPE_IN ? memory : at, slot->type == TYPE_IN ? at : memory,
	       data->len_bytes);
	*(uint8_t *)(uintptr_t)descs[data->next].addr = STATUS_OK;
	done(first);
}

static void look(void)
{
	if (!bus.is_master || !avail)
		return;
	if (held)
		memcpy((void *)(uintptr_t)held->addr, disk, held->len_bytes);
	if (reads_to_stop || !(status & STATUS_RUNS))
		return;
	for (; next != avail[1]; next++)
		serve(avail[2 + next % SIZE]);
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

int sim_plug(void)
{
	virtio = (struct uk_virtio) {
		.name = "sim", .bus = &simulated, .device = (volatile uint8_t *)&config,
		.device_bytes = sizeof(config),
	};
	bus.is_master = true;
	uk_thread_create("sim", run, NULL, 0);
	return uk_virtio_found(&virtio, driver);
}
