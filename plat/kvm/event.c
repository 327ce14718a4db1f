/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/plat/event.h>

#include <uk/arch/barrier.h>
#include <uk/plat/time.h>

#include "kvm.h"
#include "native.h"

/* There is no timer: look at the clock until it is time. */
static void spin(uint64_t deadline_ns)
{
	while (uk_plat_mono_ns() < deadline_ns) {
		native_irq_poll();
		if (native_irq_dispatch())
			return;
		uk_arch_relax();
	}
}

bool uk_plat_wait(uint64_t deadline_ns)
{
	uint64_t now_ns;

	if (uk_plat_poll())
		return true;
	if (deadline_ns != UK_FOREVER) {
		now_ns = uk_plat_mono_ns();
		if (now_ns >= deadline_ns)
			return true;
		if (!lapic_arm(deadline_ns - now_ns)) {
			spin(deadline_ns);
			return true;
		}
	}
	native_irq_sleep();
	native_irq_dispatch();
	return true;
}

bool uk_plat_poll(void)
{
	native_irq_poll();
	return native_irq_dispatch();
}
