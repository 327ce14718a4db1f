/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A toolstack and a network frontend, as a test plays them against the simulated
 * Xen: honest by default, with every part open to be spoilt.
 */
#ifndef TEST_FRONTEND_H
#define TEST_FRONTEND_H

#include <stdbool.h>
#include <stdint.h>

#include "../netback_wire.h"

#include <uk/arch/page.h>
#include <uk/xen/frontsim.h>

#define FE_RING_SIZE 256
#define FE_TX_PAGES 20
#define FE_RX_PAGES 64		/* slots use them in turn */
#define FE_MAX_QUEUES 4

struct fe_queue {
	struct uk_xen_ring_wire *tx, *rx;	/* a page each */
	grant_ref_t tx_ref, rx_ref;
	evtchn_port_t tx_port, rx_port;		/* the same when not split */
	uint32_t tx_prod, tx_rsp_cons, rx_prod, rx_rsp_cons;
};

struct frontend {
	/* To be set before fe_attach() */
	unsigned int n_queues;			/* 0: as 1 */
	bool is_split, has_no_notify, has_no_sg, has_no_offload, has_mcast_filter;
	const char *mtu, *rate, *bridge, *mac;	/* NULL: none; mac: a good one */

	struct uk_frontsim sim;
	uint8_t addr[6];
	struct fe_queue queues[FE_MAX_QUEUES];
	char *tx_data, *rx_data;
	grant_ref_t tx_refs[FE_TX_PAGES], rx_refs[FE_RX_PAGES];
};

/* The toolstack's part of xl network-attach, and the frontend's memory. */
void fe_attach(struct frontend *fe, domid_t dom, unsigned int id);
/* fe_attach(), then go to Connected. @return whether that worked. */
bool fe_connect(struct frontend *fe, domid_t dom, unsigned int id);
/* Offer fresh rings, and write their nodes; fe_set_state("4") is to follow. */
void fe_offer(struct frontend *fe);
static inline void fe_set_state(const struct frontend *fe, const char *state)
{
	uk_frontsim_set_state(&fe->sim, state);
}

static inline void fe_write(const struct frontend *fe, const char *node, const char *value)
{
	uk_frontsim_write_fe(&fe->sim, node, "%s", value);
}

/* The toolstack's xl network-detach, with a frontend that closes at once.
 * @return after the back end has removed its directory. */
void fe_detach(struct frontend *fe);
/* Give back what fe_attach() and fe_offer() took: all of it must be free. */
void fe_free(struct frontend *fe);
/* Wait until the back end's @node is @value (NULL: gone). */
static inline bool fe_wait(const struct frontend *fe, const char *node, const char *value)
{
	return uk_frontsim_wait(&fe->sim, node, value);
}

/* ---- Sending, of queue q ---- */

/* The next slot. The caller may spoil it before fe_tx_push(). */
struct netif_tx_request *fe_tx_slot(struct frontend *fe, unsigned int q, unsigned int page,
				    uint16_t offset, uint16_t size, uint16_t flags, uint16_t id);
struct netif_extra_info *fe_tx_extra(struct frontend *fe, unsigned int q, uint8_t type,
				     uint8_t flags);
void fe_tx_push(struct frontend *fe, unsigned int q);
/* The first @len bytes of tx_data as one packet, in slots of full pages, with
 * ids from @id on. */
void fe_tx_send(struct frontend *fe, unsigned int q, unsigned int len, uint16_t id);

#define FE_NO_ANSWER (-1000)

/* Wait for the next response. @return its status. @id may be NULL. */
int fe_tx_answer(struct frontend *fe, unsigned int q, uint16_t *id);
/* As above, without waiting long: there should be none. */
bool fe_tx_is_unanswered(struct frontend *fe, unsigned int q);

/* ---- Receiving ---- */

/* Post @n slots; their ids are their numbers. */
void fe_rx_post(struct frontend *fe, unsigned int q, unsigned int n);
/* Wait for the next response. @return false: none came. */
bool fe_rx_answer(struct frontend *fe, unsigned int q, union netback_rx_wire *rsp);
bool fe_rx_is_empty(struct frontend *fe, unsigned int q);
/* The page of the response that fe_rx_answer() gave last. */
char *fe_rx_page(struct frontend *fe, unsigned int q);

#endif /* TEST_FRONTEND_H */
