/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What of Xen's libxenctrl makes sense in a domain that is not the control
 * domain: facts about domains, and the barriers that tools take from here.
 *
 * Rules
 * - Names and return values are libxenctrl's: NULL or -1, with errno set.
 * - Thread context; each call is a hypercall, none blocks.
 * - There is one hypervisor to talk to: every handle is the same, loggers and flags
 *   are ignored.
 */
#ifndef XENCTRL_H
#define XENCTRL_H

#include <stdint.h>

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/sched.h>

#include <uk/arch/barrier.h>

#include <xenevtchn.h>
#include <xengnttab.h>

#define XC_PAGE_SHIFT 12
#define XC_PAGE_SIZE (1UL << XC_PAGE_SHIFT)
#define XC_PAGE_MASK (~(XC_PAGE_SIZE - 1))

#define xen_mb() uk_arch_mb()
#define xen_rmb() uk_arch_rmb()
#define xen_wmb() uk_arch_wmb()

typedef struct xc_interface_core xc_interface;

typedef struct xc_dominfo {
	uint32_t domid;
	unsigned int dying:1, crashed:1, shutdown:1, paused:1, blocked:1, running:1, hvm:1,
		     debugged:1, xenstore:1, hap:1;
	unsigned int shutdown_reason;	/* when shutdown is set */
	unsigned long nr_pages;
} xc_dominfo_t;

/** @return NULL with errno set. */
xc_interface *xc_interface_open(xentoollog_logger *logger, xentoollog_logger *dombuild_logger,
				unsigned int open_flags);
int xc_interface_close(xc_interface *xch);

/**
 * Facts about up to @max_doms domains, in order, from @first_domid on. One
 * that has crashed counts as shut down no more: crashed is set instead.
 * @return how many; -1 with errno set when there was not one.
 */
int xc_domain_getinfo(xc_interface *xch, uint32_t first_domid, unsigned int max_doms,
		      xc_dominfo_t *info);

#endif /* XENCTRL_H */
