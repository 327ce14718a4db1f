/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What Xen still holds for the old life of a domain that has started again, and
 * how the new one gets rid of it. Done first thing in the new life, when nothing
 * of the old one can mislead it: Xen is asked what there is, or kept variables.
 */
#include <uk/restart.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <xen/event_channel.h>

#include <uk/plat/memory.h>
#include <uk/plat/sections.h>
#include <uk/plat/shutdown.h>
#include <uk/print.h>
#include <uk/xen/evtchn.h>

#include "hypercall.h"
#include "restart.h"
#include "xen_priv.h"

#define MAGIC 0x616761696e212121	/* not what a stray write leaves */
#define MAX_KEPT_PORTS 8

static struct {
	uint64_t magic;
	evtchn_port_t ports[MAX_KEPT_PORTS];	/* 0: none */
} kept uk_kept;

void xen_restart_mark(void)
{
	kept.magic = MAGIC;
}

bool xen_restart_begin(void)
{
	bool is_again = kept.magic == MAGIC;

	kept.magic = 0;
	if (!is_again)
		memcpy(uk_pristine, uk_rodata_end, (size_t)(uk_bss_start - uk_rodata_end));
	return is_again;
}

void xen_restart_protect(void)
{
	uk_plat_mem_protect(uk_pristine, (size_t)(uk_pristine_end - uk_pristine), UK_PROT_READ);
}

void uk_evtchn_keep(evtchn_port_t port)
{
	unsigned int i = 0;

	while (i < MAX_KEPT_PORTS && kept.ports[i] && kept.ports[i] != port)
		i++;
	if (i < MAX_KEPT_PORTS)
		kept.ports[i] = port;
	else
		uk_pr_warn("xen: event channel %u: there are %u kept already, this one will be "
			   "closed by a restart\n", port, MAX_KEPT_PORTS);
}

void xen_restart_forget_port(evtchn_port_t port)
{
	for (unsigned int i = 0; i < MAX_KEPT_PORTS; i++)
		if (kept.ports[i] == port)
			kept.ports[i] = 0;
}

static bool is_port_kept(evtchn_port_t port)
{
	if (port == xen_console.port || port == xen_store.port)
		return true;
	for (unsigned int i = 0; i < MAX_KEPT_PORTS; i++)
		if (kept.ports[i] == port)
			return true;
	return false;
}

/* Xen knows them all; it refuses the first number that no domain of this many
 * channels can have. Those of a device model are Xen's own (-EACCES). */
static void close_ports(void)
{
	struct evtchn_status status = { .dom = DOMID_SELF };
	struct evtchn_close close;
	long err = 0;

	for (status.port = 1; !err || err == -EACCES; status.port++) {
		err = xen_event_channel_op(EVTCHNOP_status, &status);
		if (err || status.status == EVTCHNSTAT_closed || is_port_kept(status.port))
			continue;
		close.port = status.port;
		xen_event_channel_op(EVTCHNOP_close, &close);
	}
}

void xen_restart_clean(void)
{
	unsigned int n_left;

	xen_evtchn_quiet();
	close_ports();
	xen_evtchn_quiet();
	n_left = xen_gntmap_restart();
	if (!n_left)
		return;
	uk_console_printf("restart: %u pages of other domains cannot be given back\n", n_left);
	uk_plat_shutdown(UK_SHUTDOWN_CRASH, 1);
}
