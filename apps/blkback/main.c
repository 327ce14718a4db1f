/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A storage driver domain: the block back end and the drivers of block devices
 * that are in the configuration do all the work, and say when they are ready.
 */
#include <uk/plat/boot.h>
#include <uk/plat/event.h>
#include <uk/print.h>
#include <uk/thread.h>
#include <uk/util.h>

/* Not linked into images of platforms that have no Xen */
struct uk_xenbus_driver;
void uk_xenbus_register(struct uk_xenbus_driver *drv) uk_weak;

int main(void)
{
	if (!uk_xenbus_register) {
		uk_pr_err("blkback: %s is not Xen: there is nobody to serve\n", uk_plat_name());
		return 1;
	}
	uk_pr_info("blkback: waiting for disks to be attached\n");
	for (;;)
		uk_thread_block_until(UK_FOREVER);
}
