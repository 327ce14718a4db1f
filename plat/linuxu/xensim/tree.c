/* SPDX-License-Identifier: BSD-3-Clause */
/* The nodes of the simulated xenstore: a list, kept in order of creation. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "xensim_priv.h"

#include <uk/alloc.h>
#include <uk/list.h>

struct node {
	struct uk_list list;
	bool is_hidden;
	size_t len;
	uint32_t hash;			/* of the path */
	char path[XENSIM_PATH_BYTES];
	char value[XENSIM_VALUE_BYTES];
};

static struct uk_list nodes = UK_LIST_INIT(nodes);
static unsigned int n_nodes;

static uint32_t hash_of(const char *path)
{
	uint32_t hash = 2166136261u;

	while (*path)
		hash = (hash ^ (uint8_t)*path++) * 16777619u;
	return hash;
}

static struct node *find(const char *path)
{
	uint32_t hash = hash_of(path);
	struct node *n;

	UK_LIST_FOREACH(n, &nodes, list)
		if (n->hash == hash && !strcmp(n->path, path))
			return n;
	return NULL;
}

static struct node *make(const char *path)
{
	struct node *n = find(path);
	char parent[XENSIM_PATH_BYTES];
	char *slash;

	if (n)
		return n;
	strlcpy(parent, path, sizeof(parent));
	slash = strrchr(parent, '/');
	if (slash && slash != parent) {
		*slash = '\0';
		if (!make(parent))
			return NULL;
	}
	n = uk_calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	strlcpy(n->path, path, sizeof(n->path));
	n->hash = hash_of(n->path);
	uk_list_add_tail(&nodes, &n->list);
	n_nodes++;
	return n;
}

int xensim_tree_write(const char *path, const char *value, size_t len)
{
	struct node *n;

	if (strlen(path) >= XENSIM_PATH_BYTES || len > XENSIM_VALUE_BYTES)
		return -EINVAL;
	n = make(path);
	if (!n)
		return -ENOSPC;
	memcpy(n->value, value, len);
	n->len = len;
	return 0;
}

int xensim_tree_read(const char *path, char *buf, size_t size, bool is_privileged)
{
	struct node *n = find(path);

	if (!n)
		return -ENOENT;
	if (n->is_hidden && !is_privileged)
		return -EACCES;
	memcpy(buf, n->value, n->len < size ? n->len : size);
	return (int)n->len;
}

/* What follows @path and a slash in @other; NULL: it does not lie below. */
static const char *below(const char *path, const char *other)
{
	size_t len = strlen(path);

	return !strncmp(path, other, len) && other[len] == '/' ? other + len + 1 : NULL;
}

int xensim_tree_rm(const char *path)
{
	struct node *n, *tmp;
	int err = -ENOENT;

	UK_LIST_FOREACH_SAFE(n, tmp, &nodes, list) {
		if (strcmp(n->path, path) && !below(path, n->path))
			continue;
		uk_list_del(&n->list);
		uk_free(n);
		n_nodes--;
		err = 0;
	}
	return err;
}

int xensim_tree_list(const char *path, char *buf, size_t size)
{
	const char *name;
	struct node *n;
	size_t len = 0;

	if (!find(path))
		return -ENOENT;
	UK_LIST_FOREACH(n, &nodes, list) {
		name = below(path, n->path);
		if (!name || strchr(name, '/'))
			continue;
		if (len + strlen(name) + 1 > size)
			return -E2BIG;
		strcpy(buf + len, name);
		len += strlen(name) + 1;
	}
	return (int)len;
}

void xensim_tree_hide(const char *path)
{
	struct node *n = find(path);

	if (n)
		n->is_hidden = true;
}

unsigned int xensim_tree_count(void)
{
	return n_nodes;
}
