/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A toolstack and a network back end, as a test plays them against the simulated
 * Xen: honest by default, with every part open to be spoilt.
 */
#ifndef TEST_BACKEND_H
#define TEST_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

#include "../netfront_wire.h"

#include <uk/arch/page.h>
#include <uk/xen/backsim.h>

#define BE_DOM UK_BACKSIM_DOM
#define BE_MAX_QUEUES 4

struct be_queue {
	struct uk_xen_ring_wire *tx, *rx;	/* of the image's memory; NULL: not connected */
	grant_ref_t tx_ref, rx_ref;
	evtchn_port_t port, rx_port;		/* the same when not split */
	uint32_t tx_cons, tx_prod, rx_cons, rx_prod;	/* requests taken, answers put */
};

struct backend {
	/* To be set before be_attach() */
	unsigned int max_queues;		/* 0: no node of that name */
	bool is_split, has_no_sg, has_no_offload, has_no_copy;
	const char *mac, *mtu, *trusted;	/* NULL: a good one; no node; no node */

	struct uk_backsim sim;
	unsigned int n_queues;
	struct be_queue queues[BE_MAX_QUEUES];
};

/* The toolstack's nodes; the back end stays in state 1. */
void be_attach(struct backend *be, unsigned int id);
/* The toolstack takes the device away; the back end closes and lets go. */
void be_detach(struct backend *be);
static inline void be_write(const struct backend *be, const char *node, const char *value)
{
	uk_backsim_write_be(&be->sim, node, "%s", value);
}

static inline void be_set_state(const struct backend *be, const char *state)
{
	uk_backsim_set_state(&be->sim, state);
}

/* Wait until the front end's @node is @value (NULL: gone). */
static inline bool be_wait(const struct backend *be, const char *node, const char *value)
{
	return uk_backsim_wait(&be->sim, node, value);
}

/* State 2, wait for the front end, map and bind, state 4. @return whether it worked. */
bool be_connect(struct backend *be);
/* Map and bind what the front end has written. */
bool be_map(struct backend *be);
/* Unbind; the mapping of the rings, which the front end cannot end before. */
void be_let_go(struct backend *be);

/* ---- What the front end sends, of queue q ---- */

/* Wait for a request, and take it. @return false: none came. */
bool be_tx_take(struct backend *be, unsigned int q, union netfront_tx_wire *w);
bool be_tx_is_empty(struct backend *be, unsigned int q);
/* Take a whole packet together: the bytes, its first slot, the GSO size.
 * @return its length; 0: none came. It is answered with be_tx_answer_taken(). */
unsigned int be_tx_packet(struct backend *be, unsigned int q, char *bytes,
			  struct netif_tx_request *first, uint16_t *gso_bytes);
/* How many slots had the packet, and their ids */
extern unsigned int be_n_taken;
extern uint16_t be_taken[];
void be_tx_answer_taken(struct backend *be, unsigned int q);
/* An answer; the caller kicks with be_tx_push(). */
void be_tx_answer(struct backend *be, unsigned int q, uint16_t id, int16_t status);
void be_tx_push(struct backend *be, unsigned int q);

/* ---- What the front end receives ---- */

/* Requests that wait, as the front end has published them */
unsigned int be_rx_room(struct backend *be, unsigned int q);
/* Put @len bytes into the next buffer, at @offset. @return the answer in the ring,
 * which the caller may spoil before be_rx_push(). */
struct netif_rx_response *be_rx_put(struct backend *be, unsigned int q, const char *bytes,
				    uint16_t offset, uint16_t len, uint16_t flags);
struct netif_extra_info *be_rx_extra(struct backend *be, unsigned int q, uint8_t type);
void be_rx_push(struct backend *be, unsigned int q);
/* @len bytes in pages, with the flags and, if there is a size, a GSO slot */
void be_rx_packet(struct backend *be, unsigned int q, const char *bytes, unsigned int len,
		  uint16_t flags, uint16_t gso_bytes);
/* Reference of the request that be_rx_put() used last */
extern grant_ref_t be_rx_ref;

#endif /* TEST_BACKEND_H */
