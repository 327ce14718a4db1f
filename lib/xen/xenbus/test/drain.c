/* SPDX-License-Identifier: BSD-3-Clause */
/* A device that cannot be disconnected yet: it waits alone, and is then disconnected
 * whatever has come in between. */
#include <string.h>

#include <uk/plat/time.h>
#include <uk/test.h>
#include <uk/thread.h>
#include <uk/xen/frontsim.h>
#include <uk/xen/xenbus.h>

#define DOM 3
#define N_DEVICES 2

/* ---- A driver whose devices are busy as long as a test says so ---- */

static struct busy {
	struct uk_xenbus_dev *dev;
	bool is_busy;
	unsigned int n_probes, n_quiesced, n_disconnected;
} busy[N_DEVICES];

static int busy_probe(struct uk_xenbus_dev *dev, char *why uk_unused)
{
	dev->priv = &busy[dev->id];
	busy[dev->id].dev = dev;
	busy[dev->id].n_probes++;
	return 0;
}

static int busy_connect(struct uk_xenbus_dev *dev uk_unused, char *why uk_unused)
{
	return 0;
}

static int busy_publish(struct uk_xenbus_dev *dev uk_unused, uk_xs_tx_t tx uk_unused)
{
	return 0;
}

static void busy_quiesce(struct uk_xenbus_dev *dev)
{
	((struct busy *)dev->priv)->n_quiesced++;
}

static bool busy_is_drained(struct uk_xenbus_dev *dev)
{
	struct busy *b = dev->priv;

	UK_EXPECT(b->n_quiesced);
	return !b->is_busy;
}

static void busy_disconnect(struct uk_xenbus_dev *dev)
{
	struct busy *b = dev->priv;

	UK_EXPECT(!b->is_busy);
	b->n_disconnected++;
}

static void busy_remove(struct uk_xenbus_dev *dev)
{
	((struct busy *)dev->priv)->dev = NULL;
}

static struct uk_xenbus_driver driver = {
	.kind = "busy", .ready_states = 1u << XenbusStateInitialised,
	.probe = busy_probe, .connect = busy_connect, .publish = busy_publish,
	.quiesce = busy_quiesce, .is_drained = busy_is_drained,
	.disconnect = busy_disconnect, .remove = busy_remove,
};

static void finish(unsigned int i)
{
	busy[i].is_busy = false;
	uk_xenbus_wake(busy[i].dev);
}

/* ---- Toolstack and frontend ---- */

static struct uk_frontsim sims[N_DEVICES];

static void pause_ms(unsigned int ms)
{
	uk_thread_sleep_ns(ms * UK_NSEC_PER_MSEC);
}

static bool connect(unsigned int i)
{
	struct uk_frontsim *f = &sims[i];

	uk_frontsim_init(f, "busy", DOM, i);
	uk_frontsim_attach_begin(f);
	uk_frontsim_attach_end(f);
	if (!UK_EXPECT(uk_frontsim_wait(f, "state", "2")))
		return false;
	uk_frontsim_set_state(f, "3");
	return UK_EXPECT(uk_frontsim_wait(f, "state", "4"));
}

static bool connect_busy(void)
{
	static bool is_registered;

	if (!is_registered)
		uk_xenbus_register(&driver);
	is_registered = true;
	memset(busy, 0, sizeof(busy));
	busy[0].is_busy = true;
	return connect(0);
}

/* It waits, and nothing has happened to it. */
static void expect_waiting(void)
{
	for (int i = 0; i < 1000 && !busy[0].n_quiesced; i++)
		pause_ms(1);
	pause_ms(10);
	UK_EXPECT_EQ(busy[0].n_quiesced, 1);
	UK_EXPECT_EQ(busy[0].n_disconnected, 0);
}

static void detach(unsigned int i)
{
	UK_EXPECT(uk_frontsim_detach(&sims[i]));
	UK_EXPECT(!busy[i].dev);
	uk_xensim_xs_rm(sims[i].fe);
}

/* ---- Ends of a connection ---- */

UK_TEST(xenbus_drain, test_others_live_on_while_a_device_is_busy)
{
	if (!connect_busy())
		return;
	uk_frontsim_set_state(&sims[0], "6");
	expect_waiting();
	UK_EXPECT_EQ(uk_frontsim_be_state(&sims[0]), 4);
	if (connect(1))
		detach(1);
	UK_EXPECT_EQ(busy[1].n_disconnected, 1);
	UK_EXPECT_EQ(busy[0].n_disconnected, 0);
	finish(0);
	UK_EXPECT(uk_frontsim_wait(&sims[0], "state", "6"));
	UK_EXPECT_EQ(busy[0].n_disconnected, 1);
	detach(0);
}

