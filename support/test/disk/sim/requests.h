/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests of a page each to a simulated disk, that are not waited for unless it is asked. */
#ifndef SIM_REQUESTS_H
#define SIM_REQUESTS_H

#include <stdbool.h>

#include <uk/blkdev.h>

#define N_REQUESTS 2
#define NOT_DONE 1

extern struct uk_blk blk;
extern int errs[N_REQUESTS];		/* NOT_DONE, or how each ended */

/* Request @i, to sector 8: the disk is open */
void submit(unsigned int i, enum uk_blk_op op);
void wait_done(unsigned int i, unsigned int patience_ms);
/* Does the device write to the page of request 0? Looks for 5 ms. */
bool is_page_written_to(void);

#endif /* SIM_REQUESTS_H */
