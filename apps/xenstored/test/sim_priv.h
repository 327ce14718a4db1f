/* SPDX-License-Identifier: BSD-3-Clause */
/* What the sources of the harness share. */
#ifndef SIM_PRIV_H
#define SIM_PRIV_H

#include "sim.h"

/* ---- sim_domain.c ---- */
/* As sim_domain_new(), for dom0 too. */
struct sim_domain *sim_domain_make(domid_t id);
/* The guest after @d in no order; NULL: the first, or no more. dom0 is none. */
struct sim_domain *sim_domain_next(struct sim_domain *d);
/* Free the pages of ended domains that the daemon has let go of. @return how many
 * it has not. */
unsigned int sim_domain_bury(void);
/* Take what is in the rings of all that listen. @return whether there was something. */
bool sim_drain_all(void);

#endif /* SIM_PRIV_H */
