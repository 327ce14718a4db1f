/* SPDX-License-Identifier: BSD-3-Clause */
/* A restart after which what was kept does not fit: that ends its device alone. */
#include "resume.h"

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

/* @what was spoilt in `left`: fe is given up, with a reason; the other goes on. */
static void expect_given_up(const char *what)
{
	bool is_closed;

	come_back();
	is_closed = fe_wait(&fe, "state", "6") && !uk_xensim_port_is_bound(fe.queues[0].tx_port) &&
		    uk_frontsim_has_error(&fe.sim, "cannot be resumed");
	if (!UK_EXPECT(is_closed))
		uk_console_printf("# with %s\n", what);
	UK_EXPECT_EQ(uk_xensim_mappings(), 2);
	expect_alive(&other);
}

static void stop_both(void)
{
	stop_beside(2);
	fe_detach(&other);
	fe_free(&other);
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
}

/* fe with a packet that is held, and the other; fe in the hands of the test. */
static bool start_both(void)
{
	other = (struct frontend) { .bridge = "test" };
	if (!start() || !fe_connect(&other, OTHER_DOM, 0))
		return false;
	fe_rx_post(&other, 0, FE_RX_PAGES);
	if (!find_vif()) {
		stop_both();
		return false;
	}
	send_long(0, 100);
	uk_pktsim_wait(&wire, 1);
	leave();
	return true;
}

static void spoil_nothing_kept(void)
{
	left[0].has_kept = false;
}

static void spoil_tx_req_prod(void)
{
	((struct uk_xen_ring_wire *)left[0].tx)->req_prod += NETBACK_RING_SIZE;
}

static void spoil_tx_rsp_prod(void)
{
	((struct uk_xen_ring_wire *)left[0].tx)->rsp_prod += 3;
}

static void spoil_rx_req_prod(void)
{
	((struct uk_xen_ring_wire *)left[0].rx)->req_prod += NETBACK_RING_SIZE;
}

static void spoil_journal(void)
{
	journal.n = NETBACK_RING_SIZE;
	journal.start = ((struct uk_xen_ring_wire *)left[0].rx)->rsp_prod;
	journal.domain = FE_DOM;
	journal.rx_ref = fe.queues[0].rx_ref;
}

static void spoil_ref(void)
{
	left[0].kept.rx_ref++;
}

static void spoil_port(void)
{
	left[0].kept.tx_port++;
}

static void spoil_taken(void)
{
	left[0].kept.tx.req_cons += 5;
}

static void spoil_map(void)
{
	left[0].kept.tx.map[7] = 9;
}

static void spoil_odd_id(void)
{
	left[0].kept.has_odd_id = 1;
}

UK_TEST(netback_resume, test_what_does_not_fit_ends_its_device_alone)
{
	static const struct {
		const char *name;
		void (*spoil)(void);
	} cases[] = {
		{ "nothing kept", spoil_nothing_kept }, { "TX req_prod", spoil_tx_req_prod },
		{ "TX rsp_prod", spoil_tx_rsp_prod }, { "RX req_prod", spoil_rx_req_prod },
		{ "journal", spoil_journal }, { "another ring", spoil_ref },
		{ "another channel", spoil_port }, { "req_cons", spoil_taken },
		{ "map", spoil_map }, { "odd id", spoil_odd_id },
	};

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(cases); i++) {
		if (!start_both())
			return;
		cases[i].spoil();
		expect_given_up(cases[i].name);
		stop_both();
	}
}

/* A frontend may use any id; the one that stands for extra slots costs it the
 * connection. */
UK_TEST(netback_resume, test_id_that_means_an_extra_slot_is_noticed)
{
	if (!start_known())
		return;
	fill_tx(&fe, 60);
	fe_tx_send(&fe, 0, 60, NETBACK_EXTRA_ID);
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_OKAY);
	uk_pktsim_wait(&wire, 1);
	leave();
	come_back();
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	stop();
}

/* It was closing when the life before ended: what was kept of it goes. */
UK_TEST(netback_resume, test_what_is_kept_of_a_closed_device_is_freed)
{
	bool is_inherited;
	void *kept;

	if (!start_both())
		return;
	fe_set_state(&fe, "6");
	come_back();
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	kept = uk_keep("netback/3/0/0", KEPT_BYTES, &is_inherited);
	UK_EXPECT(kept && !is_inherited);
	uk_keep_free(kept);
	stop_both();
}

/* The frontend starts again after it was given up. */
UK_TEST(netback_resume, test_given_up_frontend_connects_anew)
{
	if (!start_both())
		return;
	spoil_map();
	expect_given_up("map");
	fe_set_state(&fe, "1");
	UK_EXPECT(fe_wait(&fe, "state", "2"));
	fe_offer(&fe);
	fe_set_state(&fe, "4");
	UK_EXPECT(fe_wait(&fe, "state", "4"));
	fe_rx_post(&fe, 0, FE_RX_PAGES);
	expect_alive(&fe);
	stop_both();
}

static void spoil_at_random(uint32_t *state)
{
	for (unsigned int n = uk_frontsim_random(state) % 8 + 1; n; n--) {
		uint32_t r = uk_frontsim_random(state), at = uk_frontsim_random(state);
		char *const parts[] = { left[0].bytes, left[0].tx, left[0].rx, (char *)&journal };
		const size_t sizes[] = { KEPT_BYTES, 64 + 40, 64 + 40, 64 };

		parts[r % 4][at % sizes[r % 4]] = (char)(r >> 8);
	}
}

UK_TEST(netback_resume, test_random_damage_ends_at_most_its_device)
{
	uint32_t state = 5;

	for (int i = 0; i < 40; i++) {
		if (!start_both())
			return;
		spoil_at_random(&state);
		come_back();
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
		UK_EXPECT(uk_frontsim_be_state(&fe.sim) == 4 || uk_frontsim_be_state(&fe.sim) == 6);
		expect_alive(&other);
		stop_both();
	}
}
