/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the common Xen code and its two modes, plat/xen/pv and plat/xen/hvm.
 * Each mode compiles the common files into its own platform library.
 *
 * Rules
 * - The mode fills in xen_shared_info, xen_console and xen_store, calls
 *   xen_console_init(), and then uk_boot(). It provides xen_hypercall_page
 *   and what is declared under "Implemented by the mode".
 * - Errors are -errno; Xen's error numbers are ours (xen/errno.h).
 */
#ifndef XEN_PRIV_H
#define XEN_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>

#include <uk/arch/page.h>
#include <uk/util.h>

/* ---- Implemented by the mode -------------------------------------------- */

/* A page that is shared with a daemon in another domain, and the port to kick
 * it; page == NULL: this domain has none. */
struct xen_link {
	void *page;
	evtchn_port_t port;
};

extern struct shared_info *xen_shared_info;
extern struct xen_link xen_console;
extern struct xen_link xen_store;

/**
 * Sleep until an event channel upcall is pending (vcpu_info of vCPU 0), which
 * may be the case already: no wake-up is lost. May return early.
 */
void xen_mode_sleep(void);

/** Handle interrupts that come in other ways. @return whether there were any. */
bool xen_mode_poll(void);

/* Address space for granted pages, outside RAM: slots of a page. */
#define XEN_WINDOW_SLOTS 16384

/* The first slots of the window hold the grant table: 32,768 grants. */
#define XEN_GNTTAB_MAX_FRAMES 64

uintptr_t xen_mode_window_base(void);

/** Have page tables for slots [@first, @first + @n). @return 0, -ENOMEM. */
int xen_mode_window_prepare(unsigned int first, unsigned int n);

/**
 * Map frames [0, @n) of the grant table, of which [0, @have) are mapped, at
 * consecutive addresses from @va on, which lie in a prepared part of the
 * window. @return 0; -ENOSPC: Xen allows no more; -ENOMEM.
 */
int xen_mode_gnttab_frames(uintptr_t va, unsigned int have, unsigned int n);

/* ---- Common ------------------------------------------------------------- */

void xen_console_init(void);

/** The image was entered when the TSC was @tsc. */
void xen_time_set_entry(uint64_t tsc);

static inline struct vcpu_info *xen_vcpu_info(void)
{
	return &xen_shared_info->vcpu_info[0];
}

/* ---- Event channels ----------------------------------------------------- */

/* How Xen keeps the state of ports: 2-level or FIFO. */
struct xen_evtchn_abi {
	evtchn_port_t max_ports;
	/* Room for the state of @port: 0, -ENOMEM */
	int (*prepare)(evtchn_port_t port);
	void (*mask)(evtchn_port_t port);
	/* An event that is pending already is delivered by the next scan */
	void (*unmask)(evtchn_port_t port);
	bool (*test_and_clear)(evtchn_port_t port);
	/* Call xen_evtchn_deliver() for all that is pending and not masked,
	 * after it has been acknowledged */
	void (*scan)(void);
#if IS_ENABLED(CONFIG_LIBRESTART)
	/* Mask all ports, and have none of them on its way to scan() */
	void (*quiet)(void);
#endif
};

extern const struct xen_evtchn_abi xen_evtchn_2l;

/** The FIFO interface, or NULL when it is not configured or Xen lacks it. */
const struct xen_evtchn_abi *xen_evtchn_fifo_probe(void);

void xen_evtchn_deliver(evtchn_port_t port);

/** Scan once, if a port has ever been opened. */
void xen_evtchn_scan(void);

#endif /* XEN_PRIV_H */
