/* SPDX-License-Identifier: BSD-3-Clause */
/* XSA-326 and XSA-416: what a guest can make the daemon keep for it. */
#include "advisory.h"

#include <uk/test.h>

/* A request holds up to some hundred KB while it runs; kept, that would be
 * ATTACK_UNREAD times as much */
#define ONE_REQUEST_BYTES (256 << 10)
#define EVENT_TIMEOUT_MS 20000

UK_TEST(advisory, xsa_326_replies_that_nobody_reads)
{
	run(attack_unread_replies);
}

UK_TEST(advisory, xsa_326_flood_of_events)
{
	set_up();
	attack_watch_flood(&wire);
	expect_bounds();
	attack_read_flood(&wire);
	tear_down();
}

UK_TEST(advisory, xsa_326_events_that_nobody_reads_time_out)
{
	int memory;

	set_up();
	attack_watch_flood(&wire);
	memory = sim_account(one, "memory");
	UK_EXPECT(memory > 1 << 20);
	sim_advance_ms(EVENT_TIMEOUT_MS + 1000);
	UK_EXPECT(sim_account(one, "memory") < memory / 4);
	tear_down();
}

UK_TEST(advisory, xsa_326_large_nodes_in_transactions)
{
	/* The first time the data base grows, and then stays as large */
	set_up();
	attack_large_transactions(&wire);
	UK_EXPECT_EQ(sim_reset(), 0);
	run(attack_large_transactions);
}

UK_TEST(advisory, xsa_326_many_nodes_in_a_transaction)
{
	run(attack_nodes_in_transaction);
}

UK_TEST(advisory, xsa_326_long_names_in_transactions)
{
	run(attack_long_names);
}

UK_TEST(advisory, xsa_416_memory_of_a_request_until_its_reply_is_read)
{
	size_t before;

	set_up();
	before = sim_memory().used_bytes;
	attack_unread_heavy_replies(&wire);
	UK_EXPECT(sim_account(one, "outstanding") >= ATTACK_UNREAD - 2);
	UK_EXPECT(sim_memory().used_bytes < before + ONE_REQUEST_BYTES);
	expect_bounds();
	attack_read_heavy_replies(&wire);
	tear_down();
}
