/* SPDX-License-Identifier: BSD-3-Clause */
#include <sys/time.h>
#include <time.h>

#include <errno.h>

#include <uk/plat/time.h>
#include <uk/util.h>

/* Splits without a 64-bit modulo, which costs a second division on ARM */
static uint32_t split(uint64_t ns, time_t *sec)
{
	uint64_t s = ns / UK_NSEC_PER_SEC;

	*sec = (time_t)s;
	return (uint32_t)(ns - s * UK_NSEC_PER_SEC);
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	uint64_t ns;

	if (clock == CLOCK_REALTIME) {
		ns = uk_plat_wall_ns();
	} else if (clock == CLOCK_MONOTONIC) {
		ns = uk_plat_mono_ns();
	} else {
		errno = EINVAL;
		return -1;
	}
	ts->tv_nsec = (long)split(ns, &ts->tv_sec);
	return 0;
}

int gettimeofday(struct timeval *tv, void *tz)
{
	(void)tz;
	tv->tv_usec = split(uk_plat_wall_ns(), &tv->tv_sec) / 1000;
	return 0;
}

time_t time(time_t *t)
{
	time_t now = (time_t)(uk_plat_wall_ns() / UK_NSEC_PER_SEC);

	if (t)
		*t = now;
	return now;
}
