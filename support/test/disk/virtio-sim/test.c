/* SPDX-License-Identifier: BSD-3-Clause */
/* The virtio disk's driver and a device that does what QEMU's does not: it loses requests,
 * and is slow to stop. */
#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/blkdev.h>
#include <uk/pages.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>
#include <uk/util.h>

#include "bus.h"
#include "requests.h"
#include "sim.h"

#define BOUND_MS 1000
#define N_DIRTY 64
#define LOST_TIMEOUT_MS 1000		/* as that test is started */

/* What the driver gets is what somebody had before. */
static void dirty_memory(void)
{
	void *pages = uk_pages_alloc_n(N_DIRTY);

	memset(pages, 0xff, N_DIRTY * UK_PAGE_SIZE);
	uk_pages_free_n(pages, N_DIRTY);
}

static bool is_open(void)
{
	char why[UK_BLK_WHY_BYTES];

	if (blk.dev)
		return true;
	dirty_memory();
	return UK_EXPECT_EQ(sim_plug(), 0) &&
	       UK_EXPECT_EQ(uk_blk_open(&blk, "virtio-blk0", why), 0);
}

/* The answer to a younger command is found instead: no reason to wait for as long again. */
UK_TEST(virtio_lost, test_lost_command_is_not_hidden_by_a_lost_interrupt)
{
	unsigned int n_starts;

	if (!is_open())
		return;
	n_starts = sim.n_starts;
	sim.is_mute = true;
	sim.n_lost = 1;
	submit(0, UK_BLK_WRITE);
	uk_thread_sleep_ns(LOST_TIMEOUT_MS / 5 * UK_NSEC_PER_MSEC);
	submit(1, UK_BLK_WRITE);
	wait_done(1, 2 * LOST_TIMEOUT_MS);
	UK_EXPECT_EQ(errs[1], 0);
	wait_done(0, LOST_TIMEOUT_MS / 2);
	UK_EXPECT_EQ(errs[0], 0);
	UK_EXPECT_EQ(sim.n_starts, n_starts + 1);
}

UK_TEST(virtio, test_lost_interrupt_is_no_reason_for_a_reset)
{
	unsigned int n_starts;

	if (!is_open())
		return;
	n_starts = sim.n_starts;
	sim.is_mute = true;
	submit(0, UK_BLK_WRITE);
	wait_done(0, 2000);
	sim.is_mute = false;
	UK_EXPECT_EQ(errs[0], 0);
	UK_EXPECT_EQ(sim.n_starts, n_starts);
}

UK_TEST(virtio, test_what_is_reserved_is_clear)
{
	if (!is_open())
		return;
	submit(0, UK_BLK_WRITE);
	wait_done(0, 2000);
	UK_EXPECT_EQ(errs[0], 0);
	UK_EXPECT_EQ(sim.n_strange, 0);
}

/* A disk never shrinks: a number that it never had would stay. */
UK_TEST(virtio, test_size_is_not_read_while_it_changes)
{
	struct uk_blk_info info;

	if (!is_open())
		return;
	sim_grow(0x1ffff, 0x10000);
	for (unsigned int ms = 0; ms < 2000; ms++) {
		uk_blk_info(&blk, &info);
		if (info.sectors != SIM_SECTORS)
			break;
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	}
	UK_EXPECT_EQ(info.sectors, 0x10000);
}

/* ---- Devices that do not stop ---- */

/* ... write to memory on, until they have the bus no more: only then the request is done. */
UK_TEST(virtio_dead, test_request_fails_when_the_memory_is_no_longer_written_to)
{
	if (!is_open())
		return;
	sim.is_deaf = true;
	sim.stop_reads = UINT32_MAX - 1;
	submit(0, UK_BLK_READ);
	UK_EXPECT(is_page_written_to());
	wait_done(0, 8000);
	UK_EXPECT_EQ(errs[0], -EIO);
	UK_EXPECT(!is_page_written_to());
	submit(1, UK_BLK_READ);
	UK_EXPECT_EQ(errs[1], -EIO);
}

/* If it has the bus for ever, what it was given is never done; what comes fails. */
UK_TEST(virtio_lasting, test_request_is_not_done_while_the_memory_is_written_to)
{
	if (!is_open())
		return;
	bus.is_lasting = sim.is_deaf = true;
	sim.stop_reads = UINT32_MAX - 1;
	submit(0, UK_BLK_READ);
	wait_done(0, 1000);
	UK_EXPECT_EQ(errs[0], NOT_DONE);
	UK_EXPECT(is_page_written_to());
	submit(1, UK_BLK_READ);
	UK_EXPECT_EQ(errs[1], -EIO);
}

static void expect_quiet_after_stop(unsigned int stop_reads, unsigned int least_ms)
{
	unsigned int ms;

	if (!is_open())
		return;
	sim.is_deaf = true;
	sim.stop_reads = stop_reads;
	submit(0, UK_BLK_READ);
	UK_EXPECT(is_page_written_to());
	ms = bus_stop_ms();
	UK_EXPECT(ms >= least_ms && ms < BOUND_MS + 500);
	UK_EXPECT(bus.is_polled);
	UK_EXPECT(!is_page_written_to());
}

/* It waits, for a device whose bus cannot be taken away. */
UK_TEST(virtio_stop, test_restart_waits_for_the_reset)
{
	bus.is_lasting = true;
	expect_quiet_after_stop(1000, 0);
}

UK_TEST(virtio_stop_never, test_restart_takes_the_bus_from_what_does_not_stop)
{
	expect_quiet_after_stop(UINT32_MAX - 1, BOUND_MS);
}

int main(int argc, char *argv[])
{
	int failures = uk_test_run(argc > 1 ? argv[1] : NULL);

	uk_console_printf("# %d failed\n", failures);
	return failures != 0;
}
