/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * There are no signals. To block them, to ignore them and to leave them at
 * their default is therefore done by doing nothing; a handler, which would never
 * be called, is refused.
 */
#include <uk/syscall.h>

#include <errno.h>
#include <signal.h>
#include <string.h>

long uk_sys_rt_sigprocmask(long how, long set, long old, long bytes)
{
	(void)how;
	(void)set;
	if (old)
		memset((void *)old, 0, bytes);
	return 0;
}

/* The kernel's struct begins with the handler and has four words in all */
long uk_sys_rt_sigaction(long sig, long action, long old, long bytes)
{
	void (*handler)(int);

	(void)bytes;
	if (sig < 1 || sig >= _NSIG)
		return -EINVAL;
	if (old)
		memset((void *)old, 0, 4 * sizeof(long));
	if (!action)
		return 0;
	memcpy(&handler, (const void *)action, sizeof(handler));
	return handler == SIG_DFL || handler == SIG_IGN ? 0 : -ENOSYS;
}
