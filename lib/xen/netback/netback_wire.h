/* SPDX-License-Identifier: BSD-3-Clause */
/* Entries of the two rings as they lie there, for reading and writing them by
 * words. Both sides of x86 and ARM have the same layout. */
#ifndef NETBACK_WIRE_H
#define NETBACK_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/io/netif.h>

/* Guest's TX ring */
union netback_tx_wire {
	struct netif_tx_request req;
	struct netif_extra_info extra;
	struct netif_tx_response rsp;
	uint32_t words[3];
};

/* Guest's RX ring */
union netback_rx_wire {
	struct netif_rx_request req;
	struct netif_rx_response rsp;
	struct netif_extra_info extra;
	uint32_t words[2];
};

/* A response to TX is shorter than its slot */
#define NETBACK_TX_RSP_WORDS (sizeof(struct netif_tx_response) / sizeof(uint32_t))
#define NETBACK_RX_RSP_WORDS (sizeof(union netback_rx_wire) / sizeof(uint32_t))

_Static_assert(sizeof(union netback_tx_wire) == 12, "ABI of netif");
_Static_assert(sizeof(union netback_rx_wire) == 8, "ABI of netif");
_Static_assert(sizeof(struct netif_tx_response) == 4, "ABI of netif");
_Static_assert(offsetof(struct netif_tx_request, size) == 10, "ABI of netif");
_Static_assert(offsetof(struct netif_rx_request, gref) == 4, "ABI of netif");
_Static_assert(offsetof(struct netif_extra_info, u) == 2, "ABI of netif");

#endif /* NETBACK_WIRE_H */
