/* SPDX-License-Identifier: BSD-3-Clause */
/* The requests: how each is put together, and what its reply must look like. */
#include "xenstore_priv.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <uk/assert.h>
#include <uk/param.h>
#include <uk/print.h>
#include <uk/wait.h>

#define SLOW_NS (5 * UK_NSEC_PER_SEC)
#define MAX_TRIES 64
/* Reads that are under way at once: 200 bytes of stack each */
#define BATCH 10

void uk_xs_req_init(struct uk_xs_req *req, uint32_t type, uk_xs_tx_t tx, char *buf, size_t size,
		    void (*done)(struct uk_xs_req *req))
{
	*req = (struct uk_xs_req) {
		.hdr = { .type = type, .tx_id = tx }, .buf = buf, .size = size, .done = done,
	};
}

void uk_xs_req_add(struct uk_xs_req *req, const void *p, size_t len)
{
	uk_bug_on(req->n_pieces == UK_XS_PIECES);
	req->pieces[req->n_pieces].p = p;
	req->pieces[req->n_pieces++].len = len;
	req->hdr.len += (uint32_t)len;
}

void uk_xs_req_add_path(struct uk_xs_req *req, const char *dir, const char *node)
{
	if (node) {
		uk_xs_req_add(req, dir, strlen(dir));
		uk_xs_req_add(req, "/", 1);
		dir = node;
	}
	uk_xs_req_add(req, dir, strlen(dir) + 1);
}

/* ---- Waiting ---- */

/* All waiters are on one queue: there are few, and each looks at its own
 * request when it is woken. */
static struct uk_wait_queue replies = UK_WAIT_QUEUE_INIT(replies);

static void on_reply(struct uk_xs_req *req uk_unused)
{
	uk_wait_wake_all(&replies);
}

static bool are_done(const struct uk_xs_req *reqs, unsigned int n)
{
	while (n--)
		if (!reqs[n].is_done)
			return false;
	return true;
}

static void give_up(struct uk_xs_req *reqs, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (reqs[i].is_done)
			continue;
		xenstore_cancel(&reqs[i]);
		reqs[i].err = -ETIMEDOUT;
		uk_pr_err("xenstore: request %u is given up\n", reqs[i].hdr.type);
	}
}

/* Submit all of them and wait until they are done, or given up. */
static void call_all(struct uk_xs_req *reqs, unsigned int n)
{
	uint64_t start = uk_plat_mono_ns();

	for (unsigned int i = 0; i < n; i++) {
		reqs[i].done = on_reply;
		uk_xs_submit(&reqs[i]);
	}
	if (!uk_wait_event_until(&replies, are_done(reqs, n), start + SLOW_NS))
		return;
	uk_pr_warn("xenstore: request %u waits for a reply since %llu s\n", reqs[0].hdr.type,
		   SLOW_NS / UK_NSEC_PER_SEC);
	if (uk_wait_event_until(&replies, are_done(reqs, n), start + UK_XS_TIMEOUT_NS))
		give_up(reqs, n);
}

int xenstore_call(struct uk_xs_req *req)
{
	call_all(req, 1);
	return req->err;
}

/* ---- Requests of one path, maybe with a value ---- */

/* @return bytes of the reply that are in the request's buffer, or -errno. */
static ssize_t reply_len(const struct uk_xs_req *req)
{
	if (req->err)
		return req->err;
	return req->len > req->size ? -E2BIG : (ssize_t)req->len;
}

static ssize_t ask(uint32_t type, uk_xs_tx_t tx, const char *dir, const char *node, char *buf,
		   size_t size)
{
	struct uk_xs_req req;

	uk_xs_req_init(&req, type, tx, buf, size, NULL);
	uk_xs_req_add_path(&req, dir, node);
	xenstore_call(&req);
	return reply_len(&req);
}

static int tell(uint32_t type, uk_xs_tx_t tx, const char *dir, const char *node,
		const void *value, size_t len)
{
	struct uk_xs_req req;

	uk_xs_req_init(&req, type, tx, NULL, 0, NULL);
	uk_xs_req_add_path(&req, dir, node);
	if (len)
		uk_xs_req_add(&req, value, len);
	return xenstore_call(&req);
}

/* @n: bytes of a reply that are in @buf, or an error. */
static ssize_t as_string(char *buf, size_t size, ssize_t n)
{
	if (n < 0)
		return n;
	if ((size_t)n == size)
		return -E2BIG;
	buf[n] = '\0';
	return memchr(buf, '\0', (size_t)n) ? -EINVAL : n;
}

ssize_t uk_xs_read(uk_xs_tx_t tx, const char *dir, const char *node, char *buf, size_t size)
{
	return as_string(buf, size, ask(XS_READ, tx, dir, node, buf, size));
}

