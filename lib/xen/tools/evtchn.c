/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libxenevtchn over our event channels.
 *
 * An event comes as a call in event context: it masks its port, puts it at the
 * end of the handle's list and wakes who waits for the file. Kicks are collected
 * until the program polls; a timer that is due at once sends them should it
 * wait for something else. A request and its answer then cost one hypercall
 * where each part of them asked for one.
 */
#include "evtchn_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <uk/xen/evtchn.h>

static int fail(int err)
{
	errno = -err;
	return -1;
}

static struct evtchn_port *find(struct xenevtchn_handle *xce, evtchn_port_t port)
{
	return port < xce->n_ports ? xce->ports[port] : NULL;
}

static void on_event(evtchn_port_t port, void *arg)
{
	struct evtchn_port *p = arg;

	uk_evtchn_mask(port);
	if (!uk_list_is_linked(&p->pending))
		uk_list_add_tail(&p->xce->pending, &p->pending);
	uk_file_wake(&p->xce->file);
}

/* ---- Kicks --------------------------------------------------------------- */

void evtchn_flush(struct xenevtchn_handle *xce)
{
	struct evtchn_port *p, *tmp;

	if (uk_list_is_empty(&xce->kicks))
		return;
	uk_timer_stop(&xce->kick_timer);
	UK_LIST_FOREACH_SAFE(p, tmp, &xce->kicks, kick) {
		uk_list_del(&p->kick);
		uk_evtchn_notify(p->port);
	}
}

static void on_timer(struct uk_timer *t)
{
	evtchn_flush(UK_CONTAINER_OF(t, struct xenevtchn_handle, kick_timer));
}

int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port)
{
	struct evtchn_port *p = find(xce, port);

	if (!p)
		return fail(-EINVAL);
	if (uk_list_is_linked(&p->kick))
		return 0;
	if (uk_list_is_empty(&xce->kicks))
		uk_timer_start(&xce->kick_timer, 0);
	uk_list_add_tail(&xce->kicks, &p->kick);
	return 0;
}

/* ---- Handles ------------------------------------------------------------- */

xenevtchn_handle *xenevtchn_open(xentoollog_logger *logger, unsigned int flags)
{
	struct xenevtchn_handle *xce = calloc(1, sizeof(*xce));

	(void)logger;
	if (!xce)
		return NULL;
	uk_list_init(&xce->pending);
	uk_list_init(&xce->kicks);
	uk_timer_init(&xce->kick_timer, on_timer);
	uk_file_init(&xce->file, &evtchn_file_ops, O_RDWR);
	/* Takes over the reference: has released the handle when it fails */
	int fd = uk_fd_give(&xce->file, !(flags & XENEVTCHN_NO_CLOEXEC));

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	xce->fd = fd;
	return xce;
}

xenevtchn_handle *xenevtchn_fdopen(xentoollog_logger *logger, int fd, unsigned int open_flags)
{
	struct uk_file *f = uk_fd_get(fd);
	struct xenevtchn_handle *xce = NULL;

	(void)logger;
	(void)open_flags;
	if (f && f->ops == &evtchn_file_ops)
		xce = UK_CONTAINER_OF(f, struct xenevtchn_handle, file);
	if (f)
		uk_file_put(f);
	if (!xce)
		errno = EBADF;
	return xce;
}

static void drop(struct evtchn_port *p)
{
	uk_evtchn_close(p->port);
	uk_list_del(&p->pending);
	uk_list_del(&p->kick);
	p->xce->ports[p->port] = NULL;
	free(p);
}

void evtchn_free(struct xenevtchn_handle *xce)
{
	evtchn_flush(xce);
	for (unsigned int i = 0; i < xce->n_ports; i++)
		if (xce->ports[i])
			drop(xce->ports[i]);
	free(xce->ports);
	free(xce);
}

int xenevtchn_close(xenevtchn_handle *xce)
{
	if (xce)
		uk_fd_close(xce->fd);
	return 0;
}

int xenevtchn_fd(xenevtchn_handle *xce)
{
	return xce->fd;
}

/* ---- Ports --------------------------------------------------------------- */

static int make_room(struct xenevtchn_handle *xce, evtchn_port_t port)
{
	unsigned int n = xce->n_ports ? xce->n_ports : 32;
	struct evtchn_port **ports;

	if (port < xce->n_ports)
		return 0;
	while (n <= port)
		n *= 2;
	ports = realloc(xce->ports, n * sizeof(*ports));
	if (!ports)
		return -ENOMEM;
	memset(ports + xce->n_ports, 0, (n - xce->n_ports) * sizeof(*ports));
	xce->ports = ports;
	xce->n_ports = n;
	return 0;
}

static struct evtchn_port *port_new(struct xenevtchn_handle *xce)
{
	struct evtchn_port *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->xce = xce;
	uk_list_init(&p->pending);
	uk_list_init(&p->kick);
	return p;
}

/* @p has been bound, or not (@err) */
static int bound(struct evtchn_port *p, int err)
{
	struct xenevtchn_handle *xce = p->xce;

	if (!err) {
		err = make_room(xce, p->port);
		if (err)
			uk_evtchn_close(p->port);
	}
	if (err) {
		free(p);
		return fail(err);
	}
	xce->ports[p->port] = p;
	uk_evtchn_unmask(p->port);
	return (int)p->port;
}

int xenevtchn_bind_interdomain(xenevtchn_handle *xce, uint32_t domid, evtchn_port_t remote_port)
{
	struct evtchn_port *p = port_new(xce);

	if (!p)
		return fail(-ENOMEM);
	return bound(p, uk_evtchn_bind_interdomain((domid_t)domid, remote_port, on_event, p,
						   &p->port));
}

int xenevtchn_bind_virq(xenevtchn_handle *xce, unsigned int virq)
{
	struct evtchn_port *p = port_new(xce);

	if (!p)
		return fail(-ENOMEM);
	return bound(p, uk_evtchn_bind_virq(virq, on_event, p, &p->port));
}

int xenevtchn_unbind(xenevtchn_handle *xce, evtchn_port_t port)
{
	struct evtchn_port *p = find(xce, port);

	if (!p)
		return fail(-EINVAL);
	evtchn_flush(xce);
	drop(p);
	return 0;
}

/* ---- Events -------------------------------------------------------------- */

evtchn_port_t evtchn_take(struct xenevtchn_handle *xce)
{
	struct uk_list *first = uk_list_pop(&xce->pending);

	return first ? UK_LIST_ENTRY(first, struct evtchn_port, pending)->port : 0;
}

int xenevtchn_pending(xenevtchn_handle *xce)
{
	evtchn_port_t port;
	int err;

	while (!(port = evtchn_take(xce))) {
		err = uk_file_wait(&xce->file);
		if (err)
			return fail(err);
	}
	return (int)port;
}

int xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port)
{
	if (!find(xce, port))
		return fail(-EINVAL);
	uk_evtchn_unmask(port);
	return 0;
}
