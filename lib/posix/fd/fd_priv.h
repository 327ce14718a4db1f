/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FD_PRIV_H
#define FD_PRIV_H

#include <stdbool.h>

#include <uk/fd.h>

/* table.c */

/** Put @f in the place of what @fd was; takes a reference. @return 0 or
 *  -EBADF. */
int fd_replace(int fd, struct uk_file *f, bool is_cloexec);
/** @return 0 or 1. */
int fd_cloexec(int fd);
void fd_set_cloexec(int fd, bool is_cloexec);

#endif /* FD_PRIV_H */
