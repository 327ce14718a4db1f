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

#include "sim.h"

static struct uk_blk blk;
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
	sim.is_chatty = false;
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

int main(int argc, char *argv[])
{
	int failures = uk_test_run(argc > 1 ? argv[1] : NULL);

	uk_console_printf("# %d failed\n", failures);
	return failures != 0;
}
