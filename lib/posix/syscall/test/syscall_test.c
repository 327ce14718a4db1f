/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/syscall.h>

#include <errno.h>
#include <string.h>

#include <uk/print.h>
#include <uk/test.h>

/* A call that no library implements, and will not: there is one program */
UK_TEST(syscall, test_missing_call_returns_enosys)
{
	UK_EXPECT_EQ(uk_sys_fork(), -ENOSYS);
	UK_EXPECT_EQ(uk_syscall(__NR_fork, 0, 0, 0, 0, 0, 0), -ENOSYS);
	UK_EXPECT_EQ(uk_syscall_fold(__NR_fork, 0, 0, 0, 0, 0, 0), -ENOSYS);
	UK_EXPECT_EQ(uk_syscall(100000, 0, 0, 0, 0, 0, 0), -ENOSYS);
	UK_EXPECT_EQ(uk_syscall(-1, 0, 0, 0, 0, 0, 0), -ENOSYS);
}

/* It is found by its number too */
UK_TEST(syscall, test_number_reaches_the_function)
{
	volatile long nr = __NR_getpid;

	UK_EXPECT_EQ(uk_syscall(nr, 0, 0, 0, 0, 0, 0), uk_sys_getpid());
	UK_EXPECT_EQ(uk_syscall_fold(nr, 0, 0, 0, 0, 0, 0), uk_sys_getpid());
}

#ifdef CONFIG_LIBSYSCALL_NAMES
UK_TEST(syscall, test_missing_call_is_named_once)
{
	static const char line[] = "syscall: ptrace is not in this image";
	char log[512];
	const char *first;

	UK_EXPECT_EQ(uk_syscall_missing(__NR_ptrace), -ENOSYS);
	UK_EXPECT_EQ(uk_syscall_missing(__NR_ptrace), -ENOSYS);
	uk_log_tail(log, sizeof(log));
	first = strstr(log, line);
	if (UK_EXPECT(first))
		UK_EXPECT(!strstr(first + 1, line));
}
#endif
