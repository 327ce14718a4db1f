/* SPDX-License-Identifier: BSD-3-Clause */
/* Watches, paths and nodes that are not a guest's, requests out of place. */
#include "attack.h"

#include <string.h>

#include <uk/plat/time.h>
#include <uk/print.h>

#define LOOK_NS (60 * 1000000000ULL)

/* A first event comes for each watch and says nothing; no other may come for
 * what the guest cannot read. */
void attack_watch_others(struct wire *w)
{
	static const char *const strange[] = { ATTACK_SECRET, "@introduceDomain", "@releaseDomain" };
	uint64_t deadline = uk_plat_mono_ns() + LOOK_NS;

	for (unsigned int i = 0; i < 3; i++)
		wire_expect(w, "watch", wire_pair(w, XS_WATCH, strange[i], "token"), 0);
	wire_expect(w, "watch", wire_pair(w, XS_WATCH, "/", "token"), 0);
	wire_expect(w, "watch", wire_pair(w, XS_WATCH, "data", "own"), 0);
	wire_expect(w, "write", wire_write(w, 0, "data/ready", ""), 0);
	while (!wire_count_events(w, "data/look") && uk_plat_mono_ns() < deadline)
		wire_next(w);
	wire_expect(w, "end", (int)wire_count_events(w, "data/look"), 1);
	for (unsigned int i = 0; i < 3; i++)
		wire_expect(w, strange[i], (int)wire_count_events(w, strange[i]), 1);
	wire_expect(w, "child", (int)wire_count_events(w, ATTACK_SECRET "/child"), 0);
	wire_expect(w, "too many events", w->n_events <= WIRE_EVENTS, 1);
	wire_expect(w, "read", wire_path(w, XS_READ, 0, ATTACK_SECRET), -EACCES);
}

/* A watch that fits a message, an event for it that does not */
void attack_long_token(struct wire *w)
{
	static char token[4000], path[160] = "data/";

	memset(token, 't', sizeof(token) - 1);
	memset(path + 5, 'p', sizeof(path) - 6);
	wire_expect(w, "watch", wire_pair(w, XS_WATCH, "data", token), 0);
	wire_expect(w, "write", wire_write(w, 0, path, "x"), 0);
	wire_expect(w, "rm", wire_path(w, XS_RM, 0, path), 0);
	wire_expect(w, "first event", wire_count_events(w, "data") || !wire_event(w, "data"), 1);
	wire_expect(w, "events", (int)w->n_events, 1);
	wire_expect(w, "write", wire_write(w, 0, "data/x", "x"), 0);
	wire_expect(w, "event", wire_count_events(w, "data/x") || !wire_event(w, "data/x"), 1);
}

void attack_root(struct wire *w)
{
	static const uint32_t looks[] = { XS_READ, XS_DIRECTORY, XS_GET_PERMS };

	for (unsigned int i = 0; i < 3; i++)
		wire_expect(w, "look", wire_path(w, looks[i], 0, "/"), -EACCES);
	wire_expect(w, "write", wire_write(w, 0, "/", "x"), -EACCES);
	wire_expect(w, "rm", wire_path(w, XS_RM, 0, "/"), -EACCES);
	wire_expect(w, "set", wire_pair(w, XS_SET_PERMS, "/", "b0"), -EACCES);
	wire_expect(w, "mkdir", wire_path(w, XS_MKDIR, 0, "/mine"), -EACCES);
	wire_expect(w, "rm of all", wire_path(w, XS_RM, 0, "/local"), -EACCES);
}

void attack_strange_nodes(struct wire *w)
{
	char path[32];

	for (unsigned int i = 0; i < ATTACK_STRANGE; i++) {
		uk_snprintf(path, sizeof(path), ATTACK_SHARED "/%u/node", i);
		wire_expect(w, "write", wire_write(w, 0, path, "x"), 0);
	}
}

void attack_empty_domid(struct wire *w)
{
	static const uint32_t types[] = { XS_READ, XS_DIRECTORY, XS_GET_PERMS, XS_MKDIR, XS_RM };
	static const char path[] = "/local/domain/";

	for (unsigned int i = 0; i < 5; i++)
		wire_expect(w, "path", wire_path(w, types[i], 0, path), -EINVAL);
	wire_expect(w, "write", wire_write(w, 0, path, "x"), -EINVAL);
	wire_expect(w, "perms", wire_pair(w, XS_SET_PERMS, path, "n0"), -EINVAL);
	wire_expect(w, "part", wire_pair(w, XS_DIRECTORY_PART, path, "0"), -EINVAL);
	wire_expect(w, "watch", wire_pair(w, XS_WATCH, path, "token"), -EINVAL);
	wire_expect(w, "unwatch", wire_pair(w, XS_UNWATCH, path, "token"), -ENOENT);
	wire_expect(w, "afterwards", wire_write(w, 0, "data", "x"), 0);
}

void attack_reset_watches(struct wire *w)
{
	uint32_t tx;

	for (unsigned int i = 0; i < 3; i++) {
		wire_expect(w, "watch", wire_pair(w, XS_WATCH, "data", "token"), 0);
		wire_expect(w, "begin", wire_begin(w, &tx), 0);
		wire_expect(w, "write", wire_write(w, tx, "data/a", "x"), 0);
		wire_expect(w, "reset", wire_ask(w, XS_RESET_WATCHES, tx, "", 1), 0);
		wire_expect(w, "commit", wire_end(w, tx, true), -ENOENT);
		wire_expect(w, "unwatch", wire_pair(w, XS_UNWATCH, "data", "token"), -ENOENT);
	}
	wire_expect(w, "node", wire_path(w, XS_READ, 0, "data/a"), -ENOENT);
	wire_expect(w, "afterwards", wire_write(w, 0, "data", "x"), 0);
}
