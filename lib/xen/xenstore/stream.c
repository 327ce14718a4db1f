/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests out, replies and events in, over the byte stream of
 * <uk/xen/store.h>. Both run in whatever context finds room or bytes; nothing
 * preempts them, so there are no locks, no thread and no buffers: a request
 * points to its parts, and its reply goes where it wants it.
 *
 * What xenstored sends is checked here: sizes in on_header() and take(), the
 * type and the error names in finish_reply(). A stream that has lost its
 * framing is broken for good, because there is no way to find the next message.
 * For that reason a life that follows a restart knows where its predecessor was.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "xenstore_priv.h"

#include <uk/assert.h>
#include <uk/print.h>
#include <uk/restart.h>
#include <uk/xen/store.h>

#define CHUNK_BYTES 256
#define ERROR_BYTES 16
#define TOKEN_BYTES 12

static enum { CLOSED, OPEN, BROKEN, ABSENT } state;
static uint32_t next_id;

static struct uk_list unsent = UK_LIST_INIT(unsent);	/* the first may be half sent */
static struct uk_list waiting = UK_LIST_INIT(waiting);	/* for a reply */

/* How far the message is that is coming in. The next life goes on from there. */
static struct {
	struct xsd_sockmsg hdr;
	size_t n_hdr;			/* bytes of hdr so far */
	size_t n_payload;		/* bytes of payload so far */
} frame uk_kept;

/* Where it goes */
static struct {
	struct uk_xs_req *req;		/* NULL: nobody waits for it */
	char error[ERROR_BYTES];
	char path[UK_XS_EVENT_PATH_BYTES];
	size_t path_len;
	char token[TOKEN_BYTES];
	size_t token_len;
	bool is_in_token;
} rx;

static void finish(struct uk_xs_req *req, int err)
{
	uk_list_del(&req->node);
	req->err = err;
	req->is_done = true;
	if (req->done)
		req->done(req);
}

static void fail_all(struct uk_list *reqs, int err)
{
	while (!uk_list_is_empty(reqs))
		finish(UK_LIST_ENTRY(reqs->next, struct uk_xs_req, node), err);
}

static void break_stream(const char *why)
{
	uk_pr_err("xenstore: %s, the connection is given up\n", why);
	state = BROKEN;
	rx.req = NULL;
	fail_all(&waiting, -EIO);
	fail_all(&unsent, -EIO);
}

/* ---- In ---- */

static int error_of(const char *name)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(xsd_errors); i++)
		if (!strcmp(xsd_errors[i].errstring, name))
			return -xsd_errors[i].errnum;
	/* oxenstored's own */
	return strcmp(name, "EQUOTA") ? -EIO : -ENOSPC;
}

static void finish_reply(struct uk_xs_req *req)
{
	int err = 0;

	req->len = frame.hdr.len;
	if (frame.hdr.type == XS_ERROR)
		err = error_of(rx.error);
	else if (frame.hdr.type != req->hdr.type)
		err = -EPROTO;
	finish(req, err);
}

static void on_header(void)
{
	struct uk_xs_req *req;

	if (frame.hdr.len > XENSTORE_PAYLOAD_MAX) {
		break_stream("a message is too long");
		return;
	}
	rx.req = NULL;
	if (frame.hdr.type == XS_WATCH_EVENT)
		return;
	UK_LIST_FOREACH(req, &waiting, node) {
		if (req->hdr.req_id == frame.hdr.req_id) {
			rx.req = req;
			return;
		}
	}
}

static void on_message_end(void)
{
	struct uk_xs_req *req = rx.req;

	if (frame.hdr.type == XS_WATCH_EVENT)
		xenstore_watch_event(rx.path_len < sizeof(rx.path) ? rx.path : NULL, rx.token);
	else if (req)
		finish_reply(req);
	memset(&rx, 0, sizeof(rx));
	memset(&frame, 0, sizeof(frame));
}

/* An event is a path, NUL, a token, NUL. The arrays hold zeros behind what was
 * put in; path_len may run past the array, which says "too long". */
static void take_event(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!p[i]) {
			rx.is_in_token = true;
		} else if (rx.is_in_token) {
			if (rx.token_len < sizeof(rx.token) - 1)
				rx.token[rx.token_len++] = p[i];
		} else {
			if (rx.path_len < sizeof(rx.path) - 1)
				rx.path[rx.path_len] = p[i];
			rx.path_len++;
		}
	}
}

/* The next @n bytes of the payload; @n is within what the header said. */
static void take(const char *p, size_t n)
{
	struct uk_xs_req *req = rx.req;
	size_t at = frame.n_payload, size;
	char *buf;

	frame.n_payload += n;
	if (frame.hdr.type == XS_WATCH_EVENT) {
		take_event(p, n);
		return;
	}
	if (!req)
		return;
	buf = frame.hdr.type == XS_ERROR ? rx.error : req->buf;
	size = frame.hdr.type == XS_ERROR ? sizeof(rx.error) - 1 : req->size;
	if (at < size)
		memcpy(buf + at, p, UK_MIN(n, size - at));
}

/* @return whether there may be more. */
static bool receive_some(void)
{
	char chunk[CHUNK_BYTES];
	ssize_t n;

	if (frame.n_hdr < sizeof(frame.hdr)) {
		n = uk_xen_store_recv((char *)&frame.hdr + frame.n_hdr,
				      sizeof(frame.hdr) - frame.n_hdr);
		if (n <= 0)
			goto none;
		frame.n_hdr += (size_t)n;
		if (frame.n_hdr == sizeof(frame.hdr))
			on_header();
	} else {
		n = uk_xen_store_recv(chunk,
				      UK_MIN(sizeof(chunk), frame.hdr.len - frame.n_payload));
		if (n <= 0)
			goto none;
		take(chunk, (size_t)n);
	}
	if (state == OPEN && frame.n_hdr == sizeof(frame.hdr) && frame.n_payload == frame.hdr.len)
		on_message_end();
	return state == OPEN;

none:
	if (n < 0)
		break_stream("the ring is corrupt");
	return false;
}

