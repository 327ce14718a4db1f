/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A guest that attacks netback through its interface: one attack after the other,
 * each with a connection of its own, and on its console what came of it:
 * "attack: <name>: ok", or what was not as expected. "attacks: done" at the end.
 * The parameter attack= names one, to be repeated until the domain is destroyed; or
 * "computing", which is none.
 */
#include <string.h>

#include "link.h"
#include "netback_wire.h"

#include <uk/pages.h>
#include <uk/param.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>
#include <uk/wait.h>
#include <uk/xen/evtchn.h>
#include <uk/xen/gnttab.h>

#define N_SLOTS 256
#define TX 0
#define RX 1
#define LOAD_NS (500 * UK_NSEC_PER_MSEC)

static const char *only;
UK_PARAM(attack, "attack", UK_PARAM_STR, &only, "this one, again and again");

static struct link vif = {
	.kind = "vif", .n_rings = 2, .ready = XenbusStateConnected,
};
static uint8_t *page, mac[6];
static int page_ref;

/* ---- Slots ---- */

static union netback_tx_wire *next_slot(void)
{
	return (union netback_tx_wire *)vif.rings[TX]->entries + vif.prods[TX]++ % N_SLOTS;
}

static void put(uint32_t ref, uint16_t offset, uint16_t size, uint16_t flags)
{
	next_slot()->req = (struct netif_tx_request) {
		.gref = ref, .offset = offset, .size = size, .flags = flags,
		.id = (uint16_t)vif.prods[TX],
	};
}

static void put_good(uint16_t size, uint16_t flags)
{
	put((uint32_t)page_ref, 0, size, flags);
}

static void put_extra(uint8_t type, uint8_t flags)
{
	next_slot()->extra = (struct netif_extra_info) { .type = type, .flags = flags,
							 .u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4 };
}

/* @return how many of the @n answers say so. */
static unsigned int count(unsigned int n, int16_t status)
{
	unsigned int n_such = 0;

	link_push(&vif, TX);
	if (!link_wait_answers(&vif, TX, n, 10))
		link_complain(&vif, "%u of %u answers", vif.rings[TX]->rsp_prod - vif.conses[TX], n);
	for (unsigned int i = 0; i < n; i++) {
		union netback_tx_wire *w = (void *)(vif.rings[TX]->entries +
						    vif.conses[TX]++ % N_SLOTS * 3);

		n_such += w->rsp.status == status;
	}
	return n_such;
}

/* To all, from our own address; an ethertype for experiments. */
static void make_packet(void)
{
	memset(page, 0xff, 6);
	memcpy(page + 6, mac, 6);
	memcpy(page + 12, "\x88\xb5", 2);
}

static void connect(void)
{
	link_offer(&vif);
	link_write_number(&vif, "tx-ring-ref", (unsigned int)vif.refs[TX]);
	link_write_number(&vif, "rx-ring-ref", (unsigned int)vif.refs[RX]);
	link_write_number(&vif, "event-channel", vif.port);
	link_write_number(&vif, "request-rx-copy", 1);
	link_write_number(&vif, "feature-rx-notify", 1);
	link_write_number(&vif, "feature-sg", 1);
	link_set_state(&vif, vif.ready);
	if (!link_wait(&vif, XenbusStateConnected, 15))
		link_complain(&vif, "state %u instead of a connection", link_be_state(&vif));
}

/* ---- Rings that make no sense ---- */

static void tx_index(void)
{
	vif.prods[TX] += N_SLOTS + 1;
	link_push(&vif, TX);
}

static void tx_index_back(void)
{
	put_good(60, 0);
	count(1, NETIF_RSP_OKAY);
	vif.prods[TX]--;
	link_push(&vif, TX);
}

/* Looked at when there is a packet for us: an honest guest asks for us. */
static void rx_index(void)
{
	vif.prods[RX] += 5 * N_SLOTS;
	link_push(&vif, RX);
	uk_thread_sleep_ns(LOAD_NS);
}

static void chain_without_end(void)
{
	put_good(1000, NETTXF_more_data);
	link_push(&vif, TX);
}

static void slot_across_page(void)
{
	put((uint32_t)page_ref, 4000, 1000, 0);
	link_push(&vif, TX);
}

static void too_many_slots(void)
{
	for (unsigned int i = 0; i < 30; i++)
		put_good(i ? 10 : 1000, i < 29 ? NETTXF_more_data : 0);
	link_push(&vif, TX);
}

