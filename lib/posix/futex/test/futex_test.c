/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <time.h>

#include <uk/syscall.h>
#include <uk/test.h>
#include <uk/thread.h>

/* Linux' uapi, <linux/futex.h> */
enum { WAIT, WAKE, REQUEUE = 3 };

static int word, other, n_awake;

static void wait(void *arg)
{
	(void)arg;
	UK_EXPECT_EQ(uk_sys_futex((long)&word, WAIT, 0, 0, 0, 0), 0);
	n_awake++;
}

UK_TEST(futex, test_changed_word_is_not_waited_for)
{
	word = 1;
	UK_EXPECT_EQ(uk_sys_futex((long)&word, WAIT, 0, 0, 0, 0), -EAGAIN);
}

UK_TEST(futex, test_wait_times_out)
{
	struct timespec ts = { .tv_nsec = 1000000 };

	word = 0;
	UK_EXPECT_EQ(uk_sys_futex((long)&word, WAIT, 0, (long)&ts, 0, 0), -ETIMEDOUT);
	ts.tv_nsec = -1;
	UK_EXPECT_EQ(uk_sys_futex((long)&word, WAIT, 0, (long)&ts, 0, 0), -EINVAL);
	/* It waits no more */
	UK_EXPECT_EQ(uk_sys_futex((long)&word, WAKE, 1, 0, 0, 0), 0);
}

UK_TEST(futex, test_as_many_wake_as_shall)
{
	word = n_awake = 0;
	for (int i = 0; i < 4; i++)
		UK_EXPECT(uk_thread_create("waiter", wait, NULL, 0));
	uk_thread_yield();
	UK_EXPECT_EQ(uk_sys_futex((long)&other, WAKE, 9, 0, 0, 0), 0);
	UK_EXPECT_EQ(uk_sys_futex((long)&word, WAKE, 1, 0, 0, 0), 1);
	uk_thread_yield();
	UK_EXPECT_EQ(n_awake, 1);
	/* One wakes, one is moved to the other word, one stays */
	UK_EXPECT_EQ(uk_sys_futex((long)&word, REQUEUE, 1, 1, (long)&other, 0), 2);
	uk_thread_yield();
	UK_EXPECT_EQ(n_awake, 2);
	UK_EXPECT_EQ(uk_sys_futex((long)&other, WAKE, 9, 0, 0, 0), 1);
	UK_EXPECT_EQ(uk_sys_futex((long)&word, WAKE, 9, 0, 0, 0), 1);
	uk_thread_yield();
	UK_EXPECT_EQ(n_awake, 4);
}
