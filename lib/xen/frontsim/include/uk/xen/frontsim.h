/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A toolstack and a frontend, as a test of a back end plays them against the
 * simulated Xen: what does not depend on the kind of device.
 *
 * Rules
 * - Thread context. The functions that wait do so for UK_FRONTSIM_PATIENCE_NS at
 *   most, and say on the console what they have waited for in vain.
 * - Nothing here is honest by force: each node, page and port is the test's, to
 *   be spoilt.
 */
#ifndef UK_XEN_FRONTSIM_H
#define UK_XEN_FRONTSIM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uk/plat/time.h>
#include <uk/util.h>
#include <uk/xen/ring.h>
#include <uk/xensim.h>

#define UK_FRONTSIM_PATIENCE_NS (5 * UK_NSEC_PER_SEC)

/* ---- Nodes ---- */

/** A device as xenstore sees it. */
struct uk_frontsim {
	domid_t dom;
	unsigned int id;
	char be[64];		/* "backend/<kind>/<dom>/<id>" */
	char fe[64];		/* "/local/domain/<dom>/device/<kind>/<id>" */
};

/** Set up @f; nothing is written. @kind: "vif", "vbd". */
void uk_frontsim_init(struct uk_frontsim *f, const char *kind, domid_t dom, unsigned int id);

/** A node of the frontend's or of the back end's directory. */
void uk_frontsim_write_fe(const struct uk_frontsim *f, const char *node, const char *fmt, ...)
	uk_printf_like(3, 4);
void uk_frontsim_write_be(const struct uk_frontsim *f, const char *node, const char *fmt, ...)
	uk_printf_like(3, 4);
void uk_frontsim_set_state(const struct uk_frontsim *f, const char *state);

/** What libxl writes for every device: the first part, and, behind the nodes of
 *  its kind, the second. Then the back end sees all at once, as by a transaction. */
void uk_frontsim_attach_begin(const struct uk_frontsim *f);
void uk_frontsim_attach_end(const struct uk_frontsim *f);

/** As libxl detaches a device. It does not wait. */
void uk_frontsim_detach_begin(const struct uk_frontsim *f);
/** The same, with a frontend that closes at once. @return whether the back end has
 *  removed its directory in time. */
bool uk_frontsim_detach(const struct uk_frontsim *f);

/** A restart of the back end, as two steps: its instance goes without a word, and
 *  it finds the device as connected; the nodes of its kind are to be written in
 *  between. Neither waits. */
void uk_frontsim_leave(const struct uk_frontsim *f);
void uk_frontsim_inherit(const struct uk_frontsim *f);

/** Wait for @node of the back end's directory to have @value (NULL: to be gone).
 *  @return whether that happened in time. */
bool uk_frontsim_wait(const struct uk_frontsim *f, const char *node, const char *value);
/** The same of any directory, such as one of lib/xen/backsim's. @dir: absolute, or
 *  relative to the image's; no '/' at its end. */
bool uk_frontsim_wait_in(const char *dir, const char *node, const char *value);
void uk_frontsim_vwrite(const char *dir, const char *node, const char *fmt, va_list ap);
/** The state that the back end shows now. @return -1: none. */
int uk_frontsim_be_state(const struct uk_frontsim *f);
/** Is @part in what the back end reports of this device? Waits for a report. */
bool uk_frontsim_has_error(const struct uk_frontsim *f, const char *part);

/* ---- Rings ---- */

/** An empty ring in the first page of @ring, as a frontend makes it. */
void uk_frontsim_ring_start(struct uk_xen_ring_wire *ring);
/** Wait until *@prod is not @cons any more. @return whether it is, in time. */
bool uk_frontsim_wait_past(const volatile uint32_t *prod, uint32_t cons, uint64_t patience_ns);
/** End a grant and close a port, if they are, and make them 0. @return false: the
 *  back end has it mapped. */
bool uk_frontsim_end_grant(grant_ref_t *ref);
void uk_frontsim_close_port(evtchn_port_t *port);
/** @n events that bring nothing. @return how many of them were delivered. */
unsigned long uk_frontsim_storm(evtchn_port_t port, unsigned int n);

/** 400 changes of the frontend's state, from "4" to nonsense and back. A back end
 *  takes them as hints (XSA-349). @return how many requests of xenstore they cost;
 *  ULONG_MAX: blocks of the heap were left or given back. */
unsigned long uk_frontsim_flood(const struct uk_frontsim *f);

/* ---- Chance ---- */

/** The next number after *@state, which is not 0. */
uint32_t uk_frontsim_random(uint32_t *state);

/* ---- What is in use ---- */

/** Counts that must be the same before and after, where nothing leaks. */
struct uk_frontsim_use {
	unsigned int mappings, ports, nodes, watches;
	size_t n_allocs;
	size_t pages;		/* beside those of the heap */
};

struct uk_frontsim_use uk_frontsim_use(void);
/** @return NULL: the same; or what is more or less in @now. Of pages there may be
 *  UK_FRONTSIM_CACHED_PAGES more, which back ends keep for their next packets. */
#define UK_FRONTSIM_CACHED_PAGES 128
const char *uk_frontsim_use_differs(const struct uk_frontsim_use *before,
				    const struct uk_frontsim_use *now);

#endif /* UK_XEN_FRONTSIM_H */
