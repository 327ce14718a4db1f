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

int xenstore_call(struct uk_xs_req *req)
{
	uint64_t start = uk_plat_mono_ns();

	req->done = on_reply;
	uk_xs_submit(req);
	if (!uk_wait_event_until(&replies, req->is_done, start + SLOW_NS))
		return req->err;
	uk_pr_warn("xenstore: request %u waits for a reply since %llu s\n", req->hdr.type,
		   SLOW_NS / UK_NSEC_PER_SEC);
	if (!uk_wait_event_until(&replies, req->is_done, start + UK_XS_TIMEOUT_NS))
		return req->err;
	xenstore_cancel(req);
	uk_pr_err("xenstore: request %u is given up\n", req->hdr.type);
	return -ETIMEDOUT;
}

/* ---- Requests of one path, maybe with a value ---- */

static ssize_t ask(uint32_t type, uk_xs_tx_t tx, const char *dir, const char *node, char *buf,
		   size_t size)
{
	struct uk_xs_req req;
	int err;

	uk_xs_req_init(&req, type, tx, buf, size, NULL);
	uk_xs_req_add_path(&req, dir, node);
	err = xenstore_call(&req);
	if (err)
		return err;
	return req.len > size ? -E2BIG : (ssize_t)req.len;
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

ssize_t uk_xs_read(uk_xs_tx_t tx, const char *dir, const char *node, char *buf, size_t size)
{
	ssize_t n = ask(XS_READ, tx, dir, node, buf, size);

	if (n < 0)
		return n;
	if ((size_t)n == size)
		return -E2BIG;
	buf[n] = '\0';
	return memchr(buf, '\0', (size_t)n) ? -EINVAL : n;
}

int uk_xs_read_dec(uk_xs_tx_t tx, const char *dir, const char *node, uint64_t max,
		   uint64_t *val)
{
	char buf[24];
	ssize_t n = uk_xs_read(tx, dir, node, buf, sizeof(buf));

	if (n == -E2BIG)
		return -EINVAL;
	return n < 0 ? (int)n : uk_parse_dec(buf, max, val);
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
