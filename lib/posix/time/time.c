/* SPDX-License-Identifier: BSD-3-Clause */
/* Two clocks: the wall's and the monotonic one. There is none of processor
 * time: the image does not know when the hypervisor takes the CPU away. */
#include <uk/syscall.h>

#include <errno.h>
#include <stdbool.h>
#include <sys/time.h>
#include <time.h>

#include <uk/plat/event.h>
#include <uk/plat/time.h>
#include <uk/thread.h>

/* @return whether there is such a clock. */
static bool read_clock(clockid_t id, uint64_t *ns)
{
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*ns = uk_plat_wall_ns();
		return true;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = uk_plat_mono_ns();
		return true;
	default:
		return false;
	}
}

static struct timespec to_timespec(uint64_t ns)
{
	return (struct timespec){ .tv_sec = ns / UK_NSEC_PER_SEC, .tv_nsec = ns % UK_NSEC_PER_SEC };
}

/* @return whether @ts is a time; one too far away becomes UK_FOREVER. */
static bool from_timespec(const struct timespec *ts, uint64_t *ns)
{
	if (ts->tv_sec < 0 || ts->tv_nsec < 0 || ts->tv_nsec >= (long)UK_NSEC_PER_SEC)
		return false;
	if (__builtin_mul_overflow((uint64_t)ts->tv_sec, UK_NSEC_PER_SEC, ns) ||
	    __builtin_add_overflow(*ns, (uint64_t)ts->tv_nsec, ns))
		*ns = UK_FOREVER;
	return true;
}

long uk_sys_clock_gettime(long id, long ts)
{
	uint64_t ns;

	if (!read_clock(id, &ns))
		return -EINVAL;
	*(struct timespec *)ts = to_timespec(ns);
	return 0;
}

long uk_sys_clock_getres(long id, long ts)
{
	uint64_t ns;

	if (!read_clock(id, &ns))
		return -EINVAL;
	if (ts)
		*(struct timespec *)ts = to_timespec(1);
	return 0;
}

long uk_sys_gettimeofday(long tv, long tz)
{
	uint64_t ns = uk_plat_wall_ns();

	(void)tz;
	if (tv)
		*(struct timeval *)tv = (struct timeval){
			.tv_sec = ns / UK_NSEC_PER_SEC,
			.tv_usec = ns % UK_NSEC_PER_SEC / UK_NSEC_PER_USEC,
		};
	return 0;
}

long uk_sys_time(long t)
{
	time_t now = uk_plat_wall_ns() / UK_NSEC_PER_SEC;

	if (t)
		*(time_t *)t = now;
	return now;
}

/* No signal interrupts a sleep, so nothing ever remains */
long uk_sys_clock_nanosleep(long id, long flags, long request, long remain)
{
	uint64_t ns, now;

	(void)remain;
	if (!read_clock(id, &now) || flags & ~(long)TIMER_ABSTIME ||
	    !from_timespec((const struct timespec *)request, &ns))
		return -EINVAL;
	if (flags & TIMER_ABSTIME)
		ns = ns > now ? ns - now : 0;
	if (ns)
		uk_thread_sleep_ns(ns);
	else
		uk_thread_yield();
	return 0;
}

long uk_sys_nanosleep(long request, long remain)
{
	return uk_sys_clock_nanosleep(CLOCK_MONOTONIC, 0, request, remain);
}
