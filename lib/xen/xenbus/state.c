/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The state machine of a back end. Watch events are hints that come late, early
 * and in bundles: a step reads where both ends are now, makes one event of it,
 * and looks up what to do about it in our state. Doing nothing is always safe.
 *
 * A device that an earlier life of this image has left (restart) begins with
 * do_adopt() in the state that it has.
 *
 * The frontend's state is hostile: xenbus_read_inputs() takes a strict number of 0 to
 * 8, and whatever order these come in, the table alone decides.
 */
#include <errno.h>

#include "xenbus_priv.h"

#include <uk/boot.h>
#include <uk/plat/time.h>
#include <uk/print.h>

#define MAX_STEPS 8	/* a frontend that flaps does not keep us for ever */

/* ---- What to do ---- */

static void do_drop(struct uk_xenbus_dev *dev)
{
	xenbus_dev_drop(dev);
}

/* Of what is still to come nothing is known yet, and other devices go on. */
static int call_probe(struct uk_xenbus_dev *dev)
{
	int err = dev->drv->probe(dev, dev->why);
	uint64_t now = uk_plat_mono_ns();

	dev->is_probed = !err;
	if (err != -EAGAIN)
		return err;
	if (!dev->waiting_ns) {
		dev->waiting_ns = now;
		uk_pr_info("xenbus: %s: waits: %s\n", dev->be, dev->why);
	}
	dev->retry_ns = now + PROBE_NS;
	return -EAGAIN;
}

/* state=2 completes the attach; what cannot be attached is removed, which
 * completes it too, with an error. */
static void do_start(struct uk_xenbus_dev *dev)
{
	int err;

	/* It is not the one any more that an earlier life has left, if there was one */
	dev->may_resume = dev->must_resume = false;
	err = call_probe(dev);
	if (err == -EAGAIN && uk_plat_mono_ns() < dev->waiting_ns + ATTACH_NS)
		return;
	if (err) {
		xenbus_dev_refuse(dev, err == -EAGAIN ? -ENODEV : err);
		return;
	}
	xenbus_dev_set_state(dev, XenbusStateInitWait);
}

static bool is_too_soon(struct uk_xenbus_dev *dev)
{
	uint64_t now = uk_plat_mono_ns(), next = dev->connected_ns + RECONNECT_NS;

	dev->retry_ns = 0;
	if (dev->connected_ns && now < next) {
		dev->retry_ns = next;
		return true;
	}
	dev->connected_ns = now;
	return false;
}

static int call_connect(struct uk_xenbus_dev *dev)
{
	int err;

	dev->why[0] = '\0';
	err = dev->drv->connect(dev, dev->why);
	dev->is_connected = !err;
	dev->may_resume = dev->must_resume = false;
	return err;
}

static void connected(struct uk_xenbus_dev *dev, const char *how, int err)
{
	if (err) {
		xenbus_dev_disconnect(dev);
		xenbus_dev_report(dev, err);
		xenbus_dev_set_state(dev, XenbusStateClosed);
		return;
	}
	uk_boot_stamp("connected");
	uk_pr_info("xenbus: %s: %s\n", dev->be, how);
}

static void do_connect(struct uk_xenbus_dev *dev)
{
	int err;

	if (is_too_soon(dev))
		return;
	err = call_connect(dev);
	if (!err) {
		dev->state = XenbusStateConnected;
		err = xenbus_dev_publish(dev);
	}
	connected(dev, "connected", err);
}

static void do_closing(struct uk_xenbus_dev *dev)
{
	if (dev->is_connected && dev->drv->quiesce)
		dev->drv->quiesce(dev);
	xenbus_dev_set_state(dev, XenbusStateClosing);
}

static void do_closed(struct uk_xenbus_dev *dev)
{
	xenbus_dev_disconnect(dev);
	dev->deadline_ns = 0;
	xenbus_dev_set_state(dev, XenbusStateClosed);
}

static void do_reopen(struct uk_xenbus_dev *dev)
{
	xenbus_dev_set_state(dev, XenbusStateInitWait);
}

/* A new kernel runs in the frontend's domain (kexec, crash): the states in
 * between are for those that wait for them. */
static void do_reset(struct uk_xenbus_dev *dev)
{
	xenbus_dev_disconnect(dev);
	xenbus_dev_set_state(dev, XenbusStateClosing);
	xenbus_dev_set_state(dev, XenbusStateClosed);
	xenbus_dev_set_state(dev, XenbusStateInitWait);
}

/* Go on serving: a file system may have to be written back before its frontend
 * closes. */
static void do_detach(struct uk_xenbus_dev *dev)
{
	if (!dev->deadline_ns)
		dev->deadline_ns = uk_plat_mono_ns() + DETACH_NS;
	if (dev->state != XenbusStateClosing)
		xenbus_dev_set_state(dev, XenbusStateClosing);
}

/* Closed, never to come back */
static void do_leave(struct uk_xenbus_dev *dev)
{
	do_closed(dev);
	if (xenbus_is_stopping)
		return;
	dev->is_leaving = true;
	dev->deadline_ns = uk_plat_mono_ns() + REMOVE_NS;
}

static void do_fail(struct uk_xenbus_dev *dev)
{
	bool is_detach = dev->deadline_ns;

	xenbus_dev_disconnect(dev);
	xenbus_dev_report(dev, -EPROTO);
	if (is_detach)
		do_leave(dev);
	else
		do_closed(dev);
}

