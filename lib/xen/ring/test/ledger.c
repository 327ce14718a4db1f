/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ledger: a ring is served in any order and left at any moment; whoever
 * comes next knows what is unanswered, or that he cannot know.
 */
#include <string.h>

#include <uk/test.h>
#include <uk/xen/ledger.h>

#define SIZE 32
#define ENTRY_BYTES 112

static uint32_t page[UK_PAGE_SIZE / sizeof(uint32_t)] uk_aligned(UK_PAGE_SIZE);
static struct uk_xen_ring_wire *const wire = (void *)page;
static struct uk_xen_ring ring, next;

static struct {
	uint32_t ids[SIZE];
	struct uk_xen_ledger ledger;
	uint8_t map[UK_XEN_LEDGER_MAP_BYTES(SIZE)];
} kept;

/* What a frontend knows: which ids it waits for */
static bool is_out[256];
static uint32_t sent;

static void fresh(uint32_t start)
{
	memset(page, 0, sizeof(page));
	memset(is_out, 0, sizeof(is_out));
	wire->req_prod = wire->rsp_prod = sent = start;
	uk_xen_ring_init(&ring, page, sizeof(page), ENTRY_BYTES);
	uk_xen_ledger_init(&kept.ledger, &ring);
}

static void send(uint32_t id)
{
	*uk_xen_ring_entry_(&ring, sent++) = id;
	wire->req_prod = sent;
	is_out[id] = true;
}

static unsigned int take(void)
{
	uint32_t words[ENTRY_BYTES / sizeof(uint32_t)];
	unsigned int slot = uk_xen_ledger_slot(&kept.ledger, ring.req_cons);

	uk_xen_ring_get(&ring, words);
	kept.ids[slot] = words[0];
	uk_xen_ledger_set_taken(&kept.ledger, ring.req_cons);
	return slot;
}

static void answer(unsigned int slot)
{
	uk_xen_ledger_answer(&kept.ledger, slot, ring.rsp_prod);
	uk_xen_ring_put(&ring, &kept.ids[slot], 1);
}

/* The frontend reads the answers that were pushed before. */
static void push(void)
{
	uint32_t from = wire->rsp_prod;

	uk_xen_ring_push(&ring);
	for (; from != wire->rsp_prod; from++) {
		uint32_t id = *uk_xen_ring_entry_(&ring, from);

		UK_EXPECT(id < 256 && is_out[id]);
		is_out[id % 256] = false;
	}
}

/* A new life: everything taken is answered, each once. */
static void resume_and_answer(void)
{
	uk_xen_ring_init(&next, page, sizeof(page), ENTRY_BYTES);
	if (!UK_EXPECT_EQ(uk_xen_ring_resume(&next, &kept.ledger), 0))
		return;
	ring = next;
	for (uint32_t i = ring.rsp_prod; i != ring.req_cons; i++)
		answer(uk_xen_ledger_slot(&kept.ledger, i));
	push();
}

UK_TEST(ledger, test_taken_requests_are_known_after_answers_out_of_order)
{
	unsigned int slots[6];

	fresh(0);
	for (uint32_t i = 0; i < 6; i++)
		send(100 + i);
	for (uint32_t i = 0; i < 6; i++)
		slots[i] = take();
	answer(slots[4]);
	answer(slots[1]);
	push();
	answer(slots[5]);	/* not pushed: nobody has seen it */
	resume_and_answer();
	for (uint32_t i = 0; i < 256; i++)
		UK_EXPECT(!is_out[i]);
	UK_EXPECT_EQ(wire->rsp_prod, 6);
}

UK_TEST(ledger, test_request_that_was_not_counted_is_still_in_the_ring)
{
	uint32_t words[ENTRY_BYTES / sizeof(uint32_t)];

	fresh(0);
	send(1);
	send(2);
	take();
	uk_xen_ring_get(&ring, words);
	resume_and_answer();
	UK_EXPECT(is_out[2]);
	UK_EXPECT_EQ(uk_xen_ring_pending(&ring), 1);
}

/* A pseudo-random frontend and back end, across the wrap of the indices, with a
 * restart now and then */
UK_TEST(ledger, test_nothing_is_lost_or_answered_twice_in_any_order)
{
	unsigned int open[SIZE], n_open = 0;
	uint32_t seed = 1, id = 0;

	fresh(0u - 700);
	for (int i = 0; i < 20000; i++) {
		seed = seed * 1664525 + 1013904223;
		if (seed >> 24 < 2) {
			resume_and_answer();
			n_open = 0;
		} else if (seed >> 31 && sent - wire->rsp_prod < SIZE && !is_out[id % 256]) {
			send(id++ % 256);
			open[n_open++] = take();
		} else if (n_open) {
			unsigned int at = (seed >> 16) % n_open;

			answer(open[at]);
			open[at] = open[--n_open];
			if (seed & 1u << 12)
				push();
		}
	}
	resume_and_answer();
	UK_EXPECT_EQ(wire->rsp_prod, sent);
	for (uint32_t i = 0; i < 256; i++)
		UK_EXPECT(!is_out[i]);
}

UK_TEST(ledger, test_request_put_back_is_taken_again)
{
	uint32_t words[ENTRY_BYTES / sizeof(uint32_t)] = { 0 };

	fresh(0);
	send(7);
	send(8);
	take();
	take();
	words[0] = 70;
	uk_xen_ring_unget(&ring, words);
	UK_EXPECT_EQ(uk_xen_ring_pending(&ring), 1);
	take();
	UK_EXPECT_EQ(kept.ids[1], 70);
}

/* ---- What does not fit ---- */

static void expect_refused(void)
{
	uk_xen_ring_init(&next, page, sizeof(page), ENTRY_BYTES);
	UK_EXPECT_EQ(uk_xen_ring_resume(&next, &kept.ledger), -EPROTO);
	UK_EXPECT_EQ(next.req_cons, next.rsp_prod);
}

static void three_taken(void)
{
	fresh(0);
	for (uint32_t i = 0; i < 3; i++)
		send(i);
	for (uint32_t i = 0; i < 3; i++)
		take();
}

UK_TEST(ledger, test_indices_that_do_not_fit_are_refused)
{
	three_taken();
	wire->req_prod = 2;		/* fewer than were taken */
	expect_refused();
	three_taken();
	wire->req_prod = SIZE + 1;	/* more than fit */
	expect_refused();
	three_taken();
	wire->rsp_prod = 4;		/* more than were taken */
	expect_refused();
	three_taken();
	wire->rsp_prod = 0u - SIZE;
	expect_refused();
	three_taken();
	kept.ledger.req_cons += SIZE;
	expect_refused();
}

UK_TEST(ledger, test_damaged_ledger_is_refused)
{
	for (unsigned int i = 0; i < 2 * SIZE; i++) {
		three_taken();
		kept.ledger.map[i] ^= 1;	/* in two places */
		expect_refused();
		three_taken();
		kept.ledger.map[i] = 255;	/* none at all */
		expect_refused();
	}
	three_taken();
	kept.ledger.mask = 255;
	expect_refused();
	memset(&kept, 0, sizeof(kept));
	expect_refused();
	memset(&kept, 255, sizeof(kept));
	expect_refused();
}
