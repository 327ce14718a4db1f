/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The console ring, which a daemon in another domain drains and fills.
 * Specification: xen/io/console.h.
 *
 * The daemon is not trusted: its indices are checked in out_room() and
 * in_avail(). It may also be slow, absent or dead: output waits for it a
 * bounded time and is dropped from then on until the daemon moves again.
 */
#include <uk/plat/console.h>

#include <errno.h>
#include <stdint.h>

#include <xen/io/console.h>
#include <xen/sched.h>

#include <uk/arch/barrier.h>
#include <uk/plat/time.h>
#include <uk/util.h>
#include <uk/xen/evtchn.h>

#include "hypercall.h"
#include "xen_priv.h"

#define WRITE_PATIENCE_NS (CONFIG_XEN_CONSOLE_PATIENCE_MS * UK_NSEC_PER_MSEC)
#define FLUSH_PATIENCE_NS (100 * UK_NSEC_PER_MSEC)

static struct xencons_interface *ring;
static bool is_stuck;

static void (*input_fn)(void *arg);
static void *input_arg;

static size_t out_room(void)
{
	XENCONS_RING_IDX used = ring->out_prod - UK_READ_ONCE(ring->out_cons);

	return used > sizeof(ring->out) ? 0 : sizeof(ring->out) - used;
}

static size_t in_avail(void)
{
	XENCONS_RING_IDX avail = UK_READ_ONCE(ring->in_prod) - ring->in_cons;

	return avail > sizeof(ring->in) ? 0 : avail;
}

static void kick(void)
{
	struct evtchn_send send = { .port = xen_console.port };

	xen_event_channel_op(EVTCHNOP_send, &send);
}

/* Wait until @room bytes are free. */
static bool wait_room(size_t room, uint64_t patience_ns)
{
	uint64_t give_up = uk_plat_mono_ns() + patience_ns;

	kick();
	while (out_room() < room) {
		if (uk_plat_mono_ns() >= give_up)
			return false;
		xen_sched_op(SCHEDOP_yield, NULL);
	}
	return true;
}

static void put(char c)
{
	if (!out_room() && (is_stuck || !wait_room(1, WRITE_PATIENCE_NS))) {
		is_stuck = true;
		return;
	}
	is_stuck = false;
	ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] = c;
	uk_arch_wmb();
	UK_WRITE_ONCE(ring->out_prod, ring->out_prod + 1);
}

void uk_plat_console_write(const char *buf, size_t len)
{
	if (!len)
		return;
	if (!ring) {
		xen_console_io(CONSOLEIO_write, len, buf);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (buf[i] == '\n')
			put('\r');
		put(buf[i]);
	}
	kick();
}

ssize_t uk_plat_console_read(char *buf, size_t size)
{
	size_t n;

	if (!ring)
		return -EIO;
	n = UK_MIN(in_avail(), size);
	if (!n)
		return 0;
	uk_arch_rmb();
	for (size_t i = 0; i < n; i++)
		buf[i] = ring->in[MASK_XENCONS_IDX(ring->in_cons + i, ring->in)];
	uk_arch_mb();
	UK_WRITE_ONCE(ring->in_cons, ring->in_cons + n);
	kick();
	return (ssize_t)n;
}

static void on_event(evtchn_port_t port, void *arg)
{
	(void)port;
	(void)arg;
	if (in_avail() && input_fn)
		input_fn(input_arg);
}

void uk_plat_console_set_handler(void (*fn)(void *arg), void *arg)
{
	if (!ring)
		return;
	uk_evtchn_mask(xen_console.port);
	input_fn = fn;
	input_arg = arg;
	if (fn && !uk_evtchn_adopt(xen_console.port, on_event, NULL))
		uk_evtchn_unmask(xen_console.port);
}

void uk_plat_console_flush(void)
{
	if (ring && !is_stuck)
		wait_room(sizeof(ring->out), FLUSH_PATIENCE_NS);
}

void xen_console_init(void)
{
	ring = xen_console.page;
}