/* ---- Out ---- */

/* Copy what follows the first @from bytes of @req's message into @buf. */
static size_t gather(const struct uk_xs_req *req, size_t from, char *buf, size_t size)
{
	size_t start = 0, n = 0;

	for (unsigned int i = 0; i <= req->n_pieces && n < size; i++) {
		const char *p = i ? req->pieces[i - 1].p : (const char *)&req->hdr;
		size_t len = i ? req->pieces[i - 1].len : sizeof(req->hdr);

		if (from + n < start + len) {
			size_t skip = from + n - start;
			size_t part = UK_MIN(len - skip, size - n);

			memcpy(buf + n, p + skip, part);
			n += part;
		}
		start += len;
	}
	return n;
}

/* ---- From one life to the next ---- */

#if IS_ENABLED(CONFIG_LIBRESTART)
/* The message that is going out, and how much of it has gone */
static struct {
	size_t len, n_sent;
	char bytes[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
} out uk_kept;

/* All of it is read before the first byte goes out */
static void out_begin(const struct uk_xs_req *req, size_t len)
{
	out.n_sent = 0;
	out.len = gather(req, 0, out.bytes, len);
}

static void out_sent(size_t n_sent)
{
	out.n_sent = n_sent;
}

/* The rest of a message that the old life has sent in part; nobody waits for the
 * reply. */
static void send_rest(void)
{
	static struct uk_xs_req rest;

	if (!out.n_sent || out.n_sent >= out.len || out.len > sizeof(out.bytes))
		return;
	memcpy(&rest.hdr, out.bytes, sizeof(rest.hdr));
	rest.hdr.len = (uint32_t)(out.len - sizeof(rest.hdr));
	rest.pieces[0].p = out.bytes + sizeof(rest.hdr);
	rest.pieces[0].len = rest.hdr.len;
	rest.n_pieces = 1;
	rest.n_sent = out.n_sent;
	uk_list_add(&unsent, &rest.node);
}

/* The connection is that of the old life: its messages are brought to an end,
 * what comes for it finds nobody, its watches and transactions go away. */
static void take_over(void)
{
	static struct uk_xs_req reset;

	if (!uk_restart_count())
		return;
	/* One that is complete may be what ended the old life */
	if (frame.n_hdr > sizeof(frame.hdr) || frame.n_payload >= frame.hdr.len)
		memset(&frame, 0, sizeof(frame));
	if (frame.n_hdr == sizeof(frame.hdr))
		frame.hdr.type = XS_INVALID;
	next_id = uk_restart_count() << 16;
	send_rest();
	uk_xs_req_init(&reset, XS_RESET_WATCHES, UK_XS_NO_TX, NULL, 0, NULL);
	uk_xs_req_add(&reset, "", 1);
	uk_xs_submit(&reset);
}
#else
static void out_begin(const struct uk_xs_req *req uk_unused, size_t len uk_unused)
{
}

static void out_sent(size_t n_sent uk_unused)
{
}

static void take_over(void)
{
}
#endif

/* @return whether @req went out completely. */
static bool send_one(struct uk_xs_req *req)
{
	size_t total = sizeof(req->hdr) + req->hdr.len;
	char chunk[CHUNK_BYTES];

	if (!req->n_sent)
		out_begin(req, total);
	while (req->n_sent < total) {
		size_t len = gather(req, req->n_sent, chunk, sizeof(chunk));
		ssize_t n = uk_xen_store_send(chunk, len);

		if (n < 0)
			break_stream("the ring is corrupt");
		if (n <= 0)
			return false;
		req->n_sent += (size_t)n;
		out_sent(req->n_sent);
	}
	return true;
}

static void send_all(void)
{
	while (state == OPEN && !uk_list_is_empty(&unsent)) {
		struct uk_xs_req *req = UK_LIST_ENTRY(unsent.next, struct uk_xs_req, node);

		if (!send_one(req))
			return;
		uk_list_del(&req->node);
		uk_list_add_tail(&waiting, &req->node);
	}
}

static void on_wake(void *arg uk_unused)
{
	while (state == OPEN && receive_some())
		;
	send_all();
}

static void open_stream(void)
{
	int err = uk_xen_store_open(on_wake, NULL);

	state = err ? ABSENT : OPEN;
	if (err)
		uk_pr_debug("xenstore: none here (%s)\n", uk_errname(err));
	else
		take_over();
}

void uk_xs_submit(struct uk_xs_req *req)
{
	if (state == CLOSED)
		open_stream();
	uk_list_init(&req->node);
	if (state != OPEN) {
		finish(req, state == ABSENT ? -ENODEV : -EIO);
		return;
	}
	if (req->hdr.len > XENSTORE_PAYLOAD_MAX) {
		finish(req, -E2BIG);
		return;
	}
	req->hdr.req_id = ++next_id;
	uk_list_add_tail(&unsent, &req->node);
	send_all();
}

void xenstore_cancel(struct uk_xs_req *req)
{
	bool is_half_sent = req->n_sent && req->n_sent < sizeof(req->hdr) + req->hdr.len;

	if (rx.req == req)
		rx.req = NULL;
	uk_list_del(&req->node);
	req->done = NULL;
	if (is_half_sent)
		break_stream("a request could not be sent to its end");
}
