/* SPDX-License-Identifier: BSD-3-Clause */
/* What the sources of the simulated Xen share. */
#ifndef XENSIM_PRIV_H
#define XENSIM_PRIV_H

#include <uk/xensim.h>

/* ---- events.c ---- */
/* Have xensim_store_wake() and pending ports handled in the next wait. */
void xensim_signal(void);
/* Close all ports of @dom. */
void xensim_ports_drop(domid_t dom);

/* ---- grants.c ---- */
/* Take back what @dom has granted; what is mapped stays so. */
void xensim_grants_drop(domid_t dom);

/* ---- store.c ---- */
void xensim_store_wake(void);
/* Send the image a watch's event. */
void xensim_store_event(const char *path, const char *token);

/* ---- watches.c ---- */
/* @path, which may be relative to the image's, as an absolute one of at most
 * XENSIM_PATH_BYTES. */
void xensim_absolute(const char *path, char *buf);
/* Set a watch of the image's, or end it. @return its number; -EDQUOT: refused as a test
 * wants it; -ENOSPC; -ENOENT. */
int xensim_watch(const char *path, const char *token, bool is_new);
void xensim_watch_event(unsigned int watch, const char *path);
/* A node at @path (absolute) has changed; or gone with all below it. */
void xensim_fire(const char *path);
void xensim_fire_below(const char *path);

/* ---- tree.c ---- */
#define XENSIM_PATH_BYTES 256
#define XENSIM_VALUE_BYTES 256

/* All paths absolute. Functions return 0 or -errno. */
int xensim_tree_write(const char *path, const char *value, size_t len);
int xensim_tree_read(const char *path, char *buf, size_t size, bool is_privileged);
int xensim_tree_rm(const char *path);
int xensim_tree_list(const char *path, char *buf, size_t size);
void xensim_tree_hide(const char *path);
unsigned int xensim_tree_count(void);

#endif /* XENSIM_PRIV_H */
