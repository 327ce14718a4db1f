/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XENSTORE_PRIV_H
#define XENSTORE_PRIV_H

#include <uk/xen/xenstore.h>

/* Submit @req and wait for its reply. @return 0 or -errno. */
int xenstore_call(struct uk_xs_req *req);

/* Give @req up: it is not touched any more. */
void xenstore_cancel(struct uk_xs_req *req);

/* A watch event: @path NULL when it was too long. */
void xenstore_watch_event(const char *path, const char *token);

#endif /* XENSTORE_PRIV_H */
