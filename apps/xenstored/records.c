/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The daemon's data base, in the place of upstream's tdb.c: records in memory,
 * each a block of the heap, found by hash.
 *
 * Upstream's keeps all records in one block, which it enlarges by copying it to
 * another: half of the memory at most holds records. And it gives up the old
 * record before it has room for the new one: where memory ended, a write of a
 * child cost its parent, and all below. Here
 * - a store that fails has changed nothing;
 * - a record becomes smaller where it is, so that a removal needs no memory;
 * - what is removed is memory for anybody at once.
 *
 * What is returned is a copy, as the callers expect. The interface is tdb.h's,
 * as far as it is used.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <uk/util.h>

#include "talloc.h"
#include "tdb.h"

#define BUCKETS_MIN 64

struct record {
	struct record *next;	/* of its bucket */
	uint32_t hash;
	uint32_t key_len, data_len;
	char bytes[];		/* key, data */
};

struct records {
	TDB_CONTEXT tdb;
	struct record **buckets;
	size_t n_buckets;	/* a power of two */
	size_t n;
	unsigned int n_walks;	/* in progress: buckets stay */
};

static struct records *records_of(TDB_CONTEXT *tdb)
{
	return UK_CONTAINER_OF(tdb, struct records, tdb);
}

/* Fowler, Noll, Vo */
static uint32_t hash_of(TDB_DATA key)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < key.dsize; i++)
		h = (h ^ (unsigned char)key.dptr[i]) * 16777619U;
	return h ^ h >> 16;
}

/* Where the record of @key hangs, or would: *result is it, or NULL. */
static struct record **find(struct records *rs, TDB_DATA key, uint32_t hash)
{
	struct record **at = &rs->buckets[hash & (rs->n_buckets - 1)];

	for (; *at; at = &(*at)->next)
		if ((*at)->hash == hash && (*at)->key_len == key.dsize &&
		    !memcmp((*at)->bytes, key.dptr, key.dsize))
			break;
	return at;
}

/* No memory for it: then the chains stay as long as they are */
static void resize(struct records *rs, size_t n_buckets)
{
	struct record **buckets = rs->n_walks ? NULL : calloc(n_buckets, sizeof(*buckets));
	struct record *r;

	if (!buckets)
		return;
	for (size_t i = 0; i < rs->n_buckets; i++) {
		while ((r = rs->buckets[i])) {
			rs->buckets[i] = r->next;
			r->next = buckets[r->hash & (n_buckets - 1)];
			buckets[r->hash & (n_buckets - 1)] = r;
		}
	}
	free(rs->buckets);
	rs->buckets = buckets;
	rs->n_buckets = n_buckets;
}

static TDB_DATA copy_of(struct records *rs, const char *bytes, size_t len)
{
	/* At least a byte, to tell it from none */
	TDB_DATA out = { .dptr = talloc_size(&rs->tdb, len ? len : 1), .dsize = len };

	if (out.dptr)
		memcpy(out.dptr, bytes, len);
	else
		rs->tdb.ecode = TDB_ERR_OOM;
	return out;
}

static void set_data(struct record *r, TDB_DATA data)
{
	if (data.dsize)
		memcpy(r->bytes + r->key_len, data.dptr, data.dsize);
	r->data_len = (uint32_t)data.dsize;
}

/* @data is no longer than that of the record at @at */
static void shrink(struct record **at, TDB_DATA data)
{
	struct record *r = *at;
	bool is_less = data.dsize < r->data_len;

	set_data(r, data);
	if (!is_less)
		return;
	r = realloc(r, sizeof(*r) + r->key_len + r->data_len);
	if (r)
		*at = r;
}

static struct record *record_new(TDB_DATA key, uint32_t hash, TDB_DATA data)
{
	struct record *r = malloc(sizeof(*r) + key.dsize + data.dsize);

	if (!r)
		return NULL;
	r->hash = hash;
	r->key_len = (uint32_t)key.dsize;
	memcpy(r->bytes, key.dptr, key.dsize);
	set_data(r, data);
	return r;
}

