/* SPDX-License-Identifier: BSD-3-Clause */
/* Rings and nodes that make no sense, or are taken away. */
#include "disk.h"

#include <uk/pages.h>
#include <uk/print.h>
#include <uk/util.h>
#include <uk/xen/evtchn.h>
#include <uk/xen/gnttab.h>

#define ORDER 3
#define N_PAGES (1u << ORDER)
#define NO_REF 4003

/* ---- One ring ---- */

void index_jump(void)
{
	vbd.prods[0] += N_SLOTS + 1;
	link_push(&vbd, 0);
}

void index_back(void)
{
	disk_put(BLKIF_OP_READ, 1, 0);
	disk_expect(1, BLKIF_RSP_OKAY, "reads");
	vbd.prods[0]--;
	link_push(&vbd, 0);
}

/* A ring's page that is mapped cannot be taken back; the ring goes on. */
void revoked_ring(void)
{
	if (!uk_gnttab_end((grant_ref_t)vbd.refs[0]))
		link_complain(&vbd, "the ring was taken back while it was mapped");
}

/* It says that they persist, and has another one for each request. */
void many_persistent_grants(void)
{
	static int refs[600];
	unsigned int n = 0;

	for (; n < UK_ARRAY_SIZE(refs); n++) {
		refs[n] = uk_gnttab_grant(vbd.remote, page, false);
		if (refs[n] < 0)
			break;
		disk_put(BLKIF_OP_READ, 1, 0)->seg[0].gref = (uint32_t)refs[n];
		disk_expect(1, BLKIF_RSP_OKAY, "reads");
	}
	link_set_state(&vbd, XenbusStateClosed);
	link_wait(&vbd, XenbusStateClosed, 15);
	while (n--)
		if (uk_gnttab_end((grant_ref_t)refs[n]))
			link_complain(&vbd, "a page of data is still mapped");
}

/* ---- Nodes ---- */

static void expect_refused(const char *what)
{
	link_set_state(&vbd, vbd.ready);
	if (!link_wait(&vbd, XenbusStateClosed, 15))
		link_complain(&vbd, "%s: state %u", what, link_be_state(&vbd));
}

void bad_nodes(void)
{
	static const struct {
		const char *node, *value;
	} lies[] = {
		{ "ring-ref", "-1" }, { "ring-ref", "4294967296" }, { "ring-ref", "" },
		{ "event-channel", "x" }, { "event-channel", "1" }, { "protocol", "\xff\xfe" },
	};

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(lies); i++) {
		link_reopen(&vbd);
		disk_offer();
		link_write(&vbd, lies[i].node, lies[i].value);
		expect_refused(lies[i].node);
	}
}

/* ---- Rings of several pages ---- */

static void write_ref(unsigned int i, int ref)
{
	char node[16];

	uk_snprintf(node, sizeof(node), "ring-ref%u", i);
	if (ref)
		link_write_number(&vbd, node, (unsigned int)ref);
	else
		link_remove(&vbd, node);
}

enum lie { NONE, NO_GRANT, TWICE, NO_NODE };

/* Eight good pages, but for @lie about page @at. */
static void offer_pages(int *refs, void *const *pages, unsigned int at, enum lie lie)
{
	link_reopen(&vbd);
	disk_offer();
	link_remove(&vbd, "ring-ref");
	link_write_number(&vbd, "ring-page-order", ORDER);
	for (unsigned int i = 0; i < N_PAGES; i++) {
		refs[i] = uk_gnttab_grant(vbd.remote, pages[i], false);
		write_ref(i, refs[i]);
	}
	if (lie == NO_GRANT)
		write_ref(at, NO_REF);
	else if (lie == TWICE)
		write_ref(at, refs[(at + 1) % N_PAGES]);
	else if (lie == NO_NODE)
		write_ref(at, 0);
}

static void take_back(const int *refs)
{
	for (unsigned int i = 0; i < N_PAGES; i++)
		if (uk_gnttab_end((grant_ref_t)refs[i]))
			link_complain(&vbd, "page %u of the ring is still mapped", i);
}

