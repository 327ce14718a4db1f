/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A domain that starts again, between the files of plat/xen.
 *
 * Rules
 * - The mode calls xen_restart_mark() and starts from its entry. Its first C
 *   function calls xen_restart_begin() before anything has written to initial
 *   data; when that is true, it does not build what is there already.
 * - xen_restart_clean() needs the console's and the store's links and may take
 *   page tables that map the window; xen_gnttab_restart() comes when new ones
 *   can be had.
 */
#ifndef XEN_RESTART_H
#define XEN_RESTART_H

#include <stdbool.h>

#include <xen/xen.h>
#include <xen/event_channel.h>

#include <uk/util.h>

#if IS_ENABLED(CONFIG_LIBRESTART)

/** The next entry is a restart. */
void xen_restart_mark(void);

/** @return whether this is one; if not, the initial data is copied for those to
 *  come. */
bool xen_restart_begin(void);

/** When there are page tables: the copy of the initial data stays as it is. */
void xen_restart_protect(void);

/** Close the event channels and unmap the pages of the old life; a failure ends
 *  the domain. */
void xen_restart_clean(void);

void xen_restart_forget_port(evtchn_port_t port);

/* evtchn.c: no event is pending but of ports that are masked. */
void xen_evtchn_quiet(void);

/* gntmap.c: unmap all. @return how many could not be. */
unsigned int xen_gntmap_restart(void);

/* gnttab.c: take back all grants but those of kept pages; a page that a peer
 * has mapped for longer than a few seconds ends the domain. */
void xen_gnttab_restart(void);

#else

static inline bool xen_restart_begin(void)
{
	return false;
}

static inline void xen_restart_protect(void)
{
}

static inline void xen_restart_clean(void)
{
}

static inline void xen_gnttab_restart(void)
{
}

static inline void xen_restart_forget_port(evtchn_port_t port uk_unused)
{
}

#endif
#endif /* XEN_RESTART_H */
