/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One end of a xenstore ring, for a guest that need not behave: messages as
 * they are on the wire, sent without waiting for replies, replies left unread,
 * the page itself for those who want to spoil it. Specification: xen/io/xs_wire.h.
 *
 * Rules
 * - The memory is the caller's; page, kick and wait are set, the rest is zero.
 * - Nothing waits longer than WIRE_PATIENCE_MS for the daemon to move: then it
 *   is -ETIMEDOUT. Otherwise 0, -EPROTO for a daemon that lost the framing, or
 *   what the daemon answered, as -errno.
 * - A path without a slash in front is below the guest's own node.
 */
#ifndef WIRE_H
#define WIRE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

#define WIRE_PATIENCE_MS 4000
#define WIRE_EVENTS 256U
#define WIRE_EVENT_BYTES 80

struct wire {
	struct xenstore_domain_interface *page;
	void (*kick)(struct wire *w);
	/* Return when the daemon has kicked, at @deadline_ns at the latest */
	void (*wait)(struct wire *w, uint64_t deadline_ns);

	uint32_t last_id;
	char out[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
	size_t out_len, out_sent;

	struct xsd_sockmsg hdr;			/* the message that came last */
	char payload[XENSTORE_PAYLOAD_MAX + 1];	/* with a NUL behind it */

	unsigned int n_events;			/* in all; the first ones are kept */
	char events[WIRE_EVENTS][WIRE_EVENT_BYTES];

	char why[160];				/* the first thing that was not as expected */
};

/** Raw bytes, of which the daemon has to take all. */
int wire_send(struct wire *w, const void *bytes, size_t len);

/** A request, without waiting for its reply. After -ETIMEDOUT the rest of it
 *  goes out before the next one. */
int wire_put(struct wire *w, uint32_t type, uint32_t tx, const void *data, size_t len);
int wire_put_path(struct wire *w, uint32_t type, uint32_t tx, const char *path);

/** Until the daemon has taken all that was sent. */
int wire_settle(struct wire *w);

/** The next message, whatever it is, to @hdr and @payload. */
int wire_next(struct wire *w);

/** Receive until the reply to the request sent last is there, or an event for
 *  @path, or until nothing comes any more. */
int wire_reply(struct wire *w);
int wire_event(struct wire *w, const char *path);

/** A request and its reply. */
int wire_ask(struct wire *w, uint32_t type, uint32_t tx, const void *data, size_t len);
int wire_path(struct wire *w, uint32_t type, uint32_t tx, const char *path);
/** @a and @b with their NULs: a watch, or a path and its only permission. */
int wire_pair(struct wire *w, uint32_t type, const char *a, const char *b);
int wire_write(struct wire *w, uint32_t tx, const char *path, const char *value);
int wire_begin(struct wire *w, uint32_t *tx);
int wire_end(struct wire *w, uint32_t tx, bool is_commit);

/** How many events for @path have come. */
unsigned int wire_count_events(const struct wire *w, const char *path);

/** @got has to be @want; @w keeps the first exception. @return whether it was. */
bool wire_expect(struct wire *w, const char *what, int got, int want);

#endif /* WIRE_H */
