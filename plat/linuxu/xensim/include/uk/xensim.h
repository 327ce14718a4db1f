/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The other side of the simulated Xen: what the hypervisor, xenstored and other
 * domains do, for tests.
 *
 * Rules
 * - The image is domain UK_XENSIM_SELF. Other domains exist as soon as they are
 *   named; they have no code, a test acts for them.
 * - Thread context. Events for the image are delivered as on Xen: when it
 *   waits or yields.
 * - Ports and grant references are numbers of the whole host, so that a test
 *   can also use those of the wrong domain.
 */
#ifndef UK_XENSIM_H
#define UK_XENSIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>

#define UK_XENSIM_SELF 7

/* ---- Domains ---- */

/** What uk_xen_domain_info() says of @dom, which is below 64. */
void uk_xensim_domain_set(domid_t dom, bool exists, bool is_shutdown, bool is_dying);

/** @dom is no more: its ports are closed, its grants taken back (pages that the
 *  image has mapped stay until it unmaps them), and VIRQ_DOM_EXC is raised. */
void uk_xensim_domain_end(domid_t dom);

/* ---- Event channels ---- */

/** Raise the virtual interrupt that the image has bound as @port. */
void uk_xensim_virq(evtchn_port_t port);
/** The same by its number, VIRQ_*, if the image has bound it. */
void uk_xensim_virq_raise(uint32_t virq);

/** Domain @dom offers a port to the image. @return it; 0: none left. */
evtchn_port_t uk_xensim_port_offer(domid_t dom);
/** Domain @dom binds to @port, which the image has offered to it. @return its own
 *  end; 0: it is not offered. */
evtchn_port_t uk_xensim_port_bind(domid_t dom, evtchn_port_t port);
/** @dom's end kicks the image's. */
void uk_xensim_port_kick(evtchn_port_t port);
/** How often has the image kicked this end? */
unsigned int uk_xensim_port_kicks(evtchn_port_t port);
/** Is the image bound to it? */
bool uk_xensim_port_is_bound(evtchn_port_t port);
void uk_xensim_port_close(evtchn_port_t port);
/** Ports in use, those of all domains. */
unsigned int uk_xensim_ports(void);
/** How often handlers of the image have been called, in all. */
unsigned long uk_xensim_deliveries(void);

/* ---- Grants ---- */

/** @dom grants @page (page aligned) to the image. @return a reference; 0: none
 *  left. */
grant_ref_t uk_xensim_grant(domid_t dom, void *page, bool is_readonly);
/** @dom's reserved reference @ref (below 8, GNTTAB_RESERVED_*) to @page, until
 *  uk_xensim_domain_end(). @return false: @dom has it already; no slot left. */
bool uk_xensim_grant_reserved(domid_t dom, grant_ref_t ref, void *page);
/** @return false: the image has it mapped, it stays. */
bool uk_xensim_grant_end(grant_ref_t ref);
/** The page that the image has granted to @dom as @ref, as it is for @dom to read, or
 *  (@is_write) to write. @return NULL: it may not. */
void *uk_xensim_granted(domid_t dom, grant_ref_t ref, bool is_write);
/** @dom maps it, or unmaps it: the image cannot end it meanwhile. */
void uk_xensim_granted_hold(grant_ref_t ref, bool is_held);
/** Grants of the image's, in all. */
unsigned int uk_xensim_granted_n(void);
/** Does the image have @page mapped, whoever granted it? */
bool uk_xensim_page_is_mapped(const void *page);
/** Mappings the image holds, in all. */
unsigned int uk_xensim_mappings(void);
/** Copies the image has asked for, and hypercalls it took. */
unsigned long uk_xensim_copies(void);
unsigned long uk_xensim_copy_calls(void);

/* ---- xenstore, as the toolstack and other domains see it ---- */

/** Write as privileged domain; parents are made; watches fire. @path: absolute,
 *  or relative to the image's. */
void uk_xensim_xs_write(const char *path, const char *value);
/** @return length of the value, or -ENOENT. */
int uk_xensim_xs_read(const char *path, char *buf, size_t size);
void uk_xensim_xs_rm(const char *path);
/** The image may not read @path from now on (-EACCES). */
void uk_xensim_xs_hide(const char *path);
/** Nodes in all; watches of the image. */
unsigned int uk_xensim_xs_nodes(void);
unsigned int uk_xensim_xs_watches(void);
/** Nodes that the image has written, made or removed, in all. */
unsigned long uk_xensim_xs_image_writes(void);

/* ---- xenstored gone wrong ---- */

/** The next @n commits fail with EAGAIN. */
void uk_xensim_xs_collide(unsigned int n);
/** The next @n watches are refused, as by oxenstored beyond the quota. */
void uk_xensim_xs_refuse_watches(unsigned int n);
/** At most @n bytes a call go through the stream, 0: no limit. */
void uk_xensim_xs_throttle(size_t n);
/** Hold replies and events back; with false they all come. */
void uk_xensim_xs_hold(bool is_held);
/** Put raw bytes into the stream to the image. */
void uk_xensim_xs_inject(const void *bytes, size_t len);
/** Requests the image has sent so far. */
unsigned long uk_xensim_xs_requests(void);
/** How often it has taken up what came back, after it had sent requests: what they cost
 *  where xenstored is far away. */
unsigned long uk_xensim_xs_rounds(void);

#endif /* UK_XENSIM_H */
