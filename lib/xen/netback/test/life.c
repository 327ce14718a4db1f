/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a thousand interfaces leave behind: nothing, counted in nodes, watches,
 * ports, mappings, allocations and pages. Eight at a time, of which each ends in
 * another way.
 */
#include "common.h"

#include <string.h>

#include <uk/test.h>

#define WIDTH 8
#define ROUNDS 125

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

/* Taken away in good order, while it goes on sending, or dead. */
static void end_all(void)
{
	for (unsigned int i = 0; i < WIDTH; i++) {
		if (i % 3 == 2) {
			uk_xensim_xs_rm(many[i].sim.fe);
			continue;
		}
		uk_frontsim_detach_begin(&many[i].sim);
		if (i % 3 == 1)
			fe_tx_send(&many[i], 0, 1000, 2);
		fe_set_state(&many[i], "6");
	}
	for (unsigned int i = 0; i < WIDTH; i++)
		UK_EXPECT(fe_wait(&many[i], "state", NULL));
	for (unsigned int i = 0; i < WIDTH; i++)
		fe_free(&many[i]);
}

static bool do_rounds(unsigned int n)
{
	while (n--) {
		attach_all();
		if (!connect_all())
			return false;
		send_all();
		end_all();
	}
	return true;
}

UK_TEST(netback_life, test_thousand_interfaces_leave_nothing)
{
	struct uk_frontsim_use before, now;
	const char *differs;

	/* What is taken once and kept */
	if (!do_rounds(2))
		return;
	before = uk_frontsim_use();
	if (!do_rounds(ROUNDS))
		return;
	now = uk_frontsim_use();
	differs = uk_frontsim_use_differs(&before, &now);
	UK_EXPECT_STR(differs ? differs : "", "");
}
