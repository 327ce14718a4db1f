/* SPDX-License-Identifier: BSD-3-Clause */
/* The end of a domain, with the reason its administrator gets to see. */
#include <uk/plat/shutdown.h>

#include <stdbool.h>
#include <stdint.h>

#include <xen/sched.h>

#include <uk/plat/console.h>

#include "hypercall.h"
#include "xen_priv.h"

void uk_plat_shutdown(enum uk_shutdown why, int status)
{
	static const unsigned int reasons[] = {
		[UK_SHUTDOWN_POWEROFF] = SHUTDOWN_poweroff,
		[UK_SHUTDOWN_REBOOT] = SHUTDOWN_reboot,
		[UK_SHUTDOWN_CRASH] = SHUTDOWN_crash,
	};
	struct sched_shutdown op = { .reason = reasons[why] };
	static bool is_flushing;

	(void)status;
	/* After a fault in it: not again */
	if (!is_flushing) {
		is_flushing = true;
		uk_plat_console_flush();
	}
	for (;;)
		xen_sched_op(SCHEDOP_shutdown, &op);
}
