/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A storage driver domain: the block back end and the drivers of block devices
 * that are in the configuration do all the work, and say when they are ready.
 */
#include <uk/plat/event.h>
#include <uk/print.h>
#include <uk/thread.h>

int main(void)
{
	uk_pr_info("blkback: waiting for disks to be attached\n");
	for (;;)
		uk_thread_block_until(UK_FOREVER);
}
