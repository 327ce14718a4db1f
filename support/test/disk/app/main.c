/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs the tests that the command line names (main() of apps/unittest), against
 * the disk that disk.target= names. */
#include <uk/param.h>
#include <uk/print.h>
#include <uk/test.h>

#include "disktest.h"

const char *disk_target = "";
UK_PARAM(disk_target, "disk.target", UK_PARAM_STR, &disk_target, "the disk of the tests");

bool disk_open(struct uk_blk *blk, struct uk_blk_info *info)
{
	char why[UK_BLK_WHY_BYTES];
	int err = uk_blk_open(blk, disk_target, why);

	if (err) {
		uk_test_fail(__FILE__, __LINE__, "%.40s: %s (%d)", disk_target, why, err);
		return false;
	}
	uk_blk_info(blk, info);
	return true;
}

int main(int argc, char *argv[])
{
	int failures = uk_test_run(argc > 1 ? argv[1] : NULL);

	uk_console_printf("# %d failed\n", failures);
	return failures != 0;
}
