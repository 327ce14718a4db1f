/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of the engine share: two frontends, and what is expected of
 * them most. */
#ifndef TEST_COMMON_H
#define TEST_COMMON_H

#include "frontend.h"

#define FE_DOM 3
#define OTHER_DOM 4
#define DISK_SECTORS 2048	/* of ram:size=1M */

extern struct frontend fe, other;

/* A connected frontend with a fresh disk of 1 MiB. @return whether it is. */
bool start_as(bool is_persistent);
bool start(void);
/* With rings of 2^@order pages */
bool start_rings(unsigned int order, unsigned int n_rings);
/* Detach it, and see that nothing of it stays. */
void stop(void);

/* A pattern in all pages of @p that depends on @seed */
void fill(char *p, unsigned int seed);
void write_and_read_back(struct frontend *f, unsigned int n_segs, uint64_t sector);
/* The ring still serves. */
void expect_alive(struct frontend *f);
/* The back end has given fe up: state 6, nothing bound or mapped. */
void expect_closed(void);

#endif /* TEST_COMMON_H */