int tdb_store(TDB_CONTEXT *tdb, TDB_DATA key, TDB_DATA data, int flag)
{
	struct records *rs = records_of(tdb);
	uint32_t hash = hash_of(key);
	struct record **at = find(rs, key, hash);
	struct record *old = *at, *r;

	(void)flag;
	if (old && data.dsize <= old->data_len) {
		shrink(at, data);
		return 0;
	}
	r = record_new(key, hash, data);
	if (!r)
		return TDB_ERRCODE(TDB_ERR_OOM, -1);
	r->next = old ? old->next : NULL;
	*at = r;
	free(old);
	rs->n += !old;
	if (rs->n > 2 * rs->n_buckets)
		resize(rs, 2 * rs->n_buckets);
	return 0;
}

int tdb_delete(TDB_CONTEXT *tdb, TDB_DATA key)
{
	struct records *rs = records_of(tdb);
	struct record **at = find(rs, key, hash_of(key)), *r = *at;

	if (!r)
		return TDB_ERRCODE(TDB_ERR_NOEXIST, -1);
	*at = r->next;
	free(r);
	rs->n--;
	if (rs->n < rs->n_buckets / 8 && rs->n_buckets > BUCKETS_MIN)
		resize(rs, rs->n_buckets / 2);
	return 0;
}

TDB_DATA tdb_fetch(TDB_CONTEXT *tdb, TDB_DATA key)
{
	struct records *rs = records_of(tdb);
	const struct record *r = *find(rs, key, hash_of(key));

	if (!r) {
		tdb->ecode = TDB_ERR_NOEXIST;
		return (TDB_DATA){ 0 };
	}
	return copy_of(rs, r->bytes + r->key_len, r->data_len);
}

/* One call of @fn, which may remove the record: it gets copies */
static int visit(struct records *rs, const struct record *r, tdb_traverse_func fn, void *arg)
{
	TDB_DATA key = copy_of(rs, r->bytes, r->key_len);
	TDB_DATA data = copy_of(rs, r->bytes + r->key_len, r->data_len);
	int err = key.dptr && data.dptr ? fn(&rs->tdb, key, data, arg) : -1;

	talloc_free(key.dptr);
	talloc_free(data.dptr);
	return err;
}

/* @return how many records there were, -1 when @fn or the memory ended it */
int tdb_traverse(TDB_CONTEXT *tdb, tdb_traverse_func fn, void *arg)
{
	struct records *rs = records_of(tdb);
	struct record *r, *next;
	int n = 0;

	rs->n_walks++;
	for (size_t i = 0; i < rs->n_buckets && n >= 0; i++) {
		for (r = rs->buckets[i]; r && n >= 0; r = next) {
			next = r->next;
			n = !fn || !visit(rs, r, fn, arg) ? n + 1 : -1;
		}
	}
	rs->n_walks--;
	return n;
}

enum TDB_ERROR tdb_error(TDB_CONTEXT *tdb)
{
	return tdb->ecode;
}

const char *tdb_errorstr(TDB_CONTEXT *tdb)
{
	switch (tdb->ecode) {
	case TDB_ERR_OOM:
		return "Out of memory";
	case TDB_ERR_NOEXIST:
		return "Record does not exist";
	default:
		return "Success";
	}
}

TDB_CONTEXT *tdb_open_ex(const char *name, int hash_size, int tdb_flags, int open_flags,
			 mode_t mode, tdb_log_func log_fn, tdb_hash_func hash_fn)
{
	struct records *rs;

	(void)hash_size;
	(void)open_flags;
	(void)mode;
	(void)log_fn;
	(void)hash_fn;
	if (!(tdb_flags & TDB_INTERNAL)) {
		errno = EOPNOTSUPP;
		return NULL;
	}
	rs = talloc_zero(name, struct records);
	if (!rs)
		return NULL;
	resize(rs, BUCKETS_MIN);
	if (!rs->buckets) {
		talloc_free(rs);
		return NULL;
	}
	return &rs->tdb;
}
