/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Clocks and sleep, as POSIX has them.
 *
 * Rules
 * - Reading a clock: any context. CLOCK_REALTIME is UTC as the platform knows it.
 * - nanosleep() blocks: thread context; other threads run meanwhile.
 */
#ifndef UK_LIBC_TIME_H
#define UK_LIBC_TIME_H

#include <stddef.h>
#include <sys/types.h>

struct timespec {
	time_t tv_sec;
	long tv_nsec;
};

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1

time_t time(time_t *t);
/** @return 0; -1 with EINVAL: another clock. */
int clock_gettime(clockid_t clock, struct timespec *ts);
/** @rem: not written; nothing interrupts a sleep here. */
int nanosleep(const struct timespec *req, struct timespec *rem);

#endif /* UK_LIBC_TIME_H */
