/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waiting: event channels collect, uk_plat_wait() and uk_plat_poll() deliver.
 * The one-shot timer of the vCPU is an event like any other.
 */
#include <uk/plat/event.h>

#include <errno.h>
#include <stdint.h>

#include <xen/vcpu.h>

#include <uk/arch/barrier.h>
#include <uk/xen/evtchn.h>

#include "hypercall.h"
#include "xen_priv.h"

/* When the timer will fire; UK_FOREVER: it is not set */
static uint64_t armed_ns = UK_FOREVER;
static evtchn_port_t timer_port;

static void on_timer(evtchn_port_t port, void *arg)
{
	(void)port;
	(void)arg;
	armed_ns = UK_FOREVER;
}

static int timer_open(void)
{
	int err = uk_evtchn_bind_virq(VIRQ_TIMER, on_timer, NULL, &timer_port);

	if (!err)
		uk_evtchn_unmask(timer_port);
	return err;
}

/* See that something wakes us at @deadline_ns. A timer that fires earlier does:
 * waiting may end early. Xen knows the time, so nobody else looks at the clock.
 * @return false: the deadline has passed. */
static bool timer_arm(uint64_t deadline_ns)
{
	struct vcpu_set_singleshot_timer t = {
		.timeout_abs_ns = deadline_ns,
		.flags = VCPU_SSHOTTMR_future,
	};

	if (armed_ns <= deadline_ns)
		return true;
	if (!timer_port && timer_open())
		return false;
	if (xen_vcpu_op(VCPUOP_set_singleshot_timer, 0, &t))
		return false;
	armed_ns = deadline_ns;
	return true;
}

bool uk_plat_poll(void)
{
	bool is_pending = UK_READ_ONCE(xen_vcpu_info()->evtchn_upcall_pending);

	if (is_pending)
		xen_evtchn_scan();
	return xen_mode_poll() || is_pending;
}

/* A timer that is set for it, or earlier, and has not fired says that the
 * deadline has not passed. */
bool uk_plat_wait(uint64_t deadline_ns)
{
	if (!uk_plat_poll()) {
		if (deadline_ns != UK_FOREVER && !timer_arm(deadline_ns))
			return true;
		xen_mode_sleep();
		uk_plat_poll();
	}
	return armed_ns > deadline_ns;
}