static void slots_larger_than_packet(void)
{
	put_good(1000, NETTXF_more_data);
	put_good(1500, 0);
	link_push(&vif, TX);
}

static void unknown_extra(void)
{
	put_good(100, NETTXF_extra_info);
	put_extra(99, 0);
	link_push(&vif, TX);
}

static void endless_extras(void)
{
	put_good(100, NETTXF_extra_info);
	for (unsigned int i = 0; i < 100; i++)
		put_extra(XEN_NETIF_EXTRA_TYPE_HASH, XEN_NETIF_EXTRA_FLAG_MORE);
	link_push(&vif, TX);
}

static void segments_without_size(void)
{
	put_good(100, NETTXF_extra_info);
	put_extra(XEN_NETIF_EXTRA_TYPE_GSO, 0);
	link_push(&vif, TX);
}

/* ---- Grants ---- */

static void expect_errors(unsigned int n, const char *what)
{
	unsigned int n_errors = count(n, NETIF_RSP_ERROR);

	if (n_errors != n)
		link_complain(&vif, "%u errors for %u %s", n_errors, n, what);
}

static void wrong_grants(void)
{
	for (unsigned int i = 0; i < 200; i++)
		put(i % 2 ? 500 + i : UINT32_MAX - i, 0, 100, 0);
	expect_errors(200, "grants that are none");
}

static void revoked_grants(void)
{
	for (unsigned int i = 0; i < 20; i++) {
		int ref = uk_gnttab_grant(vif.remote, page, true);

		uk_gnttab_end((grant_ref_t)ref);
		put((uint32_t)ref, 0, 100, 0);
		expect_errors(1, "grant that was taken back");
	}
}

/* Offered to another domain, that is to dom0, which is not our back end. */
static void foreign_grants(void)
{
	int ref = uk_gnttab_grant(0, page, true);

	put((uint32_t)ref, 0, 100, 0);
	expect_errors(1, "grant for another domain");
	uk_gnttab_end((grant_ref_t)ref);
}

/* A ring's page that is mapped cannot be taken back; the ring goes on. */
static void revoked_rings(void)
{
	for (unsigned int i = 0; i < 2; i++)
		if (!uk_gnttab_end((grant_ref_t)vif.refs[i]))
			link_complain(&vif, "ring %u was taken back while it was mapped", i);
}

static void bad_receive_pages(void)
{
	struct netif_rx_request *slots = (void *)vif.rings[RX]->entries;

	for (unsigned int i = 0; i < N_SLOTS; i++)
		slots[vif.prods[RX]++ % N_SLOTS] = (struct netif_rx_request) {
			.id = (uint16_t)i, .gref = i % 3 ? 700 + i : (uint32_t)page_ref,
		};
	link_push(&vif, RX);
	uk_thread_sleep_ns(LOAD_NS);
}

/* ---- Load ---- */

static void event_storm(void)
{
	uint64_t end = uk_plat_mono_ns() + LOAD_NS;

	while (uk_plat_mono_ns() < end)
		for (unsigned int i = 0; i < 100; i++)
			uk_evtchn_notify(vif.port);
}

static void flood_with(uint16_t size)
{
	uint64_t end = uk_plat_mono_ns() + LOAD_NS;

	while (uk_plat_mono_ns() < end) {
		for (unsigned int i = 0; i < 200; i++)
			put_good(size, 0);
		count(200, NETIF_RSP_OKAY);
	}
}

static void flood(void)
{
	flood_with(60);
}

/* Headers that contradict what the slots say of them */
static void flood_of_bad_headers(void)
{
	uint64_t end = uk_plat_mono_ns() + LOAD_NS;

	while (uk_plat_mono_ns() < end) {
		for (unsigned int i = 0; i < 200; i++)
			put_good(100, NETTXF_csum_blank | NETTXF_data_validated);
		expect_errors(200, "checksums where there are none");
	}
}

/* It takes nothing, whatever is sent to it. */
static void no_slots(void)
{
	uk_thread_sleep_ns(2 * LOAD_NS);
}

/* ---- xenstore ---- */

static void node_flood(void)
{
	uint64_t end = uk_plat_mono_ns() + LOAD_NS;

	while (uk_plat_mono_ns() < end && !vif.why[0])
		link_set_state(&vif, XenbusStateConnected);
}

