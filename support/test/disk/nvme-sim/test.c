/* SPDX-License-Identifier: BSD-3-Clause */
/* The NVMe driver and a controller that does what QEMU's does not: a namespace that
 * changes its size, answers to what was not asked. */
#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/blkdev.h>
#include <uk/pages.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

#include "bus.h"
#include "requests.h"
#include "sim.h"

#define BOUND_MS 1000
#define SLOW_MS 400			/* longer than this run's blkdev.settle_ms */
#define LOST_TIMEOUT_MS 1000		/* as that test is started */

static struct uk_blk_info info;
static unsigned int n_resized;

static void on_resized(struct uk_blk *b uk_unused)
{
	n_resized++;
}

/* Once, for all tests of a run */
static bool is_open(void)
{
	char why[UK_BLK_WHY_BYTES];

	if (!blk.dev) {
		blk.resized = on_resized;
		if (!UK_EXPECT_EQ(sim_plug(), 0) || !UK_EXPECT_EQ(uk_blk_open(&blk, "nvme0", why), 0))
			return false;
	}
	uk_blk_info(&blk, &info);
	n_resized = 0;
	return true;
}

static void wait(void)
{
	uk_thread_sleep_ns(20 * UK_NSEC_PER_MSEC);
	uk_blk_info(&blk, &info);
}

static int do_page(enum uk_blk_op op, char with)
{
	char *page = uk_pages_alloc(0);
	int err;

	memset(page, with, UK_PAGE_SIZE);
	err = uk_blk_do(&blk, op, 8, 8, page);
	if (op == UK_BLK_READ)
		UK_EXPECT(page[0] == with && page[UK_PAGE_SIZE - 1] == with);
	uk_pages_free(page, 0);
	return err;
}

UK_TEST(nvme, test_each_growth_is_heard_of)
{
	if (!is_open())
		return;
	for (unsigned int i = 1; i <= 3; i++) {
		sim.n_blocks = info.sectors + 100;
		sim_tell();
		wait();
		UK_EXPECT_EQ(info.sectors, sim.n_blocks);
		UK_EXPECT_EQ(n_resized, i);
	}
}

UK_TEST(nvme, test_other_changes_are_not_taken_over)
{
	if (!is_open())
		return;
	sim.n_blocks = info.sectors - 100;
	sim_tell();
	wait();
	sim.n_blocks = info.sectors + 100;
	sim.block_shift = 12;
	sim_tell();
	wait();
	UK_EXPECT_EQ(n_resized, 0);
	sim.block_shift = 9;
	sim_tell();
	wait();
	UK_EXPECT_EQ(n_resized, 1);
}

UK_TEST(nvme, test_growth_is_heard_of_during_and_after_a_reset)
{
	unsigned int n_starts = sim.n_starts;

	if (!is_open())
		return;
	sim.is_deaf = true;
	sim.n_blocks = info.sectors + 100;
	UK_EXPECT_EQ(do_page(UK_BLK_WRITE, 1), -ETIMEDOUT);
	sim.is_deaf = false;
	UK_EXPECT_EQ(sim.n_starts, n_starts + 3);
	wait();
	UK_EXPECT_EQ(n_resized, 1);
	UK_EXPECT(sim.is_asked);
	sim.n_blocks += 100;
	sim_tell();
	wait();
	UK_EXPECT_EQ(n_resized, 2);
	UK_EXPECT_EQ(do_page(UK_BLK_WRITE, 2), 0);
	UK_EXPECT_EQ(do_page(UK_BLK_READ, 2), 0);
}

/* The second answer to a command, and one to a command that cannot be */
UK_TEST(nvme, test_answers_that_nobody_waits_for_are_harmless)
{
	if (!is_open())
		return;
	sim.is_chatty = true;
	for (unsigned int i = 0; i < 200; i++)
		UK_EXPECT_EQ(do_page(i % 2 ? UK_BLK_READ : UK_BLK_WRITE, (char)(i / 2)), 0);
	sim.n_blocks = info.sectors + 100;
	sim_tell();
	wait();
	UK_EXPECT_EQ(n_resized, 1);
	sim.is_chatty = false;
}

/* The answer to a younger command is found instead: no reason to wait for as long again. */
UK_TEST(nvme_lost, test_lost_command_is_not_hidden_by_a_lost_interrupt)
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