UK_TEST(xenbus_drain, test_wake_of_a_device_that_is_still_busy_changes_nothing)
{
	if (!connect_busy())
		return;
	uk_frontsim_set_state(&sims[0], "6");
	expect_waiting();
	uk_xenbus_wake(busy[0].dev);
	pause_ms(5);
	UK_EXPECT_EQ(busy[0].n_disconnected, 0);
	finish(0);
	UK_EXPECT(uk_frontsim_wait(&sims[0], "state", "6"));
	detach(0);
}

UK_TEST(xenbus_drain, test_idle_device_closes_at_once)
{
	if (!connect_busy())
		return;
	busy[0].is_busy = false;
	uk_frontsim_set_state(&sims[0], "6");
	UK_EXPECT(uk_frontsim_wait(&sims[0], "state", "6"));
	detach(0);
}

/* Its driver takes no more requests: it would hang. */
UK_TEST(xenbus_drain, test_frontend_that_thinks_better_of_it_is_disconnected)
{
	static const struct {
		const char *state, *end;
	} cases[] = { { "4", "6" }, { "3", "6" }, { "5", "6" }, { "9", "6" }, { "1", "2" } };

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(cases); i++) {
		if (!connect_busy())
			return;
		uk_frontsim_set_state(&sims[0], "6");
		expect_waiting();
		uk_frontsim_set_state(&sims[0], cases[i].state);
		pause_ms(3);
		UK_EXPECT_EQ(busy[0].n_disconnected, 0);
		finish(0);
		UK_EXPECT(uk_frontsim_wait(&sims[0], "state", cases[i].end));
		UK_EXPECT_EQ(busy[0].n_disconnected, 1);
		detach(0);
	}
}

UK_TEST(xenbus_drain, test_reset_frontend_is_awaited_afterwards)
{
	if (!connect_busy())
		return;
	uk_frontsim_set_state(&sims[0], "1");
	expect_waiting();
	finish(0);
	UK_EXPECT(uk_frontsim_wait(&sims[0], "state", "2"));
	UK_EXPECT_EQ(busy[0].n_disconnected, 1);
	uk_frontsim_set_state(&sims[0], "3");
	UK_EXPECT(uk_frontsim_wait(&sims[0], "state", "4"));
	detach(0);
}

UK_TEST(xenbus_drain, test_dead_frontend_keeps_its_nodes_until_then)
{
	if (!connect_busy())
		return;
	uk_xensim_xs_rm(sims[0].fe);
	expect_waiting();
	UK_EXPECT_EQ(uk_frontsim_be_state(&sims[0]), 4);
	finish(0);
	UK_EXPECT(uk_frontsim_wait(&sims[0], "state", "6"));
	UK_EXPECT(uk_frontsim_wait(&sims[0], "state", NULL));
}

UK_TEST(xenbus_drain, test_failed_device_is_reported_afterwards)
{
	if (!connect_busy())
		return;
	uk_xenbus_fail(busy[0].dev, "ring of lies");
	expect_waiting();
	finish(0);
	UK_EXPECT(uk_frontsim_wait(&sims[0], "state", "6"));
	UK_EXPECT(uk_frontsim_has_error(&sims[0], "ring of lies"));
	detach(0);
}

/* The time-out of a detach passes; then there is nothing to do but to wait. */
UK_TEST(xenbus_drain, test_forced_detach_waits_without_looking)
{
	unsigned long requests;

	if (!connect_busy())
		return;
	uk_frontsim_detach_begin(&sims[0]);
	expect_waiting();
	requests = uk_xensim_xs_requests();
	pause_ms(50);
	UK_EXPECT(uk_xensim_xs_requests() - requests <= 2);
	UK_EXPECT_EQ(uk_frontsim_be_state(&sims[0]), 5);
	finish(0);
	UK_EXPECT(uk_frontsim_wait(&sims[0], "state", "6"));
	UK_EXPECT(uk_frontsim_wait(&sims[0], "state", NULL));
	uk_xensim_xs_rm(sims[0].fe);
}

/* A new one at its place is attached when the old one has let go. */
UK_TEST(xenbus_drain, test_replaced_device_waits_for_the_old_one)
{
	if (!connect_busy())
		return;
	uk_xensim_xs_rm(sims[0].be);
	expect_waiting();
	uk_frontsim_attach_begin(&sims[0]);
	uk_frontsim_attach_end(&sims[0]);
	pause_ms(5);
	UK_EXPECT_EQ(uk_frontsim_be_state(&sims[0]), 1);
	UK_EXPECT_EQ(busy[0].n_probes, 1);
	finish(0);
	UK_EXPECT(uk_frontsim_wait(&sims[0], "state", "2"));
	UK_EXPECT_EQ(busy[0].n_disconnected, 1);
	UK_EXPECT_EQ(busy[0].n_probes, 2);
	detach(0);
}
