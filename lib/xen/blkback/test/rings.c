/* SPDX-License-Identifier: BSD-3-Clause */
/* Rings of several pages, several rings: honest ones, and lies about them. */
#include <string.h>

#include "common.h"
#include "../blkback_priv.h"

#include <uk/print.h>
#include <uk/restart.h>
#include <uk/test.h>
#include <uk/thread.h>

#define N_RINGS 4

/* ---- Several pages ---- */

UK_TEST(blkback_rings, test_limits_are_offered_before_rings_are_made)
{
	fe_attach(&fe, FE_DOM, 51712, "ram:size=1M", "w");
	UK_EXPECT(fe_wait(&fe, "state", "2"));
	UK_EXPECT(fe_wait(&fe, "max-ring-page-order", "3"));
	UK_EXPECT(fe_wait(&fe, "multi-queue-max-queues", "4"));
	stop();
}

/* Each entry is used, and in one turn after the other all are answered in order. */
static void fill_ring(void)
{
	uint64_t id;

	for (unsigned int i = 0; i < fe_ring_size(&fe); i++)
		fe_put(&fe, i % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE, i * 8 % DISK_SECTORS, 1, 100 + i);
	fe_push(&fe);
	for (unsigned int i = 0; i < fe_ring_size(&fe); i++) {
		UK_EXPECT_EQ(fe_answer(&fe, &id), BLKIF_RSP_OKAY);
		UK_EXPECT_EQ(id, 100 + i);
	}
}

UK_TEST(blkback_rings, test_rings_of_all_sizes_are_served_to_the_last_entry)
{
	for (unsigned int order = 0; order <= FE_MAX_ORDER; order++)
		for (int is_32bit = 0; is_32bit < 2; is_32bit++) {
			fe.is_32bit = is_32bit;
			fe.is_persistent = false;
			if (!start_rings(order, 1))
				return;
			UK_EXPECT_EQ(uk_xensim_mappings(), 1u << order);
			fill_ring();
			write_and_read_back(&fe, 11, 13);
			fill_ring();
			stop();
		}
	fe.is_32bit = false;
}

/* Note 6 of xen/io/blkif.h has it so; Linux has it the other way. */
UK_TEST(blkback_rings, test_single_page_may_have_either_form)
{
	for (int is_numbered = 0; is_numbered < 2; is_numbered++) {
		fe_attach(&fe, FE_DOM, 51712, "ram:size=1M", "w");
		UK_EXPECT(fe_wait(&fe, "state", "2"));
		fe_offer(&fe);
		uk_frontsim_write_fe(&fe.sim, "ring-page-order", "0");
		if (is_numbered) {
			uk_xensim_xs_rm("/local/domain/3/device/vbd/51712/ring-ref");
			uk_frontsim_write_fe(&fe.sim, "ring-ref0", "%u", fe.ring_ref);
		}
		fe_set_state(&fe, "3");
		UK_EXPECT(fe_wait(&fe, "state", "4"));
		expect_alive(&fe);
		stop();
	}
}

/* ---- Several rings ---- */

UK_TEST(blkback_rings, test_each_ring_is_served)
{
	for (unsigned int order = 0; order <= FE_MAX_ORDER; order += FE_MAX_ORDER) {
		fe.is_persistent = order;
		if (!start_rings(order, N_RINGS))
			return;
		UK_EXPECT_EQ(uk_xensim_mappings(), N_RINGS << order);
		for (unsigned int i = 0; i < N_RINGS; i++) {
			fe_use(&fe, i);
			fill_ring();
			write_and_read_back(&fe, 11, 100 * i);
			UK_EXPECT_EQ(fe.ring->rsp_prod, fe.req_prod);
		}
		stop();
	}
	fe.is_persistent = false;
}

/* A ring that is full delays another one by a turn, not by all that it has. */
UK_TEST(blkback_rings, test_full_ring_does_not_hold_up_its_neighbour)
{
	unsigned int n_full;

	if (!start_rings(FE_MAX_ORDER, 2))
		return;
	for (unsigned int i = 0; i < fe_ring_size(&fe); i++)
		fe_put(&fe, BLKIF_OP_READ, 0, 11, i);
	fe_push(&fe);
	fe_use(&fe, 1);
	fe_put(&fe, BLKIF_OP_READ, 0, 1, 1);
	fe_push(&fe);
	for (int i = 0; i < 1000 && fe.ring->rsp_prod != 1; i++)
		uk_thread_yield();
	UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	fe_use(&fe, 0);
	n_full = fe.ring->rsp_prod;
	UK_EXPECT(n_full <= 2 * BLKBACK_RING_SIZE);
	for (unsigned int i = 0; i < fe_ring_size(&fe); i++)
		UK_EXPECT_EQ(fe_answer(&fe, NULL), BLKIF_RSP_OKAY);
	stop();
}

