/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pages of other domains with the interface of Xen's libxengnttab.
 *
 * Rules
 * - Unless said otherwise a function returns 0, or -1 with errno set.
 * - Mappings are undone with their handle.
 */
#ifndef XENGNTTAB_H
#define XENGNTTAB_H

#include <stdint.h>

typedef struct xengntdev_handle xengnttab_handle;
typedef struct xentoollog_logger xentoollog_logger;

/** @return NULL with errno set. */
xengnttab_handle *xengnttab_open(xentoollog_logger *logger, unsigned int open_flags);
int xengnttab_close(xengnttab_handle *xgt);

/** At most @n pages at a time; without it, as many as there is room for. */
int xengnttab_set_max_grants(xengnttab_handle *xgt, uint32_t n);

/**
 * Map the page that domain @domid offers as @ref.
 * @prot: PROT_READ, and PROT_WRITE if wanted.
 * @return its address, or NULL with errno set: EINVAL when Xen refuses, ENOMEM.
 */
void *xengnttab_map_grant_ref(xengnttab_handle *xgt, uint32_t domid, uint32_t ref, int prot);

/** Undo the mappings of @count pages from @start_address on, each of which
 *  has to be one of this handle's (EINVAL). */
int xengnttab_unmap(xengnttab_handle *xgt, void *start_address, uint32_t count);

#endif /* XENGNTTAB_H */
