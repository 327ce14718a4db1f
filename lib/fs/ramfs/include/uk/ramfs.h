/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The RAM file system, for libraries that put something into it. Programs use
 * the C library's functions.
 *
 * Rules
 * - "/dev" is there when the init functions of the second level (bus) run.
 * - Paths are absolute. Functions return 0 or -errno and do not block.
 */
#ifndef UK_RAMFS_H
#define UK_RAMFS_H

#include <stddef.h>
#include <sys/types.h>

#include <uk/fd.h>

/** A directory; it is no error when it is there already. */
int uk_ramfs_mkdir(const char *path, mode_t mode);

/**
 * A file whose contents are @data, which must stay and is not written: the
 * file gets a copy of its own when somebody writes to it. Replaces a file of
 * that name.
 */
int uk_ramfs_add(const char *path, mode_t mode, const void *data, size_t len);

/**
 * A device: opening @path gives what @open says, with a reference for the
 * caller, or NULL and -errno in @err. @flags: O_ACCMODE and O_NONBLOCK.
 */
int uk_ramfs_device(const char *path, struct uk_file *(*open)(int flags, int *err));

#endif /* UK_RAMFS_H */
