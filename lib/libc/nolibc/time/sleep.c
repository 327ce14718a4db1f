/* SPDX-License-Identifier: BSD-3-Clause */
#include <time.h>
#include <unistd.h>

#include <errno.h>

#include <uk/arch/page.h>
#include <uk/thread.h>

int nanosleep(const struct timespec *req, struct timespec *rem)
{
	uint64_t ns;

	(void)rem;
	if (req->tv_sec < 0 || req->tv_nsec < 0 ||
	    req->tv_nsec >= (long)UK_NSEC_PER_SEC) {
		errno = EINVAL;
		return -1;
	}
	if (__builtin_mul_overflow((uint64_t)req->tv_sec, UK_NSEC_PER_SEC,
				   &ns) ||
	    __builtin_add_overflow(ns, (uint64_t)req->tv_nsec, &ns))
		ns = UINT64_MAX;
	uk_thread_sleep_ns(ns);
	return 0;
}

unsigned int sleep(unsigned int seconds)
{
	uk_thread_sleep_ns(seconds * UK_NSEC_PER_SEC);
	return 0;
}

int usleep(useconds_t us)
{
	uk_thread_sleep_ns(us * UK_NSEC_PER_USEC);
	return 0;
}

int getpagesize(void)
{
	return (int)UK_PAGE_SIZE;
}
