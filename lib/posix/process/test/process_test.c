/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <uk/test.h>

UK_TEST(process, test_there_is_one_process)
{
	UK_EXPECT_EQ(getpid(), 1);
	UK_EXPECT_EQ(getppid(), 0);
	UK_EXPECT_EQ(geteuid(), 0);
	UK_EXPECT_EQ(fork(), -1);
	UK_EXPECT_EQ(errno, ENOSYS);
}

UK_TEST(process, test_names_are_filled)
{
	struct utsname u;

	UK_EXPECT_EQ(uname(&u), 0);
	UK_EXPECT_STR(u.sysname, "Unicore");
	UK_EXPECT(u.version[0]);
}

UK_TEST(process, test_limits_can_be_read_not_changed)
{
	struct rlimit lim;

	UK_EXPECT_EQ(getrlimit(RLIMIT_STACK, &lim), 0);
	UK_EXPECT_EQ(lim.rlim_cur, CONFIG_LIBTHREAD_STACK_SIZE);
	UK_EXPECT_EQ(setrlimit(RLIMIT_STACK, &lim), 0);
	lim.rlim_cur++;
	UK_EXPECT_EQ(setrlimit(RLIMIT_STACK, &lim), -1);
	UK_EXPECT_EQ(getrlimit((int)RLIM_NLIMITS, &lim), -1);
}

static void handler(int sig)
{
	(void)sig;
}

UK_TEST(process, test_a_signal_can_be_ignored_not_handled)
{
	sigset_t set;

	UK_EXPECT(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	UK_EXPECT(signal(SIGPIPE, handler) == SIG_ERR);
	UK_EXPECT_EQ(errno, ENOSYS);
	sigfillset(&set);
	UK_EXPECT_EQ(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	UK_EXPECT_EQ(kill(1, SIGTERM), -1);
}
