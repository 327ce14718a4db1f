/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One process, number 1 as the first one of any system, of user and group 0,
 * which may do whatever can be done. No other process can be made, named or
 * signalled: those calls do not exist here.
 */
#include <uk/syscall.h>

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include <uk/plat/boot.h>
#include <uk/plat/shutdown.h>
#include <uk/thread.h>

long uk_sys_getpid(void)
{
	return 1;
}

long uk_sys_getppid(void)
{
	return 0;
}

long uk_sys_getuid(void)
{
	return 0;
}

long uk_sys_geteuid(void)
{
	return 0;
}

long uk_sys_getgid(void)
{
	return 0;
}

long uk_sys_getegid(void)
{
	return 0;
}

long uk_sys_getgroups(long size, long list)
{
	(void)size;
	(void)list;
	return 0;
}

long uk_sys_sched_yield(void)
{
	uk_thread_yield();
	return 0;
}

/* The end at once: hooks of uk_atexit() do not run */
long uk_sys_exit_group(long status)
{
	uk_plat_shutdown(UK_SHUTDOWN_POWEROFF, status);
}

long uk_sys_uname(long name)
{
	struct utsname *u = (struct utsname *)name;

	memset(u, 0, sizeof(*u));
	strlcpy(u->sysname, "Unicore", sizeof(u->sysname));
	strlcpy(u->nodename, CONFIG_UK_NAME, sizeof(u->nodename));
	strlcpy(u->release, "0", sizeof(u->release));
	strlcpy(u->version, uk_plat_name(), sizeof(u->version));
	strlcpy(u->machine, "x86_64", sizeof(u->machine));
	return 0;
}
