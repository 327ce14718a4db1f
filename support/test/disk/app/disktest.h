/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of disks share. */
#ifndef DISKTEST_H
#define DISKTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uk/blkdev.h>

/* The parameter disk.target */
extern const char *disk_target;

/* Open it and set @info. @return false: the test has failed. */
bool disk_open(struct uk_blk *blk, struct uk_blk_info *info);

/* What the byte at @at of the disk is, in round @round; support/test/disk knows. */
static inline uint8_t disk_byte(uint64_t at, unsigned int round)
{
	return (uint8_t)(at * 7 + at / 509 + at / 65521 + round * 31);
}

#endif /* DISKTEST_H */
