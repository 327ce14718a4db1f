/* SPDX-License-Identifier: BSD-3-Clause */
/* A handle of libxenevtchn, and its face as a file (evtchn_file.c). */
#ifndef EVTCHN_PRIV_H
#define EVTCHN_PRIV_H

#include <xenevtchn.h>

#include <uk/fd.h>
#include <uk/list.h>
#include <uk/timer.h>

/* A port that is bound through a handle */
struct evtchn_port {
	struct xenevtchn_handle *xce;
	evtchn_port_t port;
	struct uk_list pending;		/* has an event, and is masked */
	struct uk_list kick;		/* the other end is to be kicked */
};

struct xenevtchn_handle {
	struct uk_file file;
	int fd;
	struct evtchn_port **ports;	/* by number; NULL: not one of ours */
	unsigned int n_ports;		/* length of that */
	struct uk_list pending;
	struct uk_list kicks;
	struct uk_timer kick_timer;
};

/** Kick all that notify() has collected. */
void evtchn_flush(struct xenevtchn_handle *xce);

/** Take a port off the list of those that have an event. @return 0: none has. */
evtchn_port_t evtchn_take(struct xenevtchn_handle *xce);

/** Close all ports and free the handle. */
void evtchn_free(struct xenevtchn_handle *xce);

extern const struct uk_file_ops evtchn_file_ops;

#endif /* EVTCHN_PRIV_H */
