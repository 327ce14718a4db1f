/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The state machine, one test for each row of its contract: what a toolstack and
 * a frontend write, what the back end answers, and what its driver is told.
 */
#include <errno.h>
#include <string.h>

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/test.h>
#include <uk/thread.h>
#include <uk/xen/xenbus.h>
#include <uk/xensim.h>

#define BE "backend/sim/3/1"
#define FE "/local/domain/3/device/sim/1"

/* ---- A driver that takes notes: one letter for each call ---- */

static char calls[64];
static bool may_resume, must_resume;	/* of the last connect */
static int probe_err, connect_err;
static struct uk_xenbus_dev *device;

static void note(char c)
{
	size_t len = strlen(calls);

	if (len < sizeof(calls) - 1)
		calls[len] = c;
}

static int sim_probe(struct uk_xenbus_dev *dev, char *why)
{
	note('p');
	device = dev;
	uk_snprintf(why, UK_XENBUS_WHY_BYTES, "told to fail");
	return probe_err;
}

static int sim_connect(struct uk_xenbus_dev *dev, char *why)
{
	note('c');
	may_resume = dev->may_resume;
	must_resume = dev->must_resume;
	uk_snprintf(why, UK_XENBUS_WHY_BYTES, "told to fail");
	return connect_err;
}

static int sim_publish(struct uk_xenbus_dev *dev, uk_xs_tx_t tx)
{
	note('w');
	return uk_xs_write(tx, dev->be, "published", "yes");
}

static void sim_quiesce(struct uk_xenbus_dev *dev uk_unused)
{
	note('q');
}

static void sim_disconnect(struct uk_xenbus_dev *dev uk_unused)
{
	note('d');
}

static void sim_remove(struct uk_xenbus_dev *dev uk_unused)
{
	note('r');
	device = NULL;
}

static int sim_reconfigure(struct uk_xenbus_dev *dev, char *why)
{
	note('n');
	uk_snprintf(why, UK_XENBUS_WHY_BYTES, "cannot be");
	uk_xenbus_publish(dev);
	return -EINVAL;
}

static struct uk_xenbus_driver driver = {
	.kind = "sim", .param = "knob",
	.ready_states = 1u << XenbusStateInitialised | 1u << XenbusStateConnected,
	.probe = sim_probe, .connect = sim_connect, .publish = sim_publish,
	.quiesce = sim_quiesce, .disconnect = sim_disconnect, .remove = sim_remove,
	.reconfigure = sim_reconfigure,
};

/* ---- Toolstack and frontend ---- */

static void pause_ms(unsigned int ms)
{
	uk_thread_sleep_ns(ms * UK_NSEC_PER_MSEC);
}

/* Wait for a node to have @value; NULL: to be gone. */
static bool becomes(const char *path, const char *value)
{
	char got[128];
	int n = 0;

	for (int i = 0; i < 3000; i++) {
		n = uk_xensim_xs_read(path, got, sizeof(got));
		if (value ? n >= 0 && !strcmp(got, value) : n < 0)
			return true;
		pause_ms(1);
	}
	uk_console_printf("# %s: %s\n", path, n < 0 ? "absent" : got);
	return false;
}

static void write_back_end(const char *online, const char *state)
{
	uk_xensim_xs_write(BE "/frontend", FE);
	uk_xensim_xs_write(BE "/online", online);
	uk_xensim_xs_write(BE "/state", state);
	uk_xensim_xs_write(BE "/frontend-id", "3");
}

/* The driver is registered by the first test. */
static void fresh_driver(void)
{
	static bool is_registered;

	if (!is_registered)
		uk_xenbus_register(&driver);
	is_registered = true;
	memset(calls, 0, sizeof(calls));
	probe_err = connect_err = 0;
	may_resume = must_resume = false;
}

/* As xl attach */
static void attach(void)
{
	fresh_driver();
	uk_xensim_xs_write(FE "/state", "1");
	write_back_end("1", "1");
}

static void frontend(const char *state)
{
	uk_xensim_xs_write(FE "/state", state);
}

static bool connect(void)
{
	attach();
	if (!UK_EXPECT(becomes(BE "/state", "2")))
		return false;
	frontend("3");
	if (!UK_EXPECT(becomes(BE "/state", "4")))
		return false;
	frontend("4");
	pause_ms(2);
	return true;
}

