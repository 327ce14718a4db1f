/* SPDX-License-Identifier: BSD-3-Clause */
/* libxenctrl: facts about domains. There is one hypervisor to talk to. */
#include <xenctrl.h>

#include <errno.h>

#include <uk/xen/domain.h>

struct xc_interface_core {
	char unused;
};

static struct xc_interface_core interface;

xc_interface *xc_interface_open(xentoollog_logger *logger, xentoollog_logger *dombuild_logger,
				unsigned int open_flags)
{
	(void)logger;
	(void)dombuild_logger;
	(void)open_flags;
	return &interface;
}

int xc_interface_close(xc_interface *xch)
{
	(void)xch;
	return 0;
}

static void fill(xc_dominfo_t *out, const struct uk_xen_domain_info *in)
{
	bool is_crashed = in->is_shutdown && in->shutdown_reason == SHUTDOWN_crash;

	*out = (xc_dominfo_t) {
		.domid = in->domid,
		.dying = in->is_dying,
		.crashed = is_crashed,
		.shutdown = in->is_shutdown && !is_crashed,
		.paused = in->is_paused,
		.blocked = in->is_blocked,
		.running = in->is_running,
		.hvm = in->is_hvm,
		.debugged = in->is_debugged,
		.xenstore = in->is_xenstore,
		.hap = in->is_hap,
		.shutdown_reason = in->shutdown_reason,
		.nr_pages = in->n_pages,
	};
}

int xc_domain_getinfo(xc_interface *xch, uint32_t first_domid, unsigned int max_doms,
		      xc_dominfo_t *info)
{
	struct uk_xen_domain_info one;
	unsigned int n = 0;
	int err = 0;

	(void)xch;
	while (n < max_doms && first_domid < DOMID_FIRST_RESERVED) {
		err = uk_xen_domain_info((domid_t)first_domid, &one);
		if (err)
			break;
		fill(&info[n++], &one);
		first_domid = one.domid + 1;
	}
	if (n || !max_doms)
		return (int)n;
	errno = err ? -err : ESRCH;
	return -1;
}
