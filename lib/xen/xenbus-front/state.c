/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One device, from phase to phase:
 *
 *	WAITING		for the back end to say what it can (2)
 *	CONNECTED	4 is written; open as soon as the back end is in 4, too
 *	CLOSING		5 is written; until the back end is in 5
 *	CLOSED		6 is written; until the back end is in 6, and has let go
 *	RESTING		until it is time to write 1, and wait again
 *
 * The back end's state is all that is read of it here: a number of at most 8, or
 * UNKNOWN, which is that of a domain that is gone.
 */
#include "front_priv.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/plat/time.h>
#include <uk/print.h>

enum { WAITING, CONNECTED, CLOSING, CLOSED, RESTING };

/* What was written last is not known, or is of no device: none of xenbus_state */
#define UNKNOWN XenbusStateUnknown

/* ---- Nodes ---- */

bool uk_xenfront_be_has(const struct uk_xenfront_dev *dev, const char *node)
{
	uint64_t val;

	return !uk_xs_read_dec(UK_XS_NO_TX, dev->be, node, 1, &val) && val;
}

static enum xenbus_state state_of(const char *dir)
{
	uint64_t state;

	if (uk_xs_read_dec(UK_XS_NO_TX, dir, "state", XenbusStateReconfigured, &state))
		return UNKNOWN;
	return (enum xenbus_state)state;
}

/* A directory that the toolstack has removed must not come back. */
static int write_state(uk_xs_tx_t tx, void *arg)
{
	const struct uk_xenfront_dev *dev = arg;
	char be[sizeof(dev->be)];
	ssize_t n = uk_xs_read(tx, dev->fe, "backend", be, sizeof(be));

	return n < 0 ? (int)n : uk_xs_printf(tx, dev->fe, "state", "%d", dev->state);
}

static void set_state(struct uk_xenfront_dev *dev, enum xenbus_state state)
{
	int err;

	dev->state = state;
	err = uk_xs_transact(write_state, dev);
	if (err && err != -ENOENT)
		uk_pr_warn("xenfront: %s: state %d (%s)\n", dev->fe, state, uk_errname(err));
}

static int write_published(uk_xs_tx_t tx, void *arg)
{
	struct uk_xenfront_dev *dev = arg;
	int err = dev->drv->publish(dev, tx);

	return err ? err : write_state(tx, dev);
}

/* ---- From phase to phase ---- */

static void enter(struct uk_xenfront_dev *dev, unsigned int phase, uint64_t patience_ns)
{
	dev->phase = phase;
	dev->deadline_ns = patience_ns ? uk_plat_mono_ns() + patience_ns : 0;
	dev->is_dirty = true;
}

static bool is_due(const struct uk_xenfront_dev *dev)
{
	return dev->deadline_ns && uk_plat_mono_ns() >= dev->deadline_ns;
}

static void report(struct uk_xenfront_dev *dev, int err)
{
	uk_pr_err("xenfront: %s: %s (%s)\n", dev->fe, dev->why[0] ? dev->why : "failed",
		  uk_errname(err));
}

static void quiesce(struct uk_xenfront_dev *dev)
{
	if (dev->is_open)
		dev->drv->quiesce(dev);
	dev->is_open = false;
}

static void disconnect(struct uk_xenfront_dev *dev)
{
	if (dev->is_connected)
		dev->drv->disconnect(dev);
	dev->is_connected = false;
}

static void close(struct uk_xenfront_dev *dev)
{
	quiesce(dev);
	dev->is_failed = false;
	set_state(dev, XenbusStateClosing);
	enter(dev, CLOSING, CLOSE_NS);
}

static void connect(struct uk_xenfront_dev *dev)
{
	int err;

	dev->why[0] = '\0';
	err = dev->drv->connect(dev, dev->why);
	if (err) {
		report(dev, err);
		set_state(dev, XenbusStateClosed);
		enter(dev, RESTING, RETRY_NS);
		return;
	}
	dev->is_connected = true;
	dev->state = XenbusStateConnected;
	enter(dev, CONNECTED, 0);
	err = uk_xs_transact(write_published, dev);
	if (!err)
		return;
	uk_snprintf(dev->why, sizeof(dev->why), "xenstore takes no more of its nodes");
	report(dev, err);
	close(dev);
}

static void open(struct uk_xenfront_dev *dev)
{
	int err;

	dev->why[0] = '\0';
	dev->is_open = true;
	err = dev->drv->open(dev, dev->why);
	if (!err)
		return;
	dev->is_open = false;
	report(dev, err);
	close(dev);
}

static void step_connected(struct uk_xenfront_dev *dev, enum xenbus_state be)
{
	if (dev->is_failed) {
		report(dev, -EPROTO);
		close(dev);
	} else if (be == XenbusStateConnected && !dev->is_open) {
		open(dev);
	} else if (be == XenbusStateClosing || be == XenbusStateClosed || be == UNKNOWN ||
		   (dev->is_open && be != XenbusStateConnected)) {
		uk_pr_info("xenfront: %s: the back end closes\n", dev->fe);
		close(dev);
	} else if (dev->is_open && dev->drv->changed) {
		dev->drv->changed(dev);
	}
}