static void read_batch(struct uk_xs_value *values, unsigned int n)
{
	struct uk_xs_req reqs[BATCH];

	for (unsigned int i = 0; i < n; i++) {
		uk_xs_req_init(&reqs[i], XS_READ, UK_XS_NO_TX, values[i].buf, values[i].size, NULL);
		uk_xs_req_add_path(&reqs[i], values[i].dir, values[i].node);
	}
	call_all(reqs, n);
	for (unsigned int i = 0; i < n; i++)
		values[i].len = as_string(values[i].buf, values[i].size, reply_len(&reqs[i]));
}

void uk_xs_read_all(struct uk_xs_value *values, unsigned int n)
{
	for (unsigned int at = 0; at < n; at += BATCH)
		read_batch(values + at, UK_MIN(n - at, (unsigned int)BATCH));
}

static int to_dec(const char *buf, ssize_t n, uint64_t max, uint64_t *val)
{
	if (n == -E2BIG)
		return -EINVAL;
	return n < 0 ? (int)n : uk_parse_dec(buf, max, val);
}

int uk_xs_value_dec(const struct uk_xs_value *value, uint64_t max, uint64_t *val)
{
	return to_dec(value->buf, value->len, max, val);
}

int uk_xs_read_dec(uk_xs_tx_t tx, const char *dir, const char *node, uint64_t max,
		   uint64_t *val)
{
	char buf[UK_XS_DEC_BYTES];

	return to_dec(buf, uk_xs_read(tx, dir, node, buf, sizeof(buf)), max, val);
}

/* A list of strings ends with a NUL, or is empty. */
static ssize_t ask_list(uint32_t type, uk_xs_tx_t tx, const char *dir, const char *node,
			char *buf, size_t size)
{
	ssize_t n = ask(type, tx, dir, node, buf, size);

	return n > 0 && buf[n - 1] ? -EPROTO : n;
}

ssize_t uk_xs_directory(uk_xs_tx_t tx, const char *dir, const char *node, char *buf, size_t size)
{
	return ask_list(XS_DIRECTORY, tx, dir, node, buf, size);
}

int uk_xs_write(uk_xs_tx_t tx, const char *dir, const char *node, const char *value)
{
	return tell(XS_WRITE, tx, dir, node, value, strlen(value));
}

int uk_xs_printf(uk_xs_tx_t tx, const char *dir, const char *node, const char *fmt, ...)
{
	char buf[128];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = uk_vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return (size_t)n < sizeof(buf) ? uk_xs_write(tx, dir, node, buf) : -E2BIG;
}

int uk_xs_mkdir(uk_xs_tx_t tx, const char *dir, const char *node)
{
	return tell(XS_MKDIR, tx, dir, node, NULL, 0);
}

int uk_xs_rm(uk_xs_tx_t tx, const char *dir, const char *node)
{
	int err = tell(XS_RM, tx, dir, node, NULL, 0);

	return err == -ENOENT ? 0 : err;
}

ssize_t uk_xs_get_perms(uk_xs_tx_t tx, const char *dir, const char *node, char *buf, size_t size)
{
	return ask_list(XS_GET_PERMS, tx, dir, node, buf, size);
}

int uk_xs_set_perms(uk_xs_tx_t tx, const char *dir, const char *node, const char *perms,
		    size_t len)
{
	return tell(XS_SET_PERMS, tx, dir, node, perms, len);
}

/* ---- Transactions ---- */

int uk_xs_tx_start(uk_xs_tx_t *tx)
{
	struct uk_xs_req req;
	char buf[12];
	uint64_t id;
	int err;

	uk_xs_req_init(&req, XS_TRANSACTION_START, UK_XS_NO_TX, buf, sizeof(buf) - 1, NULL);
	uk_xs_req_add(&req, "", 1);
	err = xenstore_call(&req);
	if (err)
		return err;
	if (req.len >= sizeof(buf))
		return -EPROTO;
	buf[req.len] = '\0';
	if (uk_parse_dec(buf, UINT32_MAX, &id) || !id)
		return -EPROTO;
	*tx = (uk_xs_tx_t)id;
	return 0;
}

int uk_xs_tx_end(uk_xs_tx_t tx, bool is_commit)
{
	return tell(XS_TRANSACTION_END, tx, is_commit ? "T" : "F", NULL, NULL, 0);
}

int uk_xs_transact(int (*fn)(uk_xs_tx_t tx, void *arg), void *arg)
{
	uk_xs_tx_t tx;
	int err, end;

	for (int i = 0; i < MAX_TRIES; i++) {
		err = uk_xs_tx_start(&tx);
		if (err)
			return err;
		err = fn(tx, arg);
		end = uk_xs_tx_end(tx, !err);
		if (err || end != -EAGAIN)
			return err ? err : end;
	}
	return -EAGAIN;
}
