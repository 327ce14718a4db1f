/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a thousand interfaces leave behind: nothing, counted in nodes, watches,
 * ports, mappings, allocations and pages. Eight at a time; a third of them for each
 * way to end, as a test of its own.
 */
#include "common.h"

#include <string.h>

#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

#define WIDTH 8
#define ROUNDS 42

#define REST_SAMPLES 20		/* this often the same, SAMPLE_NS apart */
#define SAMPLE_NS (5 * UK_NSEC_PER_MSEC)

static struct frontend many[WIDTH];

static void attach_all(void)
{
	for (unsigned int i = 0; i < WIDTH; i++) {
		many[i] = (struct frontend) {
			.n_queues = 1 + i % 3, .is_split = i & 1, .bridge = i & 2 ? "a" : "b",
			.rate = i & 4 ? "100000,50000" : NULL,
		};
		fe_attach(&many[i], FE_DOM, i);
	}
}

static bool connect_all(void)
{
	for (unsigned int i = 0; i < WIDTH; i++) {
		if (!UK_EXPECT(fe_wait(&many[i], "state", "2")))
			return false;
		fe_offer(&many[i]);
		fe_set_state(&many[i], "4");
	}
	for (unsigned int i = 0; i < WIDTH; i++)
		if (!UK_EXPECT(fe_wait(&many[i], "state", "4")))
			return false;
	return true;
}

/* A broadcast of each, which waits in the rings of those on its bridge. */
static void send_all(void)
{
	for (unsigned int i = 0; i < WIDTH; i++) {
		fill_tx(&many[i], 1000);
		memset(many[i].tx_data, 0xff, UK_NET_MAC_BYTES);
		fe_tx_send(&many[i], 0, 1000, 1);
	}
}

static void close_in_good_order(struct frontend *f)
{
	uk_frontsim_detach_begin(&f->sim);
	fe_set_state(f, "6");
}

static void close_while_sending(struct frontend *f)
{
	uk_frontsim_detach_begin(&f->sim);
	fe_tx_send(f, 0, 1000, 2);
	fe_set_state(f, "6");
}

static void die(struct frontend *f)
{
	uk_xensim_xs_rm(f->sim.fe);
}

static void end_all(void (*end)(struct frontend *f))
{
	for (unsigned int i = 0; i < WIDTH; i++)
		end(&many[i]);
	for (unsigned int i = 0; i < WIDTH; i++)
		UK_EXPECT(fe_wait(&many[i], "state", NULL));
	for (unsigned int i = 0; i < WIDTH; i++)
		fe_free(&many[i]);
}

static bool do_rounds(unsigned int n, void (*end)(struct frontend *f))
{
	while (n--) {
		attach_all();
		if (!connect_all())
			return false;
		send_all();
		end_all(end);
	}
	return true;
}

/* What is in use when nothing changes any more: behind the last interface that goes,
 * xenbus looks for new ones, with a buffer of the heap's. */
static struct uk_frontsim_use use_at_rest(void)
{
	uint64_t end = uk_plat_mono_ns() + UK_FRONTSIM_PATIENCE_NS;
	struct uk_frontsim_use use = uk_frontsim_use(), now;

	for (unsigned int n = 0; n < REST_SAMPLES;) {
		uk_thread_sleep_ns(SAMPLE_NS);
		now = uk_frontsim_use();
		n = uk_frontsim_use_differs(&use, &now) ? 0 : n + 1;
		use = now;
		if (!UK_EXPECT(uk_plat_mono_ns() < end))
			break;
	}
	return use;
}

static void expect_nothing_left(void (*end)(struct frontend *f))
{
	struct uk_frontsim_use before, now;
	const char *differs;

	/* What is taken once and kept */
	if (!do_rounds(2, end))
		return;
	before = use_at_rest();
	if (!do_rounds(ROUNDS, end))
		return;
	now = use_at_rest();
	differs = uk_frontsim_use_differs(&before, &now);
	UK_EXPECT_STR(differs ? differs : "", "");
}

UK_TEST(netback_life, test_closed_interfaces_leave_nothing)
{
	expect_nothing_left(close_in_good_order);
}

UK_TEST(netback_life, test_interfaces_closed_while_they_send_leave_nothing)
{
	expect_nothing_left(close_while_sending);
}

UK_TEST(netback_life, test_dead_interfaces_leave_nothing)
{
	expect_nothing_left(die);
}

/* A card that goes is forgotten by each interface on its bridge, also by one that is
 * about to connect: its queues are there, and not open. */
UK_TEST(netback_life, test_card_goes_while_an_interface_connects)
{
	struct frontend *f = &many[0];
	unsigned int n = 0;

	for (unsigned int i = 0; i < 10; i++) {
		*f = (struct frontend) { .n_queues = 4, .is_split = true, .bridge = "test" };
		fe_attach(f, FE_DOM, 0);
		if (!UK_EXPECT(fe_wait(f, "state", "2")))
			return;
		fe_offer(f);
		fe_set_state(f, "4");
		while (uk_frontsim_be_state(&f->sim) == 2 && UK_EXPECT(wire_start())) {
			wire_send(f, 100, 4096, 0, 0);
			uk_thread_yield();
			uk_netdev_detach(&wire.dev);
			uk_thread_yield();
			n++;
		}
		UK_EXPECT(fe_wait(f, "state", "4"));
		fe_detach(f);
		fe_free(f);
	}
	UK_EXPECT(n >= 10);
}
