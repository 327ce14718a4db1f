/* SPDX-License-Identifier: BSD-3-Clause */
/* Guests that take more than their share of what all of them have. */
#include <string.h>

#include "../netback_priv.h"
#include "common.h"

#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>

#define TICK_NS (CONFIG_LIBNETBACK_STALL_MS * UK_NSEC_PER_MSEC / 4)
#define N_BUFFERS 64
#define COPY_BUF_PAGES (CONFIG_LIBNETDEV_COPY_PAGES * 3 / 4)

static const struct frontend everybody = { .addr = { 255, 255, 255, 255, 255, 255 } };
static struct frontend mate, third;
static char bytes[17 * UK_PAGE_SIZE];
static uint16_t flags, gso_bytes;

static struct uk_netdev *netdev(const char *name)
{
	struct uk_netdev *dev = NULL;

	while ((dev = uk_netdev_next(dev)))
		if (!strcmp(uk_netdev_name(dev), name))
			return dev;
	return NULL;
}

static uint64_t drops(const char *name, enum uk_net_drop why)
{
	return uk_netdev_stats(netdev(name))->drops[why];
}

static void end(struct frontend *f)
{
	fe_detach(f);
	fe_free(f);
}

/* ---- Buffers of a card ---- */

/* fe has no slots, other some; the wire is a card with few buffers. */
static bool start_uplink(void)
{
	other = (struct frontend) { .bridge = "test" };
	fe.bridge = "test";
	if (!wire_start() || !fe_connect(&fe, FE_DOM, 0) || !fe_connect(&other, OTHER_DOM, 0))
		return false;
	fe_rx_post(&other, 0, FE_RX_PAGES);
	wire.dev.n_buffers = N_BUFFERS;
	return true;
}

static void stop_uplink(void)
{
	end(&other);
	stop();
	UK_EXPECT_EQ(wire.dev.n_lent, 0);
}

/* Of @n_sent packets of the wire, not given back */
static unsigned int n_kept(unsigned int n_sent)
{
	return n_sent - wire.n_given_back;
}

UK_TEST(netback_share, test_guest_that_takes_nothing_keeps_an_eighth_of_a_cards_buffers)
{
	unsigned int n;

	fe.n_queues = 4;
	if (!start_uplink())
		return;
	for (n = 0; n < 200; n++)
		wire_send(&fe, n % 2 ? 60 : 1500, 4096, 0, 0);
	UK_EXPECT_EQ(n_kept(n), N_BUFFERS / 8);
	UK_EXPECT_EQ(wire.dev.n_lent, N_BUFFERS / 8);
	for (unsigned int i = 0; i < 50; i++, n++) {
		wire_send(&other, 100, 4096, 0, 0);
		UK_EXPECT_EQ(receive(&other, 0, bytes, &flags, &gso_bytes), 100);
	}
	UK_EXPECT_EQ(n_kept(n), N_BUFFERS / 8);
	stop_uplink();
}

/* What waits as a copy is as it was, and in its place. */
UK_TEST(netback_share, test_copies_that_wait_are_as_they_were_and_in_order)
{
	if (!start_uplink())
		return;
	for (unsigned int i = 0; i < 40; i++)
		wire_send(&fe, 60 + 35 * i, 4096, 0, 0);
	UK_EXPECT(n_kept(40) <= N_BUFFERS / 8);
	for (unsigned int i = 0; i < 40; i++) {
		static char sent[1500];

		uk_pktsim_tcp(sent, 60 + 35 * i, fe.addr, wire.dev.mac, 80);
		fe_rx_post(&fe, 0, 1);
		UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso_bytes), 60 + 35 * i);
		UK_EXPECT(!memcmp(bytes, sent, 60 + 35 * i));
	}
	UK_EXPECT_EQ(n_kept(40), 0);
	stop_uplink();
}

/* Large packets keep a buffer for each fragment. */
UK_TEST(netback_share, test_buffers_count_not_packets)
{
	if (!start_uplink())
		return;
	for (unsigned int i = 0; i < 40; i++)
		wire_send(&fe, 5 * 4096, 4096, 1448, UK_NET_CSUM_BLANK);
	UK_EXPECT_EQ(n_kept(40), N_BUFFERS / 8 / 5);
	/* Copies are bounded too */
	UK_EXPECT(drops("vif3.0", UK_NET_DROP_QUEUE_FULL));
	UK_EXPECT(netdev("vif3.0")->n_buf_pages <= COPY_BUF_PAGES / 8);
	stop_uplink();
}

