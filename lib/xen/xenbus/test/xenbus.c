/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The state machine, one test for each row of its contract: what a toolstack and
 * a frontend write, what the back end answers, and what its driver is told.
 */
#include <errno.h>
#include <string.h>

#include "common.h"

#include <uk/plat/time.h>
#include <uk/thread.h>

/* ---- Attach and connect ---- */

UK_TEST(xenbus, test_new_device_is_probed_and_goes_to_initwait)
{
	unsigned int watches = uk_xensim_xs_watches();

	attach();
	UK_EXPECT(becomes(BE "/state", "2"));
	UK_EXPECT_STR(calls, "p");
	UK_EXPECT_EQ(uk_xensim_xs_watches(), watches + 1);
	clean();
	UK_EXPECT_STR(calls, "pr");
	UK_EXPECT_EQ(uk_xensim_xs_watches(), watches);
}

UK_TEST(xenbus, test_failed_probe_is_reported_and_removes_the_nodes)
{
	char text[64];

	attach();
	probe_err = -EINVAL;
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "p");
	UK_EXPECT(uk_xensim_xs_read("error/" BE "/error", text, sizeof(text)) > 0);
	UK_EXPECT_STR(text, "22 told to fail");
	device = NULL;
	clean();
}

UK_TEST(xenbus, test_attach_for_a_domain_that_is_gone_is_taken_back)
{
	attach();
	clean();
	calls[0] = '\0';
	write_back_end("1", "1");
	UK_EXPECT(becomes(BE "/state", "6"));
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "");
	clean();
}

UK_TEST(xenbus, test_attach_that_was_withdrawn_is_taken_back)
{
	attach();
	clean();
	calls[0] = '\0';
	frontend("1");
	write_back_end("0", "5");
	UK_EXPECT(becomes(BE "/state", "6"));
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "");
	clean();
}

UK_TEST(xenbus, test_ready_frontend_is_connected_and_published)
{
	if (!connect())
		return;
	UK_EXPECT(becomes(BE "/published", "yes"));
	UK_EXPECT_STR(calls, "pcw");
	clean();
	UK_EXPECT_STR(calls, "pcwdr");
}

UK_TEST(xenbus, test_frontend_that_was_faster_is_connected_too)
{
	attach();
	frontend("3");
	UK_EXPECT(becomes(BE "/state", "4"));
	clean();
}

UK_TEST(xenbus, test_failed_connect_is_reported_and_closes)
{
	attach();
	UK_EXPECT(becomes(BE "/state", "2"));
	connect_err = -EPROTO;
	frontend("3");
	UK_EXPECT(becomes(BE "/state", "6"));
	UK_EXPECT_STR(calls, "pc");
	UK_EXPECT(becomes("error/" BE "/error", "71 told to fail"));
	/* It is not tried again by itself */
	frontend("3");
	pause_ms(3);
	UK_EXPECT_STR(calls, "pc");
	/* Closed already: a detach has nothing to wait for */
	uk_xensim_xs_write(BE "/online", "0");
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "pcr");
	clean();
}

UK_TEST(xenbus, test_transaction_that_collides_is_published_again)
{
	attach();
	UK_EXPECT(becomes(BE "/state", "2"));
	uk_xensim_xs_collide(2);
	frontend("3");
	UK_EXPECT(becomes(BE "/state", "4"));
	UK_EXPECT_STR(calls, "pcwww");
	clean();
}

/* ---- The frontend closes, and comes back ---- */

UK_TEST(xenbus, test_closing_frontend_is_quiesced)
{
	if (!connect())
		return;
	frontend("5");
	UK_EXPECT(becomes(BE "/state", "5"));
	UK_EXPECT_STR(calls, "pcwq");
	frontend("6");
	UK_EXPECT(becomes(BE "/state", "6"));
	UK_EXPECT_STR(calls, "pcwqd");
	/* online=1 keeps the nodes */
	pause_ms(30);
	UK_EXPECT(becomes(BE "/state", "6"));
	clean();
}

UK_TEST(xenbus, test_closed_frontend_comes_back)
{
	if (!connect())
		return;
	frontend("6");
	UK_EXPECT(becomes(BE "/state", "6"));
	frontend("1");
	UK_EXPECT(becomes(BE "/state", "2"));
	frontend("3");
	UK_EXPECT(becomes(BE "/state", "4"));
	UK_EXPECT_STR(calls, "pcwdcw");
	clean();
}

UK_TEST(xenbus, test_reset_frontend_is_disconnected_and_awaited)
{
	if (!connect())
		return;
	frontend("1");
	UK_EXPECT(becomes(BE "/state", "2"));
	UK_EXPECT_STR(calls, "pcwd");
	clean();
}

UK_TEST(xenbus, test_flapping_frontend_costs_no_more_than_its_steps)
{
	if (!connect())
		return;
	for (int i = 0; i < 200; i++) {
		frontend(i % 2 ? "1" : "6");
		uk_thread_yield();
	}
	UK_EXPECT(becomes(BE "/state", "2"));
	UK_EXPECT_STR(calls, "pcwd");
	frontend("3");
	UK_EXPECT(becomes(BE "/state", "4"));
	clean();
}

