/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The wall clock in microseconds.
 *
 * Rules
 * - Any context; it does not fail.
 */
#ifndef UK_LIBC_SYS_TIME_H
#define UK_LIBC_SYS_TIME_H

#include <sys/types.h>

struct timeval {
	time_t tv_sec;
	suseconds_t tv_usec;
};

/** @tz: ignored. */
int gettimeofday(struct timeval *tv, void *tz);

#endif /* UK_LIBC_SYS_TIME_H */