/* A slot now and then, so that it never stalls */
UK_TEST(netback_share, test_slow_guest_keeps_no_more)
{
	unsigned int n = 0;

	if (!start_uplink())
		return;
	for (unsigned int i = 0; i < 10; i++) {
		for (unsigned int k = 0; k < 50; k++, n++)
			wire_send(&fe, 60, 4096, 0, 0);
		UK_EXPECT(n_kept(n) <= N_BUFFERS / 8);
		wire_send(&other, 100, 4096, 0, 0);
		n++;
		UK_EXPECT_EQ(receive(&other, 0, bytes, &flags, &gso_bytes), 100);
		fe_rx_post(&fe, 0, 1);
		uk_thread_sleep_ns(TICK_NS / 2);
	}
	UK_EXPECT_EQ(drops("vif3.0", UK_NET_DROP_STALLED), 0);
	stop_uplink();
}

/* However many guests take nothing, half of the buffers stay. */
UK_TEST(netback_share, test_all_guests_keep_half_of_a_cards_buffers)
{
	static struct frontend dry[6];
	unsigned int n = 0;

	if (!start_uplink())
		return;
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(dry); i++) {
		dry[i] = (struct frontend) { .bridge = "test" };
		if (!fe_connect(&dry[i], (domid_t)(OTHER_DOM + 1 + i), 0))
			return;
	}
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(dry); i++)
		for (unsigned int k = 0; k < 20; k++, n++)
			wire_send(&dry[i], 60, 4096, 0, 0);
	UK_EXPECT_EQ(n_kept(n), N_BUFFERS / 2);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(dry); i++)
		end(&dry[i]);
	stop_uplink();
}

/* ---- Copies ---- */

/* fe sends @n packets of 64 KiB, to be cut where @gso, to @to. */
static void send_large(const uint8_t *to, unsigned int n, bool gso)
{
	const unsigned int len = 16 * 4096 - 1;

	uk_pktsim_tcp(fe.tx_data, len, to, fe.addr, 1000);
	while (n--) {
		fe_tx_slot(&fe, 0, 0, 0, (uint16_t)len,
			   (uint16_t)(NETTXF_more_data | NETTXF_data_validated |
				      (gso ? NETTXF_extra_info | NETTXF_csum_blank : 0)), 1);
		if (gso) {
			struct netif_extra_info *extra =
				fe_tx_extra(&fe, 0, XEN_NETIF_EXTRA_TYPE_GSO, 0);

			extra->u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4;
			extra->u.gso.size = 1448;
		}
		for (unsigned int i = 1; i < 16; i++)
			fe_tx_slot(&fe, 0, i, 0, i < 15 ? 4096 : 4095,
				   i < 15 ? NETTXF_more_data : 0, 1);
		fe_tx_push(&fe, 0);
		for (unsigned int i = 0; i < 16u + gso; i++)
			fe_tx_answer(&fe, 0, NULL);
		uk_pktsim_clear(&wire);
	}
}

/* Two guests of another bridge get what goes to all. */
static void broadcast_arrives(struct uk_pktsim *clean)
{
	for (unsigned int i = 0; i < 20; i++) {
		uk_pktsim_tcp(bytes, 400, everybody.addr, clean->dev.mac, 80);
		uk_pktsim_send(clean, bytes, 400, 4096, 0, 0);
		UK_EXPECT_EQ(receive(&other, 0, bytes, &flags, &gso_bytes), 400);
		UK_EXPECT_EQ(receive(&third, 0, bytes, &flags, &gso_bytes), 400);
	}
}

static bool start_two_bridges(struct uk_pktsim *clean)
{
	mate = (struct frontend) { .bridge = "test" };
	other = (struct frontend) { .bridge = "clean" };
	third = (struct frontend) { .bridge = "clean" };
	if (!start() || !fe_connect(&mate, OTHER_DOM, 0) || !fe_connect(&other, 5, 0) ||
	    !fe_connect(&third, 6, 0) || !uk_pktsim_attach(clean, "clean", true))
		return false;
	fe_rx_post(&other, 0, FE_RX_PAGES);
	fe_rx_post(&third, 0, FE_RX_PAGES);
	return true;
}

