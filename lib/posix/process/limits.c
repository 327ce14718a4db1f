/* SPDX-License-Identifier: BSD-3-Clause */
/* Limits are facts of the image: they can be read, not set. */
#include <uk/syscall.h>

#include <errno.h>
#include <stdint.h>
#include <sys/resource.h>

#ifdef CONFIG_LIBFD
#define N_FDS CONFIG_LIBFD_MAX
#else
#define N_FDS 0
#endif

static int get_limit(int resource, struct rlimit *lim)
{
	rlim_t value = RLIM_INFINITY;

	if (resource < 0 || resource >= RLIM_NLIMITS)
		return -EINVAL;
	if (resource == RLIMIT_NOFILE)
		value = N_FDS;
	else if (resource == RLIMIT_STACK)
		value = CONFIG_LIBTHREAD_STACK_SIZE;
	else if (resource == RLIMIT_NPROC)
		value = 1;
	else if (resource == RLIMIT_CORE)
		value = 0;
	*lim = (struct rlimit){ .rlim_cur = value, .rlim_max = value };
	return 0;
}

static int set_limit(int resource, const struct rlimit *want)
{
	struct rlimit lim;
	int err = get_limit(resource, &lim);

	if (err < 0)
		return err;
	return want->rlim_cur == lim.rlim_cur ? 0 : -EPERM;
}

long uk_sys_getrlimit(long resource, long lim)
{
	return get_limit(resource, (struct rlimit *)lim);
}

long uk_sys_setrlimit(long resource, long lim)
{
	return set_limit(resource, (const struct rlimit *)lim);
}

long uk_sys_prlimit64(long pid, long resource, long want, long old)
{
	int err = 0;

	if (pid != 0 && pid != 1)
		return -ESRCH;
	if (old)
		err = get_limit(resource, (struct rlimit *)old);
	if (!err && want)
		err = set_limit(resource, (const struct rlimit *)want);
	return err;
}
