/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef POLL_PRIV_H
#define POLL_PRIV_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/** Deadline of a timeout; a negative one means for ever. */
uint64_t poll_deadline_ms(int timeout_ms);
/** NULL means for ever. @return 0 or -EINVAL. */
int poll_deadline(const struct timespec *ts, uint64_t *deadline_ns);

/**
 * Call @scan(@arg) until it returns something else than 0, or @deadline_ns
 * passes; in between sleep until a file becomes ready.
 * @return what the last @scan said.
 */
int poll_until(uint64_t deadline_ns, int (*scan)(void *arg), void *arg);

#endif /* POLL_PRIV_H */
