/* SPDX-License-Identifier: BSD-3-Clause */
/* Frontends that lie in slots and lend what they have not: that costs the packet, or
 * their connection; never anybody else's. */
#include <string.h>

#include "hostile.h"

#include <xen/io/xenbus.h>

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>

/* ---- Lies in slots ---- */

UK_TEST(netback, test_slot_that_crosses_its_page_disconnects)
{
	EXPECT_FATAL(fe_tx_slot(&fe, 0, 0, 4000, 100, 0, 1), "crosses its page");
	EXPECT_FATAL(fe_tx_slot(&fe, 0, 0, 65535, 100, 0, 1), "crosses its page");
	EXPECT_FATAL((fe_tx_slot(&fe, 0, 0, 0, 1000, NETTXF_more_data, 1),
		      fe_tx_slot(&fe, 0, 1, 4090, 7, 0, 2)), "crosses its page");
}

UK_TEST(netback, test_slots_larger_than_their_packet_disconnect)
{
	EXPECT_FATAL((fe_tx_slot(&fe, 0, 0, 0, 1000, NETTXF_more_data, 1),
		      fe_tx_slot(&fe, 0, 1, 0, 1001, 0, 2)), "larger than");
	EXPECT_FATAL((fe_tx_slot(&fe, 0, 0, 0, 1000, NETTXF_more_data, 1),
		      fe_tx_slot(&fe, 0, 1, 0, 600, NETTXF_more_data, 2),
		      fe_tx_slot(&fe, 0, 1, 0, 600, 0, 2)), "larger than");
}

UK_TEST(netback, test_packet_without_end_disconnects)
{
	EXPECT_FATAL(fe_tx_slot(&fe, 0, 0, 0, 100, NETTXF_more_data, 1), "no end");
	EXPECT_FATAL(fe_tx_slot(&fe, 0, 0, 0, 100, NETTXF_extra_info, 1), "no end");
	EXPECT_FATAL((fe_tx_slot(&fe, 0, 0, 0, 100, NETTXF_extra_info, 1),
		      fe_tx_extra(&fe, 0, XEN_NETIF_EXTRA_TYPE_HASH,
				  XEN_NETIF_EXTRA_FLAG_MORE)), "no end");
}

static void put_slots(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		fe_tx_slot(&fe, 0, 0, 0, i ? 10 : 1000, i + 1 < n ? NETTXF_more_data : 0,
			   (uint16_t)i);
}

UK_TEST(netback, test_too_many_slots)
{
	EXPECT_REFUSED(put_slots(19), 19);
	EXPECT_REFUSED(put_slots(20), 20);
	EXPECT_FATAL(put_slots(21), "too many slots");
	EXPECT_FATAL(put_slots(200), "too many slots");
}

UK_TEST(netback, test_packet_shorter_than_a_header_is_refused)
{
	EXPECT_REFUSED(fe_tx_slot(&fe, 0, 0, 0, 13, 0, 1), 1);
	EXPECT_REFUSED(fe_tx_slot(&fe, 0, 0, 0, 0, 0, 1), 1);
}

static struct netif_extra_info *put_extra(uint8_t type)
{
	fill_tx(&fe, 100);
	fe_tx_slot(&fe, 0, 0, 0, 100, NETTXF_extra_info, 1);
	return fe_tx_extra(&fe, 0, type, 0);
}

UK_TEST(netback, test_unknown_extra_slots_disconnect)
{
	EXPECT_FATAL(put_extra(XEN_NETIF_EXTRA_TYPE_NONE), "unknown type");
	EXPECT_FATAL(put_extra(XEN_NETIF_EXTRA_TYPE_MAX), "unknown type");
	EXPECT_FATAL(put_extra(255), "unknown type");
}

static void put_extras(unsigned int n)
{
	fe_tx_slot(&fe, 0, 0, 0, 100, NETTXF_extra_info, 1);
	while (n--)
		fe_tx_extra(&fe, 0, XEN_NETIF_EXTRA_TYPE_HASH, n ? XEN_NETIF_EXTRA_FLAG_MORE : 0);
}

UK_TEST(netback, test_extra_slots_are_bounded)
{
	if (!start())
		return;
	fill_tx(&fe, 100);
	put_extras(4);
	fe_tx_push(&fe, 0);
	for (int i = 0; i < 4; i++)
		UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_NULL);
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_OKAY);
	uk_pktsim_wait(&wire, 1);
	stop();
	EXPECT_FATAL(put_extras(5), "too many extra");
}

