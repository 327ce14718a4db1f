/* SPDX-License-Identifier: BSD-3-Clause */
/* Event channels from this domain to itself, under either interface. */
#include <uk/xen/evtchn.h>

#include <errno.h>

#include <uk/plat/event.h>
#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/xen/gnttab.h>

#include "../hypercall.h"
#include "self.h"

#define PATIENCE_NS (1000 * UK_NSEC_PER_MSEC)

/* Two ports that are each other's end */
struct pair {
	evtchn_port_t a, b;
	unsigned int n_a, n_b;		/* events delivered */
};

domid_t self_domid(void)
{
	struct evtchn_status st = { .dom = DOMID_SELF };
	evtchn_port_t port;

	if (uk_evtchn_alloc_unbound(DOMID_SELF, NULL, NULL, &port))
		return DOMID_INVALID;
	st.port = port;
	xen_event_channel_op(EVTCHNOP_status, &st);
	uk_evtchn_close(port);
	return st.u.unbound.dom;
}

static void count(evtchn_port_t port, void *arg)
{
	struct pair *p = arg;

	p->n_a += port == p->a;
	p->n_b += port == p->b;
}

static bool pair_open(struct pair *p)
{
	*p = (struct pair){ 0 };
	if (!UK_EXPECT_EQ(uk_evtchn_alloc_unbound(DOMID_SELF, count, p, &p->a), 0))
		return false;
	return UK_EXPECT_EQ(uk_evtchn_bind_interdomain(DOMID_SELF, p->a, count, p, &p->b), 0);
}

static void pair_close(struct pair *p)
{
	uk_evtchn_close(p->a);
	uk_evtchn_close(p->b);
}

/* A bound port comes pending once: the new end is told that it has a peer */
static void pair_settle(struct pair *p)
{
	uk_evtchn_unmask(p->a);
	uk_evtchn_unmask(p->b);
	while (uk_plat_poll())
		;
	p->n_a = p->n_b = 0;
}

static void wait_for(const unsigned int *n, unsigned int value)
{
	uint64_t deadline = uk_plat_mono_ns() + PATIENCE_NS;

	while (*n < value && uk_plat_mono_ns() < deadline)
		uk_plat_wait(deadline);
}

UK_TEST(xen_evtchn, test_notify_reaches_the_other_end)
{
	struct pair p;

	if (!pair_open(&p))
		return;
	pair_settle(&p);
	UK_EXPECT_EQ(uk_evtchn_notify(p.a), 0);
	wait_for(&p.n_b, 1);
	UK_EXPECT_EQ(p.n_b, 1);
	UK_EXPECT_EQ(p.n_a, 0);
	UK_EXPECT_EQ(uk_evtchn_notify(p.b), 0);
	wait_for(&p.n_a, 1);
	UK_EXPECT_EQ(p.n_a, 1);
	pair_close(&p);
}

UK_TEST(xen_evtchn, test_masked_port_is_delivered_on_unmask)
{
	struct pair p;

	if (!pair_open(&p))
		return;
	pair_settle(&p);
	uk_evtchn_mask(p.b);
	uk_evtchn_notify(p.a);
	uk_plat_poll();
	UK_EXPECT_EQ(p.n_b, 0);
	uk_evtchn_unmask(p.b);
	UK_EXPECT(uk_plat_poll());
	UK_EXPECT_EQ(p.n_b, 1);
	pair_close(&p);
}

UK_TEST(xen_evtchn, test_new_port_is_masked)
{
	struct pair p;

	if (!pair_open(&p))
		return;
	uk_evtchn_notify(p.a);
	uk_plat_poll();
	UK_EXPECT_EQ(p.n_b, 0);
	pair_close(&p);
}

UK_TEST(xen_evtchn, test_polled_port_is_cleared_once)
{
	struct pair p;

	if (!pair_open(&p))
		return;
	uk_evtchn_test_and_clear(p.b);
	uk_evtchn_notify(p.a);
	UK_EXPECT(uk_evtchn_test_and_clear(p.b));
	UK_EXPECT(!uk_evtchn_test_and_clear(p.b));
	pair_close(&p);
}

UK_TEST(xen_evtchn, test_close_drops_a_pending_event)
{
	struct pair p;

	if (!pair_open(&p))
		return;
	pair_settle(&p);
	uk_evtchn_notify(p.a);
	uk_evtchn_close(p.b);
	uk_plat_poll();
	UK_EXPECT_EQ(p.n_b, 0);
	uk_evtchn_close(p.a);
}

static void renotify(evtchn_port_t port, void *arg)
{
	struct pair *p = arg;

	(void)port;
	if (++p->n_b == 1)
		uk_evtchn_notify(p->a);
}

UK_TEST(xen_evtchn, test_event_during_its_handler_is_not_lost)
{
	struct pair p = { 0 };

	UK_EXPECT_EQ(uk_evtchn_alloc_unbound(DOMID_SELF, count, &p, &p.a), 0);
	UK_EXPECT_EQ(uk_evtchn_bind_interdomain(DOMID_SELF, p.a, renotify, &p, &p.b), 0);
	uk_evtchn_test_and_clear(p.b);
	uk_evtchn_unmask(p.b);
	uk_evtchn_notify(p.a);
	wait_for(&p.n_b, 2);
	UK_EXPECT_EQ(p.n_b, 2);
	pair_close(&p);
}

#define STORM 100000

