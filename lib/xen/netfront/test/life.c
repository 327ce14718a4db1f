/* SPDX-License-Identifier: BSD-3-Clause */
/* Coming and going: of the device, of its back end, and of what they have lent. */
#include <string.h>

#include "common.h"

#include <uk/pages.h>
#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

static char got[UK_PAGE_SIZE];
static struct netif_tx_request first;
static uint16_t gso_bytes;

/* Its back end goes 5, 6, and comes back: the front end asks it to. */
UK_TEST(netfront, test_connects_again_when_the_back_end_closes)
{
	if (!start())
		return;
	for (unsigned int i = 0; i < 5; i++) {
		expect_alive();
		uk_pktsim_clear(&wire);
		be_close();
		UK_EXPECT(!device());
		UK_EXPECT(be_wait(&be, "state", "1"));
		if (!reconnect())
			return;
	}
	expect_alive();
	stop();
}

/* Other features, other number of queues: the nodes of before do not stay. */
UK_TEST(netfront, test_connects_again_to_a_back_end_that_has_changed)
{
	if (!start())
		return;
	UK_EXPECT(be_wait(&be, "event-channel-rx", NULL));
	be_close();
	UK_EXPECT(be_wait(&be, "state", "1"));
	be.is_split = true;
	if (!reconnect())
		return;
	UK_EXPECT(be_wait(&be, "event-channel", NULL));
	expect_alive();
	stop();
}

/* xl network-detach: it does not ask a back end back that is to go. */
UK_TEST(netfront, test_device_that_is_taken_away_leaves_nothing)
{
	unsigned int watches, nodes;

	if (!start())
		return;
	stop();
	watches = uk_xensim_xs_watches();
	nodes = uk_xensim_xs_nodes();
	for (unsigned int i = 0; i < 20; i++) {
		if (!start())
			return;
		expect_alive();
		uk_pktsim_clear(&wire);
		stop();
	}
	for (int ms = 0; ms < 1000 && uk_xensim_xs_watches() > watches; ms++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(uk_xensim_xs_watches(), watches);
	UK_EXPECT_EQ(uk_xensim_xs_nodes(), nodes);
}

UK_TEST(netfront, test_back_end_that_is_to_go_is_not_asked_back)
{
	if (!start())
		return;
	be_write(&be, "online", "0");
	be_close();
	uk_thread_sleep_ns(4 * CONFIG_LIBXENBUSFRONT_RETRY_MS * UK_NSEC_PER_MSEC);
	UK_EXPECT(be_wait(&be, "state", "6"));
	stop();
}

/* The back end's domain is destroyed: its nodes are gone, its mappings too. */
UK_TEST(netfront, test_back_end_that_dies_is_noticed)
{
	if (!start())
		return;
	wire_send(1000, 4096, 0, 0, 1);
	be_let_go(&be);
	uk_xensim_xs_rm(be.sim.be);
	for (int ms = 0; ms < 2000 && device(); ms++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	UK_EXPECT(!device());
	expect_nothing_left();
	UK_EXPECT_EQ(wire.n_given_back, 1);
	/* The toolstack attaches it to another one */
	uk_xensim_xs_rm(be.sim.fe);
	be_attach(&be, 0);
	if (!reconnect())
		return;
	expect_alive();
	stop();
}

/* The toolstack has put a new device in the place of the old one. */
UK_TEST(netfront, test_replaced_device_starts_afresh)
{
	if (!start())
		return;
	be_let_go(&be);
	be_attach(&be, 0);
	if (!reconnect())
		return;
	expect_alive();
	stop();
}

/* Of an image that was here before: both ends say that they are connected. */
UK_TEST(netfront, test_connection_of_an_earlier_life_is_closed_first)
{
	be_attach(&be, 3);
	uk_xensim_xs_rm(be.sim.fe);
	be_set_state(&be, "4");
	uk_xensim_xs_write("/local/domain/7/device/vif/3/state", "4");
	uk_xensim_xs_write("/local/domain/7/device/vif/3/mac", "00:16:3e:00:00:07");
	uk_xensim_xs_write("/local/domain/7/device/vif/3/backend-id", "5");
	uk_xensim_xs_write("/local/domain/7/device/vif/3/backend", be.sim.be);
	UK_EXPECT(be_wait(&be, "state", "5"));
	be_set_state(&be, "5");
	UK_EXPECT(be_wait(&be, "state", "6"));
	be_set_state(&be, "6");
	UK_EXPECT(be_wait(&be, "state", "1"));
	UK_EXPECT(be_connect(&be));
	be_detach(&be);
	expect_nothing_left();
	be = (struct backend) { 0 };
}

/* ---- What was lent ---- */

/* The back end keeps a page of a packet mapped after the end: its owner gets it
 * back no sooner than it is let go. */
UK_TEST(netfront, test_page_that_the_back_end_keeps_is_waited_for)
{
	grant_ref_t held;

	if (!start())
		return;
	wire_send(1000, 4096, 0, 0, 1);
	UK_EXPECT_EQ(be_tx_packet(&be, 0, got, &first, &gso_bytes), 1000);
	held = payload_ref();
	uk_xensim_granted_hold(held, true);
	be_close();
	uk_thread_sleep_ns(60 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(wire.n_given_back, 0);
	UK_EXPECT_EQ(uk_xensim_granted_n(), 1);
	uk_xensim_granted_hold(held, false);
	expect_nothing_left();
	UK_EXPECT_EQ(wire.n_given_back, 1);
	UK_EXPECT(be_wait(&be, "state", "1"));
	UK_EXPECT(be_connect(&be));
	stop();
}

/* A card is reading what came in by the device, while the device goes. */
UK_TEST(netfront, test_buffer_that_a_card_reads_outlives_the_device)
{
	static const uint8_t from[] = { 0, 0x16, 0x3e, 0, 0, 1 };
	void *others[4 * CONFIG_LIBNETFRONT_BUFFERS];

	if (!start())
		return;
	uk_pktsim_tcp(bytes, 1000, wire.dev.mac, from, 5);
	be_rx_packet(&be, 0, bytes, 1000, 0, 0);
	if (!uk_pktsim_wait(&wire, 1))
		return;
	be_detach(&be);
	expect_nothing_left();
	/* Whatever is free is used by somebody else now */
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(others); i++) {
		others[i] = uk_pages_alloc(0);
		memset(others[i], 0xdd, UK_PAGE_SIZE);
	}
	uk_pktsim_read(uk_pktsim_first(&wire), got);
	UK_EXPECT(!memcmp(got, bytes, 1000));
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(others); i++)
		uk_pages_free(others[i], 0);
	uk_pktsim_clear(&wire);
	uk_netdev_detach(&wire.dev);
	be = (struct backend) { 0 };
}

/* ---- What cannot be ---- */

UK_TEST(netfront, test_back_end_without_copies_is_refused)
{
	be.has_no_copy = true;
	be_attach(&be, 0);
	be_write(&be, "feature-sg", "1");
	be_set_state(&be, "2");
	UK_EXPECT(be_wait(&be, "state", "6"));
	UK_EXPECT(!device());
	be_detach(&be);
	be = (struct backend) { 0 };
}

UK_TEST(netfront, test_device_without_an_address_is_refused)
{
	be.mac = "00:16:3e:00:00";
	be_attach(&be, 0);
	be_set_state(&be, "2");
	uk_thread_sleep_ns(30 * UK_NSEC_PER_MSEC);
	UK_EXPECT(be_wait(&be, "state", "1"));
	uk_xensim_xs_rm(be.sim.fe);
	uk_xensim_xs_rm(be.sim.be);
	be = (struct backend) { 0 };
}
