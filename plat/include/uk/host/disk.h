/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files and block devices of the system that the image is a process of, below
 * lib/drv/linuxu-file.
 *
 * Rules
 * - Provider: linuxu. Service word: host-disks.
 * - An open one is a number, 0 or more. Thread context. Calls wait for the host,
 *   and all threads wait with them. Errors are the host's.
 */
#ifndef UK_HOST_DISK_H
#define UK_HOST_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @path: relative to the working directory of the process. @return a number. */
int uk_host_disk_open(const char *path, bool is_readonly);
void uk_host_disk_close(int d);

/** Its length now. @return 0 or -errno. */
int uk_host_disk_size(int d, uint64_t *len_bytes);

/** All of @len_bytes at @at. @return 0; -EIO: there is less; or -errno. */
int uk_host_disk_read(int d, void *buf, size_t len_bytes, uint64_t at);
int uk_host_disk_write(int d, const void *buf, size_t len_bytes, uint64_t at);

/** What was written survives the host. @return 0 or -errno. */
int uk_host_disk_flush(int d);

/** Give the space back; it reads as zeros then. @return 0; -EOPNOTSUPP: the file
 *  system cannot. */
int uk_host_disk_punch(int d, uint64_t at, uint64_t len_bytes);

#endif /* UK_HOST_DISK_H */
