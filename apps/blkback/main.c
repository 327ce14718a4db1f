/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A storage driver domain. All of it is in the libraries it is composed of:
 * control answers xl, xenbus finds the devices, blkback serves them, ramdisk
 * holds their data. The image lives until somebody asks for its end.
 */
#include <uk/plat/event.h>
#include <uk/thread.h>

int main(void)
{
	for (;;)
		uk_thread_block_until(UK_FOREVER);
}
