/* SPDX-License-Identifier: BSD-3-Clause */
/* The ring against a frontend that is honest, and one that is not. */
#include <string.h>

#include <uk/test.h>
#include <uk/xen/ring.h>

#define ENTRY_BYTES 112
#define SIZE 32

static uint32_t page[UK_PAGE_SIZE / sizeof(uint32_t)] uk_aligned(UK_PAGE_SIZE);
static struct uk_xen_ring_wire *const wire = (void *)page;
static struct uk_xen_ring ring;

static void fresh(void)
{
	memset(page, 0, sizeof(page));
	wire->req_event = 1;
	wire->rsp_event = 1;
	uk_xen_ring_init(&ring, page, sizeof(page), ENTRY_BYTES);
}

static void respond(unsigned int n)
{
	uint32_t words[ENTRY_BYTES / sizeof(uint32_t)];

	for (unsigned int i = 0; i < n; i++) {
		uk_xen_ring_get(&ring, words);
		uk_xen_ring_put(&ring, words, 3);
	}
}

UK_TEST(ring, test_size_is_rounded_down_to_power_of_2)
{
	fresh();
	UK_EXPECT_EQ(ring.size, SIZE);
	uk_xen_ring_init(&ring, page, sizeof(page), 64);
	UK_EXPECT_EQ(ring.size, 32);
	uk_xen_ring_init(&ring, page, sizeof(page), 12);
	UK_EXPECT_EQ(ring.size, 256);
}

UK_TEST(ring, test_pending_counts_requests)
{
	fresh();
	UK_EXPECT_EQ(uk_xen_ring_pending(&ring), 0);
	wire->req_prod = SIZE;
	UK_EXPECT_EQ(uk_xen_ring_pending(&ring), SIZE);
	respond(3);
	UK_EXPECT_EQ(uk_xen_ring_pending(&ring), SIZE - 3);
}

UK_TEST(ring, test_index_jump_breaks_the_ring)
{
	fresh();
	wire->req_prod = SIZE + 1;
	UK_EXPECT_EQ(uk_xen_ring_pending(&ring), -EPROTO);
	/* Repentance comes too late */
	wire->req_prod = 1;
	UK_EXPECT_EQ(uk_xen_ring_pending(&ring), -EPROTO);
}

UK_TEST(ring, test_index_going_back_breaks_the_ring)
{
	fresh();
	wire->req_prod = 4;
	respond((unsigned int)uk_xen_ring_pending(&ring));
	wire->req_prod = 3;
	UK_EXPECT_EQ(uk_xen_ring_pending(&ring), -EPROTO);
}

/* Requests that were taken and not answered still fill the ring: a producer
 * that goes on would make us answer into slots it has filled again. */
UK_TEST(ring, test_more_than_size_unanswered_breaks_the_ring)
{
	uint32_t words[ENTRY_BYTES / sizeof(uint32_t)];

	fresh();
	wire->req_prod = 8;
	for (int i = 0; i < 8; i++)
		uk_xen_ring_get(&ring, words);
	wire->req_prod = SIZE + 1;
	UK_EXPECT_EQ(uk_xen_ring_pending(&ring), -EPROTO);
}

/* Less than was taken, but more than was answered */
UK_TEST(ring, test_index_going_back_behind_what_was_taken_breaks_the_ring)
{
	uint32_t words[ENTRY_BYTES / sizeof(uint32_t)];

	fresh();
	wire->req_prod = 8;
	for (int i = 0; i < 8; i++)
		uk_xen_ring_get(&ring, words);
	wire->req_prod = 6;
	UK_EXPECT_EQ(uk_xen_ring_pending(&ring), -EPROTO);
	UK_EXPECT(ring.is_broken);
}

UK_TEST(ring, test_indices_wrap)
{
	fresh();
	ring.req_cons = ring.rsp_prod = ring.rsp_published = ring.rsp_told = 0xfffffffe;
	wire->req_prod = 2;
	UK_EXPECT_EQ(uk_xen_ring_pending(&ring), 4);
	respond(4);
	UK_EXPECT(uk_xen_ring_push(&ring));
	UK_EXPECT_EQ(wire->rsp_prod, 2);
}

UK_TEST(ring, test_attach_takes_up_after_last_response)
{
	fresh();
	wire->rsp_prod = 100;
	wire->req_prod = 103;
	uk_xen_ring_init(&ring, page, sizeof(page), ENTRY_BYTES);
	UK_EXPECT_EQ(uk_xen_ring_pending(&ring), 3);
}

UK_TEST(ring, test_published_index_is_never_read_back)
{
	fresh();
	wire->req_prod = 2;
	respond(2);
	uk_xen_ring_push(&ring);
	wire->rsp_prod = 77;
	wire->req_event = 99;
	wire->req_prod = 3;
	UK_EXPECT_EQ(uk_xen_ring_pending(&ring), 1);
	respond(1);
	uk_xen_ring_push(&ring);
	UK_EXPECT_EQ(wire->rsp_prod, 3);
}

UK_TEST(ring, test_notify_only_when_asked)
{
	fresh();
	wire->req_prod = 3;
	wire->rsp_event = 3;
	respond(2);
	UK_EXPECT(!uk_xen_ring_push(&ring));
	respond(1);
	UK_EXPECT(uk_xen_ring_push(&ring));
	UK_EXPECT(!uk_xen_ring_push(&ring));
}

/* An event that is held back stays due until the peer has looked by itself. */
UK_TEST(ring, test_event_stays_due_until_the_peer_looks)
{
	fresh();
	wire->req_prod = 4;
	respond(1);
	UK_EXPECT(uk_xen_ring_publish(&ring));
	UK_EXPECT(!uk_xen_ring_publish(&ring));
	UK_EXPECT(uk_xen_ring_is_event_due(&ring));
	respond(1);
	uk_xen_ring_publish(&ring);
	UK_EXPECT(uk_xen_ring_is_event_due(&ring));
	wire->rsp_event = 3;
	UK_EXPECT(!uk_xen_ring_is_event_due(&ring));
	respond(1);
	UK_EXPECT(uk_xen_ring_push(&ring));
	UK_EXPECT(!uk_xen_ring_is_event_due(&ring));
}

UK_TEST(ring, test_final_check_asks_for_next_event)
{
	fresh();
	wire->req_prod = 5;
	respond(5);
	UK_EXPECT_EQ(uk_xen_ring_final_check(&ring), 0);
	UK_EXPECT_EQ(wire->req_event, 6);
	wire->req_prod = 6;
	UK_EXPECT_EQ(uk_xen_ring_final_check(&ring), 1);
}
