/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Clocks.
 *
 * Rules
 * - Callable from anywhere, never block, never fail once the platform's C
 *   code has run.
 */
#ifndef UK_PLAT_TIME_H
#define UK_PLAT_TIME_H

#include <stdint.h>

/** Monotonic time, ns; starts at an arbitrary point, goes on in suspend. */
uint64_t uk_plat_mono_ns(void);

/** Wall-clock time, ns since 1970-01-01 00:00 UTC. */
uint64_t uk_plat_wall_ns(void);

#endif /* UK_PLAT_TIME_H */
