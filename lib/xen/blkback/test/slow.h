/* SPDX-License-Identifier: BSD-3-Clause */
/* A disk "slow:" that completes its requests when a test says so. */
#ifndef TEST_SLOW_H
#define TEST_SLOW_H

#include "common.h"

#include <uk/blkdev_driver.h>

#define SLOW_BYTES (256 * 1024)

struct slow {
	struct uk_blkdev dev;
	char bytes[SLOW_BYTES];
	struct uk_list pending;
	unsigned int n_pending, n_flushes;
	bool is_held;
};

extern struct slow slow;

/* fe is connected with it, empty; what slow_reset() has set may be changed before.
 * @return whether it is. */
void slow_reset(void);
bool slow_connect(void);
bool slow_start(void);		/* both */
/* Of the pending ones, the oldest first. */
struct uk_blk_req *slow_req(unsigned int i);
void slow_complete(struct uk_blk_req *req, int err);
void slow_complete_all(void);
/* Until it holds @n requests. */
bool slow_wait(unsigned int n);

#endif /* TEST_SLOW_H */