static void state_flapping(void)
{
	static const char *const states[] = {
		"6", "1", "4", "5", "3", "2", "x", "", "99999999999999999999", "4 ", "-1", "0", "4",
	};
	uint64_t end = uk_plat_mono_ns() + LOAD_NS;

	for (unsigned int i = 0; uk_plat_mono_ns() < end && !vif.why[0]; i++)
		link_write(&vif, "state", states[i % UK_ARRAY_SIZE(states)]);
	link_set_state(&vif, XenbusStateClosed);
}

static void bad_nodes(void)
{
	static const struct {
		const char *node, *value;
	} lies[] = {
		{ "tx-ring-ref", "-1" }, { "rx-ring-ref", "4294967296" },
		{ "event-channel", "x" }, { "event-channel", "1" },
		{ "multi-queue-num-queues", "1000000" }, { "request-rx-copy", "\xff\xfe" },
	};

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(lies); i++) {
		link_reopen(&vif);
		link_offer(&vif);
		link_write_number(&vif, "tx-ring-ref", (unsigned int)vif.refs[TX]);
		link_write_number(&vif, "rx-ring-ref", (unsigned int)vif.refs[RX]);
		link_write_number(&vif, "event-channel", vif.port);
		link_write_number(&vif, "request-rx-copy", 1);
		link_write_number(&vif, "multi-queue-num-queues", 1);
		link_write(&vif, lies[i].node, lies[i].value);
		link_set_state(&vif, vif.ready);
		if (!link_wait(&vif, XenbusStateClosed, 15))
			link_complain(&vif, "%s=%s: state %u", lies[i].node, lies[i].value,
				      link_be_state(&vif));
	}
	link_write_number(&vif, "multi-queue-num-queues", 1);
}

/* ---- All of them ---- */

enum after { LOST, KEPT, EITHER };

static const struct {
	const char *name;
	void (*run)(void);
	enum after after;
} attacks[] = {
	{ "tx_index", tx_index, LOST },
	{ "tx_index_back", tx_index_back, LOST },
	{ "rx_index", rx_index, LOST },
	{ "chain_without_end", chain_without_end, LOST },
	{ "slot_across_page", slot_across_page, LOST },
	{ "too_many_slots", too_many_slots, LOST },
	{ "slots_larger_than_packet", slots_larger_than_packet, LOST },
	{ "unknown_extra", unknown_extra, LOST },
	{ "endless_extras", endless_extras, LOST },
	{ "segments_without_size", segments_without_size, LOST },
	{ "wrong_grants", wrong_grants, KEPT },
	{ "revoked_grants", revoked_grants, KEPT },
	{ "foreign_grants", foreign_grants, KEPT },
	{ "revoked_rings", revoked_rings, KEPT },
	{ "bad_receive_pages", bad_receive_pages, KEPT },
	{ "event_storm", event_storm, KEPT },
	{ "flood", flood, KEPT },
	{ "flood_of_bad_headers", flood_of_bad_headers, KEPT },
	{ "no_slots", no_slots, KEPT },
	{ "node_flood", node_flood, KEPT },
	{ "state_flapping", state_flapping, LOST },
	{ "bad_nodes", bad_nodes, LOST },
};

static void look(enum after after)
{
	if (after == LOST && !link_wait(&vif, XenbusStateClosed, 15))
		link_complain(&vif, "the connection is not lost: state %u", link_be_state(&vif));
	if (after != KEPT || vif.why[0])
		return;
	put_good(60, 0);
	if (count(1, NETIF_RSP_OKAY) != 1)
		link_complain(&vif, "an honest packet is not taken any more");
}

static void attack(unsigned int i)
{
	vif.why[0] = '\0';
	connect();
	uk_console_printf("attack: %s: begins\n", attacks[i].name);
	if (!vif.why[0])
		attacks[i].run();
	look(attacks[i].after);
	link_reopen(&vif);
	uk_console_printf("attack: %s: %s\n", attacks[i].name, vif.why[0] ? vif.why : "ok");
}

int main(void)
{
	if (only && !strcmp(only, "computing"))
		link_compute();
	link_find(&vif);
	link_read_mac(&vif, mac);
	page = uk_pages_alloc(0);
	make_packet();
	page_ref = uk_gnttab_grant(vif.remote, page, true);
	do {
		for (unsigned int i = 0; i < UK_ARRAY_SIZE(attacks); i++)
			if (!only || !strcmp(only, attacks[i].name))
				attack(i);
	} while (only);
	uk_console_printf("attacks: done\n");
	for (;;)
		uk_thread_block_until(UK_FOREVER);
}
