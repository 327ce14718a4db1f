/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client of xenstored. Specification: xen/io/xs_wire.h,
 * docs/misc/xenstore.txt.
 *
 * Rules
 * - A node is named by a directory and a name in it, joined by "/"; @node may
 *   be NULL: the directory itself. A path without a leading "/" is relative to
 *   /local/domain/<ours>.
 * - The plain functions wait for the reply: thread context, any number of
 *   threads at once. A request that takes long is logged, and given up with
 *   -ETIMEDOUT after UK_XS_TIMEOUT_NS.
 * - struct uk_xs_req is the same without waiting, also from event context.
 * - The connection is opened by the first request; -ENODEV: there is none.
 * - Errors are those of xenstored as -errno (a quota: -E2BIG or -ENOSPC); -EPROTO: its
 *   reply makes no sense; -EIO: the connection is broken, for good.
 * - xenstored is trusted to answer, not to be right about sizes. Values are
 *   whatever another domain wrote: read them with the strict functions.
 */
#ifndef UK_XEN_XENSTORE_H
#define UK_XEN_XENSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <xen/xen.h>
#include <xen/io/xs_wire.h>

#include <uk/list.h>
#include <uk/util.h>

#define UK_XS_TIMEOUT_NS (60 * UK_NSEC_PER_SEC)
/** Longest path of a watch event that is passed on. */
#define UK_XS_EVENT_PATH_BYTES 128

/** A transaction; requests outside of one use UK_XS_NO_TX. */
typedef uint32_t uk_xs_tx_t;
#define UK_XS_NO_TX 0

/**
 * Read a value as a string.
 * @return its length; -ENOENT; -EACCES; -E2BIG: with its NUL it is longer than
 *	@size; -EINVAL: it holds a NUL byte.
 */
ssize_t uk_xs_read(uk_xs_tx_t tx, const char *dir, const char *node, char *buf, size_t size);

/** Read a strict decimal number of at most @max.
 *  @return 0; as uk_xs_read(); -EINVAL, -ERANGE: it is no such number. */
int uk_xs_read_dec(uk_xs_tx_t tx, const char *dir, const char *node, uint64_t max,
		   uint64_t *val);

/** One of several values to be read. */
struct uk_xs_value {
	const char *dir, *node;
	char *buf;
	size_t size;
	ssize_t len;		/* set: what uk_xs_read() returns */
};

/** As uk_xs_read() of each of @n, without a transaction. All are asked for before the
 *  first reply is waited for: that takes hardly longer than one. */
void uk_xs_read_all(struct uk_xs_value *values, unsigned int n);

/** What uk_xs_read_dec() returns for @value, which has been read. */
int uk_xs_value_dec(const struct uk_xs_value *value, uint64_t max, uint64_t *val);
/** Bytes for a number of any @max */
#define UK_XS_DEC_BYTES 24

/**
 * List the children: their names, each with a NUL, one after the other.
 * @return bytes in @buf; -ENOENT; -E2BIG: more than @size or than one reply
 *	(XENSTORE_PAYLOAD_MAX) can hold.
 */
ssize_t uk_xs_directory(uk_xs_tx_t tx, const char *dir, const char *node, char *buf,
			size_t size);

int uk_xs_write(uk_xs_tx_t tx, const char *dir, const char *node, const char *value);
/** As uk_xs_write(), formatted; at most 127 characters, else -E2BIG. */
int uk_xs_printf(uk_xs_tx_t tx, const char *dir, const char *node, const char *fmt, ...)
	uk_printf_like(4, 5);
int uk_xs_mkdir(uk_xs_tx_t tx, const char *dir, const char *node);
/** Remove a node and all below it. No node: 0. */
int uk_xs_rm(uk_xs_tx_t tx, const char *dir, const char *node);

/**
 * Permissions as xenstored writes them: entries such as "n5" "r0", each with a
 * NUL; the first one names the owner and what all others may do.
 * @return bytes in @buf, or an error as uk_xs_directory().
 */
ssize_t uk_xs_get_perms(uk_xs_tx_t tx, const char *dir, const char *node, char *buf,
			size_t size);
/** @perms: @len bytes as above. */
int uk_xs_set_perms(uk_xs_tx_t tx, const char *dir, const char *node, const char *perms,
		    size_t len);

int uk_xs_tx_start(uk_xs_tx_t *tx);
/** @return 0; -EAGAIN: nothing was done, somebody else was faster. */
int uk_xs_tx_end(uk_xs_tx_t tx, bool is_commit);

/**
 * Run @fn(tx, @arg) in a transaction, again when it collides with another one.
 * @return 0; what @fn returned when that is not 0 (nothing is done then);
 *	-EAGAIN: it collided many times.
 */
int uk_xs_transact(int (*fn)(uk_xs_tx_t tx, void *arg), void *arg);

/* ---- Watches ---- */

/** The memory is the caller's, from uk_xs_watch() to uk_xs_unwatch(). */
struct uk_xs_watch {
	const char *path;		/* stays */
	/* Something at or below the path may have changed; also called once
	 * after registration. Event context: must not block; it normally sets a
	 * flag and wakes a thread, so that any number of events costs no
	 * memory. @path: what changed, relative when the watch is; NULL when
	 * it is longer than UK_XS_EVENT_PATH_BYTES - 1. */
	void (*fn)(struct uk_xs_watch *w, const char *path);
	struct uk_list node;
	uint32_t id;
	char token[12];
};

int uk_xs_watch(struct uk_xs_watch *w, const char *path,
		void (*fn)(struct uk_xs_watch *w, const char *path));
/** @fn is not called any more. */
void uk_xs_unwatch(struct uk_xs_watch *w);

/* ---- Without waiting ---- */

#define UK_XS_PIECES 7

/** One request; the memory is the caller's until @done is called. */
struct uk_xs_req {
	struct uk_list node;
	struct xsd_sockmsg hdr;
	struct {
		const void *p;		/* stays until @done */
		size_t len;
	} pieces[UK_XS_PIECES];
	unsigned int n_pieces;
	size_t n_sent;
	char *buf;			/* for the reply, or NULL */
	size_t size;
	size_t len;			/* of the reply; may be more than @size */
	int err;
	bool is_done;
	/* Event or thread context, maybe before uk_xs_submit() returns; must not
	 * block. NULL: nobody wants to know. */
	void (*done)(struct uk_xs_req *req);
};

/** @type: XS_*. @buf: takes the first @size bytes of the reply. */
void uk_xs_req_init(struct uk_xs_req *req, uint32_t type, uk_xs_tx_t tx, char *buf, size_t size,
		    void (*done)(struct uk_xs_req *req));
void uk_xs_req_add(struct uk_xs_req *req, const void *p, size_t len);
/** The path of @dir and @node with its NUL. */
void uk_xs_req_add_path(struct uk_xs_req *req, const char *dir, const char *node);
void uk_xs_submit(struct uk_xs_req *req);

/** uk_xs_watch() without waiting: fills @req and submits it. */
void uk_xs_watch_submit(struct uk_xs_watch *w, const char *path,
			void (*fn)(struct uk_xs_watch *w, const char *path),
			struct uk_xs_req *req, void (*done)(struct uk_xs_req *req));

#endif /* UK_XEN_XENSTORE_H */
