/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RESTART_PRIV_H
#define RESTART_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include <uk/restart.h>

/** Which life this is, from 1 on; a kept block knows the life that has it. */
uint32_t restart_life(void);

/** Look at the kept area as at the start of a life. */
void keep_check_again(void);

/** The kept area, for tests that write over it. */
void *keep_area(size_t *len_bytes);

#endif /* RESTART_PRIV_H */
