/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The thread that finds devices and walks them through their states.
 *
 * One watch on the relative path "backend" sees all of the toolstack's doings
 * and our own writes too. Events only set flags, in event context: any number
 * of them costs one look. on_backend_event() reads paths that xenstored made of
 * the toolstack's; it finds a device by comparing, and parses nothing.
 */
#include <errno.h>
#include <string.h>

#include "xenbus_priv.h"

#include <uk/alloc.h>
#include <uk/boot.h>
#include <uk/param.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/restart.h>
#include <uk/thread.h>
#include <uk/wait.h>

#define PACE_NS (5 * UK_NSEC_PER_MSEC)

bool xenbus_is_stopping;

static struct uk_list drivers = UK_LIST_INIT(drivers);
static struct uk_list devices = UK_LIST_INIT(devices);
static struct uk_wait_queue work = UK_WAIT_QUEUE_INIT(work);
static struct uk_wait_queue stopped = UK_WAIT_QUEUE_INIT(stopped);
static bool has_work, needs_scan;
static struct uk_xs_watch backend_watch;

void xenbus_kick(void)
{
	has_work = true;
	uk_wait_wake_one(&work);
}

/* ---- Events ---- */

void xenbus_on_fe_event(struct uk_xs_watch *w, const char *path uk_unused)
{
	UK_CONTAINER_OF(w, struct uk_xenbus_dev, fe_watch)->is_dirty = true;
	xenbus_kick();
}

/* What follows @dev's directory in @path: "" or a node's name; NULL: it does
 * not lie there. */
static const char *node_of(const struct uk_xenbus_dev *dev, const char *path)
{
	size_t len = strlen(dev->be);

	if (strncmp(path, dev->be, len))
		return NULL;
	if (!path[len])
		return path + len;
	return path[len] == '/' ? path + len + 1 : NULL;
}

static void on_node_event(struct uk_xenbus_dev *dev, const char *node)
{
	if (dev->drv->param && !strcmp(node, dev->drv->param))
		dev->is_reconfigured = true;
	else if (*node && strcmp(node, "state") && strcmp(node, "online"))
		return;		/* our own writing, mostly */
	dev->is_dirty = true;
	xenbus_kick();
}

static void on_backend_event(struct uk_xs_watch *w uk_unused, const char *path)
{
	struct uk_xenbus_dev *dev;
	const char *node;

	UK_LIST_FOREACH(dev, &devices, node) {
		node = path ? node_of(dev, path) : "";
		if (node)
			on_node_event(dev, node);
		if (node && path)
			return;
	}
	needs_scan = true;
	xenbus_kick();
}

void uk_xenbus_probe_again(void)
{
	struct uk_xenbus_dev *dev;

	UK_LIST_FOREACH(dev, &devices, node)
		if (!dev->is_probed)
			dev->is_dirty = true;
	xenbus_kick();
}

/* ---- Finding devices ---- */

static struct uk_xenbus_dev *find(const struct uk_xenbus_driver *drv, uint64_t remote,
				  uint64_t id)
{
	struct uk_xenbus_dev *dev;

	UK_LIST_FOREACH(dev, &devices, node)
		if (dev->drv == drv && dev->remote == remote && dev->id == id)
			return dev;
	return NULL;
}

/* Names of domains, and of one domain's devices: not of the heap, which peers may
 * have used up. */
static char domains[XENSTORE_PAYLOAD_MAX], ids[XENSTORE_PAYLOAD_MAX];

/* Call @fn for each child of @dir whose name is a number of at most @max.
 * @names: room for them. */
static void for_each_number(const char *dir, char *names, uint64_t max,
			    void (*fn)(struct uk_xenbus_driver *drv, uint64_t outer, uint64_t n),
			    struct uk_xenbus_driver *drv, uint64_t outer)
{
	ssize_t len = uk_xs_directory(UK_XS_NO_TX, dir, NULL, names, XENSTORE_PAYLOAD_MAX);
	uint64_t n;

	for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1)
		if (!uk_parse_dec(names + at, max, &n))
			fn(drv, outer, n);
	if (len < 0 && len != -ENOENT)
		uk_pr_err("xenbus: %s: cannot be listed (%s)\n", dir, uk_errname((int)len));
}

static void found_device(struct uk_xenbus_driver *drv, uint64_t remote, uint64_t id)
{
	struct uk_xenbus_dev *dev;

	if (find(drv, remote, id))
		return;
	dev = xenbus_dev_new(drv, (domid_t)remote, (uint32_t)id);
	if (dev)
		uk_list_add_tail(&devices, &dev->node);
}

static void found_domain(struct uk_xenbus_driver *drv, uint64_t unused uk_unused,
			 uint64_t remote)
{
	char dir[40];

	uk_snprintf(dir, sizeof(dir), "backend/%s/%u", drv->kind, (unsigned int)remote);
	for_each_number(dir, ids, UINT32_MAX, found_device, drv, remote);
}

