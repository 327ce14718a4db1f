/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/plat/tls.h>

#include <uk/assert.h>
#include <xen/xen.h>

#include "hypercall.h"

void uk_plat_tls_set(uintptr_t tp)
{
	uk_bug_on(xen_hypercall2(__HYPERVISOR_set_segment_base, SEGBASE_FS, tp) < 0);
}
