/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A device of this domain's whose back end is to be attacked: nodes, grants, a
 * port, with nothing in the way of lies. For vif and vbd.
 *
 * Rules
 * - Thread context; all of it may block on xenstore.
 * - What a function expects and does not find it says in l->why, the first time.
 */
#ifndef LINK_H
#define LINK_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/io/xenbus.h>

#include <uk/xen/ring.h>

#define LINK_RINGS 2

struct link {
	const char *kind;		/* "vif", "vbd" */
	unsigned int n_rings;
	enum xenbus_state ready;	/* what the back end waits for */
	char fe[32], be[80], why[96];
	domid_t remote;
	struct uk_xen_ring_wire *rings[LINK_RINGS];
	int refs[LINK_RINGS];		/* 0: none */
	uint32_t prods[LINK_RINGS], conses[LINK_RINGS];
	evtchn_port_t port;
};

/* Never returns: no attack, but a guest that computes, to compare attacks with. */
void link_compute(void) __attribute__((noreturn));
void link_complain(struct link *l, const char *fmt, ...) uk_printf_like(2, 3);
/* Find the device, which xl has attached. kind, n_rings and ready are set. */
void link_find(struct link *l);
/* Of a vif, as xl has written it. */
void link_read_mac(struct link *l, uint8_t mac[6]);
void link_write(struct link *l, const char *node, const char *value);
void link_write_number(struct link *l, const char *node, unsigned int val);
/* Whether it was there or not. */
void link_remove(struct link *l, const char *node);
void link_set_state(struct link *l, enum xenbus_state state);
enum xenbus_state link_be_state(struct link *l);
/* Wait until the back end is there. */
bool link_wait(struct link *l, enum xenbus_state state, unsigned int seconds);
/* New rings and a port, granted and offered; nothing is written. */
void link_offer(struct link *l);
/* Show ring @i's requests, and kick. */
void link_push(struct link *l, unsigned int i);
/* Wait until ring @i has @n responses that were not taken. */
bool link_wait_answers(struct link *l, unsigned int i, uint32_t n, unsigned int seconds);
/* Close, see that the back end lets go of everything, and begin anew. */
void link_reopen(struct link *l);

#endif /* LINK_H */