void bad_ring_pages(void)
{
	static const char *const orders[] = { "4", "x" };
	void *pages[N_PAGES];
	int refs[N_PAGES];

	for (unsigned int i = 0; i < N_PAGES; i++)
		pages[i] = uk_pages_alloc(0);
	for (unsigned int i = 0; i < 2 * 3; i++) {
		offer_pages(refs, pages, i % 2 ? N_PAGES - 1 : 0, NO_GRANT + i / 2);
		expect_refused("a bad page of the ring");
		take_back(refs);
	}
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(orders); i++) {
		offer_pages(refs, pages, 0, NONE);
		link_write(&vbd, "ring-page-order", orders[i]);
		expect_refused(orders[i]);
		take_back(refs);
	}
	link_remove(&vbd, "ring-page-order");
	for (unsigned int i = 0; i < N_PAGES; i++) {
		write_ref(i, 0);
		uk_pages_free(pages[i], 0);
	}
}

/* ---- Several rings ---- */

static struct {
	struct uk_xen_ring_wire *ring;
	int ref;
	evtchn_port_t port;
} second;

/* The first ring's nodes, and of a second one. */
static void offer_two(void)
{
	disk_offer();
	if (!second.ring)
		second.ring = uk_pages_alloc(0);
	second.ring->req_prod = second.ring->rsp_prod = 0;
	second.ring->req_event = second.ring->rsp_event = 1;
	second.ref = uk_gnttab_grant(vbd.remote, second.ring, false);
	if (uk_evtchn_alloc_unbound(vbd.remote, NULL, NULL, &second.port))
		link_complain(&vbd, "no second port");
	link_write_number(&vbd, "multi-queue-num-queues", 2);
	link_write_number(&vbd, "queue-0/ring-ref", (unsigned int)vbd.refs[0]);
	link_write_number(&vbd, "queue-0/event-channel", vbd.port);
	link_write_number(&vbd, "queue-1/ring-ref", (unsigned int)second.ref);
	link_write_number(&vbd, "queue-1/event-channel", second.port);
}

/* The back end has let go of it. */
static void end_second(void)
{
	if (uk_gnttab_end((grant_ref_t)second.ref))
		link_complain(&vbd, "the second ring is still mapped");
	uk_evtchn_close(second.port);
	link_remove(&vbd, "multi-queue-num-queues");
	link_remove(&vbd, "queue-0");
	link_remove(&vbd, "queue-1");
}

void bad_queues(void)
{
	static const char *const numbers[] = { "0", "1000000" };

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(numbers) + 4; i++) {
		link_reopen(&vbd);
		offer_two();
		if (i < UK_ARRAY_SIZE(numbers))
			link_write(&vbd, "multi-queue-num-queues", numbers[i]);
		else if (i == UK_ARRAY_SIZE(numbers))
			link_write_number(&vbd, "queue-1/ring-ref", (unsigned int)vbd.refs[0]);
		else if (i == UK_ARRAY_SIZE(numbers) + 1)
			link_write_number(&vbd, "queue-1/ring-ref", NO_REF);
		else if (i == UK_ARRAY_SIZE(numbers) + 2)
			link_write_number(&vbd, "queue-1/event-channel", vbd.port);
		else
			link_remove(&vbd, "queue-1/event-channel");
		expect_refused("a bad queue");
		end_second();
	}
}

/* It takes the first one with it, where requests are under way. */
void jump_of_a_second_ring(void)
{
	link_reopen(&vbd);
	offer_two();
	link_set_state(&vbd, vbd.ready);
	if (!link_wait(&vbd, XenbusStateConnected, 15))
		link_complain(&vbd, "state %u with two rings", link_be_state(&vbd));
	disk_put(BLKIF_OP_READ, 1, 0);
	disk_expect(1, BLKIF_RSP_OKAY, "reads by the first of two rings");
	for (unsigned int i = 0; i < N_SLOTS; i++)
		disk_put(BLKIF_OP_READ, 11, 0);
	link_push(&vbd, 0);
	second.ring->req_prod = N_SLOTS + 1;
	uk_evtchn_notify(second.port);
	if (!link_wait(&vbd, XenbusStateClosed, 15))
		link_complain(&vbd, "state %u after the jump", link_be_state(&vbd));
	end_second();
}