static void scan(void)
{
	struct uk_xenbus_driver *drv;
	char dir[24];

	needs_scan = false;
	UK_LIST_FOREACH(drv, &drivers, node) {
		uk_snprintf(dir, sizeof(dir), "backend/%s", drv->kind);
		for_each_number(dir, domains, DOMID_FIRST_RESERVED - 1, found_domain, drv, 0);
	}
}

/* ---- The thread ---- */

static void reconfigure(struct uk_xenbus_dev *dev)
{
	int err;

	dev->is_reconfigured = false;
	if (!dev->is_probed || !dev->drv->reconfigure)
		return;
	dev->why[0] = '\0';
	err = dev->drv->reconfigure(dev, dev->why);
	if (err)
		xenbus_dev_report(dev, err);
}

static bool is_due(uint64_t at_ns, uint64_t now)
{
	return at_ns && now >= at_ns;
}

static void look_after(struct uk_xenbus_dev *dev)
{
	uint64_t now = uk_plat_mono_ns();

	if (is_due(dev->deadline_ns, now) || is_due(dev->retry_ns, now))
		dev->is_dirty = true;
	if (is_due(dev->retry_ns, now))
		dev->retry_ns = 0;
	if (!dev->is_dirty)
		return;
	if (dev->is_reconfigured)
		reconfigure(dev);
	xenbus_dev_step(dev);
	if (dev->is_stale && dev->state == XenbusStateConnected)
		xenbus_dev_publish(dev);
	if (dev->is_dirty)
		has_work = true;
}

/* The devices that went away while we looked after them. A new one may be in
 * their place. */
static void free_gone(struct uk_xenbus_dev *dev)
{
	if (!dev->is_gone)
		return;
	uk_free(dev);
	needs_scan = true;
	has_work = true;
}

static uint64_t next_deadline(void)
{
	uint64_t next = UK_FOREVER;
	struct uk_xenbus_dev *dev;

	UK_LIST_FOREACH(dev, &devices, node) {
		if (xenbus_dev_is_stuck(dev))
			continue;	/* it says when it is not */
		if (dev->deadline_ns)
			next = UK_MIN(next, dev->deadline_ns);
		if (dev->retry_ns)
			next = UK_MIN(next, dev->retry_ns);
	}
	/* Not at once: one that passes without effect is no reason to spin */
	return UK_MAX(next, uk_plat_mono_ns() + PACE_NS);
}

static bool are_all_closed(void)
{
	struct uk_xenbus_dev *dev;

	UK_LIST_FOREACH(dev, &devices, node)
		if (dev->state != XenbusStateClosed)
			return false;
	return true;
}

static void xenbus_thread(void *arg uk_unused)
{
	struct uk_xenbus_dev *dev, *tmp;
	int err;

	/* Here, not at boot: nobody should wait for xenstored's answer */
	err = uk_xs_watch(&backend_watch, "backend", on_backend_event);
	if (err) {
		uk_pr_err("xenbus: no watch on backend (%s)\n", uk_errname(err));
		return;
	}
	/* The life before counted its error nodes, not this one */
	if (uk_restart_count())
		uk_xs_rm(UK_XS_NO_TX, "error/backend", NULL);
	for (;;) {
		uk_wait_event_until(&work, has_work, next_deadline());
		has_work = false;
		if (needs_scan && !xenbus_is_stopping)
			scan();
		UK_LIST_FOREACH_SAFE(dev, tmp, &devices, node) {
			look_after(dev);
			free_gone(dev);
		}
		if (xenbus_is_stopping && are_all_closed())
			uk_wait_wake_all(&stopped);
	}
}

/* ---- Start and end ---- */

/* A frontend that is told to close writes back what it holds. */
static void xenbus_stop(void *arg uk_unused)
{
	uint64_t deadline = uk_plat_mono_ns() + STOP_NS;
	struct uk_xenbus_dev *dev;

	xenbus_is_stopping = true;
	UK_LIST_FOREACH(dev, &devices, node) {
		dev->is_dirty = true;
		if (dev->state != XenbusStateClosed)
			dev->deadline_ns = deadline;
	}
	xenbus_kick();
	uk_wait_event_until(&stopped, are_all_closed(), deadline + UK_NSEC_PER_SEC);
}

static int xenbus_init(void)
{
	int err;

	if (uk_list_is_empty(&drivers))
		return -ENODEV;
	err = uk_atexit(xenbus_stop, NULL);
	if (err)
		return err;
	if (!uk_thread_create("backend", xenbus_work_thread, NULL, 0))
		return -ENOMEM;
	return uk_thread_create("xenbus", xenbus_thread, NULL, 0) ? 0 : -ENOMEM;
}

UK_INIT_LATE(xenbus_init);

void uk_xenbus_register(struct uk_xenbus_driver *drv)
{
	uk_list_add_tail(&drivers, &drv->node);
	needs_scan = true;
	xenbus_kick();
}