UK_TEST(xenbus, test_frontend_that_reconnects_all_the_time_is_slowed_down)
{
	uint64_t start = uk_plat_mono_ns();

	if (!connect())
		return;
	for (int i = 0; i < 3; i++) {
		frontend("1");
		UK_EXPECT(becomes(BE "/state", "2"));
		frontend("3");
		UK_EXPECT(becomes(BE "/state", "4"));
	}
	UK_EXPECT(uk_plat_mono_ns() - start > 3 * 190 * UK_NSEC_PER_MSEC);
	clean();
}

/* online=1 again before the frontend has closed */
UK_TEST(xenbus, test_withdrawn_detach_is_forgotten)
{
	if (!connect())
		return;
	ask_detach();
	pause_ms(5);
	uk_xensim_xs_write(BE "/online", "1");
	pause_ms(100);
	UK_EXPECT_STR(calls, "pcw");
	clean();
}

UK_TEST(xenbus, test_state_that_is_no_state_is_ignored)
{
	static const char *const lies[] = { "", "9", "-1", "04", "4 ", "0x4", "99999999999999", "x" };

	if (!connect())
		return;
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(lies); i++) {
		frontend(lies[i]);
		pause_ms(1);
	}
	UK_EXPECT(becomes(BE "/state", "4"));
	UK_EXPECT_STR(calls, "pcw");
	clean();
}

/* ---- Detach ---- */

UK_TEST(xenbus, test_detach_goes_on_serving_until_the_frontend_closes)
{
	if (!connect())
		return;
	ask_detach();
	pause_ms(5);
	UK_EXPECT_STR(calls, "pcw");
	frontend("6");
	UK_EXPECT(becomes(BE "/state", "6"));
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "pcwdr");
	clean();
}

UK_TEST(xenbus, test_detach_is_forced_when_the_frontend_does_not_close)
{
	if (!connect())
		return;
	ask_detach();
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "pcwdr");
	clean();
}

UK_TEST(xenbus, test_offline_before_any_frontend_removes)
{
	attach();
	UK_EXPECT(becomes(BE "/state", "2"));
	ask_detach();
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "pr");
	clean();
}

/* libxl writes online=0, and then reads the state */
UK_TEST(xenbus, test_offline_when_closed_already_stays_until_that_was_read)
{
	uint64_t start;

	if (!connect())
		return;
	frontend("6");
	UK_EXPECT(becomes(BE "/state", "6"));
	start = uk_plat_mono_ns();
	uk_xensim_xs_write(BE "/online", "0");
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT(uk_plat_mono_ns() - start >= CONFIG_LIBXENBUS_REMOVE_MS * UK_NSEC_PER_MSEC);
	clean();
}

UK_TEST(xenbus, test_destroyed_frontend_is_torn_down_and_removed)
{
	if (!connect())
		return;
	uk_xensim_xs_rm(FE);
	UK_EXPECT(becomes(BE "/state", "6"));
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "pcwdr");
	clean();
}

UK_TEST(xenbus, test_frontend_that_hides_its_state_is_torn_down)
{
	if (!connect())
		return;
	uk_xensim_xs_hide(FE "/state");
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "pcwdr");
	clean();
}

UK_TEST(xenbus, test_replaced_device_starts_afresh)
{
	if (!connect())
		return;
	frontend("1");
	uk_xensim_xs_write(BE "/state", "1");
	UK_EXPECT(becomes(BE "/state", "2"));
	UK_EXPECT_STR(calls, "pcwdrp");
	clean();
}

UK_TEST(xenbus, test_removed_directory_drops_the_device)
{
	char got[8];

	if (!connect())
		return;
	uk_xensim_xs_rm(BE);
	pause_ms(5);
	UK_EXPECT_STR(calls, "pcwdr");
	/* And nothing is written there any more */
	UK_EXPECT(uk_xensim_xs_read(BE, got, sizeof(got)) < 0);
	clean();
}

/* ---- The driver's own wishes ---- */

UK_TEST(xenbus, test_driver_fails_a_frontend)
{
	if (!connect())
		return;
	uk_xenbus_fail(device, "ring of %s", "lies");
	UK_EXPECT(becomes(BE "/state", "6"));
	UK_EXPECT(becomes("error/" BE "/error", "71 ring of lies"));
	UK_EXPECT_STR(calls, "pcwd");
	/* Not connected: nothing happens */
	uk_xenbus_fail(device, "again");
	pause_ms(3);
	UK_EXPECT_STR(calls, "pcwd");
	clean();
}

UK_TEST(xenbus, test_rewritten_knob_reaches_the_driver)
{
	if (!connect())
		return;
	uk_xensim_xs_write(BE "/knob", "11");
	UK_EXPECT(becomes("error/" BE "/error", "22 cannot be"));
	pause_ms(3);
	UK_EXPECT_STR(calls, "pcwnw");
	UK_EXPECT(becomes(BE "/state", "4"));
	clean();
}
