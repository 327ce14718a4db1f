/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests, replies and events as messages, and what dom0's toolstack asks for. */
#include "sim_priv.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uk/util.h>

/* ---- What has been received ---------------------------------------------- */

/* Take the oldest message that is an event, or is none. */
static bool take(struct sim_domain *d, bool is_event, struct sim_msg *m)
{
	size_t at = 0, len;

	for (; at + sizeof(m->hdr) <= d->n_in; at += len) {
		memcpy(&m->hdr, d->in + at, sizeof(m->hdr));
		len = sizeof(m->hdr) + m->hdr.len;
		if (m->hdr.len > XENSTORE_PAYLOAD_MAX || at + len > d->n_in)
			return false;
		if ((m->hdr.type == XS_WATCH_EVENT) != is_event)
			continue;
		memcpy(m->payload, d->in + at + sizeof(m->hdr), m->hdr.len);
		m->payload[m->hdr.len] = '\0';
		d->n_in -= len;
		memmove(d->in + at, d->in + at + len, d->n_in - at);
		return true;
	}
	return false;
}

bool sim_take(struct sim_domain *d, struct sim_msg *m)
{
	return take(d, false, m);
}

bool sim_take_event(struct sim_domain *d, char *path, const char **token)
{
	static struct sim_msg m;
	size_t len;

	if (!take(d, true, &m))
		return false;
	memcpy(path, m.payload, m.hdr.len + 1);
	len = strlen(path) + 1;
	if (token)
		*token = path + UK_MIN(len, (size_t)m.hdr.len);
	return true;
}

void sim_forget(struct sim_domain *d)
{
	d->n_in = 0;
	d->n_lost = 0;
}

/* ---- Requests ------------------------------------------------------------ */

uint32_t sim_post(struct sim_domain *d, uint32_t type, uint32_t tx, const void *payload,
		  size_t len)
{
	struct xsd_sockmsg hdr = {
		.type = type, .req_id = ++d->req_id, .tx_id = tx, .len = (uint32_t)len,
	};

	if (sim_put(d, &hdr, sizeof(hdr)) != sizeof(hdr) || sim_put(d, payload, len) != len)
		return 0;
	return hdr.req_id;
}

/* A message may be longer than the ring. @return false: no progress. */
static bool put_all(struct sim_domain *d, const void *bytes, size_t len)
{
	const char *p = bytes;
	size_t n;

	for (; len; p += n, len -= n) {
		n = sim_put(d, p, len);
		if (n < len)
			sim_step();
		if (!n && !(n = sim_put(d, p, len)))
			return false;
	}
	return true;
}

static int error_of(const struct sim_msg *m)
{
	if (m->hdr.type != XS_ERROR)
		return 0;
	for (size_t i = 0; i < UK_ARRAY_SIZE(xsd_errors); i++)
		if (!strcmp(xsd_errors[i].errstring, m->payload))
			return -xsd_errors[i].errnum;
	return -EPROTO;
}

int sim_request(struct sim_domain *d, uint32_t type, uint32_t tx, const void *payload,
		size_t len, struct sim_msg *reply)
{
	static struct sim_msg m;
	struct xsd_sockmsg hdr = {
		.type = type, .req_id = ++d->req_id, .tx_id = tx, .len = (uint32_t)len,
	};

	if (!put_all(d, &hdr, sizeof(hdr)) || !put_all(d, payload, len))
		return -ETIMEDOUT;
	sim_step();
	while (sim_take(d, &m)) {
		if (m.hdr.req_id != hdr.req_id)
			continue;
		if (reply)
			*reply = m;
		return error_of(&m);
	}
	return -ETIMEDOUT;
}

/* Join @words up to a NULL, each with its final NUL. */
static int ask(struct sim_domain *d, uint32_t type, uint32_t tx, struct sim_msg *reply,
	       const char *first, va_list words)
{
	char payload[XENSTORE_PAYLOAD_MAX];
	size_t len = 0, n;

	for (const char *w = first; w; w = va_arg(words, const char *)) {
		n = strlen(w) + 1;
		if (n > sizeof(payload) - len)
			return -E2BIG;
		memcpy(payload + len, w, n);
		len += n;
	}
	return sim_request(d, type, tx, payload, len, reply);
}

int sim_ask(struct sim_domain *d, uint32_t type, uint32_t tx, struct sim_msg *reply, ...)
{
	const char *first;
	va_list words;
	int err;

	va_start(words, reply);
	first = va_arg(words, const char *);
	err = ask(d, type, tx, reply, first, words);
	va_end(words);
	return err;
}

/* ---- The usual ones ------------------------------------------------------ */

