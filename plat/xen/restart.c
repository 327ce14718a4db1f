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
#define BATCH 32	/* of hypercalls: each may be slow */

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

struct port_batch {
	struct evtchn_status status[BATCH];
	struct evtchn_close close[BATCH];
	struct multicall_entry calls[BATCH];
	unsigned int n;
};

static void add_call(struct port_batch *b, unsigned int cmd, void *arg)
{
	b->calls[b->n++] = (struct multicall_entry){
		.op = __HYPERVISOR_event_channel_op, .args = { cmd, (unsigned long)arg },
	};
}

static void do_calls(struct port_batch *b)
{
	if (b->n && xen_hypercall2(__HYPERVISOR_multicall, (unsigned long)b->calls, b->n)) {
		uk_console_printf("restart: Xen does no multicall\n");
		uk_plat_shutdown(UK_SHUTDOWN_CRASH, 1);
	}
	b->n = 0;
}

/* Close the ports from @first on. @return whether there may be more: Xen refuses
 * the first number that no domain of this many channels can have. Those of a
 * device model are Xen's own (-EACCES). */
static bool close_batch(struct port_batch *b, evtchn_port_t first)
{
	bool is_last = false;
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		b->status[i] = (struct evtchn_status){ .dom = DOMID_SELF, .port = first + i };
		add_call(b, EVTCHNOP_status, &b->status[i]);
	}
	do_calls(b);
	for (i = 0; i < BATCH; i++) {
		long err = (long)b->calls[i].result;

		is_last = is_last || (err && err != -EACCES);
		if (err || is_port_kept(first + i))
			b->status[i].status = EVTCHNSTAT_closed;
	}
	for (i = 0; i < BATCH; i++) {
		if (b->status[i].status == EVTCHNSTAT_closed)
			continue;
		b->close[i].port = first + i;
		add_call(b, EVTCHNOP_close, &b->close[i]);
	}
	do_calls(b);
	return !is_last;
}

/* Xen is asked, which knows them all. */
static void close_ports(void)
{
	static struct port_batch batch;
	evtchn_port_t first = 1;

	while (close_batch(&batch, first))
		first += BATCH;
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
