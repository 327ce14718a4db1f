/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/plat/tls.h>

#include "x86.h"

#define MSR_FS_BASE 0xc0000100

/* Not WRFSBASE: not every machine has it */
void uk_plat_tls_set(uintptr_t tp)
{
	x86_wrmsr(MSR_FS_BASE, tp);
}