int sim_write(struct sim_domain *d, uint32_t tx, const char *path, const char *value)
{
	char payload[XENSTORE_PAYLOAD_MAX];
	size_t n = strlen(path) + 1, len = strlen(value);

	if (n + len > sizeof(payload))
		return -E2BIG;
	memcpy(payload, path, n);
	memcpy(payload + n, value, len);
	return sim_request(d, XS_WRITE, tx, payload, n + len, NULL);
}

int sim_read(struct sim_domain *d, uint32_t tx, const char *path, char *value, size_t size)
{
	static struct sim_msg m;
	int err = sim_ask(d, XS_READ, tx, &m, path, NULL);

	if (err)
		return err;
	if (m.hdr.len >= size)
		return -E2BIG;
	memcpy(value, m.payload, m.hdr.len + 1);
	return (int)m.hdr.len;
}

int sim_set_perms(struct sim_domain *d, uint32_t tx, const char *path, ...)
{
	va_list perms;
	int err;

	va_start(perms, path);
	err = ask(d, XS_SET_PERMS, tx, NULL, path, perms);
	va_end(perms);
	return err;
}

int sim_mkdir(struct sim_domain *d, uint32_t tx, const char *path)
{
	return sim_ask(d, XS_MKDIR, tx, NULL, path, NULL);
}

int sim_rm(struct sim_domain *d, uint32_t tx, const char *path)
{
	return sim_ask(d, XS_RM, tx, NULL, path, NULL);
}

int sim_watch(struct sim_domain *d, const char *path, const char *token)
{
	return sim_ask(d, XS_WATCH, 0, NULL, path, token, NULL);
}

int sim_unwatch(struct sim_domain *d, const char *path, const char *token)
{
	return sim_ask(d, XS_UNWATCH, 0, NULL, path, token, NULL);
}

int sim_begin(struct sim_domain *d, uint32_t *tx)
{
	static struct sim_msg m;
	int err = sim_ask(d, XS_TRANSACTION_START, 0, &m, "", NULL);

	*tx = err ? 0 : (uint32_t)strtoul(m.payload, NULL, 10);
	return err;
}

int sim_end(struct sim_domain *d, uint32_t tx, bool commit)
{
	return sim_ask(d, XS_TRANSACTION_END, tx, NULL, commit ? "T" : "F", NULL);
}

/* ---- dom0's toolstack ---------------------------------------------------- */

/* @n: -1 for none */
static int with_domain(uint32_t type, const struct sim_domain *d, int gfn, int n)
{
	char id[12], frame[12], last[12];

	snprintf(id, sizeof(id), "%u", d->id);
	snprintf(frame, sizeof(frame), "%d", gfn);
	snprintf(last, sizeof(last), "%d", n);
	if (n < 0)
		return sim_ask(sim_dom0(), type, 0, NULL, id, NULL);
	if (gfn < 0)
		return sim_ask(sim_dom0(), type, 0, NULL, id, last, NULL);
	return sim_ask(sim_dom0(), type, 0, NULL, id, frame, last, NULL);
}

int sim_introduce(struct sim_domain *d)
{
	return with_domain(XS_INTRODUCE, d, 0, (int)d->port);
}

int sim_release(struct sim_domain *d)
{
	return with_domain(XS_RELEASE, d, -1, -1);
}

int sim_give_home(struct sim_domain *d)
{
	char path[32], owner[12];

	snprintf(path, sizeof(path), "/local/domain/%u", d->id);
	snprintf(owner, sizeof(owner), "n%u", d->id);
	return sim_write(sim_dom0(), 0, path, "") ?:
	       sim_set_perms(sim_dom0(), 0, path, owner, NULL);
}

int sim_set_target(struct sim_domain *d, struct sim_domain *target)
{
	return with_domain(XS_SET_TARGET, d, -1, target->id);
}

int sim_control(struct sim_msg *out, ...)
{
	const char *first;
	va_list words;
	int err;

	va_start(words, out);
	first = va_arg(words, const char *);
	err = ask(sim_dom0(), XS_CONTROL, 0, out, first, words);
	va_end(words);
	return err;
}

int sim_account_of(const struct sim_msg *m, const char *what)
{
	const char *line = strstr(m->payload, what);

	line = line ? strchr(line, ':') : NULL;
	return line ? atoi(line + 1) : INT_MIN;
}

int sim_accounts(struct sim_domain *d, struct sim_msg *m)
{
	char id[12];

	snprintf(id, sizeof(id), "%u", d->id);
	return sim_control(m, "quota", id, NULL);
}

int sim_account(struct sim_domain *d, const char *what)
{
	static struct sim_msg m;

	return sim_accounts(d, &m) ? INT_MIN : sim_account_of(&m, what);
}
