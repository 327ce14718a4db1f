/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/plat/tls.h>

#include <uk/linuxu/sys.h>

#define ARCH_SET_FS 0x1002	/* <asm/prctl.h> */

/* In hosted mode the register belongs to the C library of the host */
void uk_plat_tls_set(uintptr_t tp)
{
	(void)tp;
#ifndef CONFIG_PLAT_LINUXU_HOSTED
	uk_linuxu_call3(UK_LINUXU_NR_ARCH_PRCTL, ARCH_SET_FS, tp, 0);
#endif
}
