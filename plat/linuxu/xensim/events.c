/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Event channels: a table of ports, those of all domains. A pipe makes the
 * image's wait end when one of its ports is pending.
 */
#include <uk/xen/evtchn.h>

#include <errno.h>

#include "xensim_priv.h"

#include <uk/assert.h>
#include <uk/linuxu/fd.h>
#include <uk/linuxu/sys.h>

#define N_PORTS 256

static struct port {
	enum { FREE, UNBOUND, BOUND, VIRQ } state;
	domid_t owner;
	domid_t remote;
	evtchn_port_t peer;
	uint32_t virq;
	bool is_pending, is_masked;
	uk_evtchn_handler_t handler;
	void *arg;
	unsigned int n_kicks;
} ports[N_PORTS];

static int pipe_fds[2] = { -1, -1 };
static bool is_signalled;
static unsigned long n_deliveries;

static void deliver_all(void)
{
	for (evtchn_port_t i = 1; i < N_PORTS; i++) {
		struct port *p = &ports[i];

		if (p->owner != UK_XENSIM_SELF || !p->is_pending || p->is_masked || !p->handler)
			continue;
		p->is_pending = false;
		n_deliveries++;
		p->handler(i, p->arg);
	}
}

static void on_pipe(int fd, unsigned int events uk_unused, void *arg uk_unused)
{
	char c;

	uk_linuxu_read(fd, &c, 1);
	is_signalled = false;
	xensim_store_wake();
	deliver_all();
}

void xensim_signal(void)
{
	if (pipe_fds[0] < 0) {
		uk_bug_on(uk_linuxu_call3(UK_LINUXU_NR_PIPE2, pipe_fds, UK_LINUXU_O_CLOEXEC, 0));
		uk_bug_on(uk_linuxu_fd_add(pipe_fds[0], UK_LINUXU_IN, on_pipe, NULL));
	}
	if (!is_signalled)
		uk_linuxu_write(pipe_fds[1], "x", 1);
	is_signalled = true;
}

static struct port *port_of(evtchn_port_t port, domid_t owner)
{
	if (!port || port >= N_PORTS || ports[port].state == FREE || ports[port].owner != owner)
		return NULL;
	return &ports[port];
}

static evtchn_port_t take_port(domid_t owner)
{
	for (evtchn_port_t i = 1; i < N_PORTS; i++) {
		if (ports[i].state == FREE) {
			ports[i] = (struct port) {
				.state = UNBOUND, .owner = owner, .is_masked = true,
			};
			return i;
		}
	}
	return 0;
}

static void pend(struct port *p)
{
	p->n_kicks++;
	p->is_pending = true;
	if (p->owner == UK_XENSIM_SELF && !p->is_masked)
		xensim_signal();
}

static void close_port(struct port *p)
{
	if (p->state == BOUND && p->peer) {
		ports[p->peer].state = UNBOUND;
		ports[p->peer].peer = 0;
	}
	*p = (struct port) { .state = FREE };
}

/* ---- The image's end ---- */

int uk_evtchn_alloc_unbound(domid_t remote, uk_evtchn_handler_t handler, void *arg,
			    evtchn_port_t *port)
{
	*port = take_port(UK_XENSIM_SELF);
	if (!*port)
		return -ENOSPC;
	ports[*port].remote = remote;
	ports[*port].handler = handler;
	ports[*port].arg = arg;
	return 0;
}

int uk_evtchn_bind_interdomain(domid_t remote, evtchn_port_t remote_port,
			       uk_evtchn_handler_t handler, void *arg, evtchn_port_t *port)
{
	struct port *peer = port_of(remote_port, remote);

	if (!peer || peer->state != UNBOUND || peer->remote != UK_XENSIM_SELF)
		return -EINVAL;
	*port = take_port(UK_XENSIM_SELF);
	if (!*port)
		return -ENOSPC;
	ports[*port] = (struct port) {
		.state = BOUND, .owner = UK_XENSIM_SELF, .remote = remote, .peer = remote_port,
		/* As Xen: what was sent to nobody is not lost */
		.is_pending = true, .is_masked = true, .handler = handler, .arg = arg,
	};
	peer->state = BOUND;
	peer->peer = *port;
	return 0;
}

