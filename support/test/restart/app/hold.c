/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Things that Xen holds for a domain, many of each: more than a few lives could
 * leak without reaching a limit. The domain is its own peer where Xen lets it.
 */
#include "restarttest.h"

#include <string.h>

#include <uk/pages.h>
#include <uk/plat/boot.h>
#include <uk/plat/memory.h>
#include <uk/print.h>
#include <uk/restart.h>
#include <uk/xen/evtchn.h>
#include <uk/xen/gnttab.h>
#include <uk/xen/xenstore.h>

#define N_PORTS 1200	/* more than one page of event words */
#define N_GRANTS 600	/* more than one frame of the table */
#define N_MAPPED 70	/* and another one for each */
#define N_PAGES 300

struct kept_page {
	char text[16];
	grant_ref_t ref;
	evtchn_port_t port, other;
};

static void hold_ports(void)
{
	evtchn_port_t port, other;

	for (unsigned int i = 0; i < N_PORTS; i += 2) {
		if (uk_evtchn_alloc_unbound(DOMID_SELF, NULL, NULL, &port) ||
		    uk_evtchn_bind_interdomain(DOMID_SELF, port, NULL, NULL, &other)) {
			uk_console_printf("not held: port %u\n", i);
			return;
		}
		uk_evtchn_unmask(other);
		uk_evtchn_notify(port);
	}
}

static void hold_grants(void)
{
	char *page = uk_pages_alloc(0);

	for (unsigned int i = 0; page && i < N_GRANTS; i++)
		if (uk_gnttab_grant(0, page, false) < 0) {
			uk_console_printf("not held: grant %u\n", i);
			return;
		}
}

/* Pages of this domain itself, which is possible in PV only */
static void hold_mapped(void)
{
	static struct uk_gnttab_map maps[N_MAPPED];
	char *page = uk_pages_alloc(0);
	uint64_t self;

	if (strcmp(uk_plat_name(), "xenpv"))
		return;
	if (!page || uk_xs_read_dec(UK_XS_NO_TX, "domid", NULL, DOMID_SELF, &self))
		return;
	for (unsigned int i = 0; i < N_MAPPED; i++) {
		maps[i].remote = (domid_t)self;
		maps[i].ref = (grant_ref_t)uk_gnttab_grant((domid_t)self, page, false);
	}
	if (uk_gnttab_map(maps, N_MAPPED))
		uk_console_printf("not held: pages of others\n");
}

/* Guards and read-only pages, as stacks and tables have */
static void hold_pages(void)
{
	for (unsigned int i = 0; i < N_PAGES; i++) {
		char *page = uk_pages_alloc(0);

		if (!page)
			return;
		memset(page, 0xa5, UK_PAGE_SIZE);
		uk_plat_mem_protect(page, UK_PAGE_SIZE, i & 1 ? UK_PROT_READ : UK_PROT_NONE);
	}
}

static void hold_kept(void)
{
	bool is_inherited;
	struct kept_page *k = uk_keep("restarttest/page", UK_PAGE_SIZE, &is_inherited);

	if (!k)
		return;
	strcpy(k->text, "kept");
	k->ref = (grant_ref_t)uk_gnttab_grant(0, k, false);
	uk_evtchn_alloc_unbound(DOMID_SELF, NULL, NULL, &k->port);
	uk_evtchn_keep(k->port);
	uk_evtchn_bind_interdomain(DOMID_SELF, k->port, NULL, NULL, &k->other);
	uk_evtchn_keep(k->other);
}

void hold(void)
{
	hold_ports();
	hold_grants();
	hold_mapped();
	hold_pages();
	hold_kept();
}

void look(void)
{
	bool is_inherited, is_event;
	struct kept_page *k = uk_keep("restarttest/page", UK_PAGE_SIZE, &is_inherited);

	if (!k || !is_inherited) {
		uk_console_printf("page lost\n");
		return;
	}
	uk_evtchn_adopt(k->port, NULL, NULL);
	uk_evtchn_adopt(k->other, NULL, NULL);
	uk_evtchn_test_and_clear(k->port);
	uk_evtchn_notify(k->other);
	is_event = uk_evtchn_test_and_clear(k->port);
	uk_console_printf("page %s, grant %s, channel %s\n", k->text,
			  uk_gnttab_end(k->ref) ? "lost" : "kept", is_event ? "kept" : "lost");
	uk_evtchn_close(k->other);
	uk_evtchn_close(k->port);
	uk_keep_free(k);
}
