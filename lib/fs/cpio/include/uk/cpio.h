/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Archives as files.
 *
 * Rules
 * - Thread context, after the RAM file system is mounted. Takes memory for names and
 *   nodes, none for contents.
 * - The archive may be anything: lengths and names are checked.
 */
#ifndef UK_CPIO_H
#define UK_CPIO_H

#include <stddef.h>

/**
 * Put the files of a cpio archive ("newc" format) into the RAM file system.
 * Their contents stay where they are: the archive must stay. Links and devices
 * are left out, with a word in the log.
 * @dir: where to; a directory that exists, "" for the root.
 * @return number of files and directories, or -EINVAL: not or not only an
 *	archive (what came before the damage is there), or -errno of a file.
 */
int uk_cpio_unpack(const void *archive, size_t len, const char *dir);

#endif /* UK_CPIO_H */
