/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A restart as frontends see it: what was taken is answered once, what was posted
 * is used, no state changes; and what does not fit ends its device alone.
 *
 * One is made of its two ends: what is kept and the rings are put aside; the
 * device's directory goes, and the instance with it; then all of it comes back.
 */
#include <string.h>

#include "common.h"
#include "../netback_priv.h"

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>

#define KEPT_BYTES (sizeof(struct netback_kept) + UK_XEN_LEDGER_MAP_BYTES(NETBACK_RING_SIZE))

/* What the life before leaves: a test may spoil it between leave() and come_back(). */
static struct left {
	char tx[UK_PAGE_SIZE], rx[UK_PAGE_SIZE];
	union {
		struct netback_kept kept;
		char bytes[KEPT_BYTES];
	};
	bool has_kept;
} left[FE_MAX_QUEUES];
static struct netback_rx_journal journal;
static unsigned long n_writes;

static struct netback_vif *vif_of(struct frontend *f)
{
	struct netback_vif *vif;

	fill_tx(f, 100);
	fe_tx_send(f, 0, 100, 1);
	fe_tx_answer(f, 0, NULL);
	uk_pktsim_wait(&wire, 1);
	vif = UK_CONTAINER_OF(uk_pktsim_first(&wire)->from, struct netback_vif, netdev);
	uk_pktsim_clear(&wire);
	return vif;
}

static void leave(struct netback_vif *vif)
{
	unsigned int n_watches = uk_xensim_xs_watches();

	journal = *netback_rx_journal;
	for (unsigned int i = 0; i < fe.n_queues; i++) {
		memcpy(left[i].tx, fe.queues[i].tx, UK_PAGE_SIZE);
		memcpy(left[i].rx, fe.queues[i].rx, UK_PAGE_SIZE);
		memcpy(left[i].bytes, vif->queues[i].kept, KEPT_BYTES);
		left[i].has_kept = true;
	}
	uk_frontsim_leave(&fe.sim);
	while (uk_xensim_port_is_bound(fe.queues[0].tx_port))
		uk_thread_yield();
	uk_pktsim_clear(&wire);
	/* Who is slow would take the nodes of the next life for its own */
	while (uk_xensim_xs_watches() == n_watches)
		uk_thread_yield();
	uk_thread_sleep_ns(3 * UK_NSEC_PER_MSEC);
}

static void put_back_kept(void)
{
	bool is_inherited;
	char name[32];
	void *kept;

	for (unsigned int i = 0; i < fe.n_queues; i++) {
		memcpy(fe.queues[i].tx, left[i].tx, UK_PAGE_SIZE);
		memcpy(fe.queues[i].rx, left[i].rx, UK_PAGE_SIZE);
		if (!left[i].has_kept)
			continue;
		uk_snprintf(name, sizeof(name), "netback/%u/%u/%u", fe.sim.dom, fe.sim.id, i);
		kept = uk_keep(name, KEPT_BYTES, &is_inherited);
		if (UK_EXPECT(kept && !is_inherited))
			memcpy(kept, left[i].bytes, KEPT_BYTES);
	}
	uk_keep_simulate_restart();
	*netback_rx_journal = journal;
	netback_resume_init();
}

/* The next life. It writes nothing where it resumes. */
static void come_back(void)
{
	put_back_kept();
	uk_frontsim_write_be(&fe.sim, "mac", "00:16:3e:00:%02x:00", FE_DOM);
	uk_frontsim_write_be(&fe.sim, "bridge", "test");
	n_writes = uk_xensim_xs_image_writes();
	uk_frontsim_inherit(&fe.sim);
	for (int i = 0; i < 1000 && !uk_xensim_port_is_bound(fe.queues[0].tx_port) &&
			uk_xensim_xs_image_writes() == n_writes; i++)
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
}

static bool is_resumed(void)
{
	return UK_EXPECT(uk_xensim_port_is_bound(fe.queues[0].tx_port)) &&
	       UK_EXPECT_EQ(uk_xensim_xs_image_writes(), n_writes) &&
	       UK_EXPECT_EQ(uk_frontsim_be_state(&fe.sim), 4);
}

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