static void storm(evtchn_port_t port, void *arg)
{
	struct pair *p = arg;

	(void)port;
	if (++p->n_b < STORM)
		uk_evtchn_notify(p->a);
}

UK_TEST(xen_evtchn, test_storm_leaves_threads_their_turn)
{
	struct pair p = { 0 };

	UK_EXPECT_EQ(uk_evtchn_alloc_unbound(DOMID_SELF, count, &p, &p.a), 0);
	UK_EXPECT_EQ(uk_evtchn_bind_interdomain(DOMID_SELF, p.a, storm, &p, &p.b), 0);
	uk_evtchn_test_and_clear(p.b);
	uk_evtchn_unmask(p.b);
	uk_evtchn_notify(p.a);
	UK_EXPECT(uk_plat_poll());
	UK_EXPECT(p.n_b && p.n_b < STORM / 10);
	/* What is left is not forgotten */
	UK_EXPECT(uk_plat_poll());
	pair_close(&p);
}

static void mask_other(evtchn_port_t port, void *arg)
{
	struct pair *p = arg;

	uk_evtchn_mask(port == p->a ? p->b : p->a);
	count(port, arg);
}

UK_TEST(xen_evtchn, test_handler_masks_a_port_that_is_pending_too)
{
	struct pair p = { 0 };

	UK_EXPECT_EQ(uk_evtchn_alloc_unbound(DOMID_SELF, mask_other, &p, &p.a), 0);
	UK_EXPECT_EQ(uk_evtchn_bind_interdomain(DOMID_SELF, p.a, mask_other, &p, &p.b), 0);
	uk_evtchn_test_and_clear(p.a);
	uk_evtchn_test_and_clear(p.b);
	uk_evtchn_unmask(p.a);
	uk_evtchn_unmask(p.b);
	uk_evtchn_notify(p.a);
	uk_evtchn_notify(p.b);
	uk_plat_poll();
	UK_EXPECT_EQ(p.n_a + p.n_b, 1);
	pair_close(&p);
}

/* More than a page of handlers */
#define N_PAIRS 150

UK_TEST(xen_evtchn, test_many_ports_all_arrive)
{
	static struct pair pairs[N_PAIRS];
	unsigned int n, heard = 0;

	for (n = 0; n < N_PAIRS && pair_open(&pairs[n]); n++)
		pair_settle(&pairs[n]);
	for (unsigned int i = 0; i < n; i++)
		uk_evtchn_notify(pairs[i].a);
	while (uk_plat_poll())
		;
	for (unsigned int i = 0; i < n; i++) {
		heard += pairs[i].n_b;
		pair_close(&pairs[i]);
	}
	UK_EXPECT_EQ(n, N_PAIRS);
	UK_EXPECT_EQ(heard, N_PAIRS);
}

UK_TEST(xen_evtchn, test_bad_arguments_are_errors)
{
	evtchn_port_t port, again;

	UK_EXPECT_EQ(uk_evtchn_adopt(0, NULL, NULL), -EINVAL);
	UK_EXPECT_EQ(uk_evtchn_adopt(1U << 31, NULL, NULL), -EINVAL);
	UK_EXPECT_EQ(uk_evtchn_bind_interdomain(DOMID_SELF, 1000, NULL, NULL, &port), -EINVAL);
	UK_EXPECT_EQ(uk_evtchn_bind_virq(VIRQ_DEBUG, NULL, NULL, &port), 0);
	UK_EXPECT_EQ(uk_evtchn_bind_virq(VIRQ_DEBUG, NULL, NULL, &again), -EEXIST);
	uk_evtchn_close(port);
}

UK_TEST(xen_evtchn, test_wait_ends_at_its_deadline)
{
	uint64_t start = uk_plat_mono_ns();
	uint64_t deadline = start + 20 * UK_NSEC_PER_MSEC;

	while (uk_plat_mono_ns() < deadline)
		uk_plat_wait(deadline);
	UK_EXPECT(uk_plat_mono_ns() - start < PATIENCE_NS);
	/* One that has passed does not block */
	uk_plat_wait(start);
	uk_plat_wait(0);
}

UK_TEST(xen_evtchn, test_earlier_deadline_after_a_later_one)
{
	uint64_t start = uk_plat_mono_ns();
	struct pair p;

	if (!pair_open(&p))
		return;
	pair_settle(&p);
	/* Arms the timer late, and ends at once: something is pending */
	uk_evtchn_notify(p.a);
	uk_plat_wait(start + 60 * UK_NSEC_PER_SEC);
	while (uk_plat_mono_ns() < start + 10 * UK_NSEC_PER_MSEC)
		uk_plat_wait(start + 10 * UK_NSEC_PER_MSEC);
	UK_EXPECT(uk_plat_mono_ns() - start < PATIENCE_NS);
	pair_close(&p);
}

UK_TEST(xen_evtchn, test_fifo_interface_is_in_use)
{
	static struct evtchn_fifo_control_block block uk_aligned(128);
	struct evtchn_init_control op = {
		.control_gfn = uk_xen_gfn(&block),
		.offset = (uintptr_t)&block & (UK_PAGE_SIZE - 1),
	};

	if (!IS_ENABLED(CONFIG_XEN_EVTCHN_FIFO))
		return uk_test_skip("XEN_EVTCHN_FIFO is off");
	self_domid();
	/* Xen takes a control block once */
	UK_EXPECT(xen_event_channel_op(EVTCHNOP_init_control, &op) < 0);
}
