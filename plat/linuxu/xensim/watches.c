/* SPDX-License-Identifier: BSD-3-Clause */
/* Watches of the simulated xenstored. */
#include <errno.h>
#include <string.h>

#include "xensim_priv.h"

#include <uk/print.h>

#define N_WATCHES 128

static struct {
	char path[XENSIM_PATH_BYTES];	/* as the client gave it */
	char token[64];
} watches[N_WATCHES];
static unsigned int n_refusals;

void xensim_absolute(const char *path, char *buf)
{
	if (path[0] == '/')
		strlcpy(buf, path, XENSIM_PATH_BYTES);
	else
		uk_snprintf(buf, XENSIM_PATH_BYTES, "/local/domain/%d/%s", UK_XENSIM_SELF, path);
}

void xensim_watch_event(unsigned int i, const char *path)
{
	char own[XENSIM_PATH_BYTES];

	xensim_absolute("", own);
	if (watches[i].path[0] != '/' && !strncmp(path, own, strlen(own)))
		path += strlen(own);
	xensim_store_event(path, watches[i].token);
}

/* A watch fires for its node, what lies below, and when a parent goes. */
void xensim_fire(const char *path)
{
	char watched[XENSIM_PATH_BYTES];

	for (unsigned int i = 0; i < N_WATCHES; i++) {
		size_t len;

		if (!watches[i].path[0])
			continue;
		xensim_absolute(watches[i].path, watched);
		len = strlen(watched);
		if (!strncmp(watched, path, len) && (!path[len] || path[len] == '/'))
			xensim_watch_event(i, path);
	}
}

void xensim_fire_below(const char *path)
{
	char watched[XENSIM_PATH_BYTES];
	size_t len = strlen(path);

	for (unsigned int i = 0; i < N_WATCHES; i++) {
		if (!watches[i].path[0])
			continue;
		xensim_absolute(watches[i].path, watched);
		if (!strncmp(watched, path, len) && watched[len] == '/')
			xensim_watch_event(i, watched);
	}
	xensim_fire(path);
}

int xensim_watch(const char *path, const char *token, bool is_new)
{
	if (is_new && n_refusals) {
		n_refusals--;
		return -EDQUOT;
	}
	for (unsigned int i = 0; i < N_WATCHES; i++) {
		bool is_same = !strcmp(watches[i].path, path) && !strcmp(watches[i].token, token);

		if (is_new && watches[i].path[0])
			continue;
		if (!is_new && !is_same)
			continue;
		strlcpy(watches[i].path, is_new ? path : "", sizeof(watches[i].path));
		strlcpy(watches[i].token, is_new ? token : "", sizeof(watches[i].token));
		return (int)i;
	}
	return is_new ? -ENOSPC : -ENOENT;
}

unsigned int uk_xensim_xs_watches(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < N_WATCHES; i++)
		n += watches[i].path[0] != '\0';
	return n;
}

void uk_xensim_xs_refuse_watches(unsigned int n)
{
	n_refusals = n;
}