/* A packet in two slots, @id and the next, that stays in its pages. */
static void send_long(unsigned int q, uint16_t id)
{
	fill_tx(&fe, 1400);
	fe_tx_slot(&fe, q, 0, 0, 1400, NETTXF_more_data, id);
	fe_tx_slot(&fe, q, 0, 700, 700, 0, id + 1);
	fe_tx_push(&fe, q);
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
	struct netback_vif *vif;
	unsigned int kicks;
	uint16_t id;

	if (!start())
		return;
	vif = vif_of(&fe);
	for (uint16_t i = 100; i <= 130; i += 10)
		send_long(0, i);
	uk_pktsim_wait(&wire, 4);
	give_back(1);
	fe_tx_answer(&fe, 0, NULL);
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, &id), NETIF_RSP_OKAY);
	UK_EXPECT_EQ(id, 111);
	leave(vif);
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
	struct netback_vif *vif;
	uint32_t before;

	if (!start())
		return;
	vif = vif_of(&fe);
	before = fe.queues[0].tx->rsp_prod;
	send_long(0, 100);
	send_long(0, 110);
	uk_pktsim_wait(&wire, 2);
	fe_tx_send(&fe, 0, 60, 5);
	uk_pktsim_wait(&wire, 3);
	give_back(1);
	uk_thread_sleep_ns(2 * UK_NSEC_PER_MSEC);
	UK_EXPECT_EQ(fe.queues[0].tx->rsp_prod, before + 3);
	leave(vif);
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
	struct netback_vif *vif;
	uint32_t before;
	uint16_t id;

	if (!start())
		return;
	vif = vif_of(&fe);
	before = fe.queues[0].tx->rsp_prod;
	fill_tx(&fe, 4000);
	fe_tx_slot(&fe, 0, 0, 0, 4000, NETTXF_extra_info | NETTXF_csum_blank, 9);
	extra = fe_tx_extra(&fe, 0, XEN_NETIF_EXTRA_TYPE_GSO, 0);
	extra->u.gso.size = 1000;
	extra->u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4;
	fe_tx_push(&fe, 0);
	uk_pktsim_wait(&wire, 1);
	leave(vif);
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

/* Sent while nobody listened, and while the event went nowhere. */
UK_TEST(netback_resume, test_requests_of_meanwhile_are_served)
{
	struct netback_vif *vif;
	uint16_t id;

	if (!start())
		return;
	vif = vif_of(&fe);
	leave(vif);
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
	struct netback_vif *vif;

	fe = (struct frontend) { .n_queues = 4, .is_split = true };
	if (!start())
		return;
	vif = vif_of(&fe);
	for (unsigned int q = 0; q < 4; q++)
		send_long(q, 200);
	uk_pktsim_wait(&wire, 4);
	leave(vif);
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
		struct netback_vif *vif = vif_of(&fe);

		send_long(0, 7);
		uk_pktsim_wait(&wire, 1);
		wire_send(&fe, 1000, 4096, 0, 0);
		leave(vif);
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
	struct netback_vif *vif;
	uint32_t before;

	if (!start())
		return;
	vif = vif_of(&fe);
	before = fe.queues[0].rx->rsp_prod;
	wire_send(&fe, 9000, 4096, 1400, UK_NET_CSUM_BLANK);
	UK_EXPECT_EQ(fe.queues[0].rx->rsp_prod, before + 4);
	leave(vif);
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
	struct netback_vif *vif;
	uint16_t flags, gso;

	if (!start())
		return;
	vif = vif_of(&fe);
	wire_send(&fe, 1000, 4096, 0, 0);
	leave(vif);
	journal.n = 1;
	come_back();
	is_resumed();
	UK_EXPECT_EQ(receive(&fe, 0, bytes, &flags, &gso), 1000);
	expect_received(1500, 0);
	stop();
}

/* ---- What does not fit ---- */

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

/* fe with a packet that is held, and the other; fe in the hands of the test. */
static bool start_both(void)
{
	struct netback_vif *vif;

	other = (struct frontend) { .bridge = "test" };
	if (!start() || !fe_connect(&other, OTHER_DOM, 0))
		return false;
	fe_rx_post(&other, 0, FE_RX_PAGES);
	vif = vif_of(&fe);
	send_long(0, 100);
	uk_pktsim_wait(&wire, 1);
	leave(vif);
	return true;
}

static void stop_both(void)
{
	stop_beside(2);
	fe_detach(&other);
	fe_free(&other);
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
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
	struct netback_vif *vif;

	if (!start())
		return;
	vif = vif_of(&fe);
	fill_tx(&fe, 60);
	fe_tx_send(&fe, 0, 60, NETBACK_EXTRA_ID);
	UK_EXPECT_EQ(fe_tx_answer(&fe, 0, NULL), NETIF_RSP_OKAY);
	uk_pktsim_wait(&wire, 1);
	leave(vif);
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
