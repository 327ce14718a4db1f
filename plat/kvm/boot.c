/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/plat/boot.h>

#include "kvm.h"
#include "multiboot.h"
#include "native.h"

const char *uk_plat_name(void)
{
	return "kvm";
}

void native_start(const void *info)
{
	native_traps_init();
	console_init();
	if (!native_boot_pvh(info))
		multiboot_read(info);
	native_mem_init();
	time_init();
	uk_boot(native_boot.cmdline);
}
