/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One device: its making, its nodes, its end. The toolstack's nodes are read in
 * xenbus_dev_new(), the frontend's in uk_xenbus_read_fe*() only.
 */
#include "xenbus_priv.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/assert.h>
#include <uk/plat/time.h>
#include <uk/print.h>

void *(*xenbus_calloc)(size_t n, size_t size) = uk_calloc;

/* Error nodes outlive their devices, so that they can be read; this many at a
 * time, because xenstored counts them. */
#define MAX_ERRORS 16

static char errors[MAX_ERRORS][48];
static unsigned int n_errors;

/* ---- Making ---- */

static int read_frontend(struct uk_xenbus_dev *dev)
{
	char text[UK_XS_DEC_BYTES];
	struct uk_xs_value values[] = {
		{ dev->be, "frontend-id", text, sizeof(text), 0 },
		{ dev->be, "frontend", dev->fe, sizeof(dev->fe), 0 },
	};
	uint64_t id;
	int err;

	uk_xs_read_all(values, UK_ARRAY_SIZE(values));
	err = uk_xs_value_dec(&values[0], UINT16_MAX, &id);
	if (err)
		return err;
	if (id != dev->remote)
		return -EINVAL;
	return values[1].len < 0 ? (int)values[1].len : 0;
}

static int watch_frontend(struct uk_xenbus_dev *dev)
{
	int err;

	uk_snprintf(dev->fe_state_path, sizeof(dev->fe_state_path), "%s/state", dev->fe);
	err = uk_xs_watch(&dev->fe_watch, dev->fe_state_path, xenbus_on_fe_event);
	if (err)
		uk_snprintf(dev->why, sizeof(dev->why),
			    "xenstored refuses a watch: is this domain's quota used up?");
	return err;
}

/* -ENOENT: it is going away, or is no device */
static int open_dev(struct uk_xenbus_dev *dev)
{
	int err = read_frontend(dev);

	if (err) {
		if (err != -ENOENT)
			uk_pr_warn("xenbus: %s: frontend (%s)\n", dev->be, uk_errname(err));
		return err;
	}
	err = watch_frontend(dev);
	if (err)
		xenbus_dev_refuse(dev, err);
	return err;
}

static void init_dev(struct uk_xenbus_dev *dev, struct uk_xenbus_driver *drv, domid_t remote,
		     uint32_t id)
{
	*dev = (struct uk_xenbus_dev) {
		.drv = drv, .remote = remote, .id = id, .state = XenbusStateInitialising,
		.is_dirty = true,
	};
	uk_list_init(&dev->node);
	uk_list_init(&dev->fe_watch.node);
	uk_snprintf(dev->be, sizeof(dev->be), "backend/%s/%u/%u", drv->kind, remote, id);
}

/* The toolstack hears at once of one that there is no memory for. */
static void refuse_new(struct uk_xenbus_driver *drv, domid_t remote, uint32_t id)
{
	static struct uk_xenbus_dev dev;

	init_dev(&dev, drv, remote, id);
	uk_snprintf(dev.why, sizeof(dev.why), "no memory left: fewer devices, or more memory=");
	xenbus_dev_refuse(&dev, -ENOMEM);
}

struct uk_xenbus_dev *xenbus_dev_new(struct uk_xenbus_driver *drv, domid_t remote, uint32_t id)
{
	struct uk_xenbus_dev *dev = xenbus_calloc(1, sizeof(*dev));

	if (!dev) {
		refuse_new(drv, remote, id);
		return NULL;
	}
	init_dev(dev, drv, remote, id);
	if (open_dev(dev)) {
		uk_free(dev);
		return NULL;
	}
	return dev;
}

/* ---- Nodes ---- */

int uk_xenbus_read_fe_dec(const struct uk_xenbus_dev *dev, const char *node, uint64_t max,
			  uint64_t *val)
{
	return uk_xs_read_dec(UK_XS_NO_TX, dev->fe, node, max, val);
}

ssize_t uk_xenbus_read_fe(const struct uk_xenbus_dev *dev, const char *node, char *buf,
			  size_t size)
{
	return uk_xs_read(UK_XS_NO_TX, dev->fe, node, buf, size);
}

void uk_xenbus_read_fe_numbers(const struct uk_xenbus_dev *dev, const char *dir,
			       struct uk_xenbus_number *numbers, unsigned int n)
{
	char path[sizeof(dev->fe) + 16], text[UK_XENBUS_MAX_NUMBERS][UK_XS_DEC_BYTES];
	struct uk_xs_value values[UK_XENBUS_MAX_NUMBERS];