static void ask_detach(void)
{
	uk_xensim_xs_write(BE "/online", "0");
	uk_xensim_xs_write(BE "/state", "5");
}

/* Whatever the state, the nodes go, and with them the watch. */
static void clean(void)
{
	uk_xensim_xs_rm(BE);
	uk_xensim_xs_rm(FE);
	for (int i = 0; i < 3000 && device; i++)
		pause_ms(1);
	pause_ms(3);
	UK_EXPECT(!device);
}

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

/* ---- After a restart: what the life before has left ---- */

static void inherit(const char *online, const char *be_state, const char *fe_state)
{
	fresh_driver();
	frontend(fe_state);
	write_back_end(online, be_state);
	pause_ms(5);
}

UK_TEST(xenbus, test_inherited_device_is_resumed_and_nothing_is_written)
{
	unsigned long before = uk_xensim_xs_image_writes();

	for (int i = 3; i <= 4; i++) {
		inherit("1", "4", i == 3 ? "3" : "4");
		UK_EXPECT_STR(calls, "pc");
		UK_EXPECT(must_resume && may_resume);
		UK_EXPECT_EQ(uk_xensim_xs_image_writes(), before);
		clean();
		UK_EXPECT_STR(calls, "pcdr");
	}
}

UK_TEST(xenbus, test_inherited_device_lives_on)
{
	inherit("1", "4", "4");
	frontend("5");
	UK_EXPECT(becomes(BE "/state", "5"));
	frontend("6");
	UK_EXPECT(becomes(BE "/state", "6"));
	frontend("1");
	UK_EXPECT(becomes(BE "/state", "2"));
	frontend("3");
	UK_EXPECT(becomes(BE "/state", "4"));
	UK_EXPECT(!must_resume && !may_resume);
	UK_EXPECT_STR(calls, "pcqdcw");
	ask_detach();
	frontend("6");
	UK_EXPECT(becomes(BE, NULL));
	clean();
}

UK_TEST(xenbus, test_inherited_device_that_cannot_be_resumed_is_closed)
{
	fresh_driver();
	connect_err = -ESTALE;
	frontend("4");
	write_back_end("1", "4");
	UK_EXPECT(becomes(BE "/state", "6"));
	UK_EXPECT(becomes("error/" BE "/error", "116 told to fail"));
	UK_EXPECT_STR(calls, "pc");
	/* And starts again */
	connect_err = 0;
	frontend("1");
	UK_EXPECT(becomes(BE "/state", "2"));
	clean();
}

UK_TEST(xenbus, test_inherited_device_without_its_disk_is_closed_and_removed)
{
	fresh_driver();
	probe_err = -ENODEV;
	frontend("4");
	write_back_end("1", "4");
	UK_EXPECT(becomes(BE "/state", "6"));
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "p");
	device = NULL;
	clean();
}

/* The life before ended after connect() and before state=4. */
UK_TEST(xenbus, test_half_connected_device_is_connected)
{
	inherit("1", "2", "3");
	UK_EXPECT(becomes(BE "/state", "4"));
	UK_EXPECT(may_resume && !must_resume);
	UK_EXPECT_STR(calls, "pcw");
	clean();
}

UK_TEST(xenbus, test_awaited_frontend_is_awaited_still)
{
	inherit("1", "2", "1");
	UK_EXPECT(becomes(BE "/state", "2"));
	UK_EXPECT_STR(calls, "p");
	frontend("3");
	UK_EXPECT(becomes(BE "/state", "4"));
	UK_EXPECT(!may_resume);
	clean();
}

/* What the frontend has done meanwhile: closed, or started again. */
UK_TEST(xenbus, test_inherited_device_of_another_frontend_is_not_resumed)
{
	static const struct {
		const char *be, *fe, *becomes;
	} cases[] = {
		{ "4", "5", "5" }, { "4", "6", "6" }, { "4", "1", "2" }, { "5", "5", "5" },
		{ "5", "6", "6" }, { "5", "1", "2" }, { "6", "1", "2" }, { "6", "6", "6" },
		{ "6", "4", "6" },
	};

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(cases); i++) {
		inherit("1", cases[i].be, cases[i].fe);
		UK_EXPECT(becomes(BE "/state", cases[i].becomes));
		UK_EXPECT_STR(calls, "p");
		clean();
		UK_EXPECT_STR(calls, "pr");
	}
}

