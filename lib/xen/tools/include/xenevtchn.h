/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Event channels with the interface of Xen's libxenevtchn.
 *
 * Rules
 * - Unless said otherwise a function returns 0, or -1 with errno set.
 * - An event masks its port and makes the descriptor readable. Each
 *   xenevtchn_pending() takes one port; xenevtchn_unmask() lets its next event
 *   through, one that has come meanwhile at once.
 * - xenevtchn_notify() collects: a port is kicked once, however often that was
 *   asked, when the program next polls the descriptor, waits or yields.
 * - Ports are closed with their handle.
 */
#ifndef XENEVTCHN_H
#define XENEVTCHN_H

#include <stdint.h>

#include <xen/event_channel.h>

typedef int xenevtchn_port_or_error_t;
typedef struct xenevtchn_handle xenevtchn_handle;
typedef struct xentoollog_logger xentoollog_logger;

#define XENEVTCHN_NO_CLOEXEC (1 << 0)

/** @flags: XENEVTCHN_NO_CLOEXEC. @return NULL with errno set. */
xenevtchn_handle *xenevtchn_open(xentoollog_logger *logger, unsigned int flags);

/** The handle behind a descriptor that xenevtchn_fd() has given. */
xenevtchn_handle *xenevtchn_fdopen(xentoollog_logger *logger, int fd, unsigned int open_flags);

int xenevtchn_close(xenevtchn_handle *xce);

/** A descriptor for poll(); the handle's own. */
int xenevtchn_fd(xenevtchn_handle *xce);

int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port);

/** @return the local port, or -1. */
xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *xce, uint32_t domid,
						     evtchn_port_t remote_port);

/** @return the local port, or -1. */
xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *xce, unsigned int virq);

/** Close a port. */
int xenevtchn_unbind(xenevtchn_handle *xce, evtchn_port_t port);

/** The next port with an event; blocks until there is one.
 *  @return the port, or -1. */
xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *xce);

int xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port);

#endif /* XENEVTCHN_H */
