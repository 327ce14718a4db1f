/* SPDX-License-Identifier: BSD-3-Clause */
/* Frontends that lie about their rings and in xenstore, and administrators who are
 * wrong: that costs their connection; never anybody else's. */
#include <string.h>

#include "hostile.h"

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>

/* ---- Lies about the rings ---- */

UK_TEST(netback, test_tx_index_jump_disconnects)
{
	EXPECT_FATAL(fe.queues[0].tx_prod += FE_RING_SIZE + 1, "TX ring index");
	EXPECT_FATAL(fe.queues[0].tx_prod--, "TX ring index");
}

UK_TEST(netback, test_rx_index_jump_disconnects)
{
	uk_xensim_xs_rm("error");
	if (!start())
		return;
	fe.queues[0].rx->req_prod += FE_RING_SIZE;
	wire_send(&fe, 100, 4096, 0, 0);
	expect_closed();
	UK_EXPECT(has_error("RX ring index"));
	/* And from the beginning */
	fe_set_state(&fe, "6");
	fe_set_state(&fe, "1");
	UK_EXPECT(fe_wait(&fe, "state", "2"));
	fe_offer(&fe);
	fe_set_state(&fe, "4");
	UK_EXPECT(fe_wait(&fe, "state", "4"));
	fe_rx_post(&fe, 0, FE_RX_PAGES);
	expect_alive(&fe);
	stop();
}

/* Packets wait, and then the index jumps: they are given back. */
UK_TEST(netback, test_rx_index_jump_with_packets_waiting_disconnects)
{
	if (!start())
		return;
	wire.n_given_back = 0;
	for (unsigned int i = 0; i < FE_RX_PAGES + 5; i++)
		wire_send(&fe, 60, 4096, 0, 0);
	fe.queues[0].rx->req_prod += 2 * FE_RING_SIZE;
	uk_xensim_port_kick(fe.queues[0].rx_port);
	expect_closed();
	UK_EXPECT_EQ(wire.n_given_back, FE_RX_PAGES + 5);
	stop();
}

UK_TEST(netback, test_spoilt_response_indices_change_nothing)
{
	if (!start())
		return;
	expect_alive(&fe);
	fe.queues[0].tx->rsp_prod = 12345;
	fe.queues[0].tx->req_event = 54321;
	fe.queues[0].rx->rsp_prod = 12345;
	fill_tx(&fe, 60);
	fe_tx_send(&fe, 0, 60, 1);
	uk_pktsim_wait(&wire, 1);
	uk_pktsim_clear(&wire);
	UK_EXPECT_EQ(fe.queues[0].tx->rsp_prod, 2);
	fe.queues[0].tx_rsp_cons = 2;
	wire_send(&fe, 60, 4096, 0, 0);
	UK_EXPECT_EQ(fe.queues[0].rx->rsp_prod, 2);
	fe.queues[0].rx_rsp_cons = 2;
	expect_alive(&fe);
	stop();
}

UK_TEST(netback, test_event_storms_are_throttled)
{
	fe.is_split = true;
	if (!start())
		return;
	UK_EXPECT(uk_frontsim_storm(fe.queues[0].tx_port, 2000) < 500);
	UK_EXPECT(uk_frontsim_storm(fe.queues[0].rx_port, 2000) < 500);
	expect_alive(&fe);
	/* And heard again afterwards */
	uk_thread_sleep_ns(10 * UK_NSEC_PER_MSEC);
	expect_alive(&fe);
	stop();
}

/* In state Closing nothing is taken any more, nor given. */
UK_TEST(netback, test_closing_frontend_is_not_served)
{
	if (!start())
		return;
	fe_set_state(&fe, "5");
	UK_EXPECT(fe_wait(&fe, "state", "5"));
	fill_tx(&fe, 60);
	fe_tx_send(&fe, 0, 60, 1);
	wire_send(&fe, 60, 4096, 0, 0);
	UK_EXPECT(fe_tx_is_unanswered(&fe, 0));
	UK_EXPECT(fe_rx_is_empty(&fe, 0));
	uk_pktsim_wait(&wire, 0);
	stop();
}

