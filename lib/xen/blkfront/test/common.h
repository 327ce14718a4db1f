/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of the front end share: a back end, and a user of its disk. */
#ifndef TEST_COMMON_H
#define TEST_COMMON_H

#include "backend.h"

#include <uk/arch/page.h>
#include <uk/blkdev_driver.h>

#define BUF_BYTES (64 * UK_PAGE_SIZE)

extern struct uk_blk blk;
extern char why[UK_BLK_WHY_BYTES];
extern char buf[BUF_BYTES];

/* Something for @buf, different for each @seed. */
void fill(unsigned int seed, size_t len);
/* Is it as fill() has made it? */
bool is_filled(unsigned int seed, size_t len);

/* Attach xvda, connect and open it. @return whether it worked. */
bool start(void);
/* The same for a back end that the test has set up. */
bool start_with(unsigned int id, const char *name);
/* Close and take all away, and see that nothing is left. */
void stop(void);
/* Data go there and back, over the same disk as ever. */
void expect_alive(void);
/* Wait until @name can be opened. */
bool wait_disk(const char *name);
/* Wait until all is as it was before start(): the disk, and what it took. */
extern struct uk_frontsim_use before;
void expect_gone(void);

/* A request that is not waited for */
struct async {
	struct uk_blk_req req;
	struct uk_blk_sg sg[2];
	bool is_done;
	int err;
};

void submit(struct async *a, enum uk_blk_op op, uint64_t sector, void *va, uint32_t len);
/* @return its end, or 1: none came in time. */
int wait_done(struct async *a);

/* Requests that the back end takes and does not answer */
#define N_LOST 3
extern struct async lost[N_LOST];
void lose_some(void);
/* They are sent again, to whoever has the disk now. */
void expect_found(void);

#endif /* TEST_COMMON_H */