static void put_gso(uint8_t type, uint16_t size)
{
	struct netif_extra_info *extra = put_extra(XEN_NETIF_EXTRA_TYPE_GSO);

	extra->u.gso.type = type;
	extra->u.gso.size = size;
}

UK_TEST(netback, test_segmentation_that_makes_no_sense_disconnects)
{
	EXPECT_FATAL(put_gso(XEN_NETIF_GSO_TYPE_TCPV4, 0), "without a size");
	EXPECT_FATAL(put_gso(XEN_NETIF_GSO_TYPE_NONE, 100), "unknown type");
	EXPECT_FATAL(put_gso(3, 100), "unknown type");
}

/* The slots are fine, the headers are not: it costs the packet. */
UK_TEST(netback, test_offload_of_what_has_no_checksum_is_refused)
{
	if (!start())
		return;
	put_gso(XEN_NETIF_GSO_TYPE_TCPV6, 20);
	fe_tx_push(&fe, 0);
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_NULL);
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_ERROR);
	fe.tx_data[12] = 8;
	fe.tx_data[13] = 6;	/* ARP */
	fe_tx_slot(&fe, 0, 0, 0, 100, NETTXF_csum_blank, 1);
	fe_tx_push(&fe, 0);
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_ERROR);
	uk_pktsim_wait(&wire, 0);
	expect_alive(&fe);
	stop();
}

/* ---- Bad grants ---- */

UK_TEST(netback, test_bad_grant_of_a_head_is_refused)
{
	EXPECT_REFUSED(fe_tx_slot(&fe, 0, 0, 0, 100, 0, 1)->gref = 4000, 1);
	EXPECT_REFUSED(fe_tx_slot(&fe, 0, 0, 0, 100, 0, 1)->gref = UINT32_MAX, 1);
}

UK_TEST(netback, test_bad_grant_fails_its_packet_alone)
{
	if (!start())
		return;
	fill_tx(&fe, 100);
	fe_tx_slot(&fe, 0, 0, 0, 100, 0, 1);
	fe_tx_slot(&fe, 0, 0, 0, 100, 0, 2)->gref = 4000;
	fe_tx_slot(&fe, 0, 0, 0, 100, 0, 3);
	fe_tx_push(&fe, 0);
	for (unsigned int i = 0; i < 3; i++) {
		uint16_t id;
		int status = fe_tx_answer(&fe, 0, &id);

		UK_EXPECT_EQ(status, id == 2 ? NETIF_RSP_ERROR : NETIF_RSP_OKAY);
	}
	uk_pktsim_wait(&wire, 2);
	stop();
}

static struct uk_netdev *netdev_of(const char *name)
{
	struct uk_netdev *dev = NULL;

	while ((dev = uk_netdev_next(dev)))
		if (!strcmp(uk_netdev_name(dev), name))
			return dev;
	return NULL;
}

/* A packet whose second page does not exist: the receiver sees an error in its
 * slot, and it counts as the sender's. */
UK_TEST(netback, test_bad_grant_of_a_sender_is_counted_as_its_own)
{
	union netback_rx_wire w;

	other = (struct frontend) { .bridge = "test" };
	if (!start() || !fe_connect(&other, OTHER_DOM, 1))
		return;
	uk_pktsim_tcp(other.tx_data, 1000, fe.addr, other.addr, 7);
	fe_tx_slot(&other, 0, 0, 0, 1000, NETTXF_more_data, 1);
	fe_tx_slot(&other, 0, 0, 500, 500, 0, 2)->gref = 4000;
	fe_tx_push(&other, 0);
	if (UK_EXPECT(fe_rx_answer(&fe, 0, &w)))
		UK_EXPECT_EQ(w.rsp.status, NETIF_RSP_ERROR);
	UK_EXPECT_EQ(fe_tx_answer(&other, 0, NULL), NETIF_RSP_OKAY);
	UK_EXPECT_EQ(netdev_of("vif4.1")->stats.drops[UK_NET_DROP_PEER], 1);
	UK_EXPECT_EQ(netdev_of("vif3.0")->stats.drops[UK_NET_DROP_PEER], 0);
	expect_alive(&fe);
	fe_detach(&other);
	fe_free(&other);
	stop();
}

