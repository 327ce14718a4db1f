/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The simulated xenstored: takes the client's bytes, answers in bytes. A
 * transaction collects its writes and does them at its end; what it reads is
 * what is there.
 */
#include <uk/xen/store.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <xen/io/xs_wire.h>

#include "xensim_priv.h"

#include <uk/alloc.h>
#include <uk/assert.h>
#include <uk/list.h>
#include <uk/print.h>
#include <uk/util.h>

#define OUT_BYTES 65536

struct write {
	struct uk_list list;
	uint32_t tx;
	uint32_t type;
	char path[XENSIM_PATH_BYTES];
	char value[XENSIM_VALUE_BYTES];
	size_t len;
};

static unsigned long n_writes;

static void (*wake_fn)(void *arg);
static void *wake_arg;
static char in[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
static size_t n_in;
static char out[OUT_BYTES];
static size_t n_out;
static size_t chunk;
static bool is_held;
static unsigned int n_collisions;
static uint32_t last_tx;
static unsigned long n_requests, n_rounds;
static bool is_round_open;	/* requests of it are answered, the answers not taken */
static struct uk_list tx_writes = UK_LIST_INIT(tx_writes);

/* ---- Out ---- */

static void put(const void *bytes, size_t len)
{
	uk_bug_on(n_out + len > sizeof(out));
	memcpy(out + n_out, bytes, len);
	n_out += len;
	xensim_signal();
}

static void reply(const struct xsd_sockmsg *req, uint32_t type, const void *p, size_t len)
{
	struct xsd_sockmsg hdr = {
		.type = type, .req_id = req->req_id, .tx_id = req->tx_id, .len = (uint32_t)len,
	};

	put(&hdr, sizeof(hdr));
	put(p, len);
}

static void reply_error(const struct xsd_sockmsg *req, int err)
{
	const char *name = err == -EDQUOT ? "EQUOTA" : "EINVAL";

	for (unsigned int i = 0; i < UK_ARRAY_SIZE(xsd_errors); i++)
		if (xsd_errors[i].errnum == -err)
			name = xsd_errors[i].errstring;
	reply(req, XS_ERROR, name, strlen(name) + 1);
}

void xensim_store_event(const char *path, const char *token)
{
	struct xsd_sockmsg hdr = {
		.type = XS_WATCH_EVENT, .len = (uint32_t)(strlen(path) + 1 + strlen(token) + 1),
	};

	put(&hdr, sizeof(hdr));
	put(path, strlen(path) + 1);
	put(token, strlen(token) + 1);
}

/* ---- Requests ---- */

static int do_write(uint32_t type, const char *path, const char *value, size_t len)
{
	int err;

	if (type == XS_RM) {
		err = xensim_tree_rm(path);
		if (!err)
			xensim_fire_below(path);
		return err;
	}
	err = xensim_tree_write(path, value, len);
	if (!err)
		xensim_fire(path);
	return err;
}

static int later(uint32_t tx, uint32_t type, const char *path, const char *value, size_t len)
{
	struct write *w = uk_calloc(1, sizeof(*w));

	if (!w || len > sizeof(w->value))
		return -ENOSPC;
	w->tx = tx;
	w->type = type;
	w->len = len;
	strlcpy(w->path, path, sizeof(w->path));
	memcpy(w->value, value, len);
	uk_list_add_tail(&tx_writes, &w->list);
	return 0;
}

static int end_tx(uint32_t tx, bool is_commit)
{
	bool is_collision = is_commit && n_collisions;
	struct write *w, *tmp;

	if (is_collision)
		n_collisions--;
	UK_LIST_FOREACH_SAFE(w, tmp, &tx_writes, list) {
		if (w->tx != tx)
			continue;
		uk_list_del(&w->list);
		if (is_commit && !is_collision)
			do_write(w->type, w->path, w->value, w->len);
		uk_free(w);
	}
	return is_collision ? -EAGAIN : 0;
}

static void answer(const struct xsd_sockmsg *req, const char *payload)
{
	const char *second = payload + strlen(payload) + 1;
	size_t len = req->len - (size_t)(second - payload);
	char path[XENSIM_PATH_BYTES];
	char buf[XENSTORE_PAYLOAD_MAX];
	int n = 0;

	xensim_absolute(payload, path);
	switch (req->type) {
	case XS_READ:
		n = xensim_tree_read(path, buf, sizeof(buf), false);
		break;
	case XS_DIRECTORY:
		n = xensim_tree_list(path, buf, sizeof(buf));
		break;
	case XS_GET_PERMS:
		n = uk_snprintf(buf, sizeof(buf), "n%d", UK_XENSIM_SELF) + 1;
		break;
	case XS_WRITE:
	case XS_MKDIR:
	case XS_RM:
		n_writes++;
		len = req->type == XS_WRITE ? len : 0;
		n = req->tx_id ? later(req->tx_id, req->type, path, second, len)
			       : do_write(req->type, path, second, len);
		strcpy(buf, "OK");
		n = n ? n : 3;
		break;
	case XS_TRANSACTION_START:
		n = uk_snprintf(buf, sizeof(buf), "%u", ++last_tx) + 1;
		break;
	case XS_TRANSACTION_END:
		n = end_tx(req->tx_id, payload[0] == 'T');
		strcpy(buf, "OK");
		n = n ? n : 3;
		break;
	case XS_WATCH:
	case XS_UNWATCH:
		n = xensim_watch(payload, second, req->type == XS_WATCH);
		if (n >= 0) {
			reply(req, req->type, "OK", 3);
			if (req->type == XS_WATCH)
				xensim_watch_event((unsigned int)n, path);
			return;
		}
		break;
	case XS_SET_PERMS:
		n = 3;
		strcpy(buf, "OK");
		break;
	default:
		n = -ENOSYS;
	}
	if (n < 0)
		reply_error(req, n);
	else
		reply(req, req->type, buf, (size_t)n);
}

/* ---- The client's byte stream ---- */

static size_t bound(size_t len)
{
	return chunk ? UK_MIN(len, chunk) : len;
}

int uk_xen_store_open(void (*wake)(void *arg), void *arg)
{
	wake_fn = wake;
	wake_arg = arg;
	return 0;
}

ssize_t uk_xen_store_send(const void *buf, size_t len)
{
	struct xsd_sockmsg hdr;

	len = UK_MIN(bound(len), sizeof(in) - n_in);
	memcpy(in + n_in, buf, len);
	n_in += len;
	if (chunk)
		xensim_signal();	/* there is room again */
	if (n_in < sizeof(hdr))
		return (ssize_t)len;
	memcpy(&hdr, in, sizeof(hdr));
	uk_bug_on(hdr.len > XENSTORE_PAYLOAD_MAX || n_in > sizeof(hdr) + hdr.len);
	if (n_in == sizeof(hdr) + hdr.len) {
		n_in = 0;
		n_requests++;
		is_round_open = true;
		answer(&hdr, in + sizeof(hdr));
	}
	return (ssize_t)len;
}

ssize_t uk_xen_store_recv(void *buf, size_t size)
{
	size_t len = is_held ? 0 : UK_MIN(bound(size), n_out);

	memcpy(buf, out, len);
	if (len && is_round_open) {
		is_round_open = false;
		n_rounds++;
	}
	memmove(out, out + len, n_out - len);
	n_out -= len;
	return (ssize_t)len;
}

void xensim_store_wake(void)
{
	if (wake_fn)
		wake_fn(wake_arg);
}

/* ---- The others ---- */

void uk_xensim_xs_write(const char *path, const char *value)
{
	char buf[XENSIM_PATH_BYTES];

	xensim_absolute(path, buf);
	uk_bug_on(do_write(XS_WRITE, buf, value, strlen(value)));
}

int uk_xensim_xs_read(const char *path, char *buf, size_t size)
{
	char abs_path[XENSIM_PATH_BYTES];
	int n;

	xensim_absolute(path, abs_path);
	n = xensim_tree_read(abs_path, buf, size - 1, true);
	if (n >= 0)
		buf[UK_MIN((size_t)n, size - 1)] = '\0';
	return n;
}

void uk_xensim_xs_rm(const char *path)
{
	char buf[XENSIM_PATH_BYTES];

	xensim_absolute(path, buf);
	do_write(XS_RM, buf, NULL, 0);
}

void uk_xensim_xs_hide(const char *path)
{
	char buf[XENSIM_PATH_BYTES];

	xensim_absolute(path, buf);
	xensim_tree_hide(buf);
	xensim_fire(buf);
}

unsigned int uk_xensim_xs_nodes(void)
{
	return xensim_tree_count();
}

unsigned long uk_xensim_xs_image_writes(void)
{
	return n_writes;
}

void uk_xensim_xs_collide(unsigned int n)
{
	n_collisions = n;
}

void uk_xensim_xs_throttle(size_t n)
{
	chunk = n;
}

void uk_xensim_xs_hold(bool hold)
{
	is_held = hold;
	xensim_signal();
}

void uk_xensim_xs_inject(const void *bytes, size_t len)
{
	put(bytes, len);
}

unsigned long uk_xensim_xs_requests(void)
{
	return n_requests;
}

unsigned long uk_xensim_xs_rounds(void)
{
	return n_rounds;
}