	uk_bug_on(n > UK_XENBUS_MAX_NUMBERS);
	uk_snprintf(path, sizeof(path), dir ? "%s/%s" : "%s", dev->fe, dir);
	for (unsigned int i = 0; i < n; i++)
		values[i] = (struct uk_xs_value) {
			.dir = path, .node = numbers[i].node, .buf = text[i],
			.size = UK_XS_DEC_BYTES,
		};
	uk_xs_read_all(values, n);
	for (unsigned int i = 0; i < n; i++) {
		numbers[i].val = 0;
		numbers[i].err = uk_xs_value_dec(&values[i], numbers[i].max, &numbers[i].val);
	}
}

void xenbus_dev_set_state(struct uk_xenbus_dev *dev, enum xenbus_state state)
{
	int err = uk_xs_printf(UK_XS_NO_TX, dev->be, "state", "%d", state);

	dev->state = state;
	if (err)
		uk_pr_warn("xenbus: %s: state %d (%s)\n", dev->be, state, uk_errname(err));
}

static int write_published(uk_xs_tx_t tx, void *arg)
{
	struct uk_xenbus_dev *dev = arg;
	int err = dev->drv->publish(dev, tx);

	return err ? err : uk_xs_printf(tx, dev->be, "state", "%d", XenbusStateConnected);
}

int xenbus_dev_publish(struct uk_xenbus_dev *dev)
{
	dev->is_stale = false;
	return uk_xs_transact(write_published, dev);
}

void uk_xenbus_publish(struct uk_xenbus_dev *dev)
{
	dev->is_stale = true;
	dev->is_dirty = true;
	xenbus_kick();
}

/* ---- Errors ---- */

void uk_xenbus_fail(struct uk_xenbus_dev *dev, const char *fmt, ...)
{
	va_list ap;

	if (dev->is_failed || !dev->is_connected)
		return;
	va_start(ap, fmt);
	uk_vsnprintf(dev->why, sizeof(dev->why), fmt, ap);
	va_end(ap);
	dev->is_failed = true;
	dev->is_dirty = true;
	xenbus_kick();
}

/* Note that there will be an error below @dir, at the cost of the oldest. */
static void remember_error(const char *dir)
{
	char *slot = errors[n_errors % MAX_ERRORS];

	for (unsigned int i = 0; i < MAX_ERRORS; i++)
		if (!strcmp(errors[i], dir))
			return;
	if (slot[0])
		uk_xs_rm(UK_XS_NO_TX, slot, NULL);
	strlcpy(slot, dir, sizeof(errors[0]));
	n_errors++;
}

void xenbus_dev_report(struct uk_xenbus_dev *dev, int err)
{
	char dir[sizeof(errors[0])];

	uk_pr_err("xenbus: %s: %s (%s)\n", dev->be, dev->why[0] ? dev->why : "failed",
		  uk_errname(err));
	uk_snprintf(dir, sizeof(dir), "error/%s", dev->be);
	remember_error(dir);
	uk_xs_printf(UK_XS_NO_TX, dir, "error", "%d %.120s", -err, dev->why);
}

/* ---- The end ---- */

bool xenbus_dev_is_stuck(struct uk_xenbus_dev *dev)
{
	return dev->is_draining && !dev->drv->is_drained(dev);
}

bool xenbus_dev_drain(struct uk_xenbus_dev *dev)
{
	if (!dev->is_connected || !dev->drv->is_drained)
		return true;
	if (!dev->is_draining)
		dev->drv->quiesce(dev);
	dev->is_draining = true;
	return dev->drv->is_drained(dev);
}

void uk_xenbus_wake(struct uk_xenbus_dev *dev)
{
	dev->is_dirty = true;
	xenbus_kick();
}

void xenbus_dev_disconnect(struct uk_xenbus_dev *dev)
{
	if (!dev->is_connected)
		return;
	dev->is_connected = false;
	dev->is_draining = false;
	dev->is_failed = false;
	dev->drv->disconnect(dev);
}

void xenbus_dev_drop(struct uk_xenbus_dev *dev)
{
	xenbus_dev_disconnect(dev);
	if (dev->is_probed)
		dev->drv->remove(dev);
	else if (dev->drv->forget)
		dev->drv->forget(dev);
	if (uk_list_is_linked(&dev->fe_watch.node))
		uk_xs_unwatch(&dev->fe_watch);
	uk_list_del(&dev->node);
	dev->is_gone = true;
}

void xenbus_dev_refuse(struct uk_xenbus_dev *dev, int err)
{
	xenbus_dev_remove(dev);
	xenbus_dev_report(dev, err);
}

void xenbus_dev_remove(struct uk_xenbus_dev *dev)
{
	int err;

	xenbus_dev_drop(dev);
	err = uk_xs_rm(UK_XS_NO_TX, dev->be, NULL);
	if (err)
		uk_pr_warn("xenbus: %s: cannot be removed (%s)\n", dev->be, uk_errname(err));
}
