/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages of xenstore, from a guest's end. The daemon's indices and lengths
 * are checked in used() and wire_next().
 */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#include <uk/arch/barrier.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/util.h>

#define PATIENCE_NS (WIRE_PATIENCE_MS * 1000000ULL)

/* Bytes between two indices; nothing when a guest has spoilt them */
static size_t used(uint32_t prod, uint32_t cons)
{
	return prod - cons <= XENSTORE_RING_SIZE ? prod - cons : 0;
}

/* ---- Bytes ---------------------------------------------------------------- */

static size_t send_some(struct wire *w, char *bytes, size_t len)
{
	struct xenstore_domain_interface *p = w->page;
	size_t room = XENSTORE_RING_SIZE - used(p->req_prod, UK_READ_ONCE(p->req_cons));
	size_t n = UK_MIN(len, room);

	uk_arch_mb();
	for (size_t i = 0; i < n; i++)
		p->req[MASK_XENSTORE_IDX(p->req_prod + i)] = bytes[i];
	uk_arch_wmb();
	UK_WRITE_ONCE(p->req_prod, p->req_prod + (uint32_t)n);
	if (n)
		w->kick(w);
	return n;
}

static size_t receive_some(struct wire *w, char *bytes, size_t size)
{
	struct xenstore_domain_interface *p = w->page;
	size_t n = UK_MIN(size, used(UK_READ_ONCE(p->rsp_prod), p->rsp_cons));

	uk_arch_rmb();
	for (size_t i = 0; i < n; i++)
		bytes[i] = p->rsp[MASK_XENSTORE_IDX(p->rsp_cons + i)];
	uk_arch_mb();
	UK_WRITE_ONCE(p->rsp_cons, p->rsp_cons + (uint32_t)n);
	if (n)
		w->kick(w);
	return n;
}

/* Move @len bytes with @some, of which @done are done */
static int move(struct wire *w, size_t (*some)(struct wire *w, char *p, size_t len), char *p,
		size_t len, size_t *done)
{
	uint64_t deadline = uk_plat_mono_ns() + PATIENCE_NS;

	while (*done < len) {
		size_t n = some(w, p + *done, len - *done);
		uint64_t now = uk_plat_mono_ns();

		*done += n;
		if (n)
			deadline = now + PATIENCE_NS;
		else if (now >= deadline)
			return -ETIMEDOUT;
		else
			w->wait(w, deadline);
	}
	return 0;
}

int wire_send(struct wire *w, const void *bytes, size_t len)
{
	size_t done = 0;

	return move(w, send_some, (char *)bytes, len, &done);
}

static int receive(struct wire *w, void *buf, size_t len)
{
	size_t done = 0;

	return move(w, receive_some, buf, len, &done);
}

/* ---- Messages ------------------------------------------------------------- */

static int flush(struct wire *w)
{
	return move(w, send_some, w->out, w->out_len, &w->out_sent);
}

int wire_put(struct wire *w, uint32_t type, uint32_t tx, const void *data, size_t len)
{
	struct xsd_sockmsg hdr = { .type = type, .tx_id = tx, .len = (uint32_t)len };
	int err = flush(w);

	if (err)
		return err;
	hdr.req_id = ++w->last_id;
	memcpy(w->out, &hdr, sizeof(hdr));
	memcpy(w->out + sizeof(hdr), data, len);
	w->out_len = sizeof(hdr) + len;
	w->out_sent = 0;
	return flush(w);
}

int wire_put_path(struct wire *w, uint32_t type, uint32_t tx, const char *path)
{
	return wire_put(w, type, tx, path, strlen(path) + 1);
}

int wire_settle(struct wire *w)
{
	uint64_t deadline = uk_plat_mono_ns() + PATIENCE_NS;

	while (used(w->page->req_prod, UK_READ_ONCE(w->page->req_cons))) {
		if (uk_plat_mono_ns() >= deadline)
			return -ETIMEDOUT;
		w->wait(w, deadline);
	}
	return 0;
}

static void keep_event(struct wire *w)
{
	if (w->n_events < WIRE_EVENTS)
		strlcpy(w->events[w->n_events], w->payload, WIRE_EVENT_BYTES);
	w->n_events++;
}

int wire_next(struct wire *w)
{
	int err = receive(w, &w->hdr, sizeof(w->hdr));

	if (!err && w->hdr.len > XENSTORE_PAYLOAD_MAX)
		return -EPROTO;
	if (!err)
		err = receive(w, w->payload, w->hdr.len);
	if (err)
		return err;
	w->payload[w->hdr.len] = '\0';
	if (w->hdr.type == XS_WATCH_EVENT)
		keep_event(w);
	return 0;
}

static int error_of(const char *name)
{
	for (unsigned int i = 0; i < UK_ARRAY_SIZE(xsd_errors); i++)
		if (!strcmp(xsd_errors[i].errstring, name))
			return -xsd_errors[i].errnum;
	return -EPROTO;
}

int wire_reply(struct wire *w)
{
	int err;

	do
		err = wire_next(w);
	while (!err && (w->hdr.type == XS_WATCH_EVENT || w->hdr.req_id != w->last_id));
	if (!err && w->hdr.type == XS_ERROR)
		err = error_of(w->payload);
	return err;
}

int wire_event(struct wire *w, const char *path)
{
	unsigned int before = wire_count_events(w, path);
	int err = 0;

	while (!err && wire_count_events(w, path) == before)
		err = wire_next(w);
	return err;
}

unsigned int wire_count_events(const struct wire *w, const char *path)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < UK_MIN(w->n_events, WIRE_EVENTS); i++)
		n += !strcmp(w->events[i], path);
	return n;
}

/* ---- Requests ------------------------------------------------------------- */

int wire_ask(struct wire *w, uint32_t type, uint32_t tx, const void *data, size_t len)
{
	int err = wire_put(w, type, tx, data, len);

	return err ? err : wire_reply(w);
}

int wire_path(struct wire *w, uint32_t type, uint32_t tx, const char *path)
{
	return wire_ask(w, type, tx, path, strlen(path) + 1);
}

/* Two strings; the NUL of the second only for @n_nuls 2 */
static int ask_two(struct wire *w, uint32_t type, uint32_t tx, const char *a, const char *b,
		   size_t n_nuls)
{
	static char data[XENSTORE_PAYLOAD_MAX];
	size_t len = strlen(a) + 1;
	size_t more = strlen(b) + n_nuls - 1;

	if (len + more > sizeof(data))
		return -E2BIG;
	memcpy(data, a, len);
	memcpy(data + len, b, more);
	return wire_ask(w, type, tx, data, len + more);
}

int wire_pair(struct wire *w, uint32_t type, const char *a, const char *b)
{
	return ask_two(w, type, 0, a, b, 2);
}

int wire_write(struct wire *w, uint32_t tx, const char *path, const char *value)
{
	return ask_two(w, XS_WRITE, tx, path, value, 1);
}

int wire_begin(struct wire *w, uint32_t *tx)
{
	int err = wire_ask(w, XS_TRANSACTION_START, 0, "", 1);

	*tx = err ? 0 : (uint32_t)atoi(w->payload);
	return err;
}

int wire_end(struct wire *w, uint32_t tx, bool is_commit)
{
	return wire_ask(w, XS_TRANSACTION_END, tx, is_commit ? "T" : "F", 2);
}

bool wire_expect(struct wire *w, const char *what, int got, int want)
{
	if (got != want && !w->why[0])
		uk_snprintf(w->why, sizeof(w->why), "%s: %d, not %d", what, got, want);
	return got == want;
}
