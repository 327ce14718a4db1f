/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The thread that finds devices and walks them through their states. One watch on
 * the relative path "device" sees what the toolstack does, and our own writes.
 */
#include "front_priv.h"

#include <errno.h>
#include <string.h>

#include <uk/alloc.h>
#include <uk/boot.h>
#include <uk/param.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>
#include <uk/wait.h>

static struct uk_list drivers = UK_LIST_INIT(drivers);
static struct uk_list devices = UK_LIST_INIT(devices);
static struct uk_wait_queue work = UK_WAIT_QUEUE_INIT(work);
static bool has_work, needs_scan;
static struct uk_xs_watch device_watch;

void front_kick(void)
{
	has_work = true;
	uk_wait_wake_one(&work);
}

static void on_device_event(struct uk_xs_watch *w uk_unused, const char *path uk_unused)
{
	needs_scan = true;
	front_kick();
}

static bool is_known(const struct uk_xenfront_driver *drv, uint64_t id)
{
	struct uk_xenfront_dev *dev;

	UK_LIST_FOREACH(dev, &devices, node)
		if (dev->drv == drv && dev->id == id)
			return true;
	return false;
}

static void found(struct uk_xenfront_driver *drv, uint64_t id)
{
	struct uk_xenfront_dev *dev = is_known(drv, id) ? NULL : front_dev_new(drv, (uint32_t)id);

	if (dev)
		uk_list_add_tail(&devices, &dev->node);
}

static void scan(struct uk_xenfront_driver *drv, char *names)
{
	char dir[24];
	uint64_t id;
	ssize_t len;

	uk_snprintf(dir, sizeof(dir), "device/%s", drv->kind);
	len = uk_xs_directory(UK_XS_NO_TX, dir, NULL, names, XENSTORE_PAYLOAD_MAX);
	for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1)
		if (!uk_parse_dec(names + at, UINT32_MAX, &id))
			found(drv, id);
	if (len < 0 && len != -ENOENT)
		uk_pr_err("xenfront: %s cannot be listed (%s)\n", dir, uk_errname((int)len));
}

static void scan_all(void)
{
	char *names = uk_malloc(XENSTORE_PAYLOAD_MAX);
	struct uk_xenfront_driver *drv;

	needs_scan = false;
	UK_LIST_FOREACH(drv, &drivers, node)
		if (names)
			scan(drv, names);
	uk_free(names);
}

/* @return when to look again. */
static uint64_t look_after_all(void)
{
	uint64_t next = UK_FOREVER;
	struct uk_xenfront_driver *drv;
	struct uk_xenfront_dev *dev, *tmp;

	UK_LIST_FOREACH_SAFE(dev, tmp, &devices, node) {
		if (!front_dev_step(dev)) {
			needs_scan = true;
			has_work = true;
			continue;
		}
		has_work |= dev->is_dirty;
		if (dev->deadline_ns)
			next = UK_MIN(next, dev->deadline_ns);
	}
	UK_LIST_FOREACH(drv, &drivers, node)
		if (drv->reap && !drv->reap())
			next = UK_MIN(next, uk_plat_mono_ns() + RETRY_NS);
	return next;
}

static void front_thread(void *arg uk_unused)
{
	struct uk_xenfront_dev *dev;
	uint64_t next = UK_FOREVER;
	/* Here, not at boot: nobody should wait for xenstored's answer */
	int err = uk_xs_watch(&device_watch, "device", on_device_event);

	if (err) {
		uk_pr_err("xenfront: no watch on device (%s)\n", uk_errname(err));
		return;
	}
	for (;;) {
		uk_wait_event_until(&work, has_work, next);
		has_work = false;
		if (needs_scan) {
			scan_all();
			UK_LIST_FOREACH(dev, &devices, node)
				dev->is_dirty = true;
		}
		next = look_after_all();
	}
}

static int front_init(void)
{
	if (uk_list_is_empty(&drivers))
		return -ENODEV;
	return uk_thread_create("xenfront", front_thread, NULL, 0) ? 0 : -ENOMEM;
}

UK_INIT_LATE(front_init);

void uk_xenfront_register(struct uk_xenfront_driver *drv)
{
	uk_list_add_tail(&drivers, &drv->node);
}