/* Nothing is written where all is well: for the frontend it was a pause. */
static void do_adopt(struct uk_xenbus_dev *dev)
{
	int err = call_probe(dev);

	if (err == -EAGAIN)
		return;
	if (err) {
		xenbus_dev_report(dev, err);
		do_leave(dev);
		return;
	}
	dev->state = dev->found;
	if (dev->must_resume)
		connected(dev, "resumed", call_connect(dev));
}

static void do_force(struct uk_xenbus_dev *dev)
{
	uk_pr_warn("xenbus: %s: the frontend does not close, forced\n", dev->be);
	do_leave(dev);
}

static void do_remove(struct uk_xenbus_dev *dev)
{
	if (dev->is_leaving && uk_plat_mono_ns() < dev->deadline_ns)
		return;
	if (!xenbus_is_stopping)
		xenbus_dev_remove(dev);
}

/* It was closed before the toolstack wanted it to be, which has still to read so. */
static void do_offline(struct uk_xenbus_dev *dev)
{
	if (dev->is_leaving || xenbus_is_stopping) {
		do_remove(dev);
		return;
	}
	dev->is_leaving = true;
	dev->deadline_ns = uk_plat_mono_ns() + REMOVE_NS;
}

/* ---- When to do it ---- */

#define ANY (LIVE | IN(Initialising) | IN(Closed))

static const struct row {
	unsigned int states;
	enum xenbus_event event;
	void (*act)(struct uk_xenbus_dev *dev);
} rows[] = {
	{ ANY, EV_BE_GONE, do_drop },
	{ LIVE | IN(Closed), EV_BE_NEW, do_drop },
	{ IN(Initialising), EV_FOUND, do_adopt },

	{ LIVE, EV_FAILED, do_fail },
	{ LIVE, EV_FE_GONE, do_leave },
	{ LIVE, EV_OFFLINE, do_leave },
	{ LIVE, EV_TIMEOUT, do_force },
	{ LIVE, EV_DETACH, do_detach },

	/* The attach is answered even when the frontend is not there any more */
	{ IN(Initialising), EV_FE_INITIALISING, do_start },
	{ IN(Initialising), EV_FE_READY, do_start },
	{ IN(Initialising), EV_FE_CLOSING, do_start },
	{ IN(Initialising), EV_FE_CLOSED, do_start },
	{ IN(Initialising), EV_FE_OTHER, do_start },
	{ IN(Initialising), EV_OFFLINE, do_leave },
	{ IN(Initialising), EV_DETACH, do_leave },
	{ IN(Initialising), EV_FE_GONE, do_leave },

	{ IN(InitWait), EV_FE_READY, do_connect },
	{ IN(InitWait) | IN(Connected), EV_FE_CLOSING, do_closing },
	{ LIVE, EV_FE_CLOSED, do_closed },
	{ IN(Connected) | IN(Closing), EV_FE_INITIALISING, do_reset },

	{ IN(Closed), EV_FE_INITIALISING, do_reopen },
	{ IN(Closed), EV_OFFLINE, do_offline },
	{ IN(Closed), EV_DETACH, do_offline },
	{ IN(Closed), EV_TIMEOUT, do_remove },
	{ IN(Closed), EV_FE_GONE, do_remove },
};

/* ---- What has happened, and what follows ---- */

static void note_found(struct uk_xenbus_dev *dev, const struct xenbus_inputs *in)
{
	dev->found = (enum xenbus_state)in->be_state;
	dev->may_resume = dev->found != XenbusStateClosed && xenbus_is_ready(dev, in);
	dev->must_resume = dev->may_resume && dev->found != XenbusStateInitWait;
}

/* Of a connection, if there is one. */
static bool is_end(enum xenbus_event event)
{
	static const unsigned int ends =
		1u << EV_BE_GONE | 1u << EV_BE_NEW | 1u << EV_FAILED | 1u << EV_FE_GONE |
		1u << EV_OFFLINE | 1u << EV_TIMEOUT | 1u << EV_FE_CLOSED | 1u << EV_FE_INITIALISING;

	return ends & 1u << event;
}

static const struct row *find_row(enum xenbus_state state, enum xenbus_event event)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(rows); i++)
		if (rows[i].event == event && rows[i].states & 1u << state)
			return &rows[i];
	return NULL;
}

void xenbus_dev_step(struct uk_xenbus_dev *dev)
{
	const struct row *row;
	enum xenbus_state before;
	struct xenbus_inputs in;
	enum xenbus_event event;

	for (int i = 0; i < MAX_STEPS && !dev->is_gone; i++) {
		dev->is_dirty = false;
		xenbus_read_inputs(dev, &in);
		if (xenbus_is_wanted(dev, &in))
			dev->deadline_ns = 0;
		before = dev->state;
		event = xenbus_event_of(dev, &in);
		if (event == EV_FOUND)
			note_found(dev, &in);
		/* What was to end ends, also where by now there is no reason any more:
		 * its driver takes nothing since then */
		if (dev->is_draining && event != EV_NONE && !is_end(event))
			event = EV_FE_CLOSED;
		row = find_row(before, event);
		if (!row || (is_end(event) && !xenbus_dev_drain(dev)))
			return;
		row->act(dev);
		if (dev->state == before && !dev->is_dirty)
			return;
	}
	dev->is_dirty = true;
}