UK_TEST(blkback_rings, test_broken_ring_ends_its_device_alone)
{
	if (!start_rings(1, N_RINGS) || !fe_connect(&other, OTHER_DOM, 51712, "ram:size=64K"))
		return;
	fe_use(&fe, 2);
	fe.req_prod += fe_ring_size(&fe) + 1;
	fe_push(&fe);
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	UK_EXPECT(uk_frontsim_has_error(&fe.sim, "ring index"));
	UK_EXPECT_EQ(uk_xensim_mappings(), 1);
	for (unsigned int i = 0; i < N_RINGS; i++) {
		fe_use(&fe, i);
		UK_EXPECT(!uk_xensim_port_is_bound(fe.port));
	}
	write_and_read_back(&other, 11, 0);
	/* It may start again from the beginning */
	fe_set_state(&fe, "6");
	fe_set_state(&fe, "1");
	UK_EXPECT(fe_wait(&fe, "state", "2"));
	fe_initialise(&fe);
	UK_EXPECT(fe_wait(&fe, "state", "4"));
	fe_use(&fe, 2);
	expect_alive(&fe);
	fe_detach(&other);
	fe_free(&other);
	stop();
}

/* ---- Lies ---- */

static const struct lie {
	unsigned int order, n_rings;
	const char *node, *value;		/* NULL: it is missing */
} lies[] = {
	{ 3, 1, "ring-page-order", "4" },
	{ 3, 1, "ring-page-order", "31" },
	{ 3, 1, "ring-page-order", "4294967299" },
	{ 3, 1, "ring-page-order", "-1" },
	{ 3, 1, "ring-page-order", "" },
	{ 3, 1, "ring-page-order", NULL },
	{ 3, 1, "ring-page-order", "2" },
	{ 2, 1, "ring-page-order", "3" },
	{ 3, 1, "ring-ref0", NULL },
	{ 3, 1, "ring-ref5", NULL },
	{ 3, 1, "ring-ref5", "0x9" },
	{ 3, 1, "ring-ref7", "4000" },
	{ 3, 1, "ring-ref", "9" },
	{ 1, 1, "ring-ref2", "9" },
	{ 1, 1, "ring-ref2", "makes no sense" },
	{ 0, 1, "ring-ref0", "9" },
	{ 0, 1, "multi-queue-num-queues", "0" },
	{ 0, 2, "multi-queue-num-queues", "5" },
	{ 0, 2, "multi-queue-num-queues", "4294967298" },
	{ 0, 2, "multi-queue-num-queues", "two" },
	{ 0, 2, "multi-queue-num-queues", "3" },
	{ 0, 2, "multi-queue-num-queues", NULL },
	{ 0, 2, "queue-0/ring-ref", NULL },
	{ 0, 4, "queue-3/ring-ref", "4000" },
	{ 0, 4, "queue-3/ring-ref", " 9" },
	{ 0, 4, "queue-1/event-channel", "200" },
	{ 0, 4, "queue-3/event-channel", NULL },
	{ 0, 4, "queue-3/event-channel", "0" },
	{ 0, 4, "queue-3/event-channel", "200" },
	{ 2, 4, "queue-3/ring-ref3", NULL },
	{ 2, 4, "queue-3/ring-ref4", "9" },
};

static void write_or_remove(const char *node, const char *value)
{
	char path[96];

	if (value) {
		uk_frontsim_write_fe(&fe.sim, node, "%s", value);
		return;
	}
	uk_snprintf(path, sizeof(path), "%s/%s", fe.sim.fe, node);
	uk_xensim_xs_rm(path);
}

/* fe, which has offered its rings and said so to nobody. */
static void offer(unsigned int order, unsigned int n_rings)
{
	fe.order = order;
	fe.n_rings = n_rings;
	fe_attach(&fe, FE_DOM, 51712, "ram:size=64K", "w");
	UK_EXPECT(fe_wait(&fe, "state", "2"));
	fe_offer(&fe);
}

static void expect_refused(const char *error)
{
	fe_set_state(&fe, "3");
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	UK_EXPECT(uk_frontsim_has_error(&fe.sim, error));
	UK_EXPECT_EQ(uk_xensim_mappings(), 0);
	stop();
}

UK_TEST(blkback_rings, test_nodes_that_make_no_sense_do_not_connect)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(lies); i++) {
		unsigned int ports = uk_xensim_ports();

		offer(lies[i].order, lies[i].n_rings);
		write_or_remove(lies[i].node, lies[i].value);
		expect_refused("");
		UK_EXPECT_EQ(uk_xensim_ports(), ports);
	}
}

