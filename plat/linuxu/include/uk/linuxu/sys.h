/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System calls of Linux, without a C library: for this platform and for
 * back ends that live in user space.
 *
 * Rules
 * - Results are the kernel's: >= 0, or -errno. Nothing is restarted after a
 *   signal (-EINTR), but none is delivered: those we hear of are blocked.
 * - A call that blocks stops all threads of the image. Wait with
 *   <uk/linuxu/fd.h> instead.
 */
#ifndef UK_LINUXU_SYS_H
#define UK_LINUXU_SYS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* uk_linuxu_syscall(nr, a, b, c, d, e, f) and enum uk_linuxu_nr */
#include <uk/linuxu/sys_arch.h>

#define uk_linuxu_call_(nr, a, b, c, d, e, f)				\
	uk_linuxu_syscall((nr), (long)(a), (long)(b), (long)(c), (long)(d), \
			  (long)(e), (long)(f))
#define uk_linuxu_call3(nr, a, b, c) \
	uk_linuxu_call_(nr, (a), (b), (c), 0, 0, 0)
#define uk_linuxu_call4(nr, a, b, c, d) \
	uk_linuxu_call_(nr, (a), (b), (c), (d), 0, 0)
#define uk_linuxu_call6(nr, a, b, c, d, e, f) \
	uk_linuxu_call_(nr, (a), (b), (c), (d), (e), (f))

/* Values that are the same on all of our architectures: asm-generic */
#define UK_LINUXU_O_RDONLY 0
#define UK_LINUXU_O_WRONLY 1
#define UK_LINUXU_O_RDWR 2
#define UK_LINUXU_O_NONBLOCK 04000
#define UK_LINUXU_O_CLOEXEC 02000000

static inline ssize_t uk_linuxu_read(int fd, void *buf, size_t len)
{
	return uk_linuxu_call3(UK_LINUXU_NR_READ, fd, buf, len);
}

static inline ssize_t uk_linuxu_write(int fd, const void *buf, size_t len)
{
	return uk_linuxu_call3(UK_LINUXU_NR_WRITE, fd, buf, len);
}

/** @path: relative to the working directory. @flags: UK_LINUXU_O_*.
 *  @return a descriptor, or -errno. */
static inline int uk_linuxu_open(const char *path, int flags, mode_t mode)
{
	return (int)uk_linuxu_call4(UK_LINUXU_NR_OPENAT, -100 /* AT_FDCWD */,
				    path, flags, mode);
}

static inline int uk_linuxu_close(int fd)
{
	return (int)uk_linuxu_call3(UK_LINUXU_NR_CLOSE, fd, 0, 0);
}

static inline int uk_linuxu_ioctl(int fd, unsigned long request, void *arg)
{
	return (int)uk_linuxu_call3(UK_LINUXU_NR_IOCTL, fd, request, arg);
}

#endif /* UK_LINUXU_SYS_H */
