/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The byte stream to xenstored, below the xenstore client. Specification:
 * xen/io/xs_wire.h, docs/misc/xenstore-ring.txt.
 *
 * Rules
 * - Providers: plat/xen (shared ring), the simulated Xen of the unit tests.
 * - One user: lib/xen/xenstore.
 */
#ifndef UK_XEN_STORE_H
#define UK_XEN_STORE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <xen/event_channel.h>

/** Open the stream. @wake(@arg) is called from event context when bytes may
 *  be sent or received. @return 0; -ENODEV: this domain has no xenstore. */
int uk_xen_store_open(void (*wake)(void *arg), void *arg);

/** Send what fits, without blocking.
 *  @return bytes taken, 0 when there is no room; -EIO: ring is corrupt. */
ssize_t uk_xen_store_send(const void *buf, size_t len);

/** Receive what is there, without blocking.
 *  @return bytes, 0 for none; -EIO: the ring's indices make no sense. */
ssize_t uk_xen_store_recv(void *buf, size_t size);

/** The page below the stream (struct xenstore_domain_interface) and the port to
 *  kick the daemon with, for a test that plays a guest gone wrong: plat/xen
 *  only. @return NULL: the stream is not open. */
void *uk_xen_store_page(evtchn_port_t *port);

#endif /* UK_XEN_STORE_H */