/* Whoever closes is asked to open again; not what the toolstack is taking away. */
static void step_resting(struct uk_xenfront_dev *dev, enum xenbus_state be)
{
	if (dev->deadline_ns && !is_due(dev))
		return;
	dev->deadline_ns = 0;
	if (be == UNKNOWN || !uk_xenfront_be_has(dev, "online"))
		return;
	set_state(dev, XenbusStateInitialising);
	enter(dev, WAITING, 0);
}

static void step(struct uk_xenfront_dev *dev, enum xenbus_state be)
{
	bool is_closing = be == XenbusStateClosing || be == UNKNOWN;
	bool is_closed = be == XenbusStateClosed || be == XenbusStateInitWait || be == UNKNOWN;

	switch (dev->phase) {
	case WAITING:
		if (be == XenbusStateInitWait)
			connect(dev);
		break;
	case CONNECTED:
		step_connected(dev, be);
		break;
	case CLOSING:
		if (!is_closing && !is_closed && !is_due(dev))
			break;
		set_state(dev, XenbusStateClosed);
		enter(dev, CLOSED, CLOSE_NS);
		break;
	case CLOSED:
		if (!is_closed && !is_due(dev))
			break;
		disconnect(dev);
		enter(dev, RESTING, dev->is_old ? 0 : RETRY_NS);
		dev->is_old = false;
		break;
	case RESTING:
		step_resting(dev, be);
		break;
	}
}

/* ---- Coming and going ---- */

static void on_be_event(struct uk_xs_watch *w, const char *path uk_unused)
{
	UK_CONTAINER_OF(w, struct uk_xenfront_dev, be_watch)->is_dirty = true;
	front_kick();
}

static int read_backend(struct uk_xenfront_dev *dev)
{
	uint64_t id;
	ssize_t n = uk_xs_read(UK_XS_NO_TX, dev->fe, "backend", dev->be, sizeof(dev->be));
	int err = n < 0 ? (int)n
			: uk_xs_read_dec(UK_XS_NO_TX, dev->fe, "backend-id", UINT16_MAX, &id);

	if (err)
		return err;
	dev->remote = (domid_t)id;
	dev->state = state_of(dev->fe);
	uk_snprintf(dev->be_state_path, sizeof(dev->be_state_path), "%s/state", dev->be);
	return uk_xs_watch(&dev->be_watch, dev->be_state_path, on_be_event);
}

static int start(struct uk_xenfront_dev *dev)
{
	int err = read_backend(dev);

	if (err)
		return err;
	/* Of an image that was here before */
	dev->is_old = dev->state != XenbusStateInitialising;
	err = dev->drv->probe(dev, dev->why);
	if (err) {
		uk_xs_unwatch(&dev->be_watch);
		return err;
	}
	if (dev->is_old)
		close(dev);
	return 0;
}

struct uk_xenfront_dev *front_dev_new(struct uk_xenfront_driver *drv, uint32_t id)
{
	struct uk_xenfront_dev *dev = uk_calloc(1, sizeof(*dev));
	int err;

	if (!dev)
		return NULL;
	dev->drv = drv;
	dev->id = id;
	dev->phase = WAITING;
	dev->is_dirty = true;
	uk_list_init(&dev->node);
	uk_snprintf(dev->fe, sizeof(dev->fe), "device/%s/%u", drv->kind, id);
	err = start(dev);
	if (!err)
		return dev;
	if (err != -ENOENT)
		report(dev, err);
	uk_free(dev);
	return NULL;
}

static void drop(struct uk_xenfront_dev *dev)
{
	quiesce(dev);
	disconnect(dev);
	dev->drv->remove(dev);
	uk_xs_unwatch(&dev->be_watch);
	uk_list_del(&dev->node);
	uk_free(dev);
}

bool front_dev_step(struct uk_xenfront_dev *dev)
{
	char be[sizeof(dev->be)];
	enum xenbus_state fe;

	if (!dev->is_dirty && !is_due(dev))
		return true;
	dev->is_dirty = false;
	fe = state_of(dev->fe);
	/* Gone; or the toolstack has put another device in its place */
	if (uk_xs_read(UK_XS_NO_TX, dev->fe, "backend", be, sizeof(be)) < 0 ||
	    strcmp(be, dev->be) ||
	    (fe == XenbusStateInitialising && dev->state != XenbusStateInitialising)) {
		drop(dev);
		return false;
	}
	step(dev, state_of(dev->be));
	return true;
}

void uk_xenfront_fail(struct uk_xenfront_dev *dev, const char *fmt, ...)
{
	va_list ap;

	if (dev->is_failed || dev->phase != CONNECTED)
		return;
	va_start(ap, fmt);
	uk_vsnprintf(dev->why, sizeof(dev->why), fmt, ap);
	va_end(ap);
	dev->is_failed = true;
	dev->is_dirty = true;
	front_kick();
}
