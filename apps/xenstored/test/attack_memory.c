/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ways to make the daemon keep memory for a guest (XSA-326, XSA-416). It bounds
 * them by numbers and in the end by not reading the guest's ring any more,
 * which a guest sees as -ETIMEDOUT.
 */
#include "attack.h"

#include <string.h>

#include <uk/print.h>

#define VALUE_BYTES 1800

static const char *long_value(void)
{
	static char value[VALUE_BYTES + 1];

	memset(value, 'v', VALUE_BYTES);
	return value;
}

static void read_replies(struct wire *w, unsigned int n)
{
	unsigned int got = 0;
	int err = 0;

	while (!err && got < n) {
		err = wire_next(w);
		got += !err && w->hdr.type != XS_WATCH_EVENT;
	}
	wire_expect(w, "replies in the end", (int)got, (int)n);
}

/* Each request is small and its reply is not. A daemon without a limit takes
 * them all. */
void attack_unread_replies(struct wire *w)
{
	unsigned int n = 0;
	int err = 0;

	wire_expect(w, "write", wire_write(w, 0, "data", long_value()), 0);
	while (!err && n < 1000) {
		err = wire_put_path(w, XS_READ, 0, "data");
		n++;
	}
	wire_expect(w, "flood of requests", err, -ETIMEDOUT);
	/* It goes on when they are read; the last request is not complete */
	read_replies(w, n - 1);
	wire_expect(w, "afterwards", wire_write(w, 0, "data", "x"), 0);
}

static void write_many(struct wire *w, uint32_t tx)
{
	char path[64];

	for (unsigned int i = 0; i < 400; i++) {
		uk_snprintf(path, sizeof(path), "data/dir/%u/a-name-of-some-length-%u", i / 40, i);
		wire_expect(w, "write", wire_write(w, tx, path, ""), 0);
	}
}

/* Many watches, a commit that makes an event of each node for each of them, and
 * nobody who reads the events */
void attack_watch_flood(struct wire *w)
{
	char token[200];
	uint32_t tx;
	int err = 0;

	for (unsigned int n = 0; n < 200 && !err; n++) {
		uk_snprintf(token, sizeof(token), "token-%150u", n);
		err = wire_pair(w, XS_WATCH, "data", token);
	}
	wire_expect(w, "watches", err, -E2BIG);
	wire_expect(w, "begin", wire_begin(w, &tx), 0);
	write_many(w, tx);
	wire_expect(w, "commit", wire_put(w, XS_TRANSACTION_END, tx, "T", 2), 0);
	wire_expect(w, "taken", wire_settle(w), 0);
}

/* When they are read, it goes on */
void attack_read_flood(struct wire *w)
{
	while (!wire_next(w))
		;
	wire_expect(w, "afterwards", wire_write(w, 0, "data", "x"), 0);
}

/* Nodes of the largest size in as many transactions as there may be */
void attack_large_transactions(struct wire *w)
{
	uint32_t tx[16];
	unsigned int n_tx = 0;
	char path[32];
	int err = 0;

	while (n_tx < 16 && !(err = wire_begin(w, &tx[n_tx])))
		n_tx++;
	wire_expect(w, "transactions", err, -ENOSPC);
	err = 0;
	for (unsigned int i = 0; !err && i < 400 * n_tx; i++) {
		uk_snprintf(path, sizeof(path), "data/large/%u", i / n_tx);
		err = wire_write(w, tx[i % n_tx], path, long_value());
	}
	wire_expect(w, "no room", err == -EIO || err == -ENOMEM, 1);
	while (n_tx--)
		wire_expect(w, "abort", wire_end(w, tx[n_tx], false), 0);
	wire_expect(w, "afterwards", wire_write(w, 0, "data", "x"), 0);
}

/* Ask in a transaction for names that are as long as may be, until it is enough */
static int ask_for_long_names(struct wire *w, uint32_t tx)
{
	static char path[2000] = "data/";
	int err = -ENOENT;

	memset(path + 5, 'p', sizeof(path) - 6);
	for (unsigned int i = 0; err == -ENOENT && i < 2000; i++) {
		uk_snprintf(path + sizeof(path) - 6, 6, "%u", i);
		err = wire_path(w, XS_READ, tx, path);
	}
	return err;
}

/* None of them is there, all of them are remembered */
void attack_long_names(struct wire *w)
{
	bool is_refused = false;
	uint32_t tx[16];
	unsigned int n_tx = 0;

	for (; n_tx < 16 && !wire_begin(w, &tx[n_tx]); n_tx++)
		is_refused |= ask_for_long_names(w, tx[n_tx]) == -ENOMEM;
	wire_expect(w, "too much memory", is_refused, 1);
	while (n_tx--)
		wire_expect(w, "abort", wire_end(w, tx[n_tx], false), 0);
	wire_expect(w, "afterwards", wire_write(w, 0, "data", "x"), 0);
}

/* A transaction remembers each node it has asked for */
void attack_nodes_in_transaction(struct wire *w)
{
	uint32_t tx;
	char path[32];
	int err = -ENOENT;

	wire_expect(w, "begin", wire_begin(w, &tx), 0);
	for (unsigned int i = 0; err == -ENOENT && i < 2000; i++) {
		uk_snprintf(path, sizeof(path), "data/none/%u", i);
		err = wire_path(w, XS_READ, tx, path);
	}
	wire_expect(w, "nodes in a transaction", err, -ENOSPC);
	wire_expect(w, "commit", wire_end(w, tx, true), -ENOMEM);
	wire_expect(w, "afterwards", wire_write(w, 0, "data", "x"), 0);
}

/* The daemon looks for the nearest parent that exists: each step up costs it
 * memory while the request runs. The first reply is larger than the ring, so
 * that all of them wait. */
void attack_unread_heavy_replies(struct wire *w)
{
	static char path[2000] = "data";

	for (size_t i = 4; i < sizeof(path) - 2; i += 2)
		memcpy(path + i, "/a", 2);
	wire_expect(w, "write", wire_write(w, 0, "data", long_value()), 0);
	wire_expect(w, "read", wire_put_path(w, XS_READ, 0, "data"), 0);
	for (unsigned int i = 1; i < ATTACK_UNREAD; i++)
		wire_expect(w, "read", wire_put_path(w, XS_READ, 0, path), 0);
	wire_expect(w, "taken", wire_settle(w), 0);
}

void attack_read_heavy_replies(struct wire *w)
{
	wire_expect(w, "first", wire_next(w), 0);
	for (unsigned int i = 1; i < ATTACK_UNREAD; i++) {
		wire_expect(w, "reply", wire_next(w), 0);
		wire_expect(w, "is ENOENT", strcmp(w->payload, "ENOENT"), 0);
	}
}
