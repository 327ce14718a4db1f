/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Watches. A token is the number of a watch, never an address: an event that
 * was under way when its watch went finds nothing.
 */
#include "xenstore_priv.h"

#include <string.h>

#include <uk/param.h>
#include <uk/print.h>
#include <uk/restart.h>

static struct uk_list watches = UK_LIST_INIT(watches);
static uint32_t last_id;

void xenstore_watch_event(const char *path, const char *token)
{
	struct uk_xs_watch *w;
	uint64_t id;

	if (uk_parse_dec(token, UINT32_MAX, &id))
		return;
	UK_LIST_FOREACH(w, &watches, node) {
		if (w->id == id) {
			w->fn(w, path);
			return;
		}
	}
}

static void fill(struct uk_xs_req *req, uint32_t type, const struct uk_xs_watch *w,
		 void (*done)(struct uk_xs_req *req))
{
	uk_xs_req_init(req, type, UK_XS_NO_TX, NULL, 0, done);
	uk_xs_req_add_path(req, w->path, NULL);
	uk_xs_req_add(req, w->token, strlen(w->token) + 1);
}

static void prepare(struct uk_xs_watch *w, const char *path,
		    void (*fn)(struct uk_xs_watch *w, const char *path))
{
	w->path = path;
	w->fn = fn;
	/* Events for another life's watches are none for ours */
	w->id = ++last_id + (uk_restart_count() << 16);
	uk_snprintf(w->token, sizeof(w->token), "%u", w->id);
	uk_list_add_tail(&watches, &w->node);
}

void uk_xs_watch_submit(struct uk_xs_watch *w, const char *path,
			void (*fn)(struct uk_xs_watch *w, const char *path),
			struct uk_xs_req *req, void (*done)(struct uk_xs_req *req))
{
	prepare(w, path, fn);
	fill(req, XS_WATCH, w, done);
	uk_xs_submit(req);
}

int uk_xs_watch(struct uk_xs_watch *w, const char *path,
		void (*fn)(struct uk_xs_watch *w, const char *path))
{
	struct uk_xs_req req;
	int err;

	prepare(w, path, fn);
	fill(&req, XS_WATCH, w, NULL);
	err = xenstore_call(&req);
	if (err)
		uk_list_del(&w->node);
	return err;
}

void uk_xs_unwatch(struct uk_xs_watch *w)
{
	struct uk_xs_req req;
	int err;

	uk_list_del(&w->node);
	fill(&req, XS_UNWATCH, w, NULL);
	err = xenstore_call(&req);
	if (err)
		uk_pr_warn("xenstore: unwatch %s (%s)\n", w->path, uk_errname(err));
}