int uk_evtchn_bind_virq(uint32_t virq, uk_evtchn_handler_t handler, void *arg,
			evtchn_port_t *port)
{
	int err = uk_evtchn_alloc_unbound(DOMID_SELF, handler, arg, port);

	if (!err) {
		ports[*port].state = VIRQ;
		ports[*port].virq = virq;
	}
	return err;
}

int uk_evtchn_adopt(evtchn_port_t port, uk_evtchn_handler_t handler, void *arg)
{
	struct port *p = port_of(port, UK_XENSIM_SELF);

	if (!p)
		return -EINVAL;
	p->handler = handler;
	p->arg = arg;
	return 0;
}

void uk_evtchn_close(evtchn_port_t port)
{
	struct port *p = port_of(port, UK_XENSIM_SELF);

	uk_bug_on(!p);		/* Xen would say -EINVAL, and nobody hears it */
	close_port(p);
}

void uk_evtchn_mask(evtchn_port_t port)
{
	struct port *p = port_of(port, UK_XENSIM_SELF);

	if (p)
		p->is_masked = true;
}

void uk_evtchn_unmask(evtchn_port_t port)
{
	struct port *p = port_of(port, UK_XENSIM_SELF);

	if (!p)
		return;
	p->is_masked = false;
	if (p->is_pending)
		xensim_signal();
}

int uk_evtchn_notify(evtchn_port_t port)
{
	struct port *p = port_of(port, UK_XENSIM_SELF);

	if (!p)
		return -EINVAL;
	if (p->state == BOUND)
		pend(&ports[p->peer]);
	return 0;
}

bool uk_evtchn_test_and_clear(evtchn_port_t port)
{
	struct port *p = port_of(port, UK_XENSIM_SELF);
	bool was_pending = p && p->is_pending;

	if (p)
		p->is_pending = false;
	return was_pending;
}

/* ---- The others' end ---- */

evtchn_port_t uk_xensim_port_offer(domid_t dom)
{
	evtchn_port_t port = take_port(dom);

	if (port)
		ports[port].remote = UK_XENSIM_SELF;
	return port;
}

evtchn_port_t uk_xensim_port_bind(domid_t dom, evtchn_port_t port)
{
	struct port *p = port_of(port, UK_XENSIM_SELF);
	evtchn_port_t own;

	if (!p || p->state != UNBOUND || p->remote != dom)
		return 0;
	own = take_port(dom);
	if (!own)
		return 0;
	ports[own].state = BOUND;
	ports[own].remote = UK_XENSIM_SELF;
	ports[own].peer = port;
	p->state = BOUND;
	p->peer = own;
	return own;
}

void uk_xensim_port_kick(evtchn_port_t port)
{
	if (ports[port].state == BOUND)
		pend(&ports[ports[port].peer]);
}

void uk_xensim_virq(evtchn_port_t port)
{
	if (ports[port].state == VIRQ)
		pend(&ports[port]);
}

void uk_xensim_virq_raise(uint32_t virq)
{
	for (evtchn_port_t i = 1; i < N_PORTS; i++)
		if (ports[i].state == VIRQ && ports[i].virq == virq)
			pend(&ports[i]);
}

void xensim_ports_drop(domid_t dom)
{
	for (evtchn_port_t i = 1; i < N_PORTS; i++)
		if (ports[i].state != FREE && ports[i].owner == dom)
			close_port(&ports[i]);
}

unsigned int uk_xensim_port_kicks(evtchn_port_t port)
{
	return ports[port].n_kicks;
}

bool uk_xensim_port_is_bound(evtchn_port_t port)
{
	return ports[port].state == BOUND;
}

void uk_xensim_port_close(evtchn_port_t port)
{
	close_port(&ports[port]);
}

unsigned long uk_xensim_deliveries(void)
{
	return n_deliveries;
}

unsigned int uk_xensim_ports(void)
{
	unsigned int n = 0;

	for (evtchn_port_t i = 1; i < N_PORTS; i++)
		n += ports[i].state != FREE;
	return n;
}
