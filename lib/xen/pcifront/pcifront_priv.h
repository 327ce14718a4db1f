/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PCIFRONT_PRIV_H
#define PCIFRONT_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/io/pciif.h>

#include <uk/pci_host.h>

/* ---- op.c: one operation at a time, on the page shared with the back end ---- */
extern const struct uk_pci_host pcifront_host;

/* Offer a page and a port to @backend. @return 0, or -errno: nothing stays. */
int pcifront_op_open(domid_t backend, grant_ref_t *ref, evtchn_port_t *port);

/* ---- parse.c ---- */
/* A hexadecimal number of at most @max, and @end behind it; *@at is moved behind that. */
bool pcifront_parse_hex(const char **at, unsigned int max, char end, unsigned int *value);

/* ---- irq.c ---- */
/* For good. @return 0; -ENOMEM, or what Xen says. */
int pcifront_irq_bind(uint32_t pirq, void (*handler)(void *arg), void *arg);

#endif /* PCIFRONT_PRIV_H */
