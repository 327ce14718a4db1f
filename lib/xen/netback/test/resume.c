/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A restart as frontends see it: what was taken is answered once, what was posted
 * is used, and no state changes.
 */
#include <string.h>

#include "resume.h"

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

/* Eight of the device: its nodes, its watch, both ends' states, what each has written,
 * the states again; and the directories, those of other kinds of devices too */
#define MAX_ROUNDS 16

/* ---- TX ---- */

/* The next @n answers are these ids, in any order, each once, as dropped. */
static void expect_dropped(unsigned int q, const uint16_t *ids, unsigned int n)
{
	bool is_seen[64] = { false };
	uint16_t id;

	for (unsigned int i = 0; i < n; i++) {
		unsigned int at = 0;

		UK_EXPECT_EQ(fe_tx_answer(&fe, q, &id), NETIF_RSP_DROPPED);
		while (at < n && (ids[at] != id || is_seen[at]))
			at++;
		if (UK_EXPECT(at < n))
			is_seen[at] = true;
	}
	UK_EXPECT(fe_tx_is_unanswered(&fe, q));
}

/* The wire is done with its packet number @n. */
static void give_back(unsigned int n)
{
	struct uk_list *node = wire.pkts.next;
	struct uk_net_pkt *pkt;

	while (n--)
		node = node->next;
	pkt = UK_LIST_ENTRY(node, struct uk_net_pkt, node);
	uk_list_del(node);
	wire.n_pkts--;
	pkt->done(pkt);
}

/* Packets that others hold, one of them answered before an earlier one. */
UK_TEST(netback_resume, test_taken_packets_are_answered_once_as_dropped)
{
	static const uint16_t taken[] = { 100, 101, 120, 121, 130, 131 };
	unsigned int kicks;
	uint16_t id;

	if (!start_known())
		return;
	for (uint16_t i = 100; i <= 130; i += 10)
		send_long(0, i);
	uk_pktsim_wait(&wire, 4);
	give_back(1);
	fe_tx_answer(&fe, 0, NULL);
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, &id), NETIF_RSP_OKAY);
	UK_EXPECT_EQ(id, 111);
	leave();
	kicks = uk_xensim_port_kicks(fe.queues[0].tx_port);
	come_back();
	is_resumed();
	UK_EXPECT(uk_xensim_port_kicks(fe.queues[0].tx_port) > kicks);
	expect_dropped(0, taken, UK_ARRAY_SIZE(taken));
	expect_alive(&fe);
	stop();
}

/* It ended in a turn: answers were put, out of order, and the frontend was not
 * told. */
UK_TEST(netback_resume, test_answers_that_were_not_pushed_are_given_again)
{
	static const uint16_t taken[] = { 100, 101, 110, 111, 5 };
	struct uk_xen_ring_wire *ring = (void *)left[0].tx;
	uint32_t before;

	if (!start_known())
		return;
	before = fe.queues[0].tx->rsp_prod;
	send_long(0, 100);
	send_long(0, 110);
	uk_pktsim_wait(&wire, 2);
	fe_tx_send(&fe, 0, 60, 5);
	uk_pktsim_wait(&wire, 3);
	give_back(1);
	uk_thread_sleep_ns(2 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(fe.queues[0].tx->rsp_prod, before + 3);
	leave();
	ring->rsp_prod = before;
	come_back();
	is_resumed();
	expect_dropped(0, taken, UK_ARRAY_SIZE(taken));
	expect_alive(&fe);
	stop();
}

/* A packet whose extra slot was taken with it. */
UK_TEST(netback_resume, test_extra_slots_are_answered_as_such)
{
	struct uk_xen_ring_wire *ring = (void *)left[0].tx;
	struct netif_extra_info *extra;
	unsigned int n_null = 0;
	uint32_t before;
	uint16_t id;

	if (!start_known())
		return;
	before = fe.queues[0].tx->rsp_prod;
	fill_tx(&fe, 4000);
	fe_tx_slot(&fe, 0, 0, 0, 4000, NETTXF_extra_info | NETTXF_csum_blank, 9);
	extra = fe_tx_extra(&fe, 0, XEN_NETIF_EXTRA_TYPE_GSO, 0);
	extra->u.gso.size = 1000;
	extra->u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4;
	fe_tx_push(&fe, 0);
	uk_pktsim_wait(&wire, 1);
	leave();
	ring->rsp_prod = before;
	come_back();
	is_resumed();
	for (int i = 0; i < 2; i++) {
		int status = fe_tx_answer(&fe, 0, &id);

		n_null += status == NETIF_RSP_NULL;
		UK_EXPECT(status == NETIF_RSP_NULL || (status == NETIF_RSP_DROPPED && id == 9));
	}
	UK_EXPECT_EQ(n_null, 1);
	UK_EXPECT(fe_tx_is_unanswered(&fe, 0));
	stop();
}

/* Of dozens of devices each waits for those before it. */
UK_TEST(netback_resume, test_resumption_asks_xenstored_a_few_times)
{
	unsigned long rounds;

	if (!start_known())
		return;
	leave();
	rounds = uk_xensim_xs_rounds();
	come_back();
	is_resumed();
	uk_thread_sleep_ns(5 * UK_NSEC_PER_MSEC);
	rounds = uk_xensim_xs_rounds() - rounds;
	uk_console_printf("# %lu times\n", rounds);
	UK_EXPECT(rounds <= MAX_ROUNDS);
	expect_alive(&fe);
	stop();
}

/* Sent while nobody listened, and while the event went nowhere. */
UK_TEST(netback_resume, test_requests_of_meanwhile_are_served)
{
	uint16_t id;

	if (!start_known())
		return;
	leave();
	fill_tx(&fe, 60);
	fe_tx_send(&fe, 0, 60, 40);
	memcpy(left[0].tx, fe.queues[0].tx, UK_PAGE_SIZE);
	come_back();
	is_resumed();
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, &id), NETIF_RSP_OKAY);
	UK_EXPECT_EQ(id, 40);
	uk_pktsim_wait(&wire, 1);
	uk_pktsim_clear(&wire);
	stop();
}

