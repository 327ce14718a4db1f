/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <uk/arch/page.h>
#include <uk/blkdev_driver.h>
#include <uk/plat/time.h>
#include <uk/thread.h>
#include <uk/util.h>

#include "requests.h"

#define PATTERN 0x5a

struct uk_blk blk;
int errs[N_REQUESTS];
static char pages[N_REQUESTS][UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);
static struct uk_blk_sg sgs[N_REQUESTS];
static struct uk_blk_req reqs[N_REQUESTS];

static void on_done(struct uk_blk_req *req, int err)
{
	errs[req - reqs] = err;
}

void submit(unsigned int i, enum uk_blk_op op)
{
	errs[i] = NOT_DONE;
	sgs[i] = (struct uk_blk_sg) { pages[i], UK_PAGE_SIZE };
	reqs[i] = (struct uk_blk_req) {
		.op = op, .sector = 8, .sg = &sgs[i], .n_sg = 1, .done = on_done,
	};
	uk_blk_submit(&blk, &reqs[i]);
}

void wait_done(unsigned int i, unsigned int patience_ms)
{
	uint64_t deadline_ns = uk_plat_mono_ns() + patience_ms * UK_NSEC_PER_MSEC;

	while (errs[i] == NOT_DONE && uk_plat_mono_ns() < deadline_ns)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
}

bool is_page_written_to(void)
{
	memset(pages[0], PATTERN, UK_PAGE_SIZE);
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	return pages[0][0] != PATTERN;
}