/* Slots that cannot be written: errors in all of them, counted as its own. */
UK_TEST(netback, test_bad_grant_of_a_receiver_is_counted_as_its_own)
{
	union netback_rx_wire w;
	grant_ref_t good;

	other = (struct frontend) { .bridge = "test" };
	if (!start() || !fe_connect(&other, OTHER_DOM, 1))
		return;
	good = other.rx_refs[0];
	other.rx_refs[0] = 4000;
	other.rx_refs[1] = other.tx_refs[0];	/* read-only */
	fe_rx_post(&other, 0, 3);
	other.rx_refs[0] = good;
	uk_pktsim_tcp(fe.tx_data, 1000, other.addr, fe.addr, 7);
	for (uint16_t i = 0; i < 3; i++) {
		fe_tx_send(&fe, 0, 1000, i);
		UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_OKAY);
		if (UK_EXPECT(fe_rx_answer(&other, 0, &w)))
			UK_EXPECT_EQ(w.rsp.status, i < 2 ? NETIF_RSP_ERROR : 1000);
		UK_EXPECT_EQ(w.rsp.id, i);
	}
	UK_EXPECT_EQ(netdev_of("vif4.1")->stats.drops[UK_NET_DROP_PEER], 2);
	UK_EXPECT_EQ(netdev_of("vif3.0")->stats.drops[UK_NET_DROP_PEER], 0);
	other.rx_refs[1] = 0;
	fe_detach(&other);
	fe_free(&other);
	stop();
}

/* ---- All of it at once ---- */

/* A slot that is honest but for one word in eight. */
static void random_slot(uint32_t *s, uint32_t *words)
{
	uint32_t flags_ = uk_frontsim_random(s) % 4 ? uk_frontsim_random(s) % 4
						     : uk_frontsim_random(s) % 16;

	words[0] = fe.tx_refs[uk_frontsim_random(s) % FE_TX_PAGES];
	words[1] = uk_frontsim_random(s) % 2048 | flags_ << 16;
	words[2] = uk_frontsim_random(s) % 512 << 16 | uk_frontsim_random(s) % 64;
	if (!(uk_frontsim_random(s) % 8))
		words[uk_frontsim_random(s) % 3] = uk_frontsim_random(s);
}

/* @return whether all slots were answered; false: the connection is lost. */
static bool is_answered(uint32_t seed)
{
	for (unsigned int i = 0; i < 1000; i++) {
		uk_pktsim_clear(&wire);
		if (fe.queues[0].tx->rsp_prod == fe.queues[0].tx_prod)
			return true;
		if (uk_frontsim_be_state(&fe.sim) != XenbusStateConnected)
			return false;
		uk_thread_sleep_ns(100 * UK_NSEC_PER_USEC);
	}
	uk_test_fail(__FILE_NAME__, __LINE__, "no answer, seed %u", seed);
	return false;
}

/* Random words for slots, until the connection is lost. Reproduce with the seed
 * of the failure's line. @return how many rounds it took. */
static unsigned int fuzz(uint32_t seed)
{
	uint32_t s = seed * 2654435761u, n, *words = fe.queues[0].tx->entries;
	unsigned int round;

	for (round = 0; round < 100; round++) {
		n = uk_frontsim_random(&s) % 6;
		fill_tx(&fe, 1500);
		while (n--)
			random_slot(&s, words + fe.queues[0].tx_prod++ % FE_RING_SIZE * 3);
		fe_tx_push(&fe, 0);
		if (!is_answered(seed))
			break;
	}
	return round;
}

static char bytes[17 * UK_PAGE_SIZE];
static uint16_t flags, gso_bytes;

UK_TEST(netback, test_random_slots_cost_their_sender_alone)
{
	unsigned int n_rounds = 0, len;

	other = (struct frontend) { .bridge = "test" };
	if (!UK_EXPECT(fe_connect(&other, OTHER_DOM, 1)))
		return;
	fe_rx_post(&other, 0, FE_RX_PAGES);
	for (uint32_t seed = 1; seed <= 60; seed++) {
		if (!start())
			return;
		n_rounds += fuzz(seed);
		stop_beside(2);
	}
	uk_console_printf("# %u rounds\n", n_rounds);
	if (start()) {
		uk_pktsim_tcp(fe.tx_data, 1000, other.addr, fe.addr, 7);
		fe_tx_send(&fe, 0, 1000, 1);
		/* Behind what was sent to all */
		for (len = 0; len != 1000 && !fe_rx_is_empty(&other, 0); fe_rx_post(&other, 0, 1))
			len = receive(&other, 0, bytes, &flags, &gso_bytes);
		UK_EXPECT_EQ(len, 1000);
		fe_detach(&other);
		fe_free(&other);
		stop();
	}
}
