/* SPDX-License-Identifier: BSD-3-Clause */
/* In place of evtchn_fifo.c when it is not configured. */
#include "xen_priv.h"

const struct xen_evtchn_abi *xen_evtchn_fifo_probe(void)
{
	return NULL;
}
