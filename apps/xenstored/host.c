/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What xenstored finds when it is a process of a host without Xen: where its
 * socket is to be, and in the simulated Xen a dom0 whose ring stays empty, without
 * which upstream does not start. And how it ends.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <uk/arch/page.h>
#include <uk/boot.h>
#include <uk/param.h>
#include <uk/xensim.h>

/* Upstream's, of its option --event */
extern int dom0_event;

static const char *rundir;
UK_PARAM(xenstored_rundir, "xenstored.rundir", UK_PARAM_STR, &rundir,
	 "folder of the host in which the socket is made (/run/xenstored)");

static int make_dom0(void)
{
	static char ring[UK_PAGE_SIZE] uk_aligned(UK_PAGE_SIZE);

	uk_xensim_domain_set(0, true, false, false);
	dom0_event = (int)uk_xensim_port_offer(0);
	if (!dom0_event || !uk_xensim_grant_reserved(0, GNTTAB_RESERVED_XENSTORE, ring))
		return -ENOSPC;
	return 0;
}
UK_INIT_LATE(make_dom0);

/* Upstream's daemon ends by the signal, and its functions of atexit() are not made
 * for anything else: talloc would free the store before what still looks into it. */
static void end(int is_reboot uk_unused)
{
	for (int fd = 0; fd < CONFIG_LIBFD_MAX; fd++)
		close(fd);
	_exit(0);
}

static int set_process(void)
{
	uk_shutdown_set_handler(end);
	return rundir && setenv("XENSTORED_RUNDIR", rundir, 1) ? -ENOMEM : 0;
}
UK_INIT_LATE(set_process);