UK_TEST(netback_resume, test_queues_and_their_two_channels_are_resumed)
{
	static const uint16_t taken[] = { 200, 201 };

	fe = (struct frontend) { .n_queues = 4, .is_split = true };
	if (!start_known())
		return;
	for (unsigned int q = 0; q < 4; q++)
		send_long(q, 200);
	uk_pktsim_wait(&wire, 4);
	leave();
	come_back();
	is_resumed();
	for (unsigned int q = 0; q < 4; q++) {
		UK_EXPECT(uk_xensim_port_is_bound(fe.queues[q].rx_port));
		expect_dropped(q, taken, UK_ARRAY_SIZE(taken));
	}
	expect_alive(&fe);
	stop();
}

/* Again and again, with the frontend's indices far from 0. */
UK_TEST(netback_resume, test_many_restarts_lose_nothing)
{
	static const uint16_t taken[] = { 7, 8 };
	static char bytes[UK_PAGE_SIZE];
	uint16_t flags, gso;

	if (!start())
		return;
	for (int i = 0; i < 25; i++) {
		if (!find_vif())
			break;
		send_long(0, 7);
		uk_pktsim_wait(&wire, 1);
		wire_send(&fe, 1000, 4096, 0, 0);
		leave();
		come_back();
		is_resumed();
		expect_dropped(0, taken, UK_ARRAY_SIZE(taken));
		UK_EXPECT_EQ(uk_xensim_mappings(), 2);
		UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso), 1000);
		fe_rx_post(&fe, 0, 1);
	}
	expect_alive(&fe);
	stop();
}

/* ---- RX ---- */

static void expect_received(unsigned int len, uint16_t gso_bytes)
{
	static char bytes[FE_TX_PAGES * UK_PAGE_SIZE], sent[FE_TX_PAGES * UK_PAGE_SIZE];
	uint16_t flags, gso;

	wire_send(&fe, len, 4096, gso_bytes, gso_bytes ? UK_NET_CSUM_BLANK : UK_NET_CSUM_GOOD);
	uk_pktsim_tcp(sent, len, fe.addr, wire.dev.mac, 80);
	UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso), len);
	UK_EXPECT_EQ(gso, gso_bytes);
	/* But for the checksum */
	UK_EXPECT(!memcmp(bytes, sent, 50) && !memcmp(bytes + 52, sent + 52, len - 52));
}

/* Responses lie over the slots, and were not pushed: one with extra information,
 * whose entry shows nothing of the id any more. */
UK_TEST(netback_resume, test_posted_slots_are_used_although_responses_lie_over_them)
{
	struct uk_xen_ring_wire *ring = (void *)left[0].rx;
	uint32_t before;

	if (!start_known())
		return;
	before = fe.queues[0].rx->rsp_prod;
	wire_send(&fe, 9000, 4096, 1400, UK_NET_CSUM_BLANK);
	UK_EXPECT_EQ(fe.queues[0].rx->rsp_prod, before + 4);
	leave();
	UK_EXPECT_EQ(journal.n, 0);
	UK_EXPECT_EQ(journal.start, before);
	journal.n = 4;
	ring->rsp_prod = before;
	come_back();
	is_resumed();
	UK_EXPECT(fe_rx_is_empty(&fe, 0));
	expect_received(9000, 1400);
	expect_received(300, 0);
	stop();
}

/* Pushed just before the end: nothing is put back over answers. */
UK_TEST(netback_resume, test_responses_that_were_pushed_stay)
{
	static char bytes[UK_PAGE_SIZE];
	uint16_t flags, gso;

	if (!start_known())
		return;
	wire_send(&fe, 1000, 4096, 0, 0);
	leave();
	journal.n = 1;
	come_back();
	is_resumed();
	UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso), 1000);
	expect_received(1500, 0);
	stop();
}
