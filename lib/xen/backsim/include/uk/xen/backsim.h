/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A toolstack and a back end, as a test of a front end plays them against the
 * simulated Xen: what does not depend on the kind of device. The front end is the
 * image's; the other way round it is frontsim, from which rings and waiting are.
 *
 * Rules
 * - Thread context. The functions that wait do so for UK_FRONTSIM_PATIENCE_NS at
 *   most, and say on the console what they have waited for in vain.
 * - Nothing here is honest by force: each node, page and port is the test's, to
 *   be spoilt.
 */
#ifndef UK_XEN_BACKSIM_H
#define UK_XEN_BACKSIM_H

#include <stdbool.h>
#include <stdint.h>

#include <uk/xen/frontsim.h>

#define UK_BACKSIM_DOM 5

/** A device as xenstore sees it. */
struct uk_backsim {
	char be[64];		/* "/local/domain/5/backend/<kind>/<image>/<id>" */
	char fe[64];		/* "/local/domain/<image>/device/<kind>/<id>" */
};

/* ---- Nodes ---- */

/** A node of the back end's or of the front end's directory. */
void uk_backsim_write_be(const struct uk_backsim *b, const char *node, const char *fmt, ...)
	uk_printf_like(3, 4);
void uk_backsim_write_fe(const struct uk_backsim *b, const char *node, const char *fmt, ...)
	uk_printf_like(3, 4);
void uk_backsim_set_state(const struct uk_backsim *b, const char *state);

/** Wait for @node of the front end's directory to have @value (NULL: to be gone).
 *  @return whether that happened in time. */
bool uk_backsim_wait(const struct uk_backsim *b, const char *node, const char *value);
/** The number that the front end has written as @node. @return 0: none is there. */
uint32_t uk_backsim_number(const struct uk_backsim *b, const char *node);

/** What libxl writes for every device, both ends in state 1: the first part, and,
 *  behind the nodes of its kind, the second. Then the front end sees it. @kind:
 *  "vif", "vbd". */
void uk_backsim_attach_begin(struct uk_backsim *b, const char *kind, unsigned int id);
void uk_backsim_attach_end(const struct uk_backsim *b);

/** The toolstack takes the device away: the first part waits until the front end has
 *  closed; behind what the back end has to let go of, the second removes all nodes.
 *  @return whether it has closed in time. */
bool uk_backsim_detach_begin(const struct uk_backsim *b);
void uk_backsim_detach_end(const struct uk_backsim *b);

/* ---- What the front end has granted and offered ---- */

/** Map a page of the image's: its owner cannot end the grant before
 *  uk_backsim_unmap(). @return the page; NULL: it is not granted to be written. */
void *uk_backsim_map(grant_ref_t ref);
/** Also of a page that is only read. 0: nothing is. Makes *@ref 0. */
void uk_backsim_unmap(grant_ref_t *ref);
/** Bind the port that the front end has written as @node. @return the back end's end,
 *  to be given back with uk_frontsim_close_port(); 0: it is not offered. */
evtchn_port_t uk_backsim_bind(const struct uk_backsim *b, const char *node);
/** Wait until the image has ended all grants it had given to anybody.
 *  @return whether it has, in time. */
bool uk_backsim_is_nothing_granted(void);

#endif /* UK_XEN_BACKSIM_H */
