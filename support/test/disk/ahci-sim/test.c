/* SPDX-License-Identifier: BSD-3-Clause */
/* The AHCI driver and a controller that does what QEMU's does not: it loses commands, and
 * is slow to stop. */
#include <errno.h>
#include <string.h>

#include <uk/arch/page.h>
#include <uk/blkdev.h>
#include <uk/blkdev_driver.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>
#include <uk/util.h>

#include "ahci_hw.h"
#include "bus.h"
#include "sim.h"

#define N_WRITES 3
#define FIRST 8				/* sectors of writes: a page for each */
#define PATTERN 0x5a
#define BOUND_MS 1000

static struct uk_blk blk;
static char pages[N_WRITES][UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);
static struct uk_blk_sg sgs[N_WRITES];
static struct uk_blk_req reqs[N_WRITES];
static int errs[N_WRITES];
static bool is_written[N_WRITES];	/* when it was done */
static unsigned int n_done;

static bool is_open(void)
{
	char why[UK_BLK_WHY_BYTES];

	if (blk.dev)
		return true;
	return UK_EXPECT_EQ(sim_plug(), 0) && UK_EXPECT_EQ(uk_blk_open(&blk, "sata0", why), 0);
}

static void on_done(struct uk_blk_req *req, int err)
{
	unsigned int i = (unsigned int)(req - reqs);

	errs[i] = err;
	is_written[i] = !memcmp(sim_disk + req->sector * 512, pages[i], UK_PAGE_SIZE);
	n_done++;
}

/* The last one to @last */
static void write_all(uint64_t last, char with)
{
	n_done = 0;
	for (unsigned int i = 0; i < N_WRITES; i++) {
		memset(pages[i], with + (int)i, UK_PAGE_SIZE);
		sgs[i] = (struct uk_blk_sg) { pages[i], UK_PAGE_SIZE };
		reqs[i] = (struct uk_blk_req) {
			.op = UK_BLK_WRITE, .sector = i + 1 < N_WRITES ? FIRST + 8 * i : last,
			.sg = &sgs[i], .n_sg = 1, .done = on_done,
		};
		uk_blk_submit(&blk, &reqs[i]);
	}
	for (unsigned int ms = 0; n_done < N_WRITES && ms < 2000; ms++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(n_done, N_WRITES);
}

static void submit_read(void)
{
	n_done = 0;
	sgs[0] = (struct uk_blk_sg) { pages[0], UK_PAGE_SIZE };
	reqs[0] = (struct uk_blk_req) {
		.op = UK_BLK_READ, .sector = FIRST, .sg = &sgs[0], .n_sg = 1, .done = on_done,
	};
	uk_blk_submit(&blk, &reqs[0]);
}

/* Does the device write to the page of the read? */
static bool is_page_written_to(void)
{
	memset(pages[0], PATTERN, UK_PAGE_SIZE);
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	return pages[0][0] != PATTERN;
}

/* As the port stops it forgets what it has not done, and an interrupt for the one that it
 * has done is under way: that must not make the others done. */
UK_TEST(ahci, test_reset_acknowledges_no_command_that_was_lost)
{
	unsigned int n_starts;

	if (!is_open())
		return;
	n_starts = sim.n_starts;
	sim.is_deaf = true;
	sim.lba_at_stop = FIRST + 8;
	write_all(FIRST + 16, 'a');
	UK_EXPECT_EQ(sim.n_starts, n_starts + 1);
	for (unsigned int i = 0; i < N_WRITES; i++) {
		UK_EXPECT_EQ(errs[i], 0);
		UK_EXPECT(is_written[i]);
	}
}

/* Of three that are queued one is bad; they start again one by one, whatever the port says
 * as it stops. */
UK_TEST(ahci, test_one_of_several_fails_alone)
{
	for (unsigned int turn = 0; turn < 2 && is_open(); turn++) {
		unsigned int n_starts = sim.n_starts;

		sim.cause_at_end = turn ? INT_ERRORS : 0;
		write_all(SIM_BAD, (char)('d' + 3 * turn));
		/* After the failure of all, and of the one */
		uk_thread_sleep_ns(10 * UK_NSEC_PER_MSEC);
		UK_EXPECT_EQ(sim.n_starts, n_starts + 2);
		UK_EXPECT_EQ(errs[N_WRITES - 1], -EIO);
		for (unsigned int i = 0; i < N_WRITES - 1; i++) {
			UK_EXPECT_EQ(errs[i], 0);
			UK_EXPECT(is_written[i]);
		}
	}
}

UK_TEST(ahci, test_lost_interrupt_is_no_reason_for_a_reset)
{
	unsigned int n_starts;

	if (!is_open())
		return;
	n_starts = sim.n_starts;
	sim.is_mute = true;
	write_all(FIRST + 16, 'k');
	sim.is_mute = false;
	for (unsigned int i = 0; i < N_WRITES; i++)
		UK_EXPECT(errs[i] == 0 && is_written[i]);
	uk_thread_sleep_ns(10 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(sim.n_starts, n_starts);
}

/* A port that does not stop writes to memory on, until it has the bus no more: only then
 * is the request done. */
UK_TEST(ahci_dead, test_request_fails_when_the_memory_is_no_longer_written_to)
{
	if (!is_open())
		return;
	sim.is_deaf = sim.is_stubborn = true;
	submit_read();
	UK_EXPECT(is_page_written_to());
	for (unsigned int ms = 0; !n_done && ms < 3000; ms++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(n_done, 1);
	UK_EXPECT_EQ(errs[0], -EIO);
	UK_EXPECT(!is_page_written_to());
	submit_read();
	UK_EXPECT_EQ(n_done, 1);
}

/* If it has the bus for ever, what it was given is never done; what comes fails. */
UK_TEST(ahci_lasting, test_request_is_not_done_while_the_memory_is_written_to)
{
	if (!is_open())
		return;
	sim.is_deaf = sim.is_stubborn = bus.is_lasting = true;
	submit_read();
	uk_thread_sleep_ns(2 * UK_NSEC_PER_SEC);
	UK_EXPECT_EQ(n_done, 0);
	UK_EXPECT(is_page_written_to());
	reqs[1] = (struct uk_blk_req) { .op = UK_BLK_FLUSH, .done = on_done };
	uk_blk_submit(&blk, &reqs[1]);
	UK_EXPECT_EQ(n_done, 1);
	UK_EXPECT_EQ(errs[1], -EIO);
}

static void expect_quiet_after_stop(unsigned int reset_reads, unsigned int least_ms)
{
	unsigned int ms;

	if (!is_open())
		return;
	sim.is_deaf = true;
	sim.reset_reads = reset_reads;
	submit_read();
	UK_EXPECT(is_page_written_to());
	ms = bus_stop_ms();
	UK_EXPECT(ms >= least_ms && ms < BOUND_MS + 500);
	UK_EXPECT(bus.is_polled);
	UK_EXPECT(!is_page_written_to());
}

/* It waits, for a controller whose bus cannot be taken away. */
UK_TEST(ahci_stop, test_restart_waits_for_the_reset)
{
	bus.is_lasting = true;
	expect_quiet_after_stop(1000, 0);
}

UK_TEST(ahci_stop_never, test_restart_takes_the_bus_from_what_does_not_stop)
{
	expect_quiet_after_stop(UINT32_MAX - 1, BOUND_MS);
}

int main(int argc, char *argv[])
{
	int failures = uk_test_run(argc > 1 ? argv[1] : NULL);

	uk_console_printf("# %d failed\n", failures);
	return failures != 0;
}
