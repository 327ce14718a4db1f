/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The byte stream to xenstored over its shared page. Specification:
 * xen/io/xs_wire.h. The daemon's indices are checked in req_room() and
 * rsp_avail(); the bytes are the client's business.
 */
#include <uk/xen/store.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <xen/io/xs_wire.h>

#include <uk/arch/barrier.h>
#include <uk/util.h>
#include <uk/xen/evtchn.h>

#include "xen_priv.h"

static struct xenstore_domain_interface *page;
static void (*wake_fn)(void *arg);
static void *wake_arg;

static void on_event(evtchn_port_t port, void *arg)
{
	(void)port;
	(void)arg;
	wake_fn(wake_arg);
}

int uk_xen_store_open(void (*wake)(void *arg), void *arg)
{
	int err;

	if (!xen_store.page || !xen_store.port)
		return -ENODEV;
	wake_fn = wake;
	wake_arg = arg;
	err = uk_evtchn_adopt(xen_store.port, on_event, NULL);
	if (err)
		return err;
	page = xen_store.page;
	uk_evtchn_unmask(xen_store.port);
	return 0;
}

static ssize_t req_room(void)
{
	XENSTORE_RING_IDX used = page->req_prod - UK_READ_ONCE(page->req_cons);

	return used > XENSTORE_RING_SIZE ? -EIO : (ssize_t)(XENSTORE_RING_SIZE - used);
}

static ssize_t rsp_avail(void)
{
	XENSTORE_RING_IDX avail = UK_READ_ONCE(page->rsp_prod) - page->rsp_cons;

	return avail > XENSTORE_RING_SIZE ? -EIO : (ssize_t)avail;
}

ssize_t uk_xen_store_send(const void *buf, size_t len)
{
	const char *bytes = buf;
	ssize_t room = req_room();
	size_t n, at, first;

	if (room <= 0)
		return room;
	n = UK_MIN(len, (size_t)room);
	/* The daemon has read what we overwrite: it moved req_cons */
	uk_arch_mb();
	at = MASK_XENSTORE_IDX(page->req_prod);
	first = UK_MIN(n, XENSTORE_RING_SIZE - at);
	memcpy(page->req + at, bytes, first);
	memcpy(page->req, bytes + first, n - first);
	uk_arch_wmb();
	UK_WRITE_ONCE(page->req_prod, page->req_prod + n);
	uk_evtchn_notify(xen_store.port);
	return (ssize_t)n;
}

ssize_t uk_xen_store_recv(void *buf, size_t size)
{
	ssize_t avail = rsp_avail();
	char *bytes = buf;
	size_t n, at, first;

	if (avail <= 0)
		return avail;
	n = UK_MIN(size, (size_t)avail);
	uk_arch_rmb();
	at = MASK_XENSTORE_IDX(page->rsp_cons);
	first = UK_MIN(n, XENSTORE_RING_SIZE - at);
	memcpy(bytes, page->rsp + at, first);
	memcpy(bytes + first, page->rsp, n - first);
	uk_arch_mb();
	UK_WRITE_ONCE(page->rsp_cons, page->rsp_cons + n);
	/* The daemon may have waited for room */
	uk_evtchn_notify(xen_store.port);
	return (ssize_t)n;
}

void *uk_xen_store_page(evtchn_port_t *port)
{
	*port = xen_store.port;
	return page;
}
