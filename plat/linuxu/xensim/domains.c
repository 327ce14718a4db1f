/* SPDX-License-Identifier: BSD-3-Clause */
/* Domains: none but those a test has made. */
#include <uk/xen/domain.h>

#include <errno.h>

#include "xensim_priv.h"

#include <uk/assert.h>

#define N_DOMAINS 64

static struct domain {
	bool exists, is_dying, is_shutdown;
} domains[N_DOMAINS];

void uk_xensim_domain_set(domid_t dom, bool exists, bool is_shutdown, bool is_dying)
{
	uk_bug_on(dom >= N_DOMAINS);
	domains[dom] = (struct domain) { exists, is_dying, is_shutdown };
}

void uk_xensim_domain_end(domid_t dom)
{
	uk_xensim_domain_set(dom, false, false, false);
	xensim_ports_drop(dom);
	xensim_grants_drop(dom);
	uk_xensim_virq_raise(VIRQ_DOM_EXC);
}

int uk_xen_domain_info(domid_t first, struct uk_xen_domain_info *info)
{
	for (domid_t i = first; i < N_DOMAINS; i++) {
		if (!domains[i].exists)
			continue;
		*info = (struct uk_xen_domain_info) {
			.domid = i,
			.is_dying = domains[i].is_dying,
			.is_shutdown = domains[i].is_shutdown,
		};
		return 0;
	}
	return -ESRCH;
}
