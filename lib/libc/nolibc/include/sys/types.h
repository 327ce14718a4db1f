/* SPDX-License-Identifier: BSD-3-Clause */
/* Types that POSIX names; off_t and time_t have 64 bits on every machine. */
#ifndef UK_LIBC_SYS_TYPES_H
#define UK_LIBC_SYS_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef __PTRDIFF_TYPE__ ssize_t;
typedef int64_t off_t;
typedef int64_t time_t;
typedef int64_t suseconds_t;
typedef uint32_t useconds_t;
typedef int32_t clockid_t;
typedef int32_t pid_t;
typedef uint32_t uid_t;
typedef uint32_t gid_t;
typedef uint32_t mode_t;

#endif /* UK_LIBC_SYS_TYPES_H */
