/* SPDX-License-Identifier: BSD-3-Clause */
/* Entries of the two rings as they lie there, for reading and writing them by
 * words. */
#ifndef NETFRONT_WIRE_H
#define NETFRONT_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/io/netif.h>

union netfront_tx_wire {
	struct netif_tx_request req;
	struct netif_extra_info extra;
	struct netif_tx_response rsp;
	uint32_t words[3];
};

union netfront_rx_wire {
	struct netif_rx_request req;
	struct netif_rx_response rsp;
	struct netif_extra_info extra;
	uint32_t words[2];
};

#define NETFRONT_TX_WORDS (sizeof(union netfront_tx_wire) / sizeof(uint32_t))
#define NETFRONT_RX_WORDS (sizeof(union netfront_rx_wire) / sizeof(uint32_t))

_Static_assert(sizeof(union netfront_tx_wire) == 12, "ABI of netif");
_Static_assert(sizeof(union netfront_rx_wire) == 8, "ABI of netif");

#endif /* NETFRONT_WIRE_H */
