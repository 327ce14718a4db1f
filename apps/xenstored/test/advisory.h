/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The scene of the tests of Xen's security advisories of xenstore
 * (doc/xenstored-security.md): domain 1 attacks, domain 2 stands by. While the
 * attack is at its worst and after it, dom0 and domain 2 are served; when
 * domain 1 has gone, nothing of it is left: no node, no memory, nothing wrong
 * in the data base.
 */
#ifndef ADVISORY_H
#define ADVISORY_H

#include "attack.h"
#include "sim.h"

extern struct sim_domain *one, *two;
extern struct wire wire;		/* domain 1's end of its ring */
/* Called once, when the attacker and the daemon wait for each other; NULL: nobody */
extern void (*host)(void);

/** A domain with a home, introduced. */
struct sim_domain *guest(domid_t id);

/** The scene, with expect_bounds() for @host; and its end, with all checks. */
void set_up(void);
void tear_down(void);
/** Both, with an attack between them. */
void run(void (*attack)(struct wire *w));

/** dom0 and domain 2 are served. */
void expect_service(void);
/** They are, and domain 1 has no more than its share. */
void expect_bounds(void);

/** Watch, and take the first event. */
void watch(struct sim_domain *d, const char *path);
/** Take all events that wait. @return how many are for @path. */
unsigned int events_of(struct sim_domain *d, const char *path);

#endif /* ADVISORY_H */