UK_TEST(netback, test_dead_guest_is_torn_down_with_packets_under_way)
{
	if (!start())
		return;
	fill_tx(&fe, 1000);
	fe_tx_send(&fe, 0, 1000, 1);
	uk_pktsim_wait(&wire, 1);
	uk_xensim_xs_rm(fe.sim.fe);
	UK_EXPECT(fe_wait(&fe, "state", NULL));
	UK_EXPECT_EQ(wire.n_pkts, 0);
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
	fe_free(&fe);
	uk_netdev_detach(&wire.dev);
	fe = (struct frontend) { 0 };
}

/* ---- Lies in xenstore ---- */

static const struct {
	unsigned int n_queues;
	const char *node, *value;
} lies[] = {
	{ 1, "tx-ring-ref", "" },
	{ 1, "tx-ring-ref", "-1" },
	{ 1, "tx-ring-ref", "4000" },
	{ 1, "rx-ring-ref", "99999999999" },
	{ 1, "rx-ring-ref", " 9" },
	{ 1, "rx-ring-ref", "4000" },
	{ 1, "event-channel", "0" },
	{ 1, "event-channel", "200" },
	{ 1, "event-channel", "18446744073709551617" },
	{ 1, "event-channel-tx", "0" },
	{ 1, "request-rx-copy", "0" },
	{ 1, "request-rx-copy", "yes" },
	{ 1, "multi-queue-num-queues", "0" },
	{ 1, "multi-queue-num-queues", "5" },
	{ 1, "multi-queue-num-queues", "2" },
	{ 2, "queue-1/rx-ring-ref", "x" },
	{ 2, "queue-1/event-channel", "4294967295" },
};

UK_TEST(netback, test_nodes_that_make_no_sense_do_not_connect)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(lies); i++) {
		fe = (struct frontend) { .n_queues = lies[i].n_queues };
		fe_attach(&fe, FE_DOM, 0);
		UK_EXPECT(fe_wait(&fe, "state", "2"));
		fe_offer(&fe);
		fe_write(&fe, lies[i].node, lies[i].value);
		fe_set_state(&fe, "4");
		if (!UK_EXPECT(fe_wait(&fe, "state", "6")))
			uk_console_printf("# %s = %s\n", lies[i].node, lies[i].value);
		UK_EXPECT_EQ(uk_xensim_mappings(), 0);
		fe_detach(&fe);
		fe_free(&fe);
	}
	fe = (struct frontend) { 0 };
}

static const struct {
	struct frontend fe;
	const char *why;
} mistakes[] = {
	{ { .mac = "00:16:3e:00:00" }, "mac=" },
	{ { .mac = "00:16:3e:00:00:0g" }, "mac=" },
	{ { .mac = "00:16:3e:00:00:010" }, "mac=" },
	{ { .mac = "01:16:3e:00:00:01" }, "mac=" },
	{ { .mac = "00:00:00:00:00:00" }, "mac=" },
	{ { .mac = "" }, "mac=" },
	{ { .mtu = "67" }, "mtu=" },
	{ { .mtu = "65518" }, "mtu=" },
	{ { .mtu = "1500 " }, "mtu=" },
	{ { .rate = "1000" }, "rate=" },
	{ { .rate = "0,1000" }, "rate=" },
	{ { .rate = "1000,0" }, "rate=" },
	{ { .rate = "1000,1000,1" }, "rate=" },
	{ { .bridge = "two words" }, "bridge=" },
	{ { .bridge = "\033[2J" }, "bridge=" },
	{ { .bridge = "a-name-that-is-too-long-for-any-bridge-there-is" }, "bridge=" },
};

/* The administrator's: the attach ends at once, with the reason. */
UK_TEST(netback, test_bad_settings_end_the_attach)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(mistakes); i++) {
		uk_xensim_xs_rm("error");
		fe = mistakes[i].fe;
		fe_attach(&fe, FE_DOM, 0);
		UK_EXPECT(fe_wait(&fe, "state", NULL));
		UK_EXPECT(has_error(mistakes[i].why));
		fe_free(&fe);
	}
	fe = (struct frontend) { 0 };
}
