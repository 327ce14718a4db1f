/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The state machine of a back end. Watch events are hints that come late, early
 * and in bundles: a step reads where both ends are now, makes one event of it,
 * and looks up what to do about it in our state. Doing nothing is always safe.
 *
 * A device that an earlier life of this image has left (restart) begins with
 * do_adopt() in the state that it has.
 *
 * The frontend's state is hostile: read_inputs() takes a strict number of 0 to
 * 8, and whatever order these come in, the table alone decides.
 */
#include <errno.h>

#include "xenbus_priv.h"

#include <uk/boot.h>
#include <uk/plat/time.h>
#include <uk/print.h>

#define MAX_STEPS 8	/* a frontend that flaps does not keep us for ever */

enum event {
	EV_NONE,		/* nothing is known */
	EV_BE_GONE,		/* somebody has removed our directory */
	EV_BE_NEW,		/* the toolstack has replaced the device */
	EV_FOUND,		/* an earlier life has left it, somewhere on its way */
	EV_FAILED,		/* the driver has given the frontend up */
	EV_FE_GONE,		/* destroyed or died */
	EV_OFFLINE,		/* detached, and the frontend is not in the way */
	EV_TIMEOUT,		/* the frontend does not close */
	EV_DETACH,		/* the toolstack wants it closed */
	EV_FE_INITIALISING,
	EV_FE_READY,		/* has written its rings */
	EV_FE_CLOSING,
	EV_FE_CLOSED,
	EV_FE_OTHER,
};

struct inputs {
	int be_err, fe_err;
	uint64_t be_state, fe_state, online;
};

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

/* ---- When to do it ---- */

#define IN(s) (1u << XenbusState##s)
#define LIVE (IN(InitWait) | IN(Connected) | IN(Closing))
#define ANY (LIVE | IN(Initialising) | IN(Closed))

static const struct row {
	unsigned int states;
	enum event event;
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
	{ IN(Closed), EV_OFFLINE, do_remove },
	{ IN(Closed), EV_DETACH, do_remove },
	{ IN(Closed), EV_TIMEOUT, do_remove },
	{ IN(Closed), EV_FE_GONE, do_remove },
};

/* ---- What has happened ---- */

static void read_inputs(const struct uk_xenbus_dev *dev, struct inputs *in)
{
	char text[3][UK_XS_DEC_BYTES];
	struct uk_xs_value values[] = {
		{ dev->be, "state", text[0], UK_XS_DEC_BYTES, 0 },
		{ dev->be, "online", text[1], UK_XS_DEC_BYTES, 0 },
		{ dev->fe, "state", text[2], UK_XS_DEC_BYTES, 0 },
	};

	uk_xs_read_all(values, UK_ARRAY_SIZE(values));
	in->be_err = uk_xs_value_dec(&values[0], XenbusStateReconfigured, &in->be_state);
	if (uk_xs_value_dec(&values[1], 1, &in->online))
		in->online = 0;
	in->fe_err = uk_xs_value_dec(&values[2], XenbusStateReconfigured, &in->fe_state);
	if (in->fe_err)
		in->fe_state = XenbusStateUnknown;
}

/* Our own connection to xenstored says nothing about the other end */
static bool is_gone(int err)
{
	return err == -ENOENT || err == -EACCES;
}

static enum event fe_event(const struct uk_xenbus_dev *dev, uint64_t fe_state)
{
	if (dev->drv->ready_states & 1u << fe_state)
		return EV_FE_READY;
	switch (fe_state) {
	case XenbusStateInitialising:
		return EV_FE_INITIALISING;
	case XenbusStateClosing:
		return EV_FE_CLOSING;
	case XenbusStateClosed:
		return EV_FE_CLOSED;
	default:
		return EV_FE_OTHER;
	}
}

static bool is_wanted(const struct uk_xenbus_dev *dev, const struct inputs *in)
{
	return in->online && !dev->is_leaving && !xenbus_is_stopping;
}

static bool is_ready(const struct uk_xenbus_dev *dev, const struct inputs *in)
{
	return dev->drv->ready_states & 1u << in->fe_state;
}

/* What is being detached is of interest as long as its frontend uses it. */
static bool is_found(const struct uk_xenbus_dev *dev, const struct inputs *in)
{
	return dev->state == XenbusStateInitialising && (LIVE | IN(Closed)) & 1u << in->be_state &&
	       (in->online || is_ready(dev, in));
}

static void note_found(struct uk_xenbus_dev *dev, const struct inputs *in)
{
	dev->found = (enum xenbus_state)in->be_state;
	dev->may_resume = dev->found != XenbusStateClosed && is_ready(dev, in);
	dev->must_resume = dev->may_resume && dev->found != XenbusStateInitWait;
}

static enum event event_of(const struct uk_xenbus_dev *dev, const struct inputs *in)
{
	if (is_gone(in->be_err))
		return EV_BE_GONE;
	if (in->be_err)
		return EV_NONE;
	if (in->be_state == XenbusStateInitialising && dev->state != XenbusStateInitialising)
		return EV_BE_NEW;
	if (dev->is_failed)
		return EV_FAILED;
	if (is_gone(in->fe_err))
		return EV_FE_GONE;
	if (is_found(dev, in))
		return EV_FOUND;
	if (is_wanted(dev, in))
		return fe_event(dev, in->fe_state);
	if (in->fe_state == XenbusStateClosed)
		return EV_OFFLINE;
	if (dev->deadline_ns && uk_plat_mono_ns() >= dev->deadline_ns)
		return EV_TIMEOUT;
	/* The frontend answers a detach: no more requests are to come */
	return EV_DETACH;
}

/* Of a connection, if there is one. */
static bool is_end(enum event event)
{
	static const unsigned int ends =
		1u << EV_BE_GONE | 1u << EV_BE_NEW | 1u << EV_FAILED | 1u << EV_FE_GONE |
		1u << EV_OFFLINE | 1u << EV_TIMEOUT | 1u << EV_FE_CLOSED | 1u << EV_FE_INITIALISING;

	return ends & 1u << event;
}

static const struct row *find_row(enum xenbus_state state, enum event event)
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
	struct inputs in;
	enum event event;

	for (int i = 0; i < MAX_STEPS && !dev->is_gone; i++) {
		dev->is_dirty = false;
		read_inputs(dev, &in);
		if (is_wanted(dev, &in))
			dev->deadline_ns = 0;
		before = dev->state;
		event = event_of(dev, &in);
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
