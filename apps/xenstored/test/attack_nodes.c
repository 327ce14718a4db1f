/* SPDX-License-Identifier: BSD-3-Clause */
/* Nodes: creations that fail half-way, what is counted, many levels. */
#include "attack.h"

#include <string.h>

#include <uk/print.h>

#define QUOTA 1000		/* nodes of a domain */
#define ENTRY_BYTES 2048	/* of a node with its children's names */

/* Create nodes named with @fmt and two numbers, until the daemon refuses, or @n */
static int create(struct wire *w, const char *fmt, unsigned int n)
{
	char path[64];
	int err = 0;

	for (unsigned int i = 0; !err && i < n; i++) {
		uk_snprintf(path, sizeof(path), fmt, i / 100, i % 100);
		err = wire_write(w, 0, path, "");
	}
	return err;
}

/* The names of a node's children are limited too: a hundred in each */
static void fill_quota(struct wire *w)
{
	wire_expect(w, "fill", create(w, "data/fill/%u/%u", QUOTA + 1), -ENOSPC);
	/* A directory and a node did not fit: perhaps a node does */
	wire_expect(w, "fill up", create(w, "data/fill/%u-%u", QUOTA + 1), -ENOSPC);
}

/* Nothing of "data/p/q/r/s" is there, not even what no list names */
static void expect_none(struct wire *w)
{
	char path[] = "data/p/q/r/s";

	for (size_t len = sizeof(path) - 1; len > 5; len -= 2) {
		path[len] = '\0';
		wire_expect(w, path, wire_path(w, XS_READ, 0, path), -ENOENT);
	}
	wire_expect(w, "directory", wire_path(w, XS_DIRECTORY, 0, "data"), 0);
	wire_expect(w, "list", strcmp(w->payload, "fill"), 0);
}

/* There is room for two nodes and four are asked for: two were made when it
 * fails, and are to be undone, the count included. */
void attack_create_over_quota(struct wire *w)
{
	fill_quota(w);
	wire_expect(w, "rm", wire_path(w, XS_RM, 0, "data/fill/0/0"), 0);
	wire_expect(w, "rm", wire_path(w, XS_RM, 0, "data/fill/0/1"), 0);
	for (unsigned int i = 0; i < 10; i++)
		wire_expect(w, "create", wire_write(w, 0, "data/p/q/r/s", "x"), -ENOSPC);
	expect_none(w);
	wire_expect(w, "first", wire_write(w, 0, "data/fill/0/0", ""), 0);
	wire_expect(w, "second", wire_write(w, 0, "data/fill/0/1", ""), 0);
	wire_expect(w, "third", wire_write(w, 0, "data/fill/0/x", ""), -ENOSPC);
	wire_expect(w, "rm", wire_path(w, XS_RM, 0, "data/fill"), 0);
}

/* Give "data" so long a value that no name fits any more */
static void fill_entry(struct wire *w)
{
	static char value[ENTRY_BYTES + 1];
	size_t len = ENTRY_BYTES;
	int err = -ENOSPC;

	memset(value, 'x', len);
	while (err == -ENOSPC && len > ENTRY_BYTES / 2) {
		value[len--] = '\0';
		err = wire_write(w, 0, "data", value);
	}
	wire_expect(w, "fill", err, 0);
}

/* Nodes are written from below: all are in the transaction when the parent that
 * was there cannot take the name. The commit must not make them permanent. */
void attack_orphans(struct wire *w)
{
	uint32_t tx;

	wire_expect(w, "write", wire_write(w, 0, "data/fill", ""), 0);
	fill_entry(w);
	wire_expect(w, "begin", wire_begin(w, &tx), 0);
	wire_expect(w, "create", wire_write(w, tx, "data/p/q/r/s", "x"), -ENOSPC);
	wire_expect(w, "commit", wire_end(w, tx, true), -ENOMEM);
	expect_none(w);
}

void attack_deep_tree(struct wire *w)
{
	static char path[1960] = "data";

	for (size_t i = 4; i < sizeof(path) - 2; i += 2)
		memcpy(path + i, "/a", 2);
	for (unsigned int i = 0; i < 3; i++) {
		wire_expect(w, "create", wire_write(w, 0, path, "x"), 0);
		wire_expect(w, "read", wire_path(w, XS_READ, 0, path), 0);
		wire_expect(w, "rm", wire_path(w, XS_RM, 0, "data/a"), 0);
		wire_expect(w, "is gone", wire_path(w, XS_READ, 0, path), -ENOENT);
	}
}

/* In a transaction, make @path and a node beside it that does not stay */
static int commit_with_temporary(struct wire *w, const char *path)
{
	uint32_t tx;

	wire_expect(w, "begin", wire_begin(w, &tx), 0);
	wire_expect(w, "write", wire_write(w, tx, path, "x"), 0);
	wire_expect(w, "write", wire_write(w, tx, "data/temporary", "x"), 0);
	wire_expect(w, "rm", wire_path(w, XS_RM, tx, "data/temporary"), 0);
	return wire_end(w, tx, true);
}

void attack_create_and_delete(struct wire *w)
{
	wire_expect(w, "commit", commit_with_temporary(w, "data/node"), 0);
	wire_expect(w, "read", wire_path(w, XS_READ, 0, "data/node"), 0);
	wire_expect(w, "read", wire_path(w, XS_READ, 0, "data/temporary"), -ENOENT);
	wire_expect(w, "list", wire_path(w, XS_DIRECTORY, 0, "data"), 0);
	wire_expect(w, "list", strcmp(w->payload, "node"), 0);
}

/* However nodes are made, they are counted */
void attack_uncounted_nodes(struct wire *w)
{
	unsigned int n;
	char path[32];
	int err = 0;

	wire_expect(w, "fill", create(w, "data/some/%u/%u", QUOTA * 3 / 4), 0);
	for (n = 0; !err && n <= QUOTA / 2; n++) {
		uk_snprintf(path, sizeof(path), "data/more/%u/%u", n / 100, n % 100);
		err = commit_with_temporary(w, path);
	}
	wire_expect(w, "commit", err, -ENOSPC);
	wire_expect(w, "rm", wire_path(w, XS_RM, 0, "data/some"), 0);
	wire_expect(w, "afterwards", commit_with_temporary(w, "data/node"), 0);
}

/* What a transaction removes is removed beside it as well: taken together that
 * is more than the guest has. */
void attack_negative_count(struct wire *w)
{
	uint32_t tx;

	wire_expect(w, "create", create(w, "data/some/%u/%u", QUOTA / 2), 0);
	wire_expect(w, "begin", wire_begin(w, &tx), 0);
	wire_expect(w, "rm", wire_path(w, XS_RM, tx, "data/some"), 0);
	wire_expect(w, "rm", wire_path(w, XS_RM, 0, "data/some"), 0);
	wire_expect(w, "commit", wire_end(w, tx, true), -EAGAIN);
	wire_expect(w, "afterwards", wire_write(w, 0, "data/node", "x"), 0);
}