/* One that floods and one that takes nothing */
UK_TEST(netback_share, test_pages_of_copies_are_shared_out)
{
	static const uint8_t nobody[6] = { 2, 0, 0, 0, 0, 0x99 };
	static struct uk_pktsim clean;

	if (!start_two_bridges(&clean))
		return;
	send_large(nobody, 40, true);
	UK_EXPECT(drops("vif4.0", UK_NET_DROP_NO_MEMORY));
	UK_EXPECT(netdev("vif4.0")->n_buf_pages <= COPY_BUF_PAGES / 8);
	broadcast_arrives(&clean);
	uk_netdev_detach(&clean.dev);
	end(&third);
	end(&other);
	end(&mate);
	stop();
}

UK_TEST(netback_share, test_segments_to_a_group_go_nowhere)
{
	if (!start())
		return;
	fill_tx(&fe, 100);
	send_large(everybody.addr, 3, true);
	UK_EXPECT_EQ(drops("vif3.0", UK_NET_DROP_MALFORMED), 3);
	UK_EXPECT_EQ(uk_netdev_stats(&wire.dev)->out_packets, 0);
	stop();
}

/* ---- Packets under way ---- */

/* How many short packets of @f are taken at once */
static unsigned int n_taken(struct frontend *f)
{
	unsigned int n = 0;

	fill_tx(f, 100);
	fe_tx_send(f, 0, 100, 1);
	while (n < 300 && fe_tx_answer(f, 0, NULL) == NETIF_RSP_OKAY) {
		n++;
		fe_tx_send(f, 0, 100, 1);
	}
	return n;
}

/* The wire sends nothing on. */
UK_TEST(netback_share, test_memory_of_packets_under_way_is_shared_out)
{
	unsigned int max;

	other = (struct frontend) { .bridge = "test" };
	if (!start() || !fe_connect(&other, OTHER_DOM, 0))
		return;
	UK_EXPECT(netback_in_flight.max > 4 * FE_RING_SIZE);
	max = netback_in_flight.max;
	netback_in_flight.max = 400;
	UK_EXPECT_EQ(n_taken(&fe), 100);
	/* Others have the rest; a turn's are there in any case */
	netback_in_flight.n += 300;
	UK_EXPECT_EQ(n_taken(&other), 64);
	netback_in_flight.n -= 300;
	uk_pktsim_clear(&wire);
	UK_EXPECT_EQ(netback_in_flight.n, 0);
	netback_in_flight.max = max;
	expect_alive(&fe);
	end(&other);
	stop();
}

/* ---- rate= ---- */

static void post_group(void)
{
	fe_tx_slot(&fe, 0, 0, 0, 0, NETTXF_extra_info, 7);
	fe_tx_extra(&fe, 0, XEN_NETIF_EXTRA_TYPE_MCAST_DEL, 0);
}

/* Ten empty slots and ten requests: nearly four times 320 bytes */
UK_TEST(netback_share, test_what_has_no_bytes_is_charged_too)
{
	uint64_t begin;

	fe.rate = "320,20000";
	fe.has_mcast_filter = true;
	if (!start())
		return;
	begin = uk_plat_mono_ns();
	for (unsigned int i = 0; i < 10; i++) {
		fe_tx_slot(&fe, 0, 0, 0, 0, 0, 1);
		post_group();
	}
	fe_tx_push(&fe, 0);
	for (unsigned int i = 0; i < 30; i++)
		UK_EXPECT(fe_tx_answer(&fe, 0, NULL) != FE_NO_ANSWER);
	UK_EXPECT(uk_plat_mono_ns() - begin > 50 * UK_NSEC_PER_MSEC);
	stop();
}

/* What xl makes of 1Mb/s@2s */
UK_TEST(netback_share, test_rate_of_seconds_is_taken)
{
	fe.rate = "250000,2000000";
	if (!start())
		return;
	expect_alive(&fe);
	stop();
}
