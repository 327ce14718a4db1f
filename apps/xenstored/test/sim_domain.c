/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Simulated domains: Xen's part of their lives, and their end of the ring. The
 * daemon's memory is trusted here, as it is what is tested; indices are masked
 * all the same, since a test may have spoilt them itself.
 */
#include "sim_priv.h"

#include <string.h>

#include <xen/grant_table.h>
#include <xen/sched.h>

#include <uk/arch/page.h>
#include <uk/assert.h>
#include <uk/pages.h>
#include <uk/util.h>
#include <uk/xensim.h>

#define IN_BYTES (256U << 10)
#define MAX_DOMID 63
#define N_LIMBO 64

static struct sim_domain domains[1 + SIM_MAX_GUESTS];	/* dom0 first; no ring: free */
/* Not of the memory that the daemon has with its guests */
static char inboxes[1 + SIM_MAX_GUESTS][IN_BYTES];
static void *limbo[N_LIMBO];	/* pages of domains that ended, still mapped */

static struct sim_domain *find_free(domid_t id)
{
	for (size_t i = id ? 1 : 0; i < UK_ARRAY_SIZE(domains); i++)
		if (!domains[i].ring)
			return &domains[i];
	return NULL;
}

struct sim_domain *sim_domain_find(domid_t id)
{
	for (size_t i = 0; i < UK_ARRAY_SIZE(domains); i++)
		if (domains[i].ring && domains[i].id == id)
			return &domains[i];
	return NULL;
}

struct sim_domain *sim_domain_next(struct sim_domain *d)
{
	for (d = d ? d + 1 : domains + 1; d < domains + UK_ARRAY_SIZE(domains); d++)
		if (d->ring)
			return d;
	return NULL;
}

static void forget(struct sim_domain *d)
{
	if (d->ring)
		uk_pages_free(d->ring, 0);
	*d = (struct sim_domain) { .ring = NULL };
}

struct sim_domain *sim_domain_make(domid_t id)
{
	struct sim_domain *d = sim_domain_find(id) ? NULL : find_free(id);

	if (!d)
		return NULL;
	*d = (struct sim_domain) { .id = id, .in = inboxes[d - domains] };
	d->ring = uk_pages_alloc(0);
	if (!d->ring)
		return NULL;
	memset(d->ring, 0, UK_PAGE_SIZE);
	uk_xensim_domain_set(id, true, false, false);
	uk_bug_on(!uk_xensim_grant_reserved(id, GNTTAB_RESERVED_XENSTORE, d->ring));
	d->port = uk_xensim_port_offer(id);
	uk_bug_on(!d->port);
	return d;
}

struct sim_domain *sim_domain_new(domid_t id)
{
	sim_start();
	uk_bug_on(!id || id == UK_XENSIM_SELF || id > MAX_DOMID);
	return sim_domain_make(id);
}

/* ---- The end ------------------------------------------------------------- */

void sim_shutdown(struct sim_domain *d)
{
	uk_xensim_domain_set(d->id, true, true, false);
	uk_xensim_virq_raise(VIRQ_DOM_EXC);
	sim_step();
}

void sim_dying(struct sim_domain *d)
{
	uk_xensim_domain_set(d->id, true, true, true);
	uk_xensim_virq_raise(VIRQ_DOM_EXC);
	sim_step();
}

/* As a page of Xen's, one that is mapped outlives its domain. */
unsigned int sim_domain_bury(void)
{
	unsigned int n = 0;

	for (size_t i = 0; i < N_LIMBO; i++) {
		if (limbo[i] && !uk_xensim_page_is_mapped(limbo[i])) {
			uk_pages_free(limbo[i], 0);
			limbo[i] = NULL;
		}
		n += limbo[i] != NULL;
	}
	return n;
}

static void keep_page(struct sim_domain *d)
{
	size_t i = 0;

	while (i < N_LIMBO && limbo[i])
		i++;
	uk_bug_on(i == N_LIMBO);
	limbo[i] = d->ring;
	d->ring = NULL;
}

bool sim_domain_end(struct sim_domain *d)
{
	bool is_mapped;

	uk_xensim_domain_end(d->id);
	sim_step();
	is_mapped = uk_xensim_page_is_mapped(d->ring);
	if (is_mapped)
		keep_page(d);
	forget(d);
	sim_domain_bury();
	return !is_mapped;
}

/* ---- The ring ------------------------------------------------------------ */

void sim_kick(struct sim_domain *d)
{
	uk_xensim_port_kick(d->port);
}

size_t sim_put(struct sim_domain *d, const void *bytes, size_t len)
{
	uint32_t prod = d->ring->req_prod, used = prod - d->ring->req_cons;
	const char *p = bytes;

	len = UK_MIN(len, used > XENSTORE_RING_SIZE ? 0 : XENSTORE_RING_SIZE - used);
	for (size_t i = 0; i < len; i++)
		d->ring->req[MASK_XENSTORE_IDX(prod + i)] = p[i];
	d->ring->req_prod = prod + (uint32_t)len;
	sim_kick(d);
	return len;
}

bool sim_drain(struct sim_domain *d)
{
	uint32_t cons = d->ring->rsp_cons, n = d->ring->rsp_prod - cons;

	if (!n || n > XENSTORE_RING_SIZE)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (d->n_in < IN_BYTES)
			d->in[d->n_in++] = d->ring->rsp[MASK_XENSTORE_IDX(cons + i)];
		else
			d->n_lost++;
	}
	d->ring->rsp_cons = cons + n;
	sim_kick(d);
	return true;
}

bool sim_drain_all(void)
{
	bool any = false;

	for (size_t i = 0; i < UK_ARRAY_SIZE(domains); i++)
		if (domains[i].ring && !domains[i].is_deaf)
			any |= sim_drain(&domains[i]);
	return any;
}
