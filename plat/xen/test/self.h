/* SPDX-License-Identifier: BSD-3-Clause */
/* The tests' peer is this domain itself. */
#ifndef XEN_TEST_SELF_H
#define XEN_TEST_SELF_H

#include <stdint.h>

#include <xen/xen.h>

/** Number of this domain. Nothing tells us without xenstore, except that Xen
 *  names the domain which may bind to a port that we offer to DOMID_SELF. */
domid_t self_domid(void);

#endif /* XEN_TEST_SELF_H */