UK_TEST(xenbus, test_detach_goes_on_where_it_was)
{
	inherit("0", "5", "4");		/* in use */
	UK_EXPECT_STR(calls, "pc");
	UK_EXPECT(must_resume);
	frontend("6");
	UK_EXPECT(becomes(BE "/state", "6"));
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "pcdr");
	clean();
	inherit("0", "5", "4");		/* for ever: forced */
	UK_EXPECT(becomes(BE, NULL));
	clean();
	inherit("0", "6", "6");		/* all but removed */
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "");
	clean();
}

UK_TEST(xenbus, test_inherited_device_of_a_dead_domain_is_removed)
{
	fresh_driver();
	write_back_end("1", "4");
	UK_EXPECT(becomes(BE "/state", "6"));
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT_STR(calls, "");
	clean();
}

/* ---- Quota ---- */

UK_TEST(xenbus, test_refused_watch_fails_the_attach_at_once)
{
	unsigned int watches = uk_xensim_xs_watches();

	fresh_driver();
	uk_xensim_xs_rm("error");
	uk_xensim_xs_refuse_watches(1);
	frontend("1");
	write_back_end("1", "1");
	UK_EXPECT(becomes(BE, NULL));
	UK_EXPECT(becomes("error/" BE "/error",
			  "28 xenstored refuses a watch: is this domain's quota used up?"));
	UK_EXPECT_STR(calls, "");
	UK_EXPECT_EQ(uk_xensim_xs_watches(), watches);
	/* Later there is room */
	write_back_end("1", "1");
	UK_EXPECT(becomes(BE "/state", "2"));
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

UK_TEST(xenbus, test_offline_when_closed_already_removes_at_once)
{
	if (!connect())
		return;
	frontend("6");
	UK_EXPECT(becomes(BE "/state", "6"));
	uk_xensim_xs_write(BE "/online", "0");
	UK_EXPECT(becomes(BE, NULL));
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

/* ---- Nodes that make no sense, and many of them ---- */

UK_TEST(xenbus, test_names_that_are_no_numbers_are_no_devices)
{
	unsigned int watches = uk_xensim_xs_watches();

	uk_xensim_xs_write("backend/sim/x/1/state", "1");
	uk_xensim_xs_write("backend/sim/99999/1/state", "1");
	uk_xensim_xs_write("backend/sim/3/-1/state", "1");
	uk_xensim_xs_write("backend/sim/3/4294967296/state", "1");
	uk_xensim_xs_write("backend/other/3/1/state", "1");
	pause_ms(5);
	UK_EXPECT_EQ(uk_xensim_xs_watches(), watches);
	uk_xensim_xs_rm("backend/sim");
	uk_xensim_xs_rm("backend/other");
}

UK_TEST(xenbus, test_wrong_frontend_id_is_refused)
{
	unsigned int watches = uk_xensim_xs_watches();

	attach();
	uk_xensim_xs_write(BE "/frontend-id", "4");
	pause_ms(5);
	UK_EXPECT_STR(calls, "");
	UK_EXPECT_EQ(uk_xensim_xs_watches(), watches);
	clean();
}

UK_TEST(xenbus, test_error_nodes_are_bounded)
{
	unsigned int before;
	char path[64];

	attach();
	clean();
	uk_xensim_xs_rm("error");
	before = uk_xensim_xs_nodes();
	for (int i = 1; i <= 40; i++) {
		uk_snprintf(path, sizeof(path), "backend/sim/3/%d/frontend", i);
		uk_xensim_xs_write(path, FE);
		uk_snprintf(path, sizeof(path), "backend/sim/3/%d/frontend-id", i);
		uk_xensim_xs_write(path, "3");
		probe_err = -EINVAL;
		uk_snprintf(path, sizeof(path), "backend/sim/3/%d/state", i);
		uk_xensim_xs_write(path, "1");
		uk_snprintf(path, sizeof(path), "backend/sim/3/%d/online", i);
		uk_xensim_xs_write(path, "1");
		uk_xensim_xs_write(FE "/state", "1");
		uk_snprintf(path, sizeof(path), "backend/sim/3/%d", i);
		UK_EXPECT(becomes(path, NULL));
	}
	device = NULL;
	UK_EXPECT(uk_xensim_xs_nodes() - before < 16 * 2 + 10);
	clean();
	uk_xensim_xs_rm("error");
}
