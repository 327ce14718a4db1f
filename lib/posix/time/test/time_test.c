/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <sys/time.h>
#include <time.h>

#include <uk/syscall.h>
#include <uk/test.h>

static long long now_ns(clockid_t id)
{
	struct timespec ts;

	UK_EXPECT_EQ(clock_gettime(id, &ts), 0);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

UK_TEST(time, test_monotonic_clock_passes_in_a_sleep)
{
	struct timespec ts = { .tv_nsec = 3000000 };
	long long before = now_ns(CLOCK_MONOTONIC), passed;

	UK_EXPECT_EQ(nanosleep(&ts, NULL), 0);
	passed = now_ns(CLOCK_MONOTONIC) - before;
	UK_EXPECT(passed >= 3000000);
	UK_EXPECT(passed < 2000000000);
}

UK_TEST(time, test_wall_clocks_agree)
{
	struct timeval tv;
	long long ns;

	gettimeofday(&tv, NULL);
	ns = now_ns(CLOCK_REALTIME);
	UK_EXPECT(ns / 1000 - (tv.tv_sec * 1000000LL + tv.tv_usec) < 1000000);
	UK_EXPECT(ns / 1000000000 - time(NULL) <= 1);
	UK_EXPECT(tv.tv_sec > 1600000000);
}

UK_TEST(time, test_sleep_until_ends_then)
{
	long long until = now_ns(CLOCK_REALTIME) + 2000000;
	struct timespec ts = { .tv_sec = until / 1000000000, .tv_nsec = until % 1000000000 };

	UK_EXPECT_EQ(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &ts, NULL), 0);
	UK_EXPECT(now_ns(CLOCK_REALTIME) >= until);
	/* In the past: no sleep */
	ts.tv_sec -= 100;
	UK_EXPECT_EQ(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &ts, NULL), 0);
	UK_EXPECT(now_ns(CLOCK_REALTIME) < until + 2000000000);
}

UK_TEST(time, test_what_is_no_time_is_refused)
{
	struct timespec ts = { .tv_nsec = 1000000000 };

	UK_EXPECT_EQ(nanosleep(&ts, NULL), -1);
	UK_EXPECT_EQ(errno, EINVAL);
	UK_EXPECT_EQ(uk_sys_clock_gettime(CLOCK_PROCESS_CPUTIME_ID, (long)&ts), -EINVAL);
}
