/* SPDX-License-Identifier: BSD-3-Clause */
/* Rings, grants and ports of a simulated frontend, and floods of what is cheap for it. */
#include <uk/xen/frontsim.h>

#include <limits.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/thread.h>

#define FIRST_POLL_NS (200 * UK_NSEC_PER_USEC)
#define LAST_POLL_NS (5 * UK_NSEC_PER_MSEC)

void uk_frontsim_ring_start(struct uk_xen_ring_wire *ring)
{
	memset(ring, 0, UK_PAGE_SIZE);
	ring->req_event = 1;
	ring->rsp_event = 1;
}

bool uk_frontsim_wait_past(const volatile uint32_t *prod, uint32_t cons, uint64_t patience_ns)
{
	uint64_t end = uk_plat_mono_ns() + patience_ns, poll_ns = FIRST_POLL_NS;

	while (*prod == cons) {
		if (uk_plat_mono_ns() >= end)
			return false;
		uk_thread_sleep_ns(poll_ns);
		poll_ns = UK_MIN(2 * poll_ns, LAST_POLL_NS);
	}
	return true;
}

bool uk_frontsim_end_grant(grant_ref_t *ref)
{
	bool is_free = !*ref || uk_xensim_grant_end(*ref);

	*ref = 0;
	return is_free;
}

void uk_frontsim_close_port(evtchn_port_t *port)
{
	if (*port)
		uk_xensim_port_close(*port);
	*port = 0;
}

unsigned long uk_frontsim_storm(evtchn_port_t port, unsigned int n)
{
	unsigned long before = uk_xensim_deliveries();

	while (n--) {
		uk_xensim_port_kick(port);
		uk_thread_yield();
		uk_thread_yield();
	}
	return uk_xensim_deliveries() - before;
}

unsigned long uk_frontsim_flood(const struct uk_frontsim *f)
{
	struct uk_heap_stats before, after;
	unsigned long requests;

	uk_thread_sleep_ns(10 * UK_NSEC_PER_MSEC);
	uk_heap_stats(&before);
	requests = uk_xensim_xs_requests();
	for (unsigned int i = 0; i < 400; i++)
		uk_frontsim_set_state(f, i % 2 ? "4" : "x");
	uk_thread_sleep_ns(50 * UK_NSEC_PER_MSEC);
	uk_heap_stats(&after);
	return before.n_allocs == after.n_allocs ? uk_xensim_xs_requests() - requests : ULONG_MAX;
}

uint32_t uk_frontsim_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}
