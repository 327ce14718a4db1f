/* SPDX-License-Identifier: BSD-3-Clause */
#include "link.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <uk/pages.h>
#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>
#include <uk/xen/evtchn.h>
#include <uk/xen/gnttab.h>
#include <uk/xen/xenstore.h>

#define POLL_NS (10 * UK_NSEC_PER_MSEC)
#define PATIENCE_S 15

void link_compute(void)
{
	uk_console_printf("attack: computing: begins\n");
	for (volatile unsigned int i = 0;; i = i + 1)
		;
}

void link_complain(struct link *l, const char *fmt, ...)
{
	va_list ap;

	if (l->why[0])
		return;
	va_start(ap, fmt);
	uk_vsnprintf(l->why, sizeof(l->why), fmt, ap);
	va_end(ap);
}

/* ---- Nodes ---- */

void link_find(struct link *l)
{
	char dir[16], names[64];
	uint64_t remote = 0;

	uk_snprintf(dir, sizeof(dir), "device/%s", l->kind);
	while (uk_xs_directory(UK_XS_NO_TX, dir, NULL, names, sizeof(names)) <= 0)
		uk_thread_sleep_ns(POLL_NS);
	uk_snprintf(l->fe, sizeof(l->fe), "%s/%s", dir, names);
	uk_xs_read(UK_XS_NO_TX, l->fe, "backend", l->be, sizeof(l->be));
	uk_xs_read_dec(UK_XS_NO_TX, l->fe, "backend-id", UINT16_MAX, &remote);
	l->remote = (domid_t)remote;
	for (unsigned int i = 0; i < l->n_rings; i++)
		l->rings[i] = uk_pages_alloc(0);
}

void link_write(struct link *l, const char *node, const char *value)
{
	int err = uk_xs_write(UK_XS_NO_TX, l->fe, node, value);

	if (err)
		link_complain(l, "%s cannot be written: %s", node, uk_errname(err));
}

void link_write_number(struct link *l, const char *node, unsigned int val)
{
	char text[16];

	uk_snprintf(text, sizeof(text), "%u", val);
	link_write(l, node, text);
}

void link_remove(struct link *l, const char *node)
{
	int err = uk_xs_rm(UK_XS_NO_TX, l->fe, node);

	if (err && err != -ENOENT)
		link_complain(l, "%s cannot be removed: %s", node, uk_errname(err));
}

void link_set_state(struct link *l, enum xenbus_state state)
{
	link_write_number(l, "state", state);
}

enum xenbus_state link_be_state(struct link *l)
{
	uint64_t state;

	if (uk_xs_read_dec(UK_XS_NO_TX, l->be, "state", XenbusStateReconfigured, &state))
		return XenbusStateUnknown;
	return (enum xenbus_state)state;
}

bool link_wait(struct link *l, enum xenbus_state state, unsigned int seconds)
{
	uint64_t end = uk_plat_mono_ns() + seconds * UK_NSEC_PER_SEC;

	while (link_be_state(l) != state) {
		if (uk_plat_mono_ns() >= end)
			return false;
		uk_thread_sleep_ns(POLL_NS);
	}
	return true;
}

void link_read_mac(struct link *l, uint8_t mac[6])
{
	char text[32] = "";

	uk_xs_read(UK_XS_NO_TX, l->fe, "mac", text, sizeof(text));
	for (unsigned int i = 0; i < 6; i++) {
		const char *digits = "0123456789abcdef";
		const char *high = strchr(digits, text[3 * i]), *low = strchr(digits, text[3 * i + 1]);

		mac[i] = (uint8_t)((high - digits) << 4 | (low - digits));
	}
}

/* ---- Rings ---- */

void link_offer(struct link *l)
{
	for (unsigned int i = 0; i < l->n_rings; i++) {
		memset(l->rings[i], 0, UK_PAGE_SIZE);
		l->rings[i]->req_event = l->rings[i]->rsp_event = 1;
		l->prods[i] = l->conses[i] = 0;
		l->refs[i] = uk_gnttab_grant(l->remote, l->rings[i], false);
	}
	if (uk_evtchn_alloc_unbound(l->remote, NULL, NULL, &l->port))
		link_complain(l, "no port");
}

void link_push(struct link *l, unsigned int i)
{
	uk_arch_wmb();
	l->rings[i]->req_prod = l->prods[i];
	uk_evtchn_notify(l->port);
}

bool link_wait_answers(struct link *l, unsigned int i, uint32_t n, unsigned int seconds)
{
	volatile uint32_t *prod = &l->rings[i]->rsp_prod;
	uint64_t end = uk_plat_mono_ns() + seconds * UK_NSEC_PER_SEC;

	while (*prod - l->conses[i] < n) {
		if (uk_plat_mono_ns() >= end)
			return false;
		uk_thread_sleep_ns(UK_NSEC_PER_MSEC);
	}
	uk_arch_rmb();
	return true;
}

static void take_back(struct link *l)
{
	for (unsigned int i = 0; i < l->n_rings; i++) {
		if (l->refs[i] > 0 && uk_gnttab_end((grant_ref_t)l->refs[i]))
			link_complain(l, "ring %u is still mapped", i);
		l->refs[i] = 0;
	}
	if (l->port)
		uk_evtchn_close(l->port);
	l->port = 0;
}

void link_reopen(struct link *l)
{
	link_set_state(l, XenbusStateClosed);
	if (!link_wait(l, XenbusStateClosed, PATIENCE_S))
		link_complain(l, "state %u when we have closed", link_be_state(l));
	take_back(l);
	link_set_state(l, XenbusStateInitialising);
	if (!link_wait(l, XenbusStateInitWait, PATIENCE_S))
		link_complain(l, "state %u when we begin anew", link_be_state(l));
}
