/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What Xen tells a privileged domain of the others. Specification:
 * xen/domctl.h, XEN_DOMCTL_getdomaininfo.
 *
 * Rules
 * - Providers as for <uk/xen/evtchn.h>. Xen grants it to the control domain and
 *   to a domain that was made to run xenstored.
 */
#ifndef UK_XEN_DOMAIN_H
#define UK_XEN_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>

struct uk_xen_domain_info {
	domid_t domid;
	bool is_dying;			/* being torn down */
	bool is_shutdown;		/* has ended: look at shutdown_reason */
	bool is_paused, is_blocked, is_running;
	bool is_hvm, is_debugged, is_xenstore, is_hap;
	uint8_t shutdown_reason;	/* SHUTDOWN_* of xen/sched.h */
	uint64_t n_pages;
};

/**
 * Facts about domain @first, or the next higher one there is.
 * @return 0; -ESRCH: there is none; -EPERM: this domain may not ask;
 *	-EACCES: Xen speaks no version of the interface that we know.
 */
int uk_xen_domain_info(domid_t first, struct uk_xen_domain_info *info);

#endif /* UK_XEN_DOMAIN_H */