/* All that belongs to it is there, too: it is the limit that is in the way. */
UK_TEST(blkback_rings, test_more_than_is_offered_is_refused)
{
	static char page[UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);
	grant_ref_t refs[1 << FE_MAX_ORDER];
	evtchn_port_t port;
	char node[16];

	offer(FE_MAX_ORDER, 1);
	uk_frontsim_write_fe(&fe.sim, "ring-page-order", "%u", FE_MAX_ORDER + 1);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(refs); i++) {
		refs[i] = uk_xensim_grant(FE_DOM, page, false);
		uk_snprintf(node, sizeof(node), "ring-ref%u", (1u << FE_MAX_ORDER) + i);
		fe_write_ring(&fe, 0, node, refs[i]);
	}
	expect_refused("ring-page-order makes no sense");
	offer(0, N_RINGS);
	uk_frontsim_write_fe(&fe.sim, "multi-queue-num-queues", "%u", N_RINGS + 1);
	port = uk_xensim_port_offer(FE_DOM);
	fe_write_ring(&fe, N_RINGS, "ring-ref", refs[0]);
	fe_write_ring(&fe, N_RINGS, "event-channel", port);
	expect_refused("multi-queue-num-queues makes no sense");
	uk_frontsim_close_port(&port);
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(refs); i++)
		UK_EXPECT(uk_frontsim_end_grant(&refs[i]));
}

/* One page, twice in the same ring, or in two: what is written to one of them would
 * be read from the other. */
UK_TEST(blkback_rings, test_reference_given_twice_is_refused)
{
	offer(1, 1);
	fe_write_ring(&fe, 0, "ring-ref1", fe.ring_ref);
	expect_refused("ring-ref1 makes no sense");
	offer(0, 2);
	fe_write_ring(&fe, 1, "ring-ref", fe.ring_ref);
	expect_refused("queue-1/ring-ref makes no sense");
}

/* Xen binds it once. */
UK_TEST(blkback_rings, test_event_channel_given_twice_is_refused)
{
	offer(0, 2);
	fe_write_ring(&fe, 1, "event-channel", fe.port);
	expect_refused("cannot be bound");
}

UK_TEST(blkback_rings, test_missing_event_channel_is_named)
{
	offer(0, 2);
	write_or_remove("queue-1/event-channel", NULL);
	expect_refused("queue-1/event-channel makes no sense");
}

/* No ring is served before all of them are there. */
UK_TEST(blkback_rings, test_request_in_a_ring_of_a_bad_device_is_not_done)
{
	offer(0, 2);
	fe_put(&fe, BLKIF_OP_READ, 0, 1, 1);
	fe_push(&fe);
	fe_write_ring(&fe, 1, "event-channel", 200);
	fe_set_state(&fe, "3");
	UK_EXPECT(fe_wait(&fe, "state", "6"));
	UK_EXPECT_EQ(fe.ring->rsp_prod, 0);
	stop();
}

/* ---- What outlives a restart ---- */

static bool is_kept(const struct frontend *f, unsigned int ring)
{
	bool is_inherited;
	char name[32];
	void *kept;

	uk_snprintf(name, sizeof(name), "blkback/%u/%u/%u", f->sim.dom, f->sim.id, ring);
	kept = uk_keep(name, blkback_kept_bytes(fe_ring_size(f)), &is_inherited);
	if (!is_inherited)
		uk_keep_free(kept);
	return is_inherited;
}

static unsigned int kept_rings(const struct frontend *f)
{
	unsigned int n = 0;

	uk_keep_simulate_restart();
	for (unsigned int i = 0; i < UK_MAX(f->n_rings, 1u); i++)
		n += is_kept(f, i);
	return n;
}

/* One guest with three disks chooses rings that fill all there is; another one's disk
 * comes later. */
UK_TEST(blkback_rings, test_one_guest_leaves_others_room_to_be_kept)
{
	static struct frontend greedy[3];

	if (!IS_ENABLED(CONFIG_LIBRESTART)) {
		uk_test_skip("no LIBRESTART");
		return;
	}
	for (unsigned int i = 0; i < 3; i++) {
		greedy[i] = (struct frontend) {
			.order = i < 2 ? FE_MAX_ORDER : 2, .n_rings = i < 2 ? N_RINGS : 1,
		};
		if (!fe_connect(&greedy[i], FE_DOM, 51712 + 16 * i, "ram:size=1M"))
			return;
	}
	other = (struct frontend) { .n_rings = N_RINGS };
	if (!fe_connect(&other, OTHER_DOM, 51712, "ram:size=1M"))
		return;
	UK_EXPECT_EQ(kept_rings(&other), N_RINGS);
	UK_EXPECT_EQ(kept_rings(&greedy[0]), N_RINGS);
	UK_EXPECT_EQ(kept_rings(&greedy[1]), 0);
	fe_detach(&other);
	/* What a disk has had is there for the next one */
	fe_detach(&greedy[0]);
	fe_free(&greedy[0]);
	fe_detach(&greedy[1]);
	fe_free(&greedy[1]);
	greedy[1] = (struct frontend) { .order = FE_MAX_ORDER, .n_rings = N_RINGS };
	if (!fe_connect(&greedy[1], FE_DOM, 51712, "ram:size=1M"))
		return;
	UK_EXPECT_EQ(kept_rings(&greedy[1]), N_RINGS);
	for (unsigned int i = 1; i < 3; i++) {
		fe_detach(&greedy[i]);
		fe_free(&greedy[i]);
	}
	fe_free(&other);
	other = (struct frontend) { .n_rings = 0 };
}