UK_TEST(nvme, test_lost_interrupt_is_no_reason_for_a_reset)
{
	unsigned int n_starts;

	if (!is_open())
		return;
	n_starts = sim.n_starts;
	sim.is_mute = true;
	submit(0, UK_BLK_WRITE);
	wait_done(0, 2000);
	sim.is_mute = false;
	wait();
	UK_EXPECT_EQ(errs[0], 0);
	UK_EXPECT_EQ(sim.n_starts, n_starts);
}

/* Its answer may yet come, into the page that the next command has. */
UK_TEST(nvme, test_log_that_is_not_answered_is_a_reason_for_a_reset)
{
	unsigned int n_starts;

	if (!is_open())
		return;
	n_starts = sim.n_starts;
	sim.n_lost = 1;
	sim.n_blocks = info.sectors + 100;
	sim_tell();
	for (unsigned int ms = 0; !n_resized && ms < 8000; ms++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(n_resized, 1);
	UK_EXPECT_EQ(sim.n_starts, n_starts + 1);
}

/* ---- Controllers that do not stop ---- */

/* ... write to memory on, until they have the bus no more: only then the request is done. */
UK_TEST(nvme_dead, test_request_fails_when_the_memory_is_no_longer_written_to)
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
UK_TEST(nvme_lasting, test_request_is_not_done_while_the_memory_is_written_to)
{
	if (!is_open())
		return;
	bus.is_lasting = sim.is_deaf = true;
	sim.stop_reads = UINT32_MAX - 1;
	submit(0, UK_BLK_READ);
	wait_done(0, 5500);
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

/* It waits, for a controller whose bus cannot be taken away. */
UK_TEST(nvme_stop, test_restart_waits_until_the_controller_is_not_ready)
{
	bus.is_lasting = true;
	expect_quiet_after_stop(1000, 0);
}

UK_TEST(nvme_stop_never, test_restart_takes_the_bus_from_what_does_not_stop)
{
	expect_quiet_after_stop(UINT32_MAX - 1, BOUND_MS);
}

UK_TEST(nvme_old, test_controller_without_notices_is_not_asked_for_them)
{
	sim.has_notices = false;
	if (!is_open())
		return;
	wait();
	UK_EXPECT_EQ(sim.n_asked, 0);
	UK_EXPECT_EQ(do_page(UK_BLK_WRITE, 1), 0);
	UK_EXPECT_EQ(do_page(UK_BLK_READ, 1), 0);
}

/* Who asks for its disk before, waits. */
static void plug(void *arg uk_unused)
{
	sim_plug();
}

UK_TEST(nvme_slow, test_controller_that_is_slow_to_start_is_waited_for)
{
	uint64_t start_ns = uk_plat_mono_ns();
	char why[UK_BLK_WHY_BYTES];

	sim.ready_ns = start_ns + SLOW_MS * UK_NSEC_PER_MSEC;
	uk_thread_create("plug", plug, NULL, 0);
	UK_EXPECT_EQ(uk_blk_open(&blk, "nvme0", why), 0);
	UK_EXPECT(uk_plat_mono_ns() - start_ns >= SLOW_MS * UK_NSEC_PER_MSEC);
}

/* It has addresses of ours as soon as it is on. */
UK_TEST(nvme_early, test_restart_stops_what_is_still_starting)
{
	sim.ready_ns = uk_plat_mono_ns() + SLOW_MS * UK_NSEC_PER_MSEC;
	uk_thread_create("plug", plug, NULL, 0);
	uk_thread_sleep_ns(SLOW_MS / 4 * UK_NSEC_PER_MSEC);
	UK_EXPECT(bus.is_master && !bus.is_polled);
	UK_EXPECT(bus_stop_ms() < BOUND_MS);
	UK_EXPECT(bus.is_polled && !bus.is_master);
}

/* Registers where there are none */
UK_TEST(nvme_stride, test_doorbells_beyond_the_registers_are_refused)
{
	sim.stride = 5;
	UK_EXPECT_EQ(sim_plug(), -ENODEV);
}

int main(int argc, char *argv[])
{
	int failures = uk_test_run(argc > 1 ? argv[1] : NULL);

	uk_console_printf("# %d failed\n", failures);
	return failures != 0;
}
