/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TAP_PRIV_H
#define TAP_PRIV_H

#include <uk/netdev_queue.h>
#include <uk/wait.h>

/** A name of Linux's, with its NUL */
#define TAP_NAME_BYTES 16

/* ---- open.c ---- */
/**
 * Open interface @name of the host, which is made if it does not exist.
 * @mac: its end's address; @mtu_bytes: its own.
 * @return a descriptor that does not block, or -errno: said in the log, with what
 *	to do.
 */
int tap_open(const char *name, uint8_t *mac, uint16_t *mtu_bytes);

#endif /* TAP_PRIV_H */
